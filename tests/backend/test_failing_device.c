/* A device that fails in the n-th pass: every function that runs a batch reports it, and no
 * result is partly written. The backends are those of parts_backend.h, which write NaN when they
 * fail. */
#include "train/session_fixture.h"

#include "backend/device_choice.h"
#include "backend/parts_backend.h"
#include "base/temporary_folder.h"
#include "measure/filling_model.h"
#include "nca/changes.h"
#include "nca/evaluate.h"
#include "nca/growth.h"
#include "nca/rollout.h"
#include "nca/run.h"

enum {
    SIDE = 12,
    STATE = SIDE * SIDE * 4
};

static void register_failing(const nca__backend *backend, int fails_at)
{
    backend_use(NCA_DEVICE_CUDA, backend, fails_at);
}

static void unregister(void)
{
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
}

static void assert_lost(nca_status status)
{
    assert_int_equal(status, NCA_DEVICE_LOST);
    assert_int_equal(failure.status, NCA_DEVICE_LOST);
    assert_non_null(strstr(failure.message, "the device was lost"));
    failure = (nca_error){0};
}

/* ---- Sessions --------------------------------------------------------------------------------*/

/* A training fails in iteration `at`. The session is then as after `at` - 1 iterations. Its
 * checkpoint, when resumed, and the session itself, when continued, give the same bits as a
 * training that did not fail. */
static void assert_fails_whole(const nca__backend *backend, nca_settings settings, uint64_t at,
                               const test_folder *folder)
{
    nca_session *before = small_session(&settings), *whole = small_session(&settings);
    run_session(before, at - 1);
    run_session(whole, settings.iterations);

    settings.device = NCA_DEVICE_CUDA;
    register_failing(backend, (int)at);
    nca_session *session = small_session(&settings);
    unregister();
    run_session(session, at - 1);
    nca_iteration report = {.iteration = 12345}, untouched = report;
    assert_lost(nca_session_step(session, &report, &failure));
    assert_memory_equal(&report, &untouched, sizeof report);
    assert_sessions_equal(session, before);
    assert_true(session->model->automaton.fire_rate == before->model->automaton.fire_rate);

    nca_settings changed = *nca_session_settings(session);
    changed.device = NCA_DEVICE_CPU;
    nca_session *resumed = NULL;
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_ok(nca_session_resume(&resumed, folder->file, &changed, &failure));
    run_session(resumed, settings.iterations);
    assert_sessions_equal(resumed, whole);
    run_session(session, settings.iterations); /* the device works again */
    assert_sessions_equal(session, whole);
    assert_int_equal(calls.trained, settings.iterations + 1);

    nca_session_destroy(session);
    assert_int_equal(calls.destroyed, calls.created);
    nca_session_destroy(resumed);
    nca_session_destroy(before);
    nca_session_destroy(whole);
}

static void a_training_reports_a_failed_pass_and_is_as_it_was_before(void **state)
{
    static const uint64_t at[] = {1, 2, 7, 20};
    static const nca__backend *const backends[] = {&backend_counting, &backend_dividing};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
            const nca_experiment experiment = (nca_experiment)(((int)i + recipe) % 3);
            const nca_settings settings = small_settings((nca_recipe)recipe, experiment);
            assert_fails_whole(backends[i % 2], settings, at[i], *state);
        }
    }
}

static void a_fire_rate_that_is_due_changes_with_the_iteration_that_succeeds(void **state)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    assert_ok(nca_settings_change(&settings, 7, "fire_rate", "0.75", &failure));
    assert_fails_whole(&backend_counting, settings, 7, *state);
    assert_fails_whole(&backend_counting, settings, 8, *state);
}

static void the_error_may_be_left_out(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.device = NCA_DEVICE_CUDA;
    register_failing(&backend_dividing, 1);
    nca_session *session = small_session(&settings);
    unregister();
    assert_int_equal(nca_session_run(session, NULL, NULL, NULL), NCA_DEVICE_LOST);
    assert_int_equal(nca_session_iteration(session), 0);
    nca_session_destroy(session);
}

