/* Internal: the thread of a server: it waits for all connections at once and lets each do what
 * it can. How many there are is bounded; the oldest that is not a viewer makes room for a new
 * one, so that idle connections keep nobody out. */
#ifndef NCA_SERVE_LOOP_H
#define NCA_SERVE_LOOP_H

#include "serve/client.h"

enum {
    NCA__LOOP_STACK = 512 << 10, /* bytes of the thread's stack */
    NCA__LOOP_MOST = 256         /* connections; fewer where few files may be open */
};

typedef struct nca__loop nca__loop;

/* Takes the listening socket, which does not block; `site` is borrowed. NULL when the system gives
 * no thread, pipe or memory, with errno: the socket is closed then. */
nca__loop *nca__loop_start(int listener, const nca__site *site);
/* Something new is on the board. Costs a system call only when the thread does not know yet. */
void nca__loop_wake(nca__loop *loop);
/* Ends the thread and all connections; accepts NULL. */
void nca__loop_stop(nca__loop *loop);

#endif
