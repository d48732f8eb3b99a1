/* The parts of a report about its runs: their results, a comparison, and a part about each. */
#ifndef NCA_CLI_RUNS_RUN_REPORT_H
#define NCA_CLI_RUNS_RUN_REPORT_H

#include "cli/cli.h"
#include "cli/progress.h"

enum {
    REPORT_MOST_OPEN = 3 /* a report on more runs folds what it says about each, and has no
                            animations: it is to be sent by mail */
};

typedef struct run_report {
    nca_report *report;
    const char *scratch; /* a folder for pictures on their way */
    size_t rollouts;     /* of the evaluation; 0: leave it out */
    bool is_long;        /* a long horizon, and several cuts */
    unsigned threads;
    progress *progress;
    size_t total;      /* runs */
    size_t done;       /* runs measured */
    size_t drawn;      /* runs drawn */
    size_t first_part; /* of the report that is about a run */
    bool incomplete;   /* something could not be read; it was said on standard error */
} run_report;

/* The results of a run. */
typedef struct run_facts {
    nca_run_path folder;
    char name[128];
    char target[NCA_PATH_SIZE], loss_name[32];
    double loss; /* mean of the last ones; NaN: unknown */
    unsigned long long iterations;
    bool dead;   /* no rollout lives at the end, or, where it only grows, when it is grown */
    size_t part; /* of the report; 0: none */
    nca_evaluation *evaluation; /* NULL: not measured */
} run_facts;

/* Reads and measures the run in `out->folder`. A signal of cli/stop.h ends it with
 * NCA_INTERRUPTED. */
nca_status run_report_measure(run_report *r, run_facts *out, nca_error *error);
void run_facts_free(run_facts *facts);

/* A table of all runs, the best of each target marked; facts[i].part is where each is found. */
nca_status run_report_compare(const run_report *r, const run_facts *facts, size_t count,
                              nca_error *error);

/* Loss, growth, comparison, hidden channels, evaluation, healing and settings of a run. What cannot
 * be read or drawn is said, in the report too, and left out. NCA_INTERRUPTED as above. */
nca_status run_report_add(run_report *r, const run_facts *facts, nca_error *error);

/* How far all of it is: a run counts as measured and drawn by these shares. */
void run_report_show(const run_report *r, const char *name, double measured, double drawn);

#endif
