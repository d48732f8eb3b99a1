/* Internal: the process of one run of a sweep, and its messages to the parent. */
#ifndef NCA_RUNS_SWEEP_CHILD_H
#define NCA_RUNS_SWEEP_CHILD_H

#include <sys/types.h>

#include "nca/run_folder.h"
#include "nca/run_sweep.h"
#include "nca/settings.h"

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

/* What the process needs to know, also if it runs on another machine: plain data. */
typedef struct nca__sweep_task {
    nca_settings settings;
    nca_run_path folder, data_root; /* data_root "": not given */
    bool resumes;
} nca__sweep_task;

/* The task of a run of the sweep; `threads` is used unless its settings have a number. */
nca_status nca__sweep_task_of(nca__sweep_task *out, const nca_sweep_job *job, size_t run,
                              unsigned threads, nca_error *error);
/* Trains or resumes the run, draws and measures it, and ends the process. The process ends
 * immediately when `parent` does. */
_Noreturn void nca__sweep_child(const nca__sweep_task *task, int pipe, pid_t parent);
/* Starts such a process; the messages come through `*out_pipe`, which ends with it. Returns its id,
 * or -1 with the reason in errno. The `count` descriptors of `others` are closed in it. */
pid_t nca__sweep_fork(int *out_pipe, const nca__sweep_task *task, const int *others, size_t count);
/* Why a process ended, from the state that waitpid gave, if it did not say so itself. */
void nca__sweep_explain_end(char *out, size_t size, int state);

#endif
