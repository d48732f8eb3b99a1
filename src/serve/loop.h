/* Internal: the thread of a server: it waits for all connections at once and lets each do what it
 * can. Their number is limited; the oldest that is not a viewer is closed for a new one, so that
 * idle connections do not keep others out. */
#ifndef NCA_SERVE_LOOP_H
#define NCA_SERVE_LOOP_H

#include "serve/client.h"

enum {
    NCA__LOOP_STACK = 512 << 10, /* bytes of the thread's stack */
    NCA__LOOP_MOST = 256         /* connections; fewer if the process may open only few files */
};

typedef struct nca__loop nca__loop;

/* Takes ownership of the non-blocking listening socket; `site` is borrowed. NULL, with errno, if
 * the system provides no thread, pipe or memory; then the socket is closed. */
nca__loop *nca__loop_start(int listener, const nca__site *site);
/* Tells the thread that there is new data on the board. Makes a system call only if the thread has
 * not been told yet. */
void nca__loop_wake(nca__loop *loop);
/* Ends the thread and all connections; accepts NULL. */
void nca__loop_stop(nca__loop *loop);

#endif
