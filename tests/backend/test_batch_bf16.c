/* A batch in bf16: the same bits for all kernel sets and threads, and the difference from fp32. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "kernels/with_precision.h"
#include "task/grow_objective.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_same_bits(nca_precision precision)
{
    static const unsigned threads[] = {1, 2, 3, 7};
    noise n = {101};
    batch_case cases[] = {
        batch_case_make(4, 28, 28, 3, 16, 128), batch_case_make(1, 40, 37, 3, 16, 32),
        batch_case_make(3, 5, 6, 17, 5, 17),    batch_case_make(1, 1, 1, 17, 4, 1),
        batch_case_make(3, 33, 17, 2, 33, 31),  batch_case_make(2, 1, 300, 5, 15, 15),
        batch_case_make(5, 30, 30, 6, 16, 32),  batch_case_make(3, 12, 12, 5, 17, 129),
    };

    cases[1].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    cases[2].automaton.alive_channel = -1;
    cases[3].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[4].automaton.fire_rate = 1.0f;
    cases[4].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[5].start = BATCH_START_TINY;
    cases[6].start = BATCH_START_SEED;
    cases[7].start = BATCH_START_INFINITE;
    static const uint32_t learned[COUNT(cases)] = {[1] = 2, [2] = 8, [4] = 1, [7] = 3};
    for (size_t i = 0; i < COUNT(cases); i++) {
        cases[i].automaton.filter = learned[i] > 0 ? NCA_FILTER_LEARNED : NCA_FILTER_SOBEL;
        cases[i].automaton.filter_count = learned[i];
    }
    for (size_t i = 0; i < COUNT(cases); i++) {
        const nca_kernels *kernels;
        batch_case *c = &cases[i];
        batch_case_draw(c, &n);
        batch_result first = batch_found(
            c, (batch_how){.threads = 1, .kernels = batch_kernels(0), .precision = precision});
        for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
            if (nca_kernels_missing_for(kernels, precision) != NULL) {
                continue;
            }
            for (size_t t = 0; t < COUNT(threads); t++) {
                char what[80];
                if (k == 0 && t != 2) { /* slow, and already tested with one thread */
                    continue;
                }
                snprintf(what, sizeof what, "%s, %s, %u threads", nca_precision_name(precision),
                         nca_kernels_name(kernels), threads[t]);
                batch_result found = batch_found(
                    c,
                    (batch_how){.threads = threads[t], .kernels = kernels, .precision = precision});
                batch_assert_same(c, what, &found, &first);
                batch_result_free(&found);
            }
        }
        batch_result_free(&first);
        batch_case_free(c);
    }
}

static void threads_and_kernel_sets_do_not_change_a_bit(void **context)
{
    (void)context;
    assert_same_bits(NCA_PRECISION_BF16);
    skip_without_instructions(NCA_PRECISION_BF16);
}

static void nor_do_they_in_bf16_amx(void **context)
{
    (void)context;
    assert_same_bits(NCA_PRECISION_BF16_AMX);
    skip_without_instructions(NCA_PRECISION_BF16_AMX);
}

static void memory_limits_do_not_change_a_bit(void **context)
{
    noise n = {102};

    (void)context;
    for (size_t steps = 1; steps <= 17; steps += 4) {
        batch_case c = batch_case_make(2, 9, 7 + steps, steps, 8, 16);
        nca__batch_options options = {.automaton = c.automaton,
                                      .batch = c.batch,
                                      .height = c.height,
                                      .width = c.width,
                                      .threads = 2,
                                      .precision = NCA_PRECISION_BF16,
                                      .max_steps = steps,
                                      .objective = &nca__grow_objective};
        size_t full, other, least;
        nca__batch_memory(&full, &other, &least, &options);
        batch_case_draw(&c, &n);
        batch_how how = {.threads = 2,
                         .kernels = kernels_with(NCA_PRECISION_BF16),
                         .precision = NCA_PRECISION_BF16};
        batch_result first = batch_found(&c, how);
        for (size_t i = 0; i < 4; i++) {
            how.memory_limit = least + (full - least) * i / 4;
            batch_result found = batch_found(&c, how);
            batch_assert_same(&c, "bf16 within a memory limit", &found, &first);
            batch_result_free(&found);
        }
        batch_result_free(&first);
        batch_case_free(&c);
    }
}

