/* Internal: one connection: its request, its response, and the messages after it has become a
 * WebSocket. No function blocks: the server's thread calls them when a socket is ready or time has
 * passed. A client that reads or sends too slowly is disconnected; others are not affected. */
#ifndef NCA_SERVE_CLIENT_H
#define NCA_SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/live.h"

/* The page being served; all pointers are borrowed. */
typedef struct nca__site {
    const char *page;
    size_t page_length;
    const char *key; /* NULL: none is needed */
    nca__live *live; /* NULL: the page is not live */
} nca__site;

typedef struct nca__client nca__client;

/* Takes ownership of a non-blocking socket. NULL if out of memory; then the socket is closed. `now`
 * is nca__seconds(), here and below. */
nca__client *nca__client_create(int socket, const nca__site *site, double now);
void nca__client_destroy(nca__client *client);

int nca__client_socket(const nca__client *client);
/* The events to wait for, as for poll(). */
short nca__client_events(const nca__client *client);
/* Does everything that is possible now: `events` is the result of poll(). False if the connection
 * is closed. */
bool nca__client_step(nca__client *client, short events, double now);
/* Whether it may be closed to make room for another; a viewer may not. */
bool nca__client_may_go(const nca__client *client);
/* Sends a close frame to a viewer, without blocking. */
void nca__client_farewell(nca__client *client);

#endif
