/* The process of one run of a sweep, and what it tells its parent. */
#ifndef NCA_CLI_SWEEP_CHILD_H
#define NCA_CLI_SWEEP_CHILD_H

#include <sys/types.h>

#include "cli/sweep_job.h"

/* What goes through the pipe, always whole: it is smaller than what a pipe takes at once. */
typedef struct sweep_message {
    uint64_t iteration;
    char failure[NCA_ERROR_SIZE]; /* "" for a report of progress */
} sweep_message;

/* Exit codes of the process. */
enum {
    CHILD_DONE = 0,
    CHILD_FAILED = 1, /* a message said why */
    CHILD_STOPPED = 2 /* on request, all saved */
};

/* How measured: rollouts, and the steps after which. */
enum {
    SWEEP_ROLLOUTS = 8,
    SWEEP_STEPS_GROWN = 80,
    SWEEP_STEPS_LATER = 500
};

/* Trains or goes on with the run, draws and measures it, and ends the process. It ends at once when
 * `parent` does. */
_Noreturn void sweep_child(const sweep_job *job, size_t run, unsigned threads, int pipe,
                           pid_t parent);

#endif
