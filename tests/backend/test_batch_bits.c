/* What must not change a bit: threads, kernel sets, memory limits, the batch around a sample, what
 * a batch computed before, and how steps are split over calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "core/oracle.h"
#include "task/grow_batch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

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
    for (size_t i = 0; i < COUNT(cases); i++) {
        const nca_kernels *kernels;
        batch_case *c = &cases[i];
        batch_case_draw(c, &n);
        batch_result first = batch_found(c, (batch_how){.threads = 1, .kernels = batch_kernels(0)});
        for (size_t k = 0; (kernels = batch_kernels(k)); k++) {
            for (size_t t = 0; t < COUNT(threads); t++) {
                char what[64];
                /* The scalar set is slow and was first with one thread: one more will do. */
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

/* Idle threads of every kind: more than bands, more than samples, more than both together. */
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

static nca__batch_options options_of(const batch_case *c, size_t limit)
{
    return (nca__batch_options){
        .automaton = c->automaton,
        .batch = c->batch,
        .height = c->height,
        .width = c->width,
        .threads = 2,
        .max_steps = c->steps,
        .memory_limit = limit,
        .objective = &nca__grow_objective,
    };
}

static void check_limits(batch_case *c, noise *n)
{
    size_t states, other, least, full;
    nca__batch_options options = options_of(c, 0);

    nca__batch_memory(&full, &other, &least, &options);
    assert_true(least <= full);
    batch_case_draw(c, n);
    batch_result first = batch_found(c, (batch_how){.threads = 2});
    for (int i = 0; i <= 16; i++) {
        char what[64];
        /* From the least to the full: each byte above the least, then in growing strides. */
        size_t limit = i < 3 ? least + (size_t)i : least + (full - least) * (size_t)i / 16;
        if (limit == 0) {
            continue;
        }
        options.memory_limit = limit;
        nca__batch_memory(&states, &other, &least, &options);
        assert_true(states <= limit);
        snprintf(what, sizeof what, "memory limit %zu (least %zu, full %zu)", limit, least, full);
        batch_result found =
            batch_found(c, (batch_how){.threads = 1 + (unsigned)i % 3, .memory_limit = limit});
        batch_assert_same(c, what, &found, &first);
        batch_result_free(&found);
    }
    batch_result_free(&first);
    batch_case_free(c);
}

static void memory_limits_do_not_change_a_bit(void **context)
{
    static const size_t steps[] = {1, 2, 3, 4, 5, 16, 17, 37};
    noise n = {2};

    (void)context;
    for (size_t i = 0; i < COUNT(steps); i++) {
        batch_case c = batch_case_make(1 + i % 3, 9, 7 + i, steps[i], 8, 16);
        c.start = i % 2 ? BATCH_START_SEED : BATCH_START_SPARSE;
        /* Where dead cells count as alive, a state that is run again must say so too. */
        c.automaton.alive_threshold = i % 4 == 2 ? -0.3f : 0.1f;
        c.automaton.boundary = (nca_boundary)(i / 2 % NCA_BOUNDARY_COUNT);
        check_limits(&c, &n);
    }
}

/* Rings too small to be used, that hold a few steps, most, and all; where cells die between those
 * that fire, and where none does. */
static void hidden_layers_that_are_kept_do_not_change_a_bit(void **context)
{
    static const size_t bytes[] = {1, 90000, 150000, 400000, 1 << 24};
    noise n = {4};

    (void)context;
    for (int i = 0; i < 6; i++) {
        batch_case c = batch_case_make(2, 17, 9 + (size_t)i, 23, 8, 16);
        c.start = i % 3 == 0 ? BATCH_START_SEED : BATCH_START_SPARSE;
        c.automaton.alive_channel = i % 3 == 2 ? -1 : 3;
        c.automaton.fire_rate = i < 3 ? 0.5f : 1.0f;
        batch_case_draw(&c, &n);
        batch_result first = batch_found(&c, (batch_how){.threads = 1});
        size_t states, other, least;
        const nca__batch_options options = options_of(&c, 0);
        nca__batch_memory(&states, &other, &least, &options);
        for (size_t k = 0; k < COUNT(bytes); k++) {
            char what[64];
            snprintf(what, sizeof what, "hidden layers in %zu bytes", bytes[k]);
            batch_how how = {.threads = 1 + (unsigned)k % 2, .kept_hidden = bytes[k]};
            batch_result found = batch_found(&c, how);
            batch_assert_same(&c, what, &found, &first);
            batch_result_free(&found);
            how.memory_limit = least; /* and steps that run twice */
            found = batch_found(&c, how);
            batch_assert_same(&c, what, &found, &first);
            batch_result_free(&found);
        }
        batch_result_free(&first);
        batch_case_free(&c);
    }
}

