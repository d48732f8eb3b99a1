/* Live pages. */
#include "serve/live.h"

#include <pthread.h>
#include <stdlib.h>

#include "serve/knob.h"

enum {
    MOST_KNOBS = 64 /* maximum number of pending requests */
};

struct nca__live {
    const char *token;
    nca__board *board;
    pthread_mutex_t mutex; /* protects the following fields */
    unsigned watchers;
    nca_knob knobs[MOST_KNOBS]; /* a ring buffer */
    size_t first, count;
};

nca__live *nca__live_create(const char *token)
{
    nca__live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        return NULL;
    }
    live->token = token;
    live->board = nca__board_create();
    pthread_mutex_init(&live->mutex, NULL);
    if (live->board == NULL) {
        nca__live_destroy(live);
        return NULL;
    }
    return live;
}

void nca__live_destroy(nca__live *live)
{
    if (live == NULL) {
        return;
    }
    nca__board_destroy(live->board);
    pthread_mutex_destroy(&live->mutex);
    free(live);
}

nca__board *nca__live_board(nca__live *live)
{
    return live->board;
}

/* ---- Knobs -----------------------------------------------------------------------------------*/

bool nca__live_take(nca__live *live, const char *message, size_t length)
{
    nca_knob knob;
    if (!nca__knob_read(&knob, live->token, message, length)) {
        return false;
    }
    pthread_mutex_lock(&live->mutex);
    if (live->count < MOST_KNOBS) {
        live->knobs[(live->first + live->count++) % MOST_KNOBS] = knob;
    }
    pthread_mutex_unlock(&live->mutex);
    return true;
}

bool nca__live_next(nca_knob *out_knob, nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    const bool found = live->count > 0;
    if (found) {
        *out_knob = live->knobs[live->first];
        live->first = (live->first + 1) % MOST_KNOBS;
        live->count--;
    }
    pthread_mutex_unlock(&live->mutex);
    return found;
}

/* ---- Pages -----------------------------------------------------------------------------------*/

bool nca__live_join(nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    const bool room = live->watchers < NCA_SERVER_WATCHERS;
    live->watchers += room;
    pthread_mutex_unlock(&live->mutex);
    return room;
}

void nca__live_leave(nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    live->watchers--;
    pthread_mutex_unlock(&live->mutex);
}

unsigned nca__live_watchers(nca__live *live)
{
    pthread_mutex_lock(&live->mutex);
    const unsigned watchers = live->watchers;
    pthread_mutex_unlock(&live->mutex);
    return watchers;
}
