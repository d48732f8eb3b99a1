/* Settings that change during a session, known from the start or changed later, stopped in
 * between, with other threads, kernels and precision: the bits are always the same, and
 * different from those without changes. */
#include "train/session_fixture.h"

#include "nca/changes.h"
#include "says.h"

static const char list[] = "4 learning_rate 0.001, 4 fire_rate 0.9, 8 damage 0, 11 damage 4, 11 "
                           "damage_shape square, 15 fire_rate 0.25, 15 learning_rate 0.003";

static nca_settings changing_settings(nca_recipe recipe)
{
    nca_settings settings = small_settings(recipe, NCA_EXPERIMENT_REGENERATING);
    assert_ok(nca_settings_set(&settings, "changes", list, &failure));
    return settings;
}

/* Applies the entries of the list when they are due. */
static void steer_session(nca_session *session, uint64_t until)
{
    const nca_settings planned = changing_settings(NCA_RECIPE_DISTILL);
    while (nca_session_iteration(session) < until) {
        const char *at = planned.changes;
        for (nca_change change; nca_change_next(&change, &at);) {
            if (change.iteration == nca_session_iteration(session) + 1) {
                assert_ok(nca_session_change(session, change.setting->key, change.value, &failure));
            }
        }
        run_session(session, nca_session_iteration(session) + 1);
    }
}

static void assert_same_text(const nca_session *a, const nca_session *b)
{
    char *texts[2];
    assert_ok(nca_settings_format(&texts[0], nca_session_settings(a), &failure));
    assert_ok(nca_settings_format(&texts[1], nca_session_settings(b), &failure));
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
}

static void changes_on_the_way_are_those_known_from_the_start(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
        nca_settings settings = changing_settings((nca_recipe)recipe);
        nca_session *planned = small_session(&settings);
        run_session(planned, settings.iterations);
        settings.changes[0] = 0;
        nca_session *steered = small_session(&settings);
        nca_session *plain = small_session(&settings);
        run_session(plain, settings.iterations);
        steer_session(steered, settings.iterations);
        assert_sessions_equal(planned, steered);
        assert_same_text(planned, steered);
        assert_memory_not_equal(planned->model->parameters, plain->model->parameters,
                                planned->parameter_count * sizeof(float));
        nca_session_destroy(planned);
        nca_session_destroy(steered);
        nca_session_destroy(plain);
    }
}

/* Each change has an effect, from its own iteration on. */
static void a_change_takes_effect_in_its_iteration(void **state)
{
    (void)state;
    static const char *const changes[] = {"learning_rate 0.001", "fire_rate 0.9", "damage 0",
                                          "damage_shape square"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        for (int injection = 0; injection < NCA_INJECTION_COUNT; injection++) {
            nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
            settings.injection = (nca_injection)injection;
            nca_session *plain = small_session(&settings);
            snprintf(settings.changes, sizeof settings.changes, "10 %s", changes[i]);
            nca_session *changed = small_session(&settings);
            run_session(plain, 9);
            run_session(changed, 9);
            assert_sessions_equal(plain, changed);
            run_session(plain, 12);
            run_session(changed, 12);
            assert_memory_not_equal(plain->model->parameters, changed->model->parameters,
                                    plain->parameter_count * sizeof(float));
            nca_session_destroy(plain);
            nca_session_destroy(changed);
        }
    }
}

static void stopped_and_resumed_between_changes_gives_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    static const uint32_t threads[] = {2, 1, 3, 7};
    const nca_settings planned_settings = changing_settings(NCA_RECIPE_DISTILL);
    nca_settings settings = planned_settings;
    nca_session *planned = small_session(&settings);
    run_session(planned, settings.iterations);
    nca_session *stopped = small_session(&settings);
    settings.changes[0] = 0;
    nca_session *steered = small_session(&settings);
    for (uint64_t at = 1; at < settings.iterations; at++) {
        nca_session **sessions[] = {&stopped, &steered};
        run_session(stopped, at);
        steer_session(steered, at);
        for (size_t i = 0; i < 2; i++) {
            nca_session *session = *sessions[i], *back = NULL;
            const float rate = nca_session_model(session)->automaton.fire_rate;
            const nca_settings before = *nca_session_in_effect(session);
            assert_ok(nca_session_save(session, folder->file, &failure));
            settings = *nca_session_settings(session);
            settings.threads = threads[at % 4];
            nca_session_destroy(session);
            assert_ok(nca_session_resume(&back, folder->file, at % 2 ? &settings : NULL, &failure));
            /* The saved model has the fire rate of its last iteration. */
            assert_memory_equal(&nca_session_model(back)->automaton.fire_rate, &rate, sizeof rate);
            assert_true(nca_session_in_effect(back)->learning_rate == before.learning_rate);
            assert_true(nca_session_in_effect(back)->fire_rate == before.fire_rate);
            assert_int_equal(nca_session_in_effect(back)->damage, before.damage);
            *sessions[i] = back;
        }
    }
    run_session(stopped, settings.iterations);
    steer_session(steered, settings.iterations);
    assert_sessions_equal(planned, stopped);
    assert_sessions_equal(planned, steered);
    assert_true(nca_session_model(stopped)->automaton.fire_rate == 0.25f);
    nca_session_destroy(planned);
    nca_session_destroy(stopped);
    nca_session_destroy(steered);
}

