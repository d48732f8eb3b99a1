/* Internal: a running sweep: its runs, their folders and progress. */
#ifndef NCA_RUNS_SWEEP_JOB_H
#define NCA_RUNS_SWEEP_JOB_H

#include <stdio.h>

#include "nca/run_sweep.h"

/* Read once, when the sweep is opened, so that all runs start from the same model. */
typedef struct nca__sweep_initial {
    bool known;
    nca_automaton automaton;
    char digest[NCA_MODEL_DIGEST_SIZE];
    uint32_t features; /* of a classifier's run, like the next */
    nca_readout readout;
} nca__sweep_initial;

struct nca_sweep_job {
    const nca_sweep *sweep;
    nca_sweep_options options;
    char title[256];
    nca_run_path folder; /* of the whole sweep */
    FILE *lock;          /* open while the folder is locked */
    bool is_locked;
    bool has_begun;               /* runs were started */
    bool made_lock;               /* the file of the lock did not exist before */
    size_t existing;              /* length of the part of the folder's path that existed before */
    size_t count;                 /* number of runs */
    nca_sweep_run *runs;          /* (count) */
    nca__sweep_initial *initials; /* (count) the models that the runs start from */
    unsigned cores;
    size_t jobs; /* number of runs in parallel */
};

/* The run's settings with its own folder; threads as in the file, 0 if the sweep should choose. */
nca_status nca__sweep_run_settings(nca_settings *out, const nca_sweep_job *job, size_t run,
                                   nca_error *error);
/* With a number of epochs, the iterations and the warm-up depend on the data: they become those of
 * the run that was started with the settings `before`, or as many as fit other epochs. */
void nca__sweep_follow_epochs(nca_settings *settings, const nca_settings *before);
bool nca__sweep_keeps_going(const nca_sweep_job *job);

/* Trains the waiting runs in processes (sweep_processes.c). `ended` is called for each run that has
 * ended, done or failed. */
nca_status nca__sweep_processes(nca_sweep_job *job, void (*ended)(nca_sweep_job *job, size_t run),
                                nca_error *error);

#endif
