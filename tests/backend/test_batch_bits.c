/* Threads, kernel sets, the other samples of a batch, and earlier computations of the batch must
 * not change a bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "task/grow_batch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void threads_and_kernel_sets_do_not_change_a_bit(void **context)
{
    static const unsigned threads[] = {1, 2, 3, 7};
    noise n = {1};
    batch_case cases[] = {
        batch_case_make(8, 28, 28, 4, 16, 128), batch_case_make(1, 61, 67, 3, 16, 32),
        batch_case_make(3, 5, 6, 17, 5, 17),    batch_case_make(1, 1, 1, 17, 4, 1),
        batch_case_make(5, 33, 17, 2, 33, 31),  batch_case_make(2, 1, 300, 5, 15, 15),
        batch_case_make(8, 72, 72, 12, 16, 32), batch_case_make(7, 16, 16, 9, 17, 129),
    };

    (void)context;
    cases[1].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    cases[2].automaton.alive_channel = -1;
    cases[2].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[3].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[4].automaton.fire_rate = 1.0f;
    cases[4].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[5].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[6].start = BATCH_START_SEED;
    for (size_t i = 4; i < 8; i++) {
        cases[i].automaton.filter = NCA_FILTER_LEARNED;
        cases[i].automaton.filter_count = (uint32_t)(i - 3);
    }
    cases[7].start = BATCH_START_INFINITE;
    cases[2].losses = 8;
    cases[5].losses = 2;
    cases[6].losses = cases[7].losses = 4;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const nca_kernels *kernels;
        batch_case *c = &cases[i];
        batch_case_draw(c, &n);
        batch_result first = batch_found(c, (batch_how){.threads = 1, .kernels = batch_kernels(0)});
        for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
            for (size_t t = 0; t < COUNT(threads); t++) {
                char what[64];
                /* The scalar set is slow and was already tested with one thread: one more thread
                 * count is enough. */
                if (k == 0 && t != 2) {
                    continue;
                }
                snprintf(what, sizeof what, "%s, %u threads", nca_kernels_name(kernels),
                         threads[t]);
                batch_result found =
                    batch_found(c, (batch_how){.threads = threads[t], .kernels = kernels});
                batch_assert_same(c, what, &found, &first);
                batch_result_free(&found);
            }
        }
        batch_result_free(&first);
        batch_case_free(c);
    }
}

/* More threads than bands, than samples, and than both together. */
static void more_threads_than_work_do_not_change_a_bit(void **context)
{
    noise n = {13};
    batch_case cases[] = {batch_case_make(1, 1, 1, 9, 5, 3), batch_case_make(2, 70, 40, 3, 4, 5),
                          batch_case_make(1, 40, 70, 6, 8, 5)};

    (void)context;
    for (size_t i = 0; i < COUNT(cases); i++) {
        batch_case *c = &cases[i];
        batch_case_draw(c, &n);
        batch_result first = batch_found(c, (batch_how){.threads = 1});
        batch_result found = batch_found(c, (batch_how){.threads = 40});
        batch_assert_same(c, "40 threads", &found, &first);
        batch_result_free(&found);
        batch_result_free(&first);
        batch_case_free(c);
    }
}

static void the_batch_around_a_sample_does_not_change_its_bits(void **context)
{
    noise n = {3};
    batch_case nine = batch_case_make(9, 11, 6, 8, 16, 24);
    size_t values = batch_values(&nine);

    (void)context;
    batch_case_draw(&nine, &n);
    batch_result all = batch_found(&nine, (batch_how){0});
    for (size_t batch = 1; batch < 9; batch++) {
        batch_case some = nine;
        some.batch = batch;
        batch_result found = batch_found(&some, (batch_how){0});
        assert_true(batch_same(found.final, all.final, batch * values));
        assert_memory_equal(found.losses, all.losses, batch * sizeof *all.losses);
        assert_memory_equal(found.alive, all.alive, batch * sizeof *all.alive);
        batch_result_free(&found);
    }
    batch_result_free(&all);
    batch_case_free(&nine);
}

