/* Progress of a training on standard error: one redrawn line on a terminal, else a plain line every
 * few seconds. */
#ifndef NCA_CLI_PROGRESS_H
#define NCA_CLI_PROGRESS_H

#include "cli/cli.h"

typedef struct progress {
    bool quiet, terminal, unicode;
    double started, last; /* seconds_now() */
    uint64_t first;       /* iterations done before this run */
} progress;

/* `done`: iterations behind a resumed run. */
void progress_start(progress *p, bool quiet, uint64_t done);
/* Shows an iteration if it is time to. `losses` are all losses so far, oldest first. */
void progress_show(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                   size_t count);
/* Shows the last iteration whatever the time, and leaves the line. */
void progress_finish(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                     size_t count);

#endif