static void assert_sets_agree(nca_settings settings)
{
    snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    nca_session *scalar = small_session(&settings);
    run_session(scalar, settings.iterations);
    const nca_kernels *kernels;
    for (size_t i = 0; (kernels = nca_kernels_at(i)) != NULL; i++) {
        const char *missing = nca_kernels_missing_for(kernels, settings.precision);
        if (missing != NULL) {
            print_message("%s, %s: not compared, %s is missing\n",
                          nca_precision_name(settings.precision), nca_kernels_name(kernels),
                          missing);
            continue;
        }
        snprintf(settings.kernels, sizeof settings.kernels, "%s", nca_kernels_name(kernels));
        settings.threads = 2 + (uint32_t)i;
        settings.changes[0] = 0;
        nca_session *other = small_session(&settings);
        steer_session(other, settings.iterations);
        assert_sessions_equal(scalar, other);
        nca_session_destroy(other);
    }
    nca_session_destroy(scalar);
}

static void threads_kernel_sets_and_memory_never_change_a_bit(void **state)
{
    (void)state;
    nca_settings settings = changing_settings(NCA_RECIPE_DISTILL);
    assert_sets_agree(settings);
    settings.precision = NCA_PRECISION_BF16;
    assert_sets_agree(settings);
    /* Recomputed steps have the same fire masks. */
    settings = changing_settings(NCA_RECIPE_DISTILL);
    nca_session *whole = small_session(&settings);
    run_session(whole, settings.iterations);
    settings.memory_limit = 60000;
    nca_session *limited = small_session(&settings);
    run_session(limited, settings.iterations);
    assert_sessions_equal(whole, limited);
    nca_session_destroy(whole);
    nca_session_destroy(limited);
}

static void the_schedule_bends_with_its_peak(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_FAST, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 0.002f;
    nca_session *session = small_session(&settings);
    nca_schedule schedule = nca_settings_schedule(&settings);
    for (uint64_t i = 0; i < settings.iterations; i++) {
        nca_iteration report;
        if (i == 3 || i == 12) {
            assert_ok(nca_session_change(session, "lr", i == 3 ? "0.0005" : "0.004", &failure));
            schedule.rate = i == 3 ? 0.0005f : 0.004f;
        }
        assert_ok(nca_session_step(session, &report, &failure));
        assert_true(report.learning_rate == nca_schedule_rate(&schedule, i));
    }
    nca_session_destroy(session);
}

static void more_damage_than_the_batch_has_never_hits_the_seed(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
    nca_session *all = small_session(&settings), *most = small_session(&settings);
    run_session(all, 3);
    run_session(most, 3);
    assert_ok(nca_session_change(all, "damage", "1000", &failure));
    assert_ok(nca_session_change(most, "damage", "4", &failure));
    run_session(all, 12);
    run_session(most, 12);
    assert_sessions_equal(all, most);
    nca_session_destroy(all);
    nca_session_destroy(most);
}

