/* Progress of a whole sweep on standard error: a line for each run that ends, and below it, on a
 * terminal, one redrawn line; elsewhere a plain line now and then. */
#ifndef NCA_CLI_RUNS_SWEEP_DISPLAY_H
#define NCA_CLI_RUNS_SWEEP_DISPLAY_H

#include "cli/cli.h"

typedef struct sweep_display {
    bool quiet, terminal, unicode;
    double started, last; /* nca_seconds() */
} sweep_display;

void sweep_display_start(sweep_display *d, bool quiet);
/* Shows done, running, waiting, failed and the time left, if it is time to. */
void sweep_display_show(sweep_display *d, const nca_sweep_job *job);
/* A line that stays; nothing when quiet. */
void sweep_display_say(sweep_display *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Leaves the redrawn line. */
void sweep_display_finish(sweep_display *d, const nca_sweep_job *job);

#endif
