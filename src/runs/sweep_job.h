/* Internal: a sweep that is being run: its runs, where they are, and how far each is. */
#ifndef NCA_RUNS_SWEEP_JOB_H
#define NCA_RUNS_SWEEP_JOB_H

#include <stdio.h>

#include "nca/run_sweep.h"

struct nca_sweep_job {
    const nca_sweep *sweep;
    nca_sweep_options options;
    char title[256];
    nca_run_path folder; /* of the whole sweep */
    FILE *lock;          /* open while the folder is locked */
    size_t count;        /* of runs */
    nca_sweep_run *runs; /* (count) */
    unsigned cores;
    size_t jobs; /* runs at a time */
};

/* The run's settings with its own folder; threads as the file says, 0 for the sweep to choose. */
nca_status nca__sweep_run_settings(nca_settings *out, const nca_sweep_job *job, size_t run,
                                   nca_error *error);
bool nca__sweep_keeps_going(const nca_sweep_job *job);

/* Trains what is waiting, in processes (sweep_processes.c). `ended` is called for each run that has
 * ended, done or failed. */
nca_status nca__sweep_processes(nca_sweep_job *job, void (*ended)(nca_sweep_job *job, size_t run),
                                nca_error *error);

#endif
