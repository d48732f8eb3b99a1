/* Internal: one connection: its request, its answer, and what follows when it becomes a
 * WebSocket. Nothing here blocks: the thread of the server calls when a socket is ready or time
 * has passed. A client that reads or sends too slowly loses its connection; others are not
 * affected. */
#ifndef NCA_SERVE_CLIENT_H
#define NCA_SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "serve/live.h"

/* What is served; borrowed. */
typedef struct nca__site {
    const char *page;
    size_t page_length;
    const char *key; /* NULL: none is needed */
    nca__live *live; /* NULL: the page is not live */
} nca__site;

typedef struct nca__client nca__client;

/* Takes the socket, which does not block; NULL if out of memory: the socket is closed then.
 * `now` is nca__seconds() here and below. */
nca__client *nca__client_create(int socket, const nca__site *site, double now);
void nca__client_destroy(nca__client *client);

int nca__client_socket(const nca__client *client);
/* What to wait for, as poll() has it. */
short nca__client_events(const nca__client *client);
/* Does what can be done now: `events` is what poll() has found. False: the connection is over. */
bool nca__client_step(nca__client *client, short events, double now);
/* Whether it may be closed to make room for another; a viewer may not. */
bool nca__client_may_go(const nca__client *client);
/* Sends a close frame to a viewer, without blocking. */
void nca__client_farewell(nca__client *client);

#endif
