/* Checkpoints: a resumed session is bit-identical to an uninterrupted one, and a failed save
 * leaves the old file unchanged. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "train/session_fixture.h"

static void a_saved_session_comes_back_whole(void **state)
{
    const test_folder *folder = *state;
    static const uint64_t moments[] = {0, 1, 5, 60};
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        nca_settings settings = small_settings(NCA_RECIPE_DISTILL, (nca_experiment)experiment);
        snprintf(settings.output, sizeof settings.output, "runs/with \"quotes\" and: colons # ü");
        settings.learning_rate = 0x1.2345p-9f;
        nca_session *session = small_session(&settings);
        for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
            run_session(session, moments[i]);
            assert_ok(nca_session_save(session, folder->file, &failure));
            nca_session *back = resumed_session(folder->file, NULL);
            assert_sessions_equal(session, back);
            assert_memory_equal(nca_session_target(session)->rgba, nca_session_target(back)->rgba,
                                SMALL_CELLS * 4 * sizeof(float));
            assert_string_equal(nca_session_target(session)->source,
                                nca_session_target(back)->source);
            assert_int_equal(nca_session_target(session)->padding,
                             nca_session_target(back)->padding);
            for (size_t k = 0; k < nca_setting_count(); k++) {
                char a[NCA_SETTING_SIZE], b[NCA_SETTING_SIZE];
                nca_settings_get(a, sizeof a, &session->settings, nca_setting_at(k));
                nca_settings_get(b, sizeof b, &back->settings, nca_setting_at(k));
                assert_string_equal(a, b);
            }
            nca_session_destroy(back);
        }
        nca_session_destroy(session);
    }
    assert_int_equal(count_files(folder->path), 1);
}

static void stop_and_resume_give_the_bits_of_a_run_never_stopped(void **state)
{
    const test_folder *folder = *state;
    static const uint32_t threads[] = {2, 1, 3, 7};
    /* Each recipe with sobel and learned filters. */
    for (int i = 0; i < 2 * GROWTH_RECIPES; i++) {
        const nca_recipe recipe = (nca_recipe)(i / 2);
        nca_settings settings = small_settings(recipe, NCA_EXPERIMENT_REGENERATING);
        settings.filter = i % 2 == 0 ? settings.filter : NCA_FILTER_LEARNED;
        settings.filter_count = i % 2 == 0 ? settings.filter_count : 1 + (uint32_t)recipe;
        nca_session *straight = small_session(&settings);
        run_session(straight, settings.iterations);
        nca_session *stopped = small_session(&settings);
        /* Stopped repeatedly, each time with another number of threads. */
        for (uint64_t at = 0; at < settings.iterations; at += 3) {
            run_session(stopped, at);
            assert_ok(nca_session_save(stopped, folder->file, &failure));
            nca_session_destroy(stopped);
            settings.threads = threads[at / 3 % 4];
            stopped = resumed_session(folder->file, &settings);
            assert_int_equal(nca_session_threads(stopped), settings.threads);
        }
        run_session(stopped, settings.iterations);
        assert_sessions_equal(straight, stopped);
        nca_session_destroy(stopped);
        nca_session_destroy(straight);
    }
}

static void dropped_iterations_survive_a_stop(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 10.0f;
    settings.step_size = 1000.0f;
    settings.steps_min = settings.steps_max = 40;
    nca_session *straight = small_session(&settings);
    nca_session *stopped = small_session(&settings);
    nca_status status = NCA_OK;
    while (status == NCA_OK) {
        nca_iteration a, b;
        nca_error error;
        status = nca_session_step(straight, &a, &error);
        assert_int_equal(nca_session_step(stopped, &b, &error), status);
        assert_sessions_equal(straight, stopped);
        assert_ok(nca_session_save(stopped, folder->file, &failure));
        nca_session_destroy(stopped);
        stopped = resumed_session(folder->file, NULL);
        assert_true(straight->counters.iteration < 1000);
    }
    assert_int_equal(status, NCA_DIVERGED);
    assert_int_equal(stopped->counters.dropped_in_a_row, 10);
    nca_session_destroy(straight);
    nca_session_destroy(stopped);
}

/* A training that cannot succeed ends at the same iteration wherever it was stopped. */
static void dead_iterations_are_counted_across_a_resume(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 1e-9f;
    settings.fire_rate = 1.0f;
    settings.iterations = 1000;
    nca_session *session = small_session(&settings);
    session->model
        ->parameters[nca_tensor_named(&session->model->automaton, "update.b2").offset + 3] = -10.0f;
    nca__session_refresh(session);
    run_session(session, 30);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    session = resumed_session(folder->file, NULL);
    assert_int_equal(session->counters.dead_in_a_row, 30);
    nca_error error;
    assert_int_equal(nca_session_run(session, NULL, NULL, &error), NCA_DIVERGED);
    assert_int_equal(nca_session_iteration(session), 50);
    nca_session_destroy(session);
}

/* A path may contain any bytes; JSON, and therefore checkpoints and models, contain only UTF-8. */
static void a_source_that_is_not_text_can_be_saved_and_resumed(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    float rgba[SMALL_CELLS * 4];
    nca_target target = small_target(rgba);
    target.source = (char *)(uintptr_t) "caf\xe9/\xc3\xa9\n.png";
    nca_session *session = NULL, *resumed = NULL;
    assert_ok(nca_session_create(&session, &settings, &target, &failure));
    assert_string_equal(nca_session_target(session)->source, "caf?/\xc3\xa9?.png");
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_ok(nca_session_resume(&resumed, folder->file, NULL, &failure));
    assert_string_equal(nca_session_target(resumed)->source, nca_session_target(session)->source);
    assert_sessions_equal(session, resumed);
    assert_ok(nca_model_save(nca_session_model(resumed), folder->file, &failure));
    nca_session_destroy(resumed);
    nca_session_destroy(session);
}

static void a_full_disk_leaves_the_old_checkpoint(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    run_session(session, 4);
    /* A limit on the size of files is used instead of a full disk: writes fail in the same way. */
    struct rlimit kept, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    static const rlim_t limits[] = {0, 100, 5000, 9000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        tight = kept;
        tight.rlim_cur = limits[i];
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        nca_error error = {.message = ""};
        const nca_status status = nca_session_save(session, folder->file, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
        assert_int_equal(status, NCA_IO);
        assert_non_null(strstr(error.message, "checkpoint.safetensors"));
        assert_int_equal(count_files(folder->path), 1);
        nca_session *old = resumed_session(folder->file, NULL);
        assert_int_equal(nca_session_iteration(old), 2);
        nca_session_destroy(old);
    }
    signal(SIGXFSZ, handler);
    nca_error error;
    char missing[400];
    snprintf(missing, sizeof missing, "%s/none/checkpoint.safetensors", folder->path);
    assert_int_equal(nca_session_save(session, missing, &error), NCA_NOT_FOUND);
    nca_session_destroy(session);
}

int main(void)
{
#define with_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        with_folder(a_saved_session_comes_back_whole),
        with_folder(stop_and_resume_give_the_bits_of_a_run_never_stopped),
        with_folder(dropped_iterations_survive_a_stop),
        with_folder(dead_iterations_are_counted_across_a_resume),
        with_folder(a_source_that_is_not_text_can_be_saved_and_resumed),
        with_folder(a_full_disk_leaves_the_old_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
