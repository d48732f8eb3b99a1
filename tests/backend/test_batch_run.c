/* Forward runs of a batch: the same bits as the oracle for any split of the steps over calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "core/oracle.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static nca__batch *make_runner(const batch_case *c, unsigned threads, const nca_kernels *kernels)
{
    nca__batch_options options = {.automaton = c->automaton,
                                  .batch = c->batch,
                                  .height = c->height,
                                  .width = c->width,
                                  .threads = threads,
                                  .kernels = kernels};
    nca__batch *batch = NULL;

    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_OK);
    nca__batch_set_parameters(batch, c->parameters);
    for (size_t b = 0; b < c->batch; b++) {
        nca__batch_set(batch, b, c->initial + b * batch_values(c));
    }
    return batch;
}

static void assert_holds(const nca__batch *batch, const batch_case *c, const float *expected)
{
    size_t values = batch_values(c);
    float *state = batch_allocate(values, sizeof *state);

    for (size_t b = 0; b < c->batch; b++) {
        nca__batch_get(state, batch, b);
        if (!batch_same(state, expected + b * values, values)) {
            fail_msg("%s: sample %zu differs", batch_case_text(c), b);
        }
    }
    free(state);
}

static void running_gives_the_oracles_bits_however_the_steps_are_split(void **context)
{
    static const size_t splits[][4] = {{17}, {1, 16}, {5, 0, 7, 5}, {16, 1}};
    noise n = {7};
    batch_case cases[] = {
        batch_case_make(3, 13, 10, 17, 16, 32), batch_case_make(2, 1, 9, 17, 5, 3),
        batch_case_make(1, 30, 31, 17, 16, 32), batch_case_make(4, 2, 3, 17, 33, 17)};

    (void)context;
    cases[0].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[1].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[2].start = BATCH_START_SEED;
    cases[3].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    for (size_t i = 0; i < COUNT(cases); i++) {
        batch_case *c = &cases[i];
        const nca_kernels *kernels;
        batch_case_draw(c, &n);
        batch_result expected = batch_expected(c);
        for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
            for (size_t s = 0; s < COUNT(splits); s++) {
                nca__batch *batch = make_runner(c, 1 + (unsigned)s % 3, kernels);
                uint64_t step = 0;
                assert_holds(batch, c, c->initial);
                for (size_t j = 0; j < 4; j++) {
                    assert_int_equal(
                        nca__batch_run(batch, step, splits[s][j], c->seed, c->iteration, NULL),
                        NCA_OK);
                    step += splits[s][j];
                }
                assert_holds(batch, c, expected.final);
                nca__batch_destroy(batch);
            }
        }
        batch_result_free(&expected);
        batch_case_free(c);
    }
}

static void a_later_first_step_draws_its_own_fire_masks(void **context)
{
    noise n = {8};
    batch_case c = batch_case_make(2, 9, 8, 3, 16, 16);
    size_t values = batch_values(&c);

    (void)context;
    batch_case_draw(&c, &n);
    float *states = batch_allocate(4 * values, sizeof *states);
    float *expected = batch_allocate(2 * values, sizeof *expected);
    for (size_t b = 0; b < 2; b++) {
        oracle o = {&c.automaton, c.parameters, c.height,   c.width,
                    c.seed,       (uint32_t)b,  c.iteration};
        memcpy(states, c.initial + b * values, values * sizeof *states);
        oracle_rollout(states, &o, 1000003, 3);
        memcpy(expected + b * values, states + 3 * values, values * sizeof *states);
    }
    nca__batch *batch = make_runner(&c, 2, NULL);
    assert_int_equal(nca__batch_run(batch, 1000003, 3, c.seed, c.iteration, NULL), NCA_OK);
    assert_holds(batch, &c, expected);
    nca__batch_destroy(batch);
    free(expected);
    free(states);
    batch_case_free(&c);
}

static void setting_one_sample_leaves_the_others(void **context)
{
    noise n = {9};
    batch_case c = batch_case_make(3, 6, 5, 6, 16, 16);
    size_t values = batch_values(&c);

    (void)context;
    batch_case_draw(&c, &n);
    batch_result expected = batch_expected(&c);
    nca__batch *batch = make_runner(&c, 2, NULL);
    assert_int_equal(nca__batch_run(batch, 0, 6, c.seed, c.iteration, NULL), NCA_OK);
    /* Sample 1 restarts with other values; then its result is the same as before. */
    nca__batch_set(batch, 1, expected.final + 2 * values);
    float *state = batch_allocate(values, sizeof *state);
    nca__batch_get(state, batch, 0);
    assert_true(batch_same(state, expected.final, values));
    nca__batch_get(state, batch, 1);
    assert_true(batch_same(state, expected.final + 2 * values, values));
    for (size_t b = 0; b < 3; b++) {
        nca__batch_set(batch, b, c.initial + b * values);
    }
    assert_int_equal(nca__batch_run(batch, 0, 6, c.seed, c.iteration, NULL), NCA_OK);
    assert_holds(batch, &c, expected.final);
    free(state);
    nca__batch_destroy(batch);
    batch_result_free(&expected);
    batch_case_free(&c);
}

static void a_batch_says_what_it_runs_on(void **context)
{
    batch_case c = batch_case_make(2, 4, 4, 1, 4, 4);
    const nca_kernels *kernels;

    (void)context;
    for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
        for (unsigned threads = 1; threads <= 7; threads += 3) {
            nca__batch *batch = batch_make(&c, (batch_how){.threads = threads, .kernels = kernels});
            assert_string_equal(nca__batch_kernels(batch), nca_kernels_name(kernels));
            assert_int_equal(nca__batch_threads(batch), threads);
            nca__batch_destroy(batch);
        }
    }
    nca__batch *batch = batch_make(&c, (batch_how){0});
    assert_string_equal(nca__batch_kernels(batch), nca_kernels_name(nca_kernels_best()));
    assert_true(nca__batch_threads(batch) >= 1);
    nca__batch_destroy(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(running_gives_the_oracles_bits_however_the_steps_are_split),
        cmocka_unit_test(a_later_first_step_draws_its_own_fire_masks),
        cmocka_unit_test(setting_one_sample_leaves_the_others),
        cmocka_unit_test(a_batch_says_what_it_runs_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