static void a_stability_test_reports_a_failed_pass_and_adds_no_iterations(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.extension = 300;
    settings.device = NCA_DEVICE_CUDA;
    register_failing(&backend_dividing, 0);
    nca_session *session = small_session(&settings);
    run_session(session, settings.iterations);
    static const int passes[] = {1, 20}; /* before the first measurement and after it */
    for (size_t i = 0; i < 2; i++) {
        calls.fails_at = calls.run + calls.trained + passes[i];
        nca_stability result = {.rollouts = 77};
        assert_lost(nca_session_extend(&result, session, NULL, NULL, &failure));
        assert_int_equal(result.rollouts, 77);
        assert_int_equal(nca_session_total(session), settings.iterations);
    }
    calls.fails_at = calls.run + calls.trained + 1;
    assert_lost(nca_session_run(session, NULL, NULL, &failure));
    nca_stability result;
    assert_ok(nca_session_extend(&result, session, NULL, NULL, &failure));
    assert_int_equal(result.rollouts, 8);
    unregister();
    nca_session_destroy(session);
    assert_int_equal(calls.destroyed, calls.created);
}

/* ---- Models ----------------------------------------------------------------------------------*/

static void a_rollout_reports_a_failed_pass_and_can_be_reset(void **state)
{
    (void)state;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = 2;
    options.device = NCA_DEVICE_CUDA;
    nca_rollout *rollout = NULL;
    register_failing(&backend_dividing, 2);
    assert_ok(nca_rollout_create(&rollout, model, &options, &failure));
    unregister();
    float expected[2][STATE], found[STATE];
    assert_ok(nca_rollout_run(rollout, 9, &failure));
    nca_rollout_get(expected[0], rollout, 0);
    nca_rollout_get(expected[1], rollout, 1);
    assert_lost(nca_rollout_run(rollout, 4, &failure));
    assert_int_equal(nca_rollout_steps(rollout), 9);
    nca_rollout_reset(rollout);
    assert_ok(nca_rollout_run(rollout, 9, &failure));
    for (size_t sample = 0; sample < 2; sample++) {
        nca_rollout_get(found, rollout, sample);
        assert_memory_equal(found, expected[sample], sizeof found);
    }
    nca_rollout_destroy(rollout);
    assert_int_equal(calls.destroyed, calls.created);
    nca_model_destroy(model);
}

static void an_evaluation_reports_a_failed_pass_wherever_it_is(void **state)
{
    (void)state;
    static const size_t steps[] = {5, 12};
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    options.rollouts = 2;
    options.steps = steps;
    options.step_count = 2;
    options.damage_at = 8;
    options.threads = 1;
    options.device = NCA_DEVICE_CUDA;
    nca_evaluation *evaluation = NULL;
    register_failing(&backend_counting, 0);
    assert_ok(nca_evaluate(&evaluation, model, &options, &failure));
    const int passes = calls.run;
    nca_evaluation_destroy(evaluation);
    evaluation = NULL;
    assert_true(passes > 3 * NCA_HEALING_STEPS);
    /* Growth, the steps up to the cut, the undamaged twins, the damaged rollouts. */
    const int fails_at[] = {1, 2, 3, 4, NCA_HEALING_STEPS / 2, passes / 2, passes};
    for (size_t i = 0; i < sizeof fails_at / sizeof *fails_at; i++) {
        register_failing(&backend_counting, fails_at[i]);
        assert_lost(nca_evaluate(&evaluation, model, &options, &failure));
        assert_null(evaluation);
        assert_int_equal(calls.run, fails_at[i]);
        assert_int_equal(calls.destroyed, calls.created);
    }
    unregister();
    nca_model_destroy(model);
}

static void pictures_of_growth_report_a_failed_pass_and_write_nothing(void **state)
{
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    char files[3][1024];
    static const char *const names[] = {"growth.gif", "strip.png", "compare.png"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(files[i], sizeof files[i], "%s", path_in(*state, names[i]));
    }
    nca_growth growth;
    nca_growth_default(&growth, model);
    growth.steps = 6;
    growth.options.device = NCA_DEVICE_CUDA;
    growth.animation = files[0];
    growth.filmstrip = files[1];
    nca_growth_choose_strip_steps(&growth);
    nca_growth_subject subjects[] = {{.model = model, .name = "a"}, {.model = model, .name = "b"}};
    for (int fails_at = 1; fails_at <= 12; fails_at += 5) {
        register_failing(&backend_counting, fails_at);
        assert_lost(nca_growth_run(&growth, subjects, 2, NULL, &failure));
        assert_false(subjects[0].has_loss);
        assert_int_equal(calls.destroyed, calls.created);
    }
    register_failing(&backend_counting, 1);
    assert_lost(
        nca_growth_compare(model, &growth.options, 4, growth.background, files[2], &failure));
    unregister();
    for (size_t i = 0; i < 3; i++) {
        assert_int_not_equal(access(files[i], F_OK), 0);
    }
    nca_model_destroy(model);
}

