/* Learning-rate schedules at their boundaries. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nca/adam.h"

static void names_are_those_of_the_settings(void **state)
{
    (void)state;
    assert_string_equal(nca_schedule_name(NCA_SCHEDULE_CONSTANT), "constant");
    assert_string_equal(nca_schedule_name(NCA_SCHEDULE_STEP), "step");
    assert_string_equal(nca_schedule_name(NCA_SCHEDULE_COSINE), "cosine");
    assert_string_equal(nca_schedule_name(NCA_SCHEDULE_PLATEAU), "plateau");
    assert_null(nca_schedule_name(NCA_SCHEDULE_COUNT));
}

static void constant_stays(void **state)
{
    (void)state;
    const nca_schedule schedule = {.kind = NCA_SCHEDULE_CONSTANT, .rate = 0.003f};
    assert_true(nca_schedule_rate(&schedule, 0) == 0.003f);
    assert_true(nca_schedule_rate(&schedule, UINT64_MAX) == 0.003f);
}

static void step_falls_at_its_iteration(void **state)
{
    (void)state;
    const nca_schedule schedule = {
        .kind = NCA_SCHEDULE_STEP, .rate = 2e-3f, .decay_at = 2000, .decay_factor = 0.1f};
    assert_true(nca_schedule_rate(&schedule, 0) == 2e-3f);
    assert_true(nca_schedule_rate(&schedule, 1999) == 2e-3f);
    assert_float_equal(nca_schedule_rate(&schedule, 2000), 2e-4f, 1e-10f);
    assert_float_equal(nca_schedule_rate(&schedule, 100000), 2e-4f, 1e-10f);
}

static void cosine_goes_from_the_peak_to_the_factor(void **state)
{
    (void)state;
    nca_schedule schedule = {
        .kind = NCA_SCHEDULE_COSINE, .rate = 1.0f, .decay_factor = 0.2f, .iterations = 101};
    assert_true(nca_schedule_rate(&schedule, 0) == 1.0f);
    assert_float_equal(nca_schedule_rate(&schedule, 50), 0.6f, 1e-6f);
    assert_float_equal(nca_schedule_rate(&schedule, 25), 0.2f + 0.4f * (1.0f + sqrtf(0.5f)), 1e-6f);
    assert_true(nca_schedule_rate(&schedule, 100) == 0.2f);
    assert_true(nca_schedule_rate(&schedule, 5000) == 0.2f);
    float before = 2.0f;
    for (uint64_t i = 0; i <= 101; i++) {
        assert_true(nca_schedule_rate(&schedule, i) <= before);
        before = nca_schedule_rate(&schedule, i);
    }
    schedule.iterations = 1;
    assert_true(nca_schedule_rate(&schedule, 0) == 0.2f);
}

static void a_plateau_is_a_cosine_that_ends_early(void **state)
{
    (void)state;
    const nca_schedule cosine = {.kind = NCA_SCHEDULE_COSINE,
                                 .rate = 1e-3f,
                                 .decay_factor = 0.05f,
                                 .warmup = 60,
                                 .decay_at = 7,
                                 .iterations = 1000};
    nca_schedule plateau = cosine;
    plateau.kind = NCA_SCHEDULE_PLATEAU;
    plateau.decay_at = 1000;
    plateau.iterations = 3; /* has no effect: a training can be resumed for longer */
    for (uint64_t i = 0; i < 1000; i++) {
        assert_true(nca_schedule_rate(&plateau, i) == nca_schedule_rate(&cosine, i));
    }
    assert_true(nca_schedule_rate(&plateau, 1000) == nca_schedule_rate(&cosine, 999));
    assert_true(nca_schedule_rate(&plateau, UINT64_MAX) == nca_schedule_rate(&cosine, 999));
}

static void warmup_rises_in_a_line_before_everything_else(void **state)
{
    (void)state;
    for (int kind = 0; kind < NCA_SCHEDULE_COUNT; kind++) {
        const nca_schedule schedule = {.kind = (nca_schedule_kind)kind,
                                       .rate = 1.0f,
                                       .warmup = 8,
                                       .decay_at = kind == NCA_SCHEDULE_PLATEAU ? 100 : 4,
                                       .decay_factor = 0.5f,
                                       .iterations = 100};
        for (uint64_t i = 0; i < 8; i++) {
            assert_true(nca_schedule_rate(&schedule, i) == (float)(i + 1) / 8.0f);
        }
        assert_true(nca_schedule_rate(&schedule, 8) == (kind == NCA_SCHEDULE_STEP ? 0.5f : 1.0f));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_settings),
        cmocka_unit_test(constant_stays),
        cmocka_unit_test(step_falls_at_its_iteration),
        cmocka_unit_test(cosine_goes_from_the_peak_to_the_factor),
        cmocka_unit_test(a_plateau_is_a_cosine_that_ends_early),
        cmocka_unit_test(warmup_rises_in_a_line_before_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
