/* The parts of a report about its runs: their results, a comparison, and a part about each. */
#ifndef NCA_CLI_RUNS_RUN_REPORT_H
#define NCA_CLI_RUNS_RUN_REPORT_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/runs/class_results.h"

enum {
    REPORT_MOST_OPEN = 3 /* a report on more runs folds the part about each run, and has no
                            animations, so that it can be sent by mail */
};

typedef struct run_report {
    nca_report *report;
    const char *scratch; /* a folder for temporary pictures */
    size_t rollouts;     /* rollouts of the evaluation; 0: no evaluation */
    bool is_long;        /* a long horizon, and several cuts */
    unsigned threads;
    const char *root; /* folder of the MedMNIST files; NULL: that of the settings */
    progress *progress;
    size_t total;      /* number of runs */
    size_t done;       /* number of runs measured */
    size_t drawn;      /* number of runs drawn */
    size_t first_part; /* first part of the report about a run */
    bool incomplete;   /* something could not be read, which was reported on standard error */
} run_report;

/* The results of a run. */
typedef struct run_facts {
    nca_run_path folder;
    char name[128];
    char target[NCA_PATH_SIZE], loss_name[32];
    double loss; /* mean of the last losses; NaN if unknown */
    unsigned long long iterations;
    bool dead;     /* no rollout is alive at the end or, in experiment growing, when it is grown */
    bool diverged; /* the L2 is above 1 at a measured step until then (nca_loss_diverged), and it is
                      not dead */
    size_t part;   /* in the report; 0: none */
    nca_evaluation *evaluation; /* NULL: not measured */
    bool classifies; /* a classifier: `target` is the name of its data, and the results are... */
    class_results classes; /* ...these */
} run_facts;

/* Reads and measures the run in `out->folder`. NCA_INTERRUPTED after a signal of cli/stop.h. */
nca_status run_report_measure(run_report *r, run_facts *out, nca_error *error);
void run_facts_free(run_facts *facts);

/* A table of runs that grow, with the best of each target marked; facts[i].part is the part about
 * each run. */
nca_status run_report_compare(const run_report *r, const run_facts *facts, size_t count,
                              nca_error *error);

/* The same for classifiers, with the best of each data set marked. */
nca_status run_report_compare_classes(const run_report *r, const run_facts *facts, size_t count,
                                      nca_error *error);

/* Adds loss, growth, comparison, hidden channels, evaluation, regeneration and settings of a run;
 * of a classifier the sections of class_part.h. Sections that cannot be read or drawn are skipped
 * and reported, also in the report. NCA_INTERRUPTED as above. */
nca_status run_report_add(run_report *r, const run_facts *facts, nca_error *error);

/* Shows the progress of the whole report; the fractions `measured` and `drawn` are those of the
 * current run. */
void run_report_show(const run_report *r, const char *name, double measured, double drawn);

#endif
