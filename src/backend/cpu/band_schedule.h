/* Internal: who runs which band of which sample next.
 *
 * Samples are started in order, each in a slot. While nobody is idle, a worker has a sample to
 * itself and runs all its bands without looking up. When no sample is left to start, idle workers
 * help with the bands of those under way, so that more cores than samples are of use, and a slow
 * core is not waited for. The order never shows in the results. */
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
    size_t unfinished; /* bands with phases left */
    size_t *progress;  /* (bands) phases done */
    bool *claimed;     /* (bands) a worker is on it */
} nca__slot;

typedef struct nca__schedule {
    nca__slot *slots;
    size_t slot_count, bands;
    bool fixed; /* sample i always runs in slot i */
    size_t samples;
    nca__workspace *workspaces; /* one per worker */
    /* Called once per sample without the lock: before its first phase, after its last. */
    void (*begin)(void *user, nca__slot *slot, nca__workspace *workspace);
    void (*end)(void *user, nca__slot *slot, nca__workspace *workspace);
    void *user;
    /* state of a run */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t waiting;  /* workers with nothing to do; read without the lock too */
    size_t sleeping; /* those of them that have given up looking */
    size_t changes;  /* counts what somebody may wait for; read without the lock too */
    size_t next_sample, finished;
} nca__schedule;

/* Resets the run's state; the rest is the caller's. */
void nca__schedule_reset(nca__schedule *schedule);
/* What every worker of a team calls; returns when all samples are done. */
void nca__schedule_work(void *schedule, unsigned worker);

#endif
