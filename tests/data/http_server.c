/* The faulty HTTP server: a thread that listens, and one for each connection, which is closed after
 * its response. */
#include "data/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_server {
    const uint8_t *bytes;
    size_t size;
    int listener;
    unsigned port;
    pthread_t thread;
    atomic_bool stopping;
    atomic_uint requests, connections;
    atomic_ullong last_start;
};

typedef struct connection {
    http_server *server;
    int socket;
} connection;

static void send_bytes(int to, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(to, at, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        at += sent;
        size -= (size_t)sent;
    }
}

static void send_text(int to, const char *text)
{
    send_bytes(to, text, strlen(text));
}

static void nap(const http_server *server, unsigned milliseconds)
{
    for (unsigned passed = 0; passed < milliseconds && !server->stopping; passed += 10) {
        usleep(10000);
    }
}

/* Reads the request up to its empty line; false if the client has closed the connection. */
static bool read_request(int from, char *out, size_t size)
{
    size_t used = 0;
    *out = 0;
    while (strstr(out, "\r\n\r\n") == NULL) {
        ssize_t got = used + 1 < size ? recv(from, out + used, size - 1 - used, 0) : -1;
        if (got <= 0) {
            return false;
        }
        used += (size_t)got;
        out[used] = 0;
    }
    return true;
}

/* ---- Responses ------------------------------------------------------------------------------- */

static void send_error(int to, const char *code)
{
    char text[160];
    snprintf(text, sizeof text,
             "HTTP/1.1 %s Because\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsorry\n", code);
    send_text(to, text);
}

static void send_redirect(int to, const char *where)
{
    char text[256];
    snprintf(text, sizeof text,
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 4\r\nContent-Range: bytes "
             "1-2/3\r\nConnection: close\r\n\r\naway",
             where);
    send_text(to, text);
}

static void send_head(int to, uint64_t start, uint64_t total, uint64_t claimed, bool sized)
{
    char text[256], length[64] = "", range[96] = "";
    if (sized) {
        snprintf(length, sizeof length, "Content-Length: %" PRIu64 "\r\n", claimed);
    }
    if (start > 0) {
        snprintf(range, sizeof range,
                 "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", start, total - 1,
                 total);
    }
    snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%s%sConnection: close\r\n\r\n",
             start > 0 ? "206 Partial Content" : "200 OK", length, range);
    send_text(to, text);
}

static bool is(const char *how, const char *name)
{
    return strcmp(how, name) == 0;
}

static void send_slowly(const http_server *server, int to, size_t start)
{
    size_t step = (server->size - start) / 20 + 1;
    for (size_t at = start; at < server->size && !server->stopping; at += step) {
        send_bytes(to, server->bytes + at, at + step < server->size ? step : server->size - at);
        nap(server, 60);
    }
}

static void send_wrong(const http_server *server, int to, size_t start)
{
    size_t last = server->size - 1;
    uint8_t other = server->bytes[last] ^ 1u;
    send_bytes(to, server->bytes + start, last - start);
    send_bytes(to, &other, 1);
}

static void send_file(const http_server *server, int to, const char *how, size_t start)
{
    size_t left = server->size - start, half = left / 2;
    bool cut = is(how, "short") || is(how, "stall") || is(how, "unsized") || is(how, "claims-less");
    uint64_t claimed = is(how, "claims-more") ? left + 1000 : is(how, "claims-less") ? half : left;
    if (is(how, "other-part") && start > 0) {
        start++;
        left = claimed = server->size - start;
    }
    send_head(to, start, server->size, claimed, !is(how, "unsized"));
    if (is(how, "trickle")) {
        send_slowly(server, to, start);
    } else if (is(how, "wrong")) {
        send_wrong(server, to, start);
    } else {
        send_bytes(to, server->bytes + start, cut ? half : left);
    }
    if (is(how, "stall")) {
        nap(server, 60000);
    }
}

static void answer(http_server *server, int to, const char *request)
{
    char how[32] = "";
    uint64_t start = 0;
    sscanf(request, "GET /%31[^/ ?]", how);
    const char *range = strcasestr(request, "\r\nRange: bytes=");
    if (range != NULL) {
        sscanf(range + strlen("\r\nRange: bytes="), "%" SCNu64, &start);
    }
    server->last_start = start;
    if (is(how, "redirect") || is(how, "loop")) {
        send_redirect(to, is(how, "loop") ? "/loop/again" : "/plain/file");
    } else if (is(how, "to-file")) {
        send_redirect(to, "file:///etc/hostname");
    } else if (is(how, "silent")) {
        nap(server, 60000);
    } else if (how[0] >= '4' && how[0] <= '5') {
        send_error(to, how);
    } else if (is(how, "whole")) {
        send_file(server, to, how, 0);
    } else if (start >= server->size) {
        char text[160];
        snprintf(text, sizeof text,
                 "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%zu\r\n"
                 "Content-Length: 0\r\nConnection: close\r\n\r\n",
                 server->size);
        send_text(to, text);
    } else {
        send_file(server, to, how, (size_t)start);
    }
}

/* ---- Threads ---------------------------------------------------------------------------------*/

static void *serve_connection(void *user)
{
    connection *mine = user;
    http_server *server = mine->server;
    char request[4096];
    if (read_request(mine->socket, request, sizeof request)) {
        server->requests++;
        answer(server, mine->socket, request);
    }
    shutdown(mine->socket, SHUT_WR);
    close(mine->socket);
    free(mine);
    server->connections--;
    return NULL;
}

static void *serve(void *user)
{
    http_server *server = user;
    while (!server->stopping) {
        struct pollfd waiting = {.fd = server->listener, .events = POLLIN};
        if (poll(&waiting, 1, 20) <= 0) {
            continue;
        }
        connection *next = malloc(sizeof *next);
        pthread_t thread;
        if (next == NULL) {
            break;
        }
        *next = (connection){server, accept(server->listener, NULL, NULL)};
        server->connections++;
        if (next->socket < 0 || pthread_create(&thread, NULL, serve_connection, next) != 0) {
            server->connections--;
            free(next);
        } else {
            pthread_detach(thread);
        }
    }
    return NULL;
}

http_server *http_server_start(const void *bytes, size_t size)
{
    http_server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    if (server == NULL) {
        return NULL;
    }
    server->bytes = bytes;
    server->size = size;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listener, 16) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) != 0) {
        free(server);
        return NULL;
    }
    server->port = ntohs(address.sin_port);
    if (pthread_create(&server->thread, NULL, serve, server) != 0) {
        close(server->listener);
        free(server);
        return NULL;
    }
    return server;
}

unsigned http_server_port(const http_server *server)
{
    return server->port;
}

unsigned http_server_requests(http_server *server)
{
    return server->requests;
}

uint64_t http_server_last_start(http_server *server)
{
    return server->last_start;
}

void http_server_stop(http_server *server)
{
    server->stopping = true;
    pthread_join(server->thread, NULL);
    while (server->connections > 0) {
        usleep(1000);
    }
    close(server->listener);
    free(server);
}
