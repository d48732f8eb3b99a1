/* The comparison of two rollouts of one model: states, colours, living cells and losses. */
#ifndef NCA_TESTS_EQUAL_ROLLOUTS_H
#define NCA_TESTS_EQUAL_ROLLOUTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nca/rollout.h"

static inline void assert_rollouts_equal(const nca_rollout *found, const nca_rollout *expected,
                                         size_t samples, const nca_model *model)
{
    const size_t cells = (size_t)model->info.height * model->info.width;
    const size_t values = cells * model->automaton.channels, colours = cells * 4;
    float *a = malloc(values * sizeof *a), *b = malloc(values * sizeof *b);
    assert_true(a != NULL && b != NULL);
    for (size_t sample = 0; sample < samples; sample++) {
        assert_true(nca_rollout_get(a, found, sample));
        assert_true(nca_rollout_get(b, expected, sample));
        assert_memory_equal(a, b, values * sizeof *a);
        assert_true(nca_rollout_rgba(a, found, sample));
        assert_true(nca_rollout_rgba(b, expected, sample));
        assert_memory_equal(a, b, colours * sizeof *a);
        assert_int_equal(nca_rollout_alive(found, sample), nca_rollout_alive(expected, sample));
        assert_true(nca_rollout_loss(found, sample, NCA_LOSS_L2, model->target) ==
                    nca_rollout_loss(expected, sample, NCA_LOSS_L2, model->target));
    }
    free(a);
    free(b);
}

#endif
