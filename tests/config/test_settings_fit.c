/* Checks across settings, settings that follow others, and the objects that settings describe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/usual_settings.h"
#include "nca/nca.h"
#include "says.h"

static void assert_check_fails(const nca_settings *settings, const char *message)
{
    nca_error error = {0};
    assert_int_equal(nca_settings_check(settings, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, message);
}

static void settings_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    nca_settings s = distill();
    s.pool_size = 4;
    assert_check_fails(&s, "pool_size:*batch_size*8*4*pool_size*batch_size*");
    s.experiment = NCA_EXPERIMENT_GROWING; /* has no pool */
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    s = distill();
    s.damage = 9;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK); /* persistent does not damage */
    s.experiment = NCA_EXPERIMENT_REGENERATING;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK); /* all but the seed are damaged */
    s = distill();
    s.steps_min = 96;
    assert_check_fails(&s, "steps_min:*steps_max*95*96*steps_min*steps_max*");
    s = defaults();
    s.alive_threshold = 0.5f;
    assert_check_fails(&s, "seed_survival:*alive_threshold*0.5*0*0.5*0*alive_threshold*");
    s.alive_channel = -1;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    s = distill();
    s.alive_channel = 16;
    assert_check_fails(&s, "alive_channel:*-1*n_channels*1*15*16*3*");
    s = distill();
    s.img_size = 16384;
    assert_check_fails(&s, "padding:*img_size*2*16384*16416*img_size*");
    s = distill();
    s.schedule = NCA_SCHEDULE_COSINE;
    s.warmup = 2000;
    assert_check_fails(&s, "warmup:*less*iterations*2000*schedule*2000*");
    s.warmup = 1999;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    s.schedule = NCA_SCHEDULE_PLATEAU; /* its decay need not end with the training */
    s.decay_at = 30;
    s.warmup = 30;
    assert_check_fails(&s, "warmup:*decay_at*30*30*decay_at*");
    s.warmup = 29;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    s.decay_at = 3000;
    s.warmup = 2500;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
}

/* What the program does with settings that the user has not chosen. */
static void fit(nca_settings *s, uint64_t iterations)
{
    s->iterations = iterations;
    nca_settings_fit_decay(s);
    nca_settings_fit_warmup(s);
}

static void the_decay_of_a_plateau_ends_with_the_training(void **state)
{
    (void)state;
    const nca_settings usual = defaults();
    nca_settings s = usual;
    assert_int_equal(usual.schedule, NCA_SCHEDULE_PLATEAU);
    assert_int_equal(usual.decay_at, usual.iterations);
    nca_settings_fit_decay(&s);
    assert_memory_equal(&s, &usual, sizeof s);
    s.iterations = usual.iterations + 5000;
    nca_settings_fit_decay(&s);
    assert_int_equal(s.decay_at, usual.iterations + 5000);
    assert_int_equal(s.warmup, usual.warmup);
    /* Even for the shortest training the settings fit together. */
    for (uint64_t iterations = 1; iterations <= usual.warmup + 1; iterations++) {
        s = usual;
        fit(&s, iterations);
        assert_int_equal(s.decay_at, iterations);
        assert_int_equal(s.warmup, iterations <= usual.warmup ? iterations / 2 : usual.warmup);
        assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    }
    /* A chosen decay limits the warm-up, however long the training is. */
    s = usual;
    s.decay_at = 40;
    assert_true(nca_settings_fit_warmup(&s));
    assert_int_equal(s.warmup, 20);
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    s = usual;
    s.iterations = 40;
    assert_false(nca_settings_fit_warmup(&s));
    for (unsigned schedule = 0; schedule < NCA_SCHEDULE_COUNT; schedule++) {
        s = distill();
        s.schedule = (nca_schedule_kind)schedule;
        s.iterations = 50;
        nca_settings_fit_decay(&s);
        assert_int_equal(s.decay_at, schedule == NCA_SCHEDULE_PLATEAU ? 50 : 2000);
    }
}

static void an_extension_is_at_most_half_of_the_training(void **state)
{
    (void)state;
    static const struct {
        uint64_t iterations, extension;
    } cases[] = {{1, 0},      {599, 0},     {600, 300},   {1000, 300},
                 {1200, 600}, {3599, 1500}, {4000, 1800}, {100000, 1800}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_settings s = defaults();
        s.iterations = cases[i].iterations;
        nca_settings_fit_extension(&s);
        assert_int_equal(s.extension, cases[i].extension);
    }
    nca_settings s = distill();
    nca_settings_fit_extension(&s);
    assert_int_equal(s.extension, 0);
}

static void fields_that_a_program_filled_wrongly_are_refused(void **state)
{
    (void)state;
    nca_settings s = defaults();
    s.n_channels = 3;
    assert_check_fails(&s, "n_channels:*integer*4*1024*3*");
    s = defaults();
    s.fire_rate = 0;
    assert_check_fails(&s, "fire_rate:*1e-06*1*0*");
    s = defaults();
    const uint32_t nan_bits = 0x7FC00000u;
    memcpy(&s.learning_rate, &nan_bits, sizeof nan_bits);
    assert_check_fails(&s, "learning_rate:*1e-09*10*");
    s = defaults();
    s.filter = NCA_FILTER_COUNT;
    assert_check_fails(&s, "filter:*sobel*scharr*gaussian*laplacian*");
    s = defaults();
    s.filter_count = 3;
    assert_check_fails(&s, "filter_count:*2*3*filter_count*");
    s.filter = NCA_FILTER_LEARNED;
    assert_int_equal(nca_settings_check(&s, NULL), NCA_OK);
    assert_int_equal(nca_settings_automaton(&s).filter_count, 3);
    s.angle = 10;
    assert_check_fails(&s, "angle*0*learned*filters*direction*");
    s = defaults();
    memset(s.output, 'a', sizeof s.output);
    assert_check_fails(&s, "output:*text*4095*bytes*");
    s = defaults();
    memcpy(s.kernels, "fast", 5);
    assert_check_fails(&s, "kernels:*avx2*avx512*\"fast\"*");
}

