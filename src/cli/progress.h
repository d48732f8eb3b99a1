/* Progress on standard error: one redrawn line on a terminal, else a plain line every few seconds.
 */
#ifndef NCA_CLI_PROGRESS_H
#define NCA_CLI_PROGRESS_H

#include "cli/cli.h"

typedef struct progress {
    bool quiet, terminal, unicode;
    double started, last; /* nca_seconds() */
    uint64_t first;       /* iterations done before this run */
} progress;

/* ---- Of a training. `done`: iterations behind a resumed run. */
void progress_start(progress *p, bool quiet, uint64_t done);
/* Shows an iteration if it is time to. `losses` are all losses so far, oldest first. */
void progress_show(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                   size_t count);
/* Shows the last iteration whatever the time, and leaves the line. */
void progress_finish(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                     size_t count);

/* ---- Of anything else, begun with progress_start too: how much of it is done, 0 to 1, and how
 * much was before that. What is over within a second shows nothing. */
void progress_share(progress *p, const char *what, double before, double share);
/* Takes the line away: results follow. */
void progress_clear(const progress *p);

#endif
