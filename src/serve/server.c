/* The server of a page: one answer for "/", a refusal for everything else. */
#include "nca/server.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "serve/live.h"

struct nca_server {
    nca_server_options options;
    struct mg_context *context;
    nca__live *live; /* NULL: the page is not live */
    char address[192];
};

/* What every answer says: it is for this page alone and is not to be kept. */
#define COMMON_HEADERS                                                                         \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"                           \
    "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"                                \
    "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n" \
    "Connection: close\r\n"

static int refuse(struct mg_connection *connection, int code, const char *reason, const char *text)
{
    nca__civetweb.printf(connection,
                         "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                         "Content-Length: %zu\r\n" COMMON_HEADERS "\r\n%s",
                         code, reason, strlen(text), text);
    return code;
}

/* Whether a request is meant for this server and did not get here under somebody else's name, which
 * is how a page from elsewhere would reach it. The port may be that of a tunnel, and a browser
 * leaves 80 out. Bound to another address the server has names that it does not know; there the key
 * protects it. */
static bool names_us(const nca_server *server, const char *host)
{
    if (server->options.key != NULL) {
        return host != NULL;
    }
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        const size_t length = strlen(names[i]);
        const char *port = host + length;
        if (strncasecmp(host, names[i], length) == 0 &&
            (port[0] == 0 ||
             (port[0] == ':' && strspn(port + 1, "0123456789") == strlen(port + 1)))) {
            return true;
        }
    }
    return false;
}

/* Whether the query is the key, where there is one. It takes as long for one that is nearly right.
 */
static bool has_key(const nca_server *server, const char *query)
{
    static const char name[] = "key=";
    const char *key = server->options.key;
    if (key == NULL) {
        return true;
    }
    const size_t length = strlen(key);
    if (query == NULL || strncmp(query, name, sizeof name - 1) != 0 ||
        strlen(query + sizeof name - 1) != length) {
        return false;
    }
    unsigned char different = 0;
    for (size_t i = 0; i < length; i++) {
        different |= (unsigned char)(key[i] ^ query[sizeof name - 1 + i]);
    }
    return different == 0;
}

/* A page connects from where it was served, and a browser says from where that is. */
static bool may_look_on(const struct mg_connection *connection, void *user)
{
    const nca_server *server = user;
    static const char scheme[] = "http://";
    const char *origin = nca__civetweb.get_header(connection, "Origin");
    const char *host = nca__civetweb.get_header(connection, "Host");
    const char *query = nca__civetweb.get_request_info(connection)->query_string;
    return names_us(server, host) && has_key(server, query) && origin != NULL &&
           strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(origin + sizeof scheme - 1, host) == 0;
}

static int answer(struct mg_connection *connection, void *user)
{
    const nca_server *server = user;
    const struct mg_request_info *request = nca__civetweb.get_request_info(connection);
    if (!names_us(server, nca__civetweb.get_header(connection, "Host"))) {
        return refuse(connection, 403, "Forbidden",
                      "This server answers to 127.0.0.1 and localhost only.\n");
    }
    const bool head = strcmp(request->request_method, "HEAD") == 0;
    if (!head && strcmp(request->request_method, "GET") != 0) {
        return refuse(connection, 405, "Method Not Allowed", "Only GET is understood here.\n");
    }
    if (!has_key(server, request->query_string)) {
        return refuse(connection, 403, "Forbidden",
                      "The key in this address is not the server's.\n");
    }
    if (strcmp(request->local_uri, "/") != 0) {
        return refuse(connection, 404, "Not Found", "There is nothing here; the page is at /.\n");
    }
    nca__civetweb.printf(connection,
                         "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                         "Content-Length: %zu\r\n" COMMON_HEADERS "\r\n",
                         server->options.page_length);
    if (!head) {
        nca__civetweb.write(connection, server->options.page, server->options.page_length);
    }
    return 200;
}

/* A server prints nothing by itself. */
static int silent(const struct mg_connection *connection, const char *message)
{
    (void)connection;
    (void)message;
    return 1;
}

/* An address that can be asked for: for 0.0.0.0, all of this machine's, one that others reach it
 * by, or the loopback one when there is no other. */
static void name_address(char out[INET_ADDRSTRLEN], const char *address)
{
    struct ifaddrs *all = NULL;
    const bool any = strcmp(address, "0.0.0.0") == 0;
    snprintf(out, INET_ADDRSTRLEN, "%s", any ? "127.0.0.1" : address);
    if (any && getifaddrs(&all) == 0) {
        for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
            if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET &&
                (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0) {
                const struct sockaddr_in *found =
                    (const struct sockaddr_in *)(const void *)one->ifa_addr;
                inet_ntop(AF_INET, &found->sin_addr, out, INET_ADDRSTRLEN);
                break;
            }
        }
        freeifaddrs(all);
    }
}