static void what_bf16_keeps_is_counted(void **context)
{
    batch_case c = batch_case_make(2, 9, 9, 4, 16, 128);
    nca__batch_options options = {.automaton = c.automaton,
                                  .batch = c.batch,
                                  .height = c.height,
                                  .width = c.width,
                                  .threads = 1,
                                  .max_steps = 4,
                                  .objective = &nca__grow_objective};
    size_t states[2], other[2], least[2];

    (void)context;
    for (int i = 0; i < 2; i++) {
        options.precision = i == 1 ? NCA_PRECISION_BF16 : NCA_PRECISION_FP32;
        nca__batch_memory(&states[i], &other[i], &least[i], &options);
    }
    assert_int_equal(states[0], states[1]);
    /* The weights again as bf16, and the chunk's matrices in two forms. */
    const size_t weights = (2 * 3 * 16 * 128 + 2 * 16 * 128) * 2;
    /* For fp32: a hidden layer and its gradient (144: padded rows of 128). */
    const size_t fp32_chunk = 192 * 2 * 144 * sizeof(float);
    assert_true(other[1] + fp32_chunk >=
                other[0] + weights + 192 * (2 * 48 + 3 * 128 + 2 * 16) * 2);
    assert_true(other[1] < other[0] + 1000000);
}

/* ---- Difference from fp32 ---------------------------------------------------------------------*/

typedef struct distance {
    double relative; /* length of the difference divided by the length of the fp32 vector */
    double cosine;   /* of the angle between them */
} distance;

static distance distance_of(const float *bf16, const float *fp32, size_t count)
{
    double difference = 0, square = 0, bf16_square = 0, product = 0;

    for (size_t i = 0; i < count; i++) {
        const double a = (double)bf16[i], b = (double)fp32[i];
        difference += (a - b) * (a - b);
        square += b * b;
        bf16_square += a * a;
        product += a * b;
    }
    assert_true(square > 0 && bf16_square > 0);
    return (distance){sqrt(difference / square), product / sqrt(square * bf16_square)};
}

static void check_distance(nca_precision precision, size_t steps, double most_final,
                           double most_gradient, double least_cosine)
{
    noise n = {103};
    batch_case c = batch_case_make(4, 28, 28, steps, 16, 128);

    c.automaton.alive_channel = -1; /* a flipped mask is not a rounding error */
    batch_case_draw(&c, &n);
    batch_result fp32 = batch_found(&c, (batch_how){.threads = 2});
    batch_result bf16 = batch_found(
        &c, (batch_how){.threads = 2, .kernels = kernels_with(precision), .precision = precision});
    distance state = distance_of(bf16.final, fp32.final, c.batch * batch_values(&c));
    distance gradient =
        distance_of(bf16.gradient, fp32.gradient, nca_parameter_count(&c.automaton));
    print_message("%s, %zu steps: states %.2e, gradient %.2e, cosine 1 - %.2e\n",
                  nca_precision_name(precision), steps, state.relative, gradient.relative,
                  1 - gradient.cosine);
    assert_true(state.relative > 0); /* the arithmetic is different */
    assert_true(state.relative < most_final);
    assert_true(gradient.relative < most_gradient);
    assert_true(gradient.cosine > least_cosine);
    batch_result_free(&fp32);
    batch_result_free(&bf16);
    batch_case_free(&c);
}

/* The bounds are those of docs/precision.md. */
static void states_and_gradients_stay_near_fp32(void **context)
{
    (void)context;
    for (nca_precision p = NCA_PRECISION_BF16; p <= NCA_PRECISION_BF16_AMX; p++) {
        check_distance(p, 1, 5e-4, 1.5e-3, 1 - 1e-6);
        check_distance(p, 16, 4e-3, 5e-3, 1 - 1e-5);
        check_distance(p, 80, 1e-2, 1.2e-2, 1 - 2e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_kernel_sets_do_not_change_a_bit),
        cmocka_unit_test(nor_do_they_in_bf16_amx),
        cmocka_unit_test(memory_limits_do_not_change_a_bit),
        cmocka_unit_test(what_bf16_keeps_is_counted),
        cmocka_unit_test(states_and_gradients_stay_near_fp32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