static void a_change_says_what_is_wrong_and_changes_nothing(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    const nca_settings given = session->settings, effect = session->in_effect;
    nca_error error;
    assert_int_equal(nca_session_change(session, "learning_rat", "1", &error), NCA_NOT_FOUND);
    assert_says(error.message, "*\"learning_rat\"*\"learning_rate\"*");
    assert_int_equal(nca_session_change(session, "seed", "1", &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_session_change(session, "fire_rate", "1.5", &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "fire_rate:*1e-06*1*\"1.5\"*");
    assert_memory_equal(&session->settings, &given, sizeof given);
    assert_memory_equal(&session->in_effect, &effect, sizeof effect);
    /* Changed twice before the iteration: the last value is used. */
    assert_ok(nca_session_change(session, "fire_rate", "0.8", &failure));
    assert_ok(nca_session_change(session, "fire_rate", "0.7", &failure));
    assert_string_equal(nca_session_settings(session)->changes, "3 fire_rate 0.7");
    assert_true(nca_session_in_effect(session)->fire_rate == 0.7f);
    assert_true(nca_session_model(session)->automaton.fire_rate == 0.5f);
    run_session(session, 3);
    assert_true(nca_session_model(session)->automaton.fire_rate == 0.7f);
    session->counters.iteration = UINT32_MAX;
    assert_int_equal(nca_session_change(session, "damage", "1", &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "are done; start a new run"));
    nca_session_destroy(session);
}

static void only_changes_to_come_may_be_chosen_anew(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = changing_settings(NCA_RECIPE_DISTILL);
    nca_session *session = small_session(&settings), *other = NULL;
    run_session(session, 11);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    static const char *const refused[][3] = {
        {"", "\"4 learning_rate 0.001\"", "nothing"},
        {"4 lr 0.002, 4 fire_rate 0.9", "\"4 learning_rate 0.001\"", "\"4 learning_rate 0.002\""},
        {"4 lr 0.001, 4 fire_rate 0.9, 8 damage 0, 9 damage 1", "\"11 damage 4\"",
         "\"9 damage 1\""},
        {"4 lr 0.001, 4 fire_rate 0.9, 8 damage 0, 11 damage 4", "\"11 damage_shape square\"",
         "nothing"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char expected[512];
        nca_error error;
        assert_ok(nca_settings_set(&settings, "changes", refused[i][0], &failure));
        assert_int_equal(nca_session_resume(&other, folder->file, &settings, &error), NCA_MISMATCH);
        snprintf(expected, sizeof expected,
                 "%s: changes up to iteration 11, which are already done, cannot change on resume: "
                 "expected "
                 "%s, found %s; leave them as they were, or start a new run",
                 folder->file, refused[i][1], refused[i][2]);
        assert_says(error.message, expected);
        assert_null(other);
    }
    /* Later changes: the run is the same as one that had them from the start, also if they were
     * written by hand. */
    snprintf(settings.changes, sizeof settings.changes,
             "4 fire_rate 0.9,4 lr 1e-3, 8 damage 0, 11 damage_shape square, 11 damage 4, "
             "12 damage 1");
    nca_session *whole = small_session(&settings);
    assert_ok(nca_session_resume(&other, folder->file, &settings, &failure));
    run_session(whole, 20);
    run_session(other, 20);
    assert_sessions_equal(whole, other);
    assert_same_text(whole, other);
    nca_session_destroy(whole);
    nca_session_destroy(other);
}

static void a_session_takes_four_hundred_changes(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    settings.iterations = 400;
    settings.steps_min = settings.steps_max = 2;
    settings.batch_size = 1;
    nca_session *steered = small_session(&settings);
    for (unsigned i = 0; i < 400; i++) {
        char rate[32];
        snprintf(rate, sizeof rate, "%.9g", 1e-3 + 1e-6 * i / 3);
        assert_ok(nca_session_change(steered, i % 2 ? "lr" : "fire_rate", rate, &failure));
        run_session(steered, i + 1);
    }
    nca_session *planned = small_session(nca_session_settings(steered)), *back = NULL;
    run_session(planned, 399);
    assert_ok(nca_session_save(planned, folder->file, &failure));
    assert_ok(nca_session_resume(&back, folder->file, NULL, &failure));
    run_session(back, 400);
    assert_sessions_equal(steered, back);
    nca_session_destroy(steered);
    nca_session_destroy(planned);
    nca_session_destroy(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_on_the_way_are_those_known_from_the_start),
        cmocka_unit_test(a_change_takes_effect_in_its_iteration),
        cmocka_unit_test_setup_teardown(stopped_and_resumed_between_changes_gives_the_same_bits,
                                        make_folder, remove_folder),
        cmocka_unit_test(threads_kernel_sets_and_memory_never_change_a_bit),
        cmocka_unit_test(the_schedule_bends_with_its_peak),
        cmocka_unit_test(more_damage_than_the_batch_has_never_hits_the_seed),
        cmocka_unit_test(a_change_says_what_is_wrong_and_changes_nothing),
        cmocka_unit_test_setup_teardown(only_changes_to_come_may_be_chosen_anew, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_session_takes_four_hundred_changes, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
