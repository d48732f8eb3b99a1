/* Progress on standard error: one redrawn line on a terminal, otherwise a plain line every few
 * seconds. */
#ifndef NCA_CLI_PROGRESS_H
#define NCA_CLI_PROGRESS_H

#include "cli/cli.h"

typedef struct progress {
    bool quiet, terminal, unicode;
    double started, last; /* nca_seconds() */
    uint64_t first;       /* iterations done before this run */
} progress;

/* ---- For a training. `done`: iterations that a resumed run has already done. */
void progress_start(progress *p, bool quiet, uint64_t done);
/* Shows an iteration if enough time has passed. `losses` are all losses so far, oldest first. */
void progress_show(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                   size_t count);
/* Shows the last iteration in any case, and ends the line. */
void progress_finish(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                     size_t count);

/* ---- For anything else, also begun with progress_start: the fraction done, 0 to 1, and the
 * fraction that was done before. Operations that take less than a second show nothing. */
void progress_share(progress *p, const char *what, double before, double share);
/* Removes the line before results are printed. */
void progress_clear(const progress *p);

#endif
