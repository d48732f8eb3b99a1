/* What the runs of a sweep have come to, read from their folders. */
#ifndef NCA_CLI_SWEEP_RESULTS_H
#define NCA_CLI_SWEEP_RESULTS_H

#include "cli/sweep_job.h"

/* The numbers of a run, in the order of the tables. Steps are those of cli/sweep_child.h. */
typedef enum sweep_number {
    SWEEP_LOSS, /* of the training, mean of its last 50 iterations */
    SWEEP_L1,   /* after 80 steps, as the next two */
    SWEEP_L2,
    SWEEP_HINGE,
    SWEEP_L2_LATER,  /* after 500 steps */
    SWEEP_SURVIVING, /* share alive after 500 steps */
    SWEEP_NUMBERS
} sweep_number;

/* "L2_80" for files, "L2 at 80" for readers. */
const char *sweep_number_key(sweep_number number);
const char *sweep_number_title(sweep_number number);

typedef struct sweep_result {
    bool known;
    double number[SWEEP_NUMBERS]; /* NaN where unknown */
    double seconds;               /* of the training; not part of the results' bits */
    bool dead; /* of its rollouts none lives: after 500 steps, or after 80 where the experiment is
                  `growing`, which trains for no more. Such a run is never the best of any */
} sweep_result;

/* The part of it that is in an evaluation.csv: every number but the training loss, and the share of
 * rollouts that live after 80 steps. */
nca_status sweep_evaluation_read(sweep_result *out, double *out_surviving_grown, const char *path,
                                 nca_error *error);

/* Of a run that is done. When a file of it cannot be read, or a number is missing, `known` is false
 * and every number NaN. Seconds that cannot be read are NaN and no failure. */
nca_status sweep_result_read(sweep_result *out, const sweep_run *run, nca_error *error);

#endif
