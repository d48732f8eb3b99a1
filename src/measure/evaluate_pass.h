/* Internal: what the two passes of an evaluation share: chunks of rollouts, progress, spreads. */
#ifndef NCA_MEASURE_EVALUATE_PASS_H
#define NCA_MEASURE_EVALUATE_PASS_H

#include "nca/evaluate.h"
#include "nca/rollout.h"

typedef struct nca__evaluator {
    const nca_model *model;
    const nca_evaluation_options *options;
    nca_evaluation *evaluation; /* what is being filled */
    size_t at_once;             /* rollouts of a chunk, bounded by the grid's size */
    double work, done;          /* steps times rollouts */
} nca__evaluator;

/* A batch of the rollouts first, first + 1, ...; returns how many in *out_count. */
nca_status nca__evaluator_open(nca_rollout **out_rollout, size_t *out_count,
                               const nca__evaluator *evaluator, size_t first, nca_error *error);

/* Runs `count` rollouts on by some steps, reporting now and then; NCA_INTERRUPTED if the caller
 * stops it. */
nca_status nca__evaluator_run(nca__evaluator *evaluator, nca_rollout *rollout, size_t count,
                              size_t steps, nca_error *error);

/* Of values[0..count-1], added in this order. */
nca_spread nca__spread_of(const double *values, size_t count);

/* The healing pass (healing.c), and how much work it is. */
nca_status nca__evaluate_healing(nca__evaluator *evaluator, nca_error *error);
double nca__healing_work(const nca_evaluation_options *options);

#endif
