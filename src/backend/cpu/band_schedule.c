/* Scheduling: chooses the sample and the band that a worker processes next. One lock protects the
 * data; it is never held while a phase runs. */
#include "backend/cpu/band_schedule.h"

#include <stdint.h>

#include "base/clock.h"

/* How long an idle worker polls for work before it sleeps. A phase of a band takes 5 to 50
 * microseconds, and waking a thread takes about as long. */
static const double PATIENCE = 50e-6; /* seconds */

enum {
    LOOKS = 16 /* number of polls between two readings of the clock */
};

void nca__schedule_reset(nca__schedule *schedule)
{
    __atomic_store_n(&schedule->waiting, 0, __ATOMIC_RELAXED);
    schedule->next_sample = 0;
    schedule->finished = 0;
    for (size_t i = 0; i < schedule->slot_count; i++) {
        schedule->slots[i].running = false;
    }
}

/* Whether every band has completed this number of phases. */
static bool all_have_done(const nca__schedule *schedule, const nca__slot *slot, size_t phases)
{
    for (size_t band = 0; band < schedule->bands; band++) {
        if (slot->progress[band] < phases) {
            return false;
        }
    }
    return true;
}

/* Whether a band has a phase to run and all bands it depends on have completed the previous one:
 * its neighbours or, if the phase waits for all, every band. */
static bool may_run(const nca__schedule *schedule, const nca__slot *slot, size_t band)
{
    if (slot->claimed[band]) {
        return false; /* a sample that is just being started has no program yet */
    }
    size_t bands = schedule->bands;
    size_t done = slot->progress[band];
    size_t before = band == 0 ? bands - 1 : band - 1;
    size_t after = band + 1 == bands ? 0 : band + 1;
    return done < slot->tape.phases && slot->progress[before] >= done &&
           slot->progress[after] >= done &&
           (!nca__tape_waits(&slot->tape, done) || all_have_done(schedule, slot, done));
}

/* The band of a slot that may run and has made the least progress; false if there is none. */
static bool band_to_run(const nca__schedule *schedule, const nca__slot *slot, size_t *out_band)
{
    bool found = false;
    for (size_t band = 0; slot->running && band < schedule->bands; band++) {
        if (may_run(schedule, slot, band) &&
            (!found || slot->progress[band] < slot->progress[*out_band])) {
            *out_band = band;
            found = true;
        }
    }
    return found;
}

static nca__slot *free_slot(nca__schedule *schedule)
{
    if (schedule->next_sample == schedule->samples) {
        return NULL;
    }
    if (schedule->fixed) {
        return &schedule->slots[schedule->next_sample];
    }
    for (size_t i = 0; i < schedule->slot_count; i++) {
        if (!schedule->slots[i].running) {
            return &schedule->slots[i];
        }
    }
    return NULL;
}

static bool somebody_waits(const nca__schedule *schedule)
{
    return __atomic_load_n(&schedule->waiting, __ATOMIC_RELAXED) > 0;
}

/* Signals that there may be new work. Called with the lock held. */
static void wake_others(nca__schedule *schedule)
{
    if (somebody_waits(schedule)) {
        __atomic_fetch_add(&schedule->changes, 1, __ATOMIC_RELAXED);
    }
    if (schedule->sleeping > 0) {
        pthread_cond_broadcast(&schedule->changed);
    }
}

/* Tells the CPU that this loop only waits, which speeds up the other thread of its core. */
static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits until another worker calls wake_others: first by polling, then sleeping. Called with the
 * lock held, and returns with it. */
static void wait_for_work(nca__schedule *schedule)
{
    const size_t seen = schedule->changes;
    __atomic_fetch_add(&schedule->waiting, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&schedule->mutex);
    const double end = nca__seconds() + PATIENCE;
    for (size_t turn = 1; __atomic_load_n(&schedule->changes, __ATOMIC_RELAXED) == seen; turn++) {
        if (turn % LOOKS == 0 && nca__seconds() >= end) {
            break;
        }
        relax();
    }
    pthread_mutex_lock(&schedule->mutex);
    while (schedule->changes == seen) {
        schedule->sleeping++;
        pthread_cond_wait(&schedule->changed, &schedule->mutex);
        schedule->sleeping--;
    }
    __atomic_fetch_sub(&schedule->waiting, 1, __ATOMIC_RELAXED);
}

/* Starts the next sample in a slot. Called with the lock held, which is released during `begin`;
 * all bands are claimed meanwhile. */