/* A live page takes one for itself; four are for requests. */
#define THREADS "20"
_Static_assert(NCA_SERVER_WATCHERS + 4 == 20, "THREADS says how many");

static bool listen_on(nca_server *server, unsigned port)
{
    char where[64];
    const char *address = server->options.bind != NULL ? server->options.bind : "127.0.0.1";
    snprintf(where, sizeof where, "%s:%u", address, port);
    const char *options[] = {
        "listening_ports",
        where,
        "num_threads",
        THREADS,
        "request_timeout_ms",
        "10000",
        "enable_websocket_ping_pong",
        "yes",
        "enable_directory_listing",
        "no",
        NULL,
    };
    const struct mg_callbacks callbacks = {.log_message = silent};
    server->context = nca__civetweb.start(&callbacks, server, options);
    struct mg_server_port found;
    if (server->context == NULL ||
        nca__civetweb.get_server_ports(server->context, 1, &found) != 1) {
        return false;
    }
    const char *key = server->options.key;
    char reachable[INET_ADDRSTRLEN];
    name_address(reachable, address);
    snprintf(server->address, sizeof server->address, "http://%s:%d/%s%s", reachable, found.port,
             key != NULL ? "?key=" : "", key != NULL ? key : "");
    nca__civetweb.set_request_handler(server->context, "/", answer, server);
    if (server->live != NULL) {
        nca__live_listen(server->live, server->context, may_look_on, server);
    }
    return true;
}

/* Whatever else would reach the library's own syntax of addresses and options. */
static nca_status check_bind(const nca_server_options *options, nca_error *error)
{
    struct in_addr address;
    if (options->bind != NULL && inet_pton(AF_INET, options->bind, &address) != 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "bind: expected an IPv4 address such as 192.168.1.5, found \"%s\"",
                         options->bind);
    }
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t length = options->key != NULL ? strlen(options->key) : 0;
    const bool good = length >= NCA_SERVER_KEY && length <= 4 * NCA_SERVER_KEY &&
                      strspn(options->key, allowed) == length;
    if ((options->bind != NULL || options->key != NULL) && !good) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "key: expected %d to %d letters and digits, which a server that others "
                         "can reach needs",
                         NCA_SERVER_KEY, 4 * NCA_SERVER_KEY);
    }
    return NCA_OK;
}

nca_status nca_server_start(nca_server **out_server, const nca_server_options *options,
                            nca_error *error)
{
    nca_status status = check_bind(options, error);
    if (status == NCA_OK) {
        status = nca__civetweb_open(error);
    }
    if (status != NCA_OK) {
        return status;
    }
    nca_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return nca__fail_memory(error, "a server", sizeof *server);
    }
    server->options = *options;
    if (options->token != NULL && (server->live = nca__live_create(options->token)) == NULL) {
        nca_server_stop(server);
        return nca__fail_memory(error, "a live page", sizeof *server);
    }
    const bool any = options->port == 0;
    const unsigned port = any ? NCA_SERVER_PORT : options->port;
    if (!listen_on(server, port) && !(any && listen_on(server, 0))) {
        nca_server_stop(server);
        return nca__fail(error, NCA_EXISTS,
                         "port %u of %s cannot be had: another program may have it, or the address "
                         "is not this machine's; choose another port",
                         port, options->bind != NULL ? options->bind : "127.0.0.1");
    }
    *out_server = server;
    return NCA_OK;
}

const char *nca_server_address(const nca_server *server)
{
    return server->address;
}

void nca_server_stop(nca_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->live != NULL) {
        nca__live_close(server->live);
    }
    if (server->context != NULL) {
        nca__civetweb.stop(server->context);
    }
    nca__live_destroy(server->live);
    free(server);
}

/* ---- Live pages ------------------------------------------------------------------------------*/

void nca_server_show(nca_server *server, unsigned topic, const char *json)
{
    nca__board_show(nca__live_board(server->live), topic, json, strlen(json), true);
}

void nca_server_show_bytes(nca_server *server, unsigned topic, const void *bytes, size_t length)
{
    nca__board_show(nca__live_board(server->live), topic, bytes, length, false);
}

void nca_server_append(nca_server *server, unsigned topic, const char *json)
{
    nca__board_append(nca__live_board(server->live), topic, json, strlen(json));
}

bool nca_server_next(nca_knob *out_knob, nca_server *server)
{
    return nca__live_next(out_knob, server->live);
}

unsigned nca_server_watchers(nca_server *server)
{
    return nca__live_watchers(server->live);
}
