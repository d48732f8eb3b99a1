/* The settings of a checkpoint: which of them may change in a resumed training. */
#include "train/session_fixture.h"

static void settings_can_be_read_without_the_rest(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_settings back;
    uint64_t iteration = 0;
    assert_ok(nca_checkpoint_settings(&back, &iteration, folder->file, &failure));
    assert_int_equal(iteration, 3);
    assert_int_equal(back.recipe, NCA_RECIPE_MEDMNIST);
    assert_int_equal(back.n_channels, 8);
    assert_true(back.seed == settings.seed);
    nca_session_destroy(session);
}

static void a_change_that_would_break_the_bits_is_refused_by_name(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    static const char *const changes[][3] = {
        {"learning_rate", "0.125", "0.002"},
        {"seed", "5", "81985529216486895"},
        {"batch_size", "6", "5"},
        {"fire_rate", "0.75", "0.5"},
        {"hidden", "17", "16"},
        {"loss", "L1", "L2"},
        {"damage", "1", "2"},
        {"output_bias", "false", "true"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        nca_settings changed = settings;
        nca_session *none = NULL;
        nca_error error;
        assert_ok(nca_settings_set(&changed, changes[i][0], changes[i][1], &failure));
        assert_int_equal(nca_session_resume(&none, folder->file, &changed, &error), NCA_MISMATCH);
        assert_null(none);
        for (int word = 0; word < 3; word++) {
            assert_non_null(strstr(error.message, changes[i][word]));
        }
    }
    nca_session_destroy(session);
}

static void what_does_not_touch_the_bits_may_change(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 2);
    assert_ok(nca_session_save(session, folder->file, &failure));
    settings.threads = 2;
    settings.checkpoint_every = 7;
    settings.memory_limit = 100000000;
    settings.iterations = 31;
    snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    snprintf(settings.output, sizeof settings.output, "elsewhere");
    nca_session *back = resumed_session(folder->file, &settings);
    assert_sessions_equal(session, back);
    assert_int_equal(nca_session_settings(back)->iterations, 31);
    assert_string_equal(nca_session_settings(back)->output, "elsewhere");
    run_session(session, 6);
    run_session(back, 6);
    assert_sessions_equal(session, back);
    nca_session_destroy(back);
    nca_session_destroy(session);
}

static void the_length_of_a_cosine_may_not_change(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.schedule = NCA_SCHEDULE_COSINE;
    nca_session *session = small_session(&settings);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    settings.iterations++;
    nca_error error;
    assert_int_equal(nca_session_resume(&session, folder->file, &settings, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "iterations"));
}

/* The shape of the schedule plateau is determined by decay_at, so a training can be extended as
 * if it had had more iterations from the start. */
static void a_plateau_may_be_trained_for_longer(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    settings.schedule = NCA_SCHEDULE_PLATEAU;
    settings.iterations = settings.decay_at = 6;
    settings.warmup = 2;
    nca_session *session = small_session(&settings);
    run_session(session, 6);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    nca_settings longer = settings;
    longer.iterations = 11;
    nca_session *continued = resumed_session(folder->file, &longer);
    nca_session *straight = small_session(&longer);
    run_session(continued, 11);
    run_session(straight, 11);
    assert_sessions_equal(continued, straight);
    nca_session_destroy(continued);
    nca_session_destroy(straight);
    longer.decay_at = 11;
    nca_error error;
    assert_int_equal(nca_session_resume(&session, folder->file, &longer, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "decay_at"));
}

int main(void)
{
#define with_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        with_folder(settings_can_be_read_without_the_rest),
        with_folder(a_change_that_would_break_the_bits_is_refused_by_name),
        with_folder(what_does_not_touch_the_bits_may_change),
        with_folder(the_length_of_a_cosine_may_not_change),
        with_folder(a_plateau_may_be_trained_for_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