static void settings_describe_the_automaton_and_the_optimiser(void **state)
{
    (void)state;
    nca_settings s = distill();
    nca_automaton automaton = nca_settings_automaton(&s), expected;
    nca_automaton_default(&expected);
    assert_int_equal(automaton.channels, expected.channels);
    assert_int_equal(automaton.hidden, expected.hidden);
    assert_true(automaton.fire_rate == expected.fire_rate);
    assert_true(automaton.alive_threshold == expected.alive_threshold);
    assert_int_equal(automaton.alive_channel, expected.alive_channel);
    assert_int_equal(automaton.output_bias, expected.output_bias);
    s.angle = 180;
    assert_true(nca_settings_automaton(&s).angle_radians == 3.14159274f);
    assert_true(nca_settings_adam(&s).epsilon == 1e-7f);
    nca_schedule schedule = nca_settings_schedule(&s);
    assert_true(nca_schedule_rate(&schedule, 0) == 2e-3f);
    assert_int_equal(schedule.decay_at, 2000);
    assert_int_equal(schedule.iterations, 2000);
}

static void settings_follow_an_automaton_where_nothing_is_given(void **state)
{
    (void)state;
    static const char *const angles[] = {"0", "30", "-45", "12.3", "180", "-360", "33.3333321"};
    nca_settings s = distill(), from = distill();
    from.n_channels = 20;
    from.hidden = 17;
    from.filter = NCA_FILTER_SCHARR;
    from.boundary = NCA_BOUNDARY_REFLECT;
    from.fire_rate = 0.75f;
    from.step_size = 0.5f;
    from.alive_channel = -1;
    from.alive_threshold = 0.2f;
    from.output_bias = false;
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
        assert_int_equal(nca_settings_set(&from, "angle", angles[i], NULL), NCA_OK);
        const nca_automaton automaton = nca_settings_automaton(&from);
        nca_settings_follow_automaton(&s, &automaton, NULL);
        const nca_automaton again = nca_settings_automaton(&s);
        assert_memory_equal(&again.angle_radians, &automaton.angle_radians, sizeof(float));
        assert_true(s.angle == from.angle);
    }
    assert_memory_equal(&s, &from, sizeof s);
    from.filter = NCA_FILTER_LEARNED;
    from.filter_count = 5;
    from.angle = 0;
    const nca_automaton learned = nca_settings_automaton(&from);
    nca_settings_follow_automaton(&s, &learned, NULL);
    assert_memory_equal(&s, &from, sizeof s);
}

static void what_is_given_is_not_taken_from_the_automaton(void **state)
{
    (void)state;
    nca_settings s = distill();
    nca_automaton automaton = nca_settings_automaton(&s);
    automaton.hidden = 17;
    automaton.fire_rate = 0.75f;
    bool given[NCA_MAX_SETTINGS] = {false};
    for (size_t i = 0; i < nca_setting_count(); i++) {
        given[i] = nca_setting_at(i) == nca_setting_named("hidden");
    }
    nca_settings_follow_automaton(&s, &automaton, given);
    assert_int_equal(s.hidden, 128);
    assert_true(s.fire_rate == 0.75f);
}

static void a_digest_has_16_digits(void **state)
{
    (void)state;
    static const struct {
        const char *digest;
        nca_status status;
    } cases[] = {{"", NCA_OK},
                 {"0123456789abcdef", NCA_OK},
                 {"0123456789abcde", NCA_INVALID_ARGUMENT},
                 {"0123456789ABCDEF", NCA_INVALID_ARGUMENT},
                 {"xyz", NCA_INVALID_ARGUMENT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_settings s = defaults();
        assert_int_equal(nca_settings_set(&s, "init_digest", cases[i].digest, NULL), NCA_OK);
        assert_int_equal(nca_settings_check(&s, NULL), cases[i].status);
    }
}

static void samples_can_be_damaged_where_a_rollout_continues(void **state)
{
    (void)state;
    nca_settings s = defaults();
    s.experiment = NCA_EXPERIMENT_REGENERATING;
    assert_true(nca_settings_can_damage(&s));
    s.experiment = NCA_EXPERIMENT_PERSISTENT;
    assert_false(nca_settings_can_damage(&s));
    s.task = NCA_TASK_CLASSIFY;
    s.experiment = NCA_EXPERIMENT_REGENERATING;
    s.carry = 0.0f;
    assert_false(nca_settings_can_damage(&s));
    s.carry = 0.5f;
    assert_true(nca_settings_can_damage(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_that_do_not_fit_together_are_refused),
        cmocka_unit_test(the_decay_of_a_plateau_ends_with_the_training),
        cmocka_unit_test(an_extension_is_at_most_half_of_the_training),
        cmocka_unit_test(fields_that_a_program_filled_wrongly_are_refused),
        cmocka_unit_test(settings_describe_the_automaton_and_the_optimiser),
        cmocka_unit_test(settings_follow_an_automaton_where_nothing_is_given),
        cmocka_unit_test(what_is_given_is_not_taken_from_the_automaton),
        cmocka_unit_test(a_digest_has_16_digits),
        cmocka_unit_test(samples_can_be_damaged_where_a_rollout_continues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
