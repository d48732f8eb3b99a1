/* A sweep that is being run: its runs, where they are, and how far each is. */
#ifndef NCA_CLI_SWEEP_JOB_H
#define NCA_CLI_SWEEP_JOB_H

#include "cli/run_folder.h"

typedef enum sweep_status {
    SWEEP_WAITING, /* not started, or stopped before its end */
    SWEEP_RUNNING,
    SWEEP_DONE, /* trained, drawn and measured */
    SWEEP_FAILED
} sweep_status;

typedef struct sweep_run {
    run_path folder;
    sweep_status status;
    bool resumes;    /* a checkpoint is there */
    uint64_t before; /* iterations done when this program started */
    uint64_t done;   /* iterations done now */
    char *reason;    /* of a failure; owned */
} sweep_run;

typedef struct sweep_job {
    nca_sweep *sweep;
    const char *file; /* the sweep's file */
    run_path folder;  /* of the whole sweep */
    size_t count;     /* of runs */
    sweep_run *runs;  /* (count) */
    unsigned cores;
    size_t jobs; /* runs at a time */
} sweep_job;

/* "medmnist-grid" for configs/medmnist-grid.yaml. */
run_path sweep_title(const sweep_job *job);
size_t sweep_count_of(const sweep_job *job, sweep_status status);
/* The run's settings with its own folder; threads as the file says, 0 for the sweep to choose. */
nca_status sweep_run_settings(nca_settings *out, const sweep_job *job, size_t run,
                              nca_error *error);

/* Finds what is in the folders of the runs: which are done, which go on. A run that was started
 * with other settings is refused (NCA_MISMATCH, with its name and the key). */
nca_status sweep_find_runs(sweep_job *job, nca_error *error);

/* Makes the sweep's folder and locks it until the process and its children have ended; another
 * sweep that is running there is refused (NCA_EXISTS). */
nca_status sweep_lock(const sweep_job *job, nca_error *error);

#endif