static void a_memory_limit_below_the_least_is_refused(void **context)
{
    batch_case c = batch_case_make(2, 9, 9, 17, 8, 16);
    nca__batch_options options = options_of(&c, 0);
    nca__batch *batch = (nca__batch *)&c;
    size_t states, other, least;
    nca_error error = {0};

    (void)context;
    nca__batch_memory(&states, &other, &least, &options);
    assert_true(least > 1);
    options.memory_limit = least - 1;
    assert_int_equal(nca__batch_create(&batch, &options, &error), NCA_LIMIT);
    assert_int_equal(error.status, NCA_LIMIT);
    assert_true(strlen(error.message) > 20);
    assert_ptr_equal(batch, &c);
    options.memory_limit = 1;
    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_LIMIT);
    assert_ptr_equal(batch, &c);
    options.memory_limit = least;
    assert_int_equal(nca__batch_create(&batch, &options, &error), NCA_OK);
    nca__batch_destroy(batch);
    nca__batch_destroy(NULL);
}

/* Forward only there are no gradients. The largest batch that can be asked for is counted without
 * an overflow. */
static void running_takes_no_memory_for_gradients(void **context)
{
    batch_case c = batch_case_make(3000, 1, 1, 1, 4, NCA_MAX_HIDDEN);
    nca__batch_options options = options_of(&c, 0);
    size_t gradients = options.batch * nca_parameter_count(&c.automaton) * sizeof(float);
    size_t states, other, least;

    (void)context;
    options.max_steps = 0;
    options.threads = 1;
    nca__batch_memory(&states, &other, &least, &options);
    assert_true(states + other < gradients / 8);
#ifndef SANITIZED /* whose allocators need more addresses than there is memory */
    struct rlimit before;
    nca__batch *batch = NULL;
    nca_error error = {0};
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    struct rlimit tight = {gradients / 2, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    nca_status status = nca__batch_create(&batch, &options, &error);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    if (status != NCA_OK) {
        fail_msg("%s", error.message);
    }
    nca__batch_destroy(batch);
#endif
    options.batch = (1u << 24) - 1;
    options.height = options.width = NCA_MAX_SIDE;
    options.automaton.channels = NCA_MAX_CHANNELS;
    nca__batch_memory(&states, &other, &least, &options);
    assert_true(states == SIZE_MAX);
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
        nca__batch_options options = options_of(&c, 0);
        nca__batch_memory(&states, &other, &least, &options);
        nca__batch *batch = batch_make(
            &c, (batch_how){.threads = 2, .max_steps = 17, .memory_limit = limited ? least : 0});
        for (size_t i = 0; i < COUNT(steps); i++) {
            batch_case pass = c;
            pass.steps = steps[i];
            pass.loss = (nca_loss)(i % NCA_LOSS_COUNT);
            pass.iteration = (uint32_t)i;
            /* Not finite, dense, empty and sparse in turn, so that leftovers would show. */
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

/* ---- Forward only ---- */

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
    /* Sample 1 starts anew with other values; then it too becomes what it was. */
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
        cmocka_unit_test(threads_and_kernel_sets_do_not_change_a_bit),
        cmocka_unit_test(more_threads_than_work_do_not_change_a_bit),
        cmocka_unit_test(memory_limits_do_not_change_a_bit),
        cmocka_unit_test(hidden_layers_that_are_kept_do_not_change_a_bit),
        cmocka_unit_test(a_memory_limit_below_the_least_is_refused),
        cmocka_unit_test(running_takes_no_memory_for_gradients),
        cmocka_unit_test(the_batch_around_a_sample_does_not_change_its_bits),
        cmocka_unit_test(a_batch_remembers_nothing_of_earlier_passes),
        cmocka_unit_test(no_steps_leave_the_states_and_give_the_gradient_of_the_loss),
        cmocka_unit_test(outputs_that_are_not_wanted_may_be_absent),
        cmocka_unit_test(running_gives_the_oracles_bits_however_the_steps_are_split),
        cmocka_unit_test(a_later_first_step_draws_its_own_fire_masks),
        cmocka_unit_test(setting_one_sample_leaves_the_others),
        cmocka_unit_test(a_batch_says_what_it_runs_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
