/* Internal: shared by the two passes of an evaluation: chunks of rollouts, progress, means and
 * deviations. */
#ifndef NCA_MEASURE_EVALUATE_PASS_H
#define NCA_MEASURE_EVALUATE_PASS_H

#include "nca/evaluate.h"
#include "nca/rollout.h"

typedef struct nca__evaluator {
    const nca_model *model;
    const nca_evaluation_options *options;
    nca_evaluation *evaluation; /* the evaluation being filled */
    size_t at_once;             /* number of rollouts in a chunk, limited by the grid's size */
    double work, done;          /* in steps times rollouts */
} nca__evaluator;

/* Opens a batch of the rollouts first, first + 1, ...; *out_count is their number. */
nca_status nca__evaluator_open(nca_rollout **out_rollout, size_t *out_count,
                               const nca__evaluator *evaluator, size_t first, nca_error *error);

/* Advances `count` rollouts by some steps, reporting progress periodically; NCA_INTERRUPTED if the
 * caller stops it. */
nca_status nca__evaluator_run(nca__evaluator *evaluator, nca_rollout *rollout, size_t count,
                              size_t steps, nca_error *error);

/* Mean and deviation of values[0..count-1], added in this order. */
nca_spread nca__spread_of(const double *values, size_t count);

/* The pass that measures regeneration (healing.c), and its amount of work. */
nca_status nca__evaluate_healing(nca__evaluator *evaluator, nca_error *error);
double nca__healing_work(const nca_evaluation_options *options);

#endif
