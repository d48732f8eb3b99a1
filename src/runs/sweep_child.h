/* Internal: the process of one run of a sweep, and its messages to the parent. */
#ifndef NCA_RUNS_SWEEP_CHILD_H
#define NCA_RUNS_SWEEP_CHILD_H

#include <sys/types.h>

#include "nca/run_sweep.h"

/* A message through the pipe, which is always transferred as a whole because it is smaller than
 * PIPE_BUF. */
typedef struct nca__sweep_message {
    uint64_t iteration;
    char failure[NCA_ERROR_SIZE]; /* "" for a report of progress */
} nca__sweep_message;

/* Exit codes of the process. */
enum {
    NCA__CHILD_DONE = 0,
    NCA__CHILD_FAILED = 1, /* a message contains the reason */
    NCA__CHILD_STOPPED = 2 /* on request, after saving everything */
};

/* The evaluation: number of rollouts, and the steps after which they are measured. */
enum {
    NCA__SWEEP_ROLLOUTS = 8,
    NCA__SWEEP_STEPS_GROWN = 80,
    NCA__SWEEP_STEPS_LATER = 500
};

/* The start of the line of evaluation.csv with the peak memory of a classifier's training. */
#define NCA__PEAK_MEMORY "training,,,peak_memory,"

/* Trains or resumes the run, draws and measures it, and ends the process. The process ends
 * immediately when `parent` does. */
_Noreturn void nca__sweep_child(const nca_sweep_job *job, size_t run, unsigned threads, int pipe,
                                pid_t parent);

#endif
