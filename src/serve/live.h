/* Internal: the pages that look on over a WebSocket: each has a thread that tells it what is on the
 * board, and may send knobs. Knows nothing of what is told. */
#ifndef NCA_SERVE_LIVE_H
#define NCA_SERVE_LIVE_H

#include "serve/board.h"
#include "serve/civetweb_library.h"

typedef struct nca__live nca__live;

/* `token` is borrowed. NULL: no memory. */
nca__live *nca__live_create(const char *token);
void nca__live_destroy(nca__live *live); /* after the server has stopped */
/* Answers connections to /live of a server whose requests have passed `allowed`. */
void nca__live_listen(nca__live *live, struct mg_context *context,
                      bool (*allowed)(const struct mg_connection *connection, void *user),
                      void *user);
/* Ends all pages' threads; before the server stops. */
void nca__live_close(nca__live *live);

nca__board *nca__live_board(nca__live *live);
bool nca__live_next(nca_knob *out_knob, nca__live *live);
unsigned nca__live_watchers(nca__live *live);

#endif
