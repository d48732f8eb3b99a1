/* Internal: scheduling of the bands of all samples on the workers.
 *
 * Samples are started in order, each in a slot. As long as no worker is idle, each worker processes
 * all bands of one sample without synchronisation. When no sample is left to start, idle workers
 * help with the bands of the running samples. This makes use of more cores than there are samples,
 * and avoids waiting for a slow core. The order does not affect the results. */
#ifndef NCA_BACKEND_CPU_BAND_SCHEDULE_H
#define NCA_BACKEND_CPU_BAND_SCHEDULE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "tape/tape.h"

typedef struct nca__slot {
    nca__tape tape;
    size_t sample;
    bool running;
    size_t unfinished; /* number of bands with remaining phases */
    size_t *progress;  /* (bands) phases done */
    bool *claimed;     /* (bands) whether a worker is running it */
} nca__slot;

typedef struct nca__schedule {
    nca__slot *slots;
    size_t slot_count, bands;
    bool fixed; /* sample i always uses slot i */
    size_t samples;
    nca__workspace *workspaces; /* one per worker */
    /* Called once per sample, without the lock: before its first phase, and after its last. */
    void (*begin)(void *user, nca__slot *slot, nca__workspace *workspace);
    void (*end)(void *user, nca__slot *slot, nca__workspace *workspace);
    void *user;
    /* State of a run: */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t waiting;  /* number of idle workers; also read without the lock */
    size_t sleeping; /* number of those that have stopped polling */
    size_t changes;  /* counts events that a worker may wait for; also read without the lock */
    size_t next_sample, finished;
} nca__schedule;

/* Resets the state of a run; the caller sets the other fields. */
void nca__schedule_reset(nca__schedule *schedule);
/* The function for all workers of a team; returns when all samples are done. */
void nca__schedule_work(void *schedule, unsigned worker);

#endif