/* ---- Runs ------------------------------------------------------------------------------------*/

static nca_settings run_settings(void **state, const char *name)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    snprintf(settings.target_path, sizeof settings.target_path, "phantom");
    snprintf(settings.output, sizeof settings.output, "%s", path_in(*state, name));
    settings.iterations = 8;
    return settings;
}

/* Trains and returns the status. */
static nca_status train(const nca_settings *settings, nca_run_start start)
{
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = start;
    nca_run *run = NULL;
    assert_ok(nca_run_open(&run, settings, &options, &failure));
    const nca_status status = nca_run_train(run, &failure);
    nca_run_close(run);
    return status;
}

/* Training on a device that fails in pass `fails_at`. */
static void assert_training_lost(nca_settings settings, nca_run_start start,
                                 const nca__backend *backend, int fails_at)
{
    settings.device = NCA_DEVICE_CUDA;
    register_failing(backend, fails_at);
    assert_lost(train(&settings, start));
    unregister();
}

static void assert_same_models(const nca_settings *a, const nca_settings *b)
{
    const nca_settings *const both[] = {a, b};
    nca_model *models[2];
    for (size_t i = 0; i < 2; i++) {
        const char *path = nca_run_file(&(nca_run_path){0}, both[i]->output, NCA_RUN_MODEL);
        assert_ok(nca_model_load(&models[i], path, &failure));
    }
    assert_int_equal(models[0]->info.iterations, models[1]->info.iterations);
    assert_memory_equal(models[0]->parameters, models[1]->parameters,
                        nca_parameter_count(&models[0]->automaton) * sizeof(float));
    nca_model_destroy(models[0]);
    nca_model_destroy(models[1]);
}

/* The run has `iterations` iterations; returns the settings with which it is resumed. */
static nca_settings assert_keeps(const nca_settings *settings, uint64_t iterations)
{
    nca_settings resumed;
    uint64_t done = 0;
    nca_error notice;
    assert_ok(nca_run_resume_settings(&resumed, &done, &notice, settings->output, &failure));
    assert_int_equal(done, iterations);
    return resumed;
}

static void a_run_keeps_the_iterations_before_a_failed_pass(void **state)
{
    const nca_settings whole = run_settings(state, "whole");
    assert_ok(train(&whole, NCA_RUN_NEW));
    nca_settings settings = run_settings(state, "failed");
    settings.checkpoint_every = 0;
    assert_training_lost(settings, NCA_RUN_NEW, &backend_dividing, 6);
    nca_settings resumed = assert_keeps(&settings, 5);
    resumed.device = NCA_DEVICE_CPU;
    assert_ok(train(&resumed, NCA_RUN_RESUME));
    assert_same_models(&settings, &whole);
}

static void a_run_whose_stability_test_fails_keeps_its_training(void **state)
{
    nca_settings settings = run_settings(state, "untested");
    settings.extension = 300;
    settings.checkpoint_every = 0;
    assert_training_lost(settings, NCA_RUN_NEW, &backend_dividing, (int)settings.iterations + 1);
    assert_keeps(&settings, settings.iterations);
}

static void a_run_that_fails_at_once_leaves_the_one_that_it_replaces(void **state)
{
    nca_settings settings = run_settings(state, "old");
    assert_ok(train(&settings, NCA_RUN_NEW));
    assert_training_lost(settings, NCA_RUN_REPLACE, &backend_counting, 1);
    assert_keeps(&settings, settings.iterations);
}

#define IN_A_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_training_reports_a_failed_pass_and_is_as_it_was_before,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_fire_rate_that_is_due_changes_with_the_iteration_that_succeeds, make_folder,
            remove_folder),
        cmocka_unit_test(the_error_may_be_left_out),
        cmocka_unit_test(a_stability_test_reports_a_failed_pass_and_adds_no_iterations),
        cmocka_unit_test(a_rollout_reports_a_failed_pass_and_can_be_reset),
        cmocka_unit_test(an_evaluation_reports_a_failed_pass_wherever_it_is),
        IN_A_FOLDER(pictures_of_growth_report_a_failed_pass_and_write_nothing),
        IN_A_FOLDER(a_run_keeps_the_iterations_before_a_failed_pass),
        IN_A_FOLDER(a_run_whose_stability_test_fails_keeps_its_training),
        IN_A_FOLDER(a_run_that_fails_at_once_leaves_the_one_that_it_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