static void a_batch_remembers_nothing_of_earlier_passes(void **context)
{
    static const size_t steps[] = {17, 0, 1, 17, 2, 9, 16};
    noise n = {4};
    batch_case c = batch_case_make(3, 10, 9, 17, 16, 20);

    (void)context;
    for (size_t limited = 0; limited < 2; limited++) {
        size_t states, other, least;
        nca__batch_options options = batch_options(&c, (batch_how){.threads = 2});
        nca__batch_memory(&states, &other, &least, &options);
        nca__batch *batch = batch_make(
            &c, (batch_how){.threads = 2, .max_steps = 17, .memory_limit = limited ? least : 0});
        for (size_t i = 0; i < COUNT(steps); i++) {
            batch_case pass = c;
            pass.steps = steps[i];
            pass.loss = (nca_loss)(i % NCA_LOSS_COUNT);
            pass.iteration = (uint32_t)i;
            /* Non-finite, dense, empty and sparse in turn, so that values left over are
             * detected. */
            pass.start = i == 0   ? BATCH_START_INFINITE
                         : i == 3 ? BATCH_START_DEAD
                         : i == 4 ? BATCH_START_SEED
                                  : BATCH_START_SPARSE;
            batch_case_draw(&pass, &n);
            batch_result fresh = batch_found(&pass, (batch_how){.threads = 1});
            batch_result again = batch_found_in(batch, &pass);
            batch_assert_same(&pass, "in a used batch", &again, &fresh);
            batch_result_free(&again);
            again = batch_found_in(batch, &pass);
            batch_assert_same(&pass, "a second time", &again, &fresh);
            batch_result_free(&again);
            batch_result_free(&fresh);
            batch_case_free(&pass);
        }
        nca__batch_destroy(batch);
    }
}

static void no_steps_leave_the_states_and_give_the_gradient_of_the_loss(void **context)
{
    noise n = {5};

    (void)context;
    for (int loss = 0; loss < NCA_LOSS_COUNT; loss++) {
        batch_case c = batch_case_make(2, 4, 5, 0, 6, 8);
        c.loss = (nca_loss)loss;
        batch_case_draw(&c, &n);
        batch_result expected = batch_expected(&c), found = batch_found(&c, (batch_how){0});
        assert_true(batch_same(found.final, c.initial, c.batch * batch_values(&c)));
        batch_assert_near(&c, "best", &found, &expected, false);
        for (size_t i = 0; i < nca_parameter_count(&c.automaton); i++) {
            assert_true(found.gradient[i] == 0.0f);
        }
        batch_result_free(&found);
        batch_result_free(&expected);
        batch_case_free(&c);
    }
}

static void outputs_that_are_not_wanted_may_be_absent(void **context)
{
    noise n = {6};
    batch_case c = batch_case_make(2, 7, 6, 5, 16, 16);
    const float *initial[2];
    double losses[2];

    (void)context;
    batch_case_draw(&c, &n);
    batch_result full = batch_found(&c, (batch_how){0});
    float *gradient = batch_allocate(nca_parameter_count(&c.automaton), sizeof *gradient);
    nca__batch *batch = batch_make(&c, (batch_how){0});
    grow_batch asked;
    nca__batch_pass pass = {.steps = c.steps,
                            .seed = c.seed,
                            .iteration = c.iteration,
                            .asked = grow_batch_fill(&asked, c.loss, c.target),
                            .initial = initial,
                            .losses = losses,
                            .gradient = gradient};
    initial[0] = c.initial;
    initial[1] = c.initial + batch_values(&c);
    nca__batch_set_parameters(batch, c.parameters);
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    assert_true(batch_same(gradient, full.gradient, nca_parameter_count(&c.automaton)));
    assert_memory_equal(losses, full.losses, sizeof losses);

    /* The final states may replace the initial ones. */
    float *final[2] = {c.initial, c.initial + batch_values(&c)};
    pass.final = final;
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    assert_true(batch_same(c.initial, full.final, 2 * batch_values(&c)));
    assert_true(batch_same(gradient, full.gradient, nca_parameter_count(&c.automaton)));

    nca__batch_destroy(batch);
    free(gradient);
    batch_result_free(&full);
    batch_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_kernel_sets_do_not_change_a_bit),
        cmocka_unit_test(more_threads_than_work_do_not_change_a_bit),
        cmocka_unit_test(the_batch_around_a_sample_does_not_change_its_bits),
        cmocka_unit_test(a_batch_remembers_nothing_of_earlier_passes),
        cmocka_unit_test(no_steps_leave_the_states_and_give_the_gradient_of_the_loss),
        cmocka_unit_test(outputs_that_are_not_wanted_may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
