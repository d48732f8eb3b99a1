/* Runs all runs of a sweep with progress on standard error, for the commands that do so. */
#ifndef NCA_CLI_RUNS_SWEEP_RUN_H
#define NCA_CLI_RUNS_SWEEP_RUN_H

#include "cli/runs/sweep_display.h"

typedef struct sweep_run {
    nca_sweep_job *job; /* owned; NULL before sweep_run_open */
    sweep_display display;
    nca_error error;
} sweep_run;

/* Opens the job in the folder; it stays open until sweep_run_close. */
int sweep_run_open(sweep_run *run, const nca_sweep *sweep, const char *folder, const char *title,
                   const char *root, size_t jobs);
/* Trains and evaluates all runs that are not done. A stop on request leaves everything saved and
 * returns the exit code for the signal. */
int sweep_run_all(sweep_run *run, bool quiet);
/* Prints a notice for each run that failed; returns their number. */
size_t sweep_run_note_failed(const sweep_run *run);
void sweep_run_close(sweep_run *run); /* accepts a zeroed one */

#endif