static void start_sample(nca__schedule *schedule, nca__slot *slot, nca__workspace *workspace)
{
    slot->running = true;
    slot->sample = schedule->next_sample++;
    slot->unfinished = schedule->bands;
    for (size_t band = 0; band < schedule->bands; band++) {
        slot->progress[band] = 0;
        slot->claimed[band] = true;
    }
    pthread_mutex_unlock(&schedule->mutex);
    schedule->begin(schedule->user, slot, workspace);
    pthread_mutex_lock(&schedule->mutex);
    for (size_t band = 0; band < schedule->bands; band++) {
        slot->claimed[band] = false;
    }
    wake_others(schedule);
}

/* Called when a band has completed its phases; the last band of a sample also ends the sample.
 * Called with the lock held, and returns with it. */
static void finish_band(nca__schedule *schedule, nca__slot *slot, nca__workspace *workspace)
{
    if (--slot->unfinished > 0) {
        return;
    }
    pthread_mutex_unlock(&schedule->mutex);
    schedule->end(schedule->user, slot, workspace);
    pthread_mutex_lock(&schedule->mutex);
    slot->running = false;
    schedule->finished++;
    wake_others(schedule);
}

/* Runs the band as far as its neighbours allow. Called with the lock held, and returns with it. */
static void run_band(nca__schedule *schedule, nca__slot *slot, size_t band,
                     nca__workspace *workspace)
{
    do {
        slot->claimed[band] = true;
        pthread_mutex_unlock(&schedule->mutex);
        nca__tape_run(&slot->tape, slot->progress[band], band, workspace);
        pthread_mutex_lock(&schedule->mutex);
        slot->claimed[band] = false;
        slot->progress[band]++;
        wake_others(schedule);
    } while (may_run(schedule, slot, band));
    if (slot->progress[band] == slot->tape.phases) {
        finish_band(schedule, slot, workspace);
    }
}

/* If no other worker is working on the sample, runs all its bands, phase after phase, until it is
 * complete or another worker is idle. Called with the lock held, and returns with it; false if
 * other workers are working on the sample. */
static bool run_alone(nca__schedule *schedule, nca__slot *slot, nca__workspace *workspace)
{
    size_t phase = SIZE_MAX;
    for (size_t band = 0; band < schedule->bands; band++) {
        if (slot->claimed[band]) {
            return false;
        }
        phase = slot->progress[band] < phase ? slot->progress[band] : phase;
    }
    for (size_t band = 0; band < schedule->bands; band++) {
        slot->claimed[band] = true;
    }
    pthread_mutex_unlock(&schedule->mutex);
    size_t finished = 0;
    for (; phase < slot->tape.phases && !somebody_waits(schedule); phase++) {
        for (size_t band = 0; band < schedule->bands; band++) {
            if (slot->progress[band] == phase) {
                nca__tape_run(&slot->tape, phase, band, workspace);
                slot->progress[band]++;
                finished += slot->progress[band] == slot->tape.phases;
            }
        }
    }
    pthread_mutex_lock(&schedule->mutex);
    for (size_t band = 0; band < schedule->bands; band++) {
        slot->claimed[band] = false;
    }
    wake_others(schedule);
    for (; finished > 0; finished--) {
        finish_band(schedule, slot, workspace);
    }
    return true;
}

void nca__schedule_work(void *argument, unsigned worker)
{
    nca__schedule *schedule = argument;
    nca__slot *mine = NULL; /* the sample that this worker processed last */
    nca__workspace *workspace = &schedule->workspaces[worker];
    nca__lap_first(workspace->watch, NCA_PART_WAITING);
    pthread_mutex_lock(&schedule->mutex);
    while (schedule->finished < schedule->samples) {
        size_t band = 0;
        nca__slot *slot = mine;
        bool found = slot != NULL && band_to_run(schedule, slot, &band);
        if (!found && (slot = free_slot(schedule)) != NULL) {
            start_sample(schedule, slot, workspace);
            found = band_to_run(schedule, slot, &band);
        }
        for (size_t i = 0; i < schedule->slot_count && !found; i++) {
            slot = &schedule->slots[i];
            found = band_to_run(schedule, slot, &band);
        }
        if (found) {
            mine = slot;
            if (somebody_waits(schedule) || !run_alone(schedule, slot, workspace)) {
                run_band(schedule, slot, band, workspace);
            }
        } else {
            wait_for_work(schedule);
        }
    }
    pthread_mutex_unlock(&schedule->mutex);
    nca__lap(workspace->watch, NCA_PART_WAITING);
}
