/* The part of a report that is about one run. */
#ifndef NCA_CLI_RUN_REPORT_H
#define NCA_CLI_RUN_REPORT_H

#include "cli/progress.h"
#include "cli/run_folder.h"

typedef struct run_report {
    nca_report *report;
    const char *scratch; /* a folder for pictures on their way */
    size_t rollouts;     /* of the evaluation; 0: leave it out */
    unsigned threads;
    progress *progress;
    size_t done, total; /* runs */
} run_report;

/* Settings, loss, growth, comparison, hidden channels, evaluation and healing of the run in a
 * folder. A signal of cli/stop.h ends it with NCA_INTERRUPTED. */
nca_status run_report_add(const run_report *r, const char *folder, nca_error *error);

#endif
