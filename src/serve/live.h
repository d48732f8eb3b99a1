/* Internal: the data sent to live pages and their requests: a board, and the pending knobs. Shared
 * by the server's thread and the caller's thread. */
#ifndef NCA_SERVE_LIVE_H
#define NCA_SERVE_LIVE_H

#include "serve/board.h"

typedef struct nca__live nca__live;

/* `token` is borrowed. NULL if out of memory. */
nca__live *nca__live_create(const char *token);
void nca__live_destroy(nca__live *live);

nca__board *nca__live_board(nca__live *live);
/* Processes a message from a page: false if it is refused. If the maximum number of requests is
 * pending, the message is discarded. */
bool nca__live_take(nca__live *live, const char *message, size_t length);
bool nca__live_next(nca_knob *out_knob, nca__live *live);

/* The number of viewers. */
bool nca__live_join(nca__live *live); /* false if there are too many */
void nca__live_leave(nca__live *live);
unsigned nca__live_watchers(nca__live *live);

#endif
