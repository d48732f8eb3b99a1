/* For tests: evaluations of automata built by hand, with more rollouts than run together. */
#ifndef NCA_TESTS_EVALUATING_H
#define NCA_TESTS_EVALUATING_H

#include <math.h>
#include <string.h>

#include "measure/filling_model.h"
#include "nca/evaluate.h"

enum {
    SIDE = 14,
    CELLS = SIDE * SIDE,
    ROLLOUTS = 21, /* more than run together, and not a multiple of it */
    ALPHA = 3
};

static nca_error problem;

static inline nca_evaluation *evaluate(const nca_model *model,
                                       const nca_evaluation_options *options)
{
    nca_evaluation *evaluation = NULL;
    if (nca_evaluate(&evaluation, model, options, &problem) != NCA_OK) {
        fail_msg("%s", problem.message);
    }
    return evaluation;
}

static inline nca_evaluation_options small_options(const size_t *steps, size_t count)
{
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    options.rollouts = ROLLOUTS;
    options.steps = steps;
    options.step_count = count;
    options.damage_at = 12;
    options.seed = 5;
    options.threads = 1;
    return options;
}

static inline void assert_near(double found, double expected)
{
    double tolerance = 1e-12 * fmax(1.0, fabs(expected));
    if (!(fabs(found - expected) <= tolerance)) {
        fail_msg("expected %.17g, found %.17g", expected, found);
    }
}

static inline void refuse(const nca_model *model, const nca_evaluation_options *options,
                          const char *message)
{
    nca_evaluation *evaluation = NULL;
    assert_int_equal(nca_evaluate(&evaluation, model, options, &problem), NCA_INVALID_ARGUMENT);
    assert_null(evaluation);
    assert_string_equal(problem.message, message);
}

#endif
