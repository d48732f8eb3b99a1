/* The memory that a batch uses: a limit on it and stored hidden layers change no bit, a limit
 * that is too low is refused, and forward runs allocate nothing for gradients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "sanitized.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void check_limits(batch_case *c, noise *n)
{
    size_t states, other, least, full;
    nca__batch_options options = batch_options(c, (batch_how){.threads = 2});

    nca__batch_memory(&full, &other, &least, &options);
    assert_true(least <= full);
    batch_case_draw(c, n);
    batch_result first = batch_found(c, (batch_how){.threads = 2});
    for (int i = 0; i <= 16; i++) {
        char what[64];
        /* From the minimum to the full size: the first bytes above the minimum one by one, then
         * in increasing steps. */
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
        c.losses = i % 3 == 1 ? 1 : nca__most_losses(c.steps); /* in every segment */
        /* If dead cells count as alive, a recomputed state must mark them too. */
        c.automaton.alive_threshold = i % 4 == 2 ? -0.3f : 0.1f;
        c.automaton.boundary = (nca_boundary)(i / 2 % NCA_BOUNDARY_COUNT);
        check_limits(&c, &n);
    }
}

/* Ring buffers that are too small to be used, or hold a few steps, most, and all; with cells
 * that die between those that fire, and without. */
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
        c.losses = i % 2 == 0 ? 1 : 5;
        batch_case_draw(&c, &n);
        batch_result first = batch_found(&c, (batch_how){.threads = 1});
        size_t states, other, least;
        const nca__batch_options options = batch_options(&c, (batch_how){.threads = 2});
        nca__batch_memory(&states, &other, &least, &options);
        for (size_t k = 0; k < COUNT(bytes); k++) {
            char what[64];
            snprintf(what, sizeof what, "hidden layers in %zu bytes", bytes[k]);
            batch_how how = {.threads = 1 + (unsigned)k % 2, .kept_hidden = bytes[k]};
            batch_result found = batch_found(&c, how);
            batch_assert_same(&c, what, &found, &first);
            batch_result_free(&found);
            how.memory_limit = least; /* with steps that are computed twice */
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
    nca__batch_options options = batch_options(&c, (batch_how){.threads = 2});
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

/* A forward run has no gradients. The memory of the largest possible batch is computed without
 * an overflow. */
static void running_takes_no_memory_for_gradients(void **context)
{
    batch_case c = batch_case_make(3000, 1, 1, 1, 4, NCA_MAX_HIDDEN);
    nca__batch_options options = batch_options(&c, (batch_how){.threads = 2});
    size_t gradients = options.batch * nca_parameter_count(&c.automaton) * sizeof(float);
    size_t states, other, least;

    (void)context;
    options.max_steps = 0;
    options.threads = 1;
    nca__batch_memory(&states, &other, &least, &options);
    assert_true(states + other < gradients / 8);
#ifndef SANITIZED /* whose allocators need more address space than there is memory */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_limits_do_not_change_a_bit),
        cmocka_unit_test(hidden_layers_that_are_kept_do_not_change_a_bit),
        cmocka_unit_test(a_memory_limit_below_the_least_is_refused),
        cmocka_unit_test(running_takes_no_memory_for_gradients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
