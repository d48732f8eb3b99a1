/* The server of a page: listening, and sending data to live pages. */
#include "nca/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "serve/handshake.h"
#include "serve/loop.h"

struct nca_server {
    nca_server_options options;
    nca__live *live; /* NULL: the page is not live */
    nca__site site;
    nca__loop *loop;
    char address[192];
};

/* An address that browsers can use. For 0.0.0.0 (all addresses of this machine), one that others
 * can reach, or the loopback address if there is none. */
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

/* A listening socket, or -1 with errno. */
static int listen_at(const char *address, unsigned port)
{
    const int yes = 1;
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &where.sin_addr);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) {
        return -1;
    }
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (const struct sockaddr *)&where, sizeof where) != 0 ||
        listen(listener, SOMAXCONN) != 0) {
        const int reason = errno;
        close(listener);
        errno = reason;
        return -1;
    }
    return listener;
}

/* Listens as the options say, and starts the thread. */
static nca_status open_server(nca_server *server, nca_error *error)
{
    const nca_server_options *options = &server->options;
    const char *address = options->bind != NULL ? options->bind : "127.0.0.1";
    const unsigned port = options->port != 0 ? options->port : NCA_SERVER_PORT;
    int listener = listen_at(address, port);
    if (listener < 0 && options->port == 0) {
        listener = listen_at(address, 0);
    }
    if (listener < 0) {
        const bool limit = errno == EMFILE || errno == ENFILE || errno == ENOBUFS;
        return limit ? nca__fail(error, NCA_LIMIT, "cannot create a socket for the page: %s",
                                 strerror(errno))
                     : nca__fail(
                           error, NCA_EXISTS,
                           "port %u of %s is not available: another program may be using it, or "
                           "the address does not belong to this machine; choose another port",
                           port, address);
    }
    struct sockaddr_in found = {0};
    socklen_t length = sizeof found;
    getsockname(listener, (struct sockaddr *)&found, &length);
    char reachable[INET_ADDRSTRLEN];
    name_address(reachable, address);
    snprintf(server->address, sizeof server->address, "http://%s:%u/%s%s", reachable,
             (unsigned)ntohs(found.sin_port), options->key != NULL ? "?key=" : "",
             options->key != NULL ? options->key : "");
    server->site = (nca__site){.page = options->page,
                               .page_length = options->page_length,
                               .key = options->key,
                               .live = server->live};
    server->loop = nca__loop_start(listener, &server->site);
    return server->loop != NULL
               ? NCA_OK
               : nca__fail(error, NCA_LIMIT, "cannot start a thread for the page's server: %s",
                           strerror(errno));
}

/* Checks the address and the key before they are used. */
static nca_status check_bind(const nca_server_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_server_options", error);
    if (room != NCA_OK) {
        return room;
    }
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
                         "key: expected %d to %d letters and digits; a server that other machines "
                         "can reach needs a key",
                         NCA_SERVER_KEY, 4 * NCA_SERVER_KEY);
    }
    return NCA_OK;
}

void nca_server_options_default(nca_server_options *out)
{
    *out = (nca_server_options){.port = 0};
}

nca_status nca_server_start(nca_server **out_server, const nca_server_options *options,
                            nca_error *error)
{
    nca_status status = check_bind(options, error);
    if (status == NCA_OK && options->token != NULL) {
        status = nca__handshake_open(error);
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
    status = open_server(server, error);
    if (status != NCA_OK) {
        nca_server_stop(server);
        return status;
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
    nca__loop_stop(server->loop);
    nca__live_destroy(server->live);
    free(server);
}

/* ---- Live pages ------------------------------------------------------------------------------*/

/* The thread is not woken if there are no viewers: a new viewer first reads the board. */
static void show(nca_server *server, unsigned topic, const void *bytes, size_t length, bool text)
{
    nca__board_show(nca__live_board(server->live), topic, bytes, length, text);
    if (nca__live_watchers(server->live) > 0) {
        nca__loop_wake(server->loop);
    }
}

void nca_server_show(nca_server *server, unsigned topic, const char *json)
{
    show(server, topic, json, strlen(json), true);
}

void nca_server_show_bytes(nca_server *server, unsigned topic, const void *bytes, size_t length)
{
    show(server, topic, bytes, length, false);
}

void nca_server_append(nca_server *server, unsigned topic, const char *json)
{
    nca__board_append(nca__live_board(server->live), topic, json, strlen(json));
    if (nca__live_watchers(server->live) > 0) {
        nca__loop_wake(server->loop);
    }
}

bool nca_server_next(nca_knob *out_knob, nca_server *server)
{
    return nca__live_next(out_knob, server->live);
}

unsigned nca_server_watchers(nca_server *server)
{
    return nca__live_watchers(server->live);
}
