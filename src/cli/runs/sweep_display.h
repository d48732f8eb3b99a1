/* Progress of a whole sweep on standard error: a line for each run that ends and, on a terminal,
 * one redrawn line below it; otherwise a plain line periodically. */
#ifndef NCA_CLI_RUNS_SWEEP_DISPLAY_H
#define NCA_CLI_RUNS_SWEEP_DISPLAY_H

#include "cli/cli.h"

typedef struct sweep_display {
    bool quiet, terminal, unicode;
    double started, last; /* nca_seconds() */
} sweep_display;

void sweep_display_start(sweep_display *d, bool quiet);
/* Shows done, running, waiting, failed and the remaining time, if enough time has passed. */
void sweep_display_show(sweep_display *d, const nca_sweep_job *job);
/* Prints a permanent line; does nothing if quiet. */
void sweep_display_say(sweep_display *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Ends the redrawn line. */
void sweep_display_finish(sweep_display *d, const nca_sweep_job *job);

#endif
