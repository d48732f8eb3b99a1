/* Sessions that start from a model's parameters. */
#include "session_fixture.h"

static nca_settings settings;
static nca_target target;
static float rgba[SMALL_CELLS * 4];
static nca_model *model; /* trained for a few iterations */

static int make_model(void **state)
{
    (void)state;
    settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    target = small_target(rgba);
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return 0;
}

static int free_model(void **state)
{
    (void)state;
    nca_model_destroy(model);
    return 0;
}

static void a_session_begins_with_the_parameters_of_a_model(void **state)
{
    (void)state;
    nca_session *session = NULL, *drawn = small_session(&settings);
    char digest[NCA_MODEL_DIGEST_SIZE];
    assert_ok(nca_session_create_from(&session, &settings, &target, model, &failure));
    const size_t bytes = nca_parameter_count(&model->automaton) * sizeof(float);
    assert_memory_equal(nca_session_model(session)->parameters, model->parameters, bytes);
    assert_int_equal(nca_session_iteration(session), 0);
    assert_int_equal(nca_session_model(session)->info.iterations, 0);
    nca_model_digest(digest, model);
    assert_string_equal(nca_session_settings(session)->init_digest, digest);
    run_session(session, 2);
    run_session(drawn, 2);
    assert_memory_not_equal(nca_session_model(session)->parameters,
                            nca_session_model(drawn)->parameters, bytes);
    nca_session_destroy(drawn);
    nca_session_destroy(session);
}

static void it_repeats_itself_and_resumes_to_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    nca_session *whole = NULL, *half = NULL, *resumed = NULL;
    assert_ok(nca_session_create_from(&whole, &settings, &target, model, &failure));
    assert_ok(
        nca_session_create_from(&half, nca_session_settings(whole), &target, model, &failure));
    run_session(whole, 8);
    run_session(half, 4);
    assert_ok(nca_session_save(half, folder->file, &failure));
    assert_ok(nca_session_resume(&resumed, folder->file, NULL, &failure));
    run_session(resumed, 8);
    assert_sessions_equal(whole, resumed);
    assert_string_equal(nca_session_settings(resumed)->init_digest,
                        nca_session_settings(whole)->init_digest);
    nca_session_destroy(whole);
    nca_session_destroy(half);
    nca_session_destroy(resumed);
}

/* Each difference is named, with both values. */
static void assert_mismatch(const nca_settings *changed, const char *key, const char *value)
{
    nca_session *session = NULL;
    nca_error error = {0};
    assert_int_equal(nca_session_create_from(&session, changed, &target, model, &error),
                     NCA_MISMATCH);
    assert_null(session);
    if (strstr(error.message, key) == NULL || strstr(error.message, value) == NULL) {
        fail_msg("%s %s is not in: %s", key, value, error.message);
    }
}

static void a_model_of_another_shape_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const changes[][2] = {{"n_channels", "12"},
                                             {"hidden", "24"},
                                             {"filter", "mean"},
                                             {"filter", "learned"},
                                             {"output_bias", "false"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        nca_settings changed = settings;
        assert_ok(nca_settings_set(&changed, changes[i][0], changes[i][1], &failure));
        assert_mismatch(&changed, changes[i][0], changes[i][1]);
    }
    nca_settings both = settings;
    both.hidden = 24;
    both.n_channels = 12;
    assert_mismatch(&both, "n_channels 8", "hidden 16");
}

static void learned_filters_must_be_as_many(void **state)
{
    (void)state;
    nca_settings learned = settings;
    learned.filter = NCA_FILTER_LEARNED;
    learned.filter_count = 3;
    nca_session *session = small_session(&learned), *from = NULL;
    nca_error error;
    assert_ok(
        nca_session_create_from(&from, &learned, &target, nca_session_model(session), &failure));
    nca_session_destroy(from);
    learned.filter_count = 4;
    assert_int_equal(
        nca_session_create_from(&from, &learned, &target, nca_session_model(session), &error),
        NCA_MISMATCH);
    assert_non_null(strstr(error.message, "filter_count 3"));
    nca_session_destroy(session);
}

static void what_does_not_shape_the_parameters_may_differ(void **state)
{
    (void)state;
    nca_settings other = settings;
    other.fire_rate = 0.75f;
    other.boundary = NCA_BOUNDARY_CIRCULAR;
    other.seed = 99;
    nca_session *session = NULL;
    assert_ok(nca_session_create_from(&session, &other, &target, model, &failure));
    run_session(session, 1);
    nca_session_destroy(session);
}

/* The growth task has no input channels. */
static void a_model_with_input_channels_is_refused_by_name(void **state)
{
    (void)state;
    nca_automaton automaton = model->automaton;
    nca_model *inputs = NULL;
    nca_session *session = NULL;
    nca_error error = {0};
    automaton.input_channels = 2;
    assert_ok(nca_model_create(&inputs, &automaton, &failure));
    assert_int_equal(nca_session_create_from(&session, &settings, &target, inputs, &error),
                     NCA_MISMATCH);
    assert_null(session);
    assert_non_null(strstr(error.message, "input_channels 2"));
    nca_model_destroy(inputs);
}

static void a_digest_of_other_weights_is_refused(void **state)
{
    (void)state;
    nca_settings other = settings;
    nca_session *session = NULL;
    nca_model_digest(other.init_digest, model);
    assert_ok(nca_session_create_from(&session, &other, &target, model, &failure));
    nca_session_destroy(session);
    nca_model *changed = NULL;
    assert_ok(nca_model_copy(&changed, model, &failure));
    changed->parameters[3] += 0.125f;
    nca_error error;
    assert_int_equal(nca_session_create_from(&session, &other, &target, changed, &error),
                     NCA_MISMATCH);
    assert_non_null(strstr(error.message, other.init_digest));
    other.init_digest[5] = 'x';
    assert_int_equal(nca_session_create_from(&session, &other, &target, model, &error),
                     NCA_INVALID_ARGUMENT);
    changed->parameters[3] = NAN;
    assert_int_equal(nca_session_create_from(&session, &settings, &target, changed, &error),
                     NCA_INVALID_ARGUMENT);
    nca_model_destroy(changed);
}

static void settings_with_a_model_are_refused_where_weights_are_drawn(void **state)
{
    (void)state;
    nca_settings other = settings;
    nca_session *session = NULL;
    nca_error error;
    assert_ok(nca_settings_set(&other, "init", "runs/a", &failure));
    assert_int_equal(nca_session_create(&session, &other, &target, &error), NCA_INVALID_ARGUMENT);
    assert_null(session);
    assert_non_null(strstr(error.message, "init"));
}

/* Computed by hand: FNV-1a of the words C, N, filter, filter count, output_bias + 2 *
 * input_channels, and the parameters, which are 0 here. The first digest is stored in existing
 * model files. */
static void the_digest_is_of_these_words(void **state)
{
    (void)state;
    static const char *const expected[] = {"a1901a216587a910", "9a55049644907254"};
    for (uint32_t i = 0; i < 2; i++) {
        nca_automaton automaton;
        nca_model *zeros = NULL;
        char digest[NCA_MODEL_DIGEST_SIZE];
        nca_automaton_default(&automaton);
        automaton.channels = 5;
        automaton.hidden = 3;
        automaton.input_channels = 2 * i;
        assert_ok(nca_model_create(&zeros, &automaton, &failure));
        nca_model_digest(digest, zeros);
        assert_string_equal(digest, expected[i]);
        nca_model_destroy(zeros);
    }
}

static void the_digest_is_that_of_parameters_and_shape_alone(void **state)
{
    (void)state;
    nca_model *other = NULL;
    char a[NCA_MODEL_DIGEST_SIZE], b[NCA_MODEL_DIGEST_SIZE];
    assert_ok(nca_model_copy(&other, model, &failure));
    nca_model_digest(a, model);
    assert_int_equal(strlen(a), NCA_MODEL_DIGEST_SIZE - 1);
    other->info.iterations = 7;
    other->automaton.fire_rate = 1;
    nca_model_digest(b, other);
    assert_string_equal(a, b);
    other->automaton.filter = NCA_FILTER_MEAN;
    nca_model_digest(b, other);
    assert_string_not_equal(a, b);
    other->automaton.filter = model->automaton.filter;
    other->parameters[0] = -other->parameters[0];
    nca_model_digest(b, other);
    assert_string_not_equal(a, b);
    nca_model_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_begins_with_the_parameters_of_a_model),
        cmocka_unit_test_setup_teardown(it_repeats_itself_and_resumes_to_the_same_bits, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_model_of_another_shape_is_refused_by_name),
        cmocka_unit_test(learned_filters_must_be_as_many),
        cmocka_unit_test(what_does_not_shape_the_parameters_may_differ),
        cmocka_unit_test(a_model_with_input_channels_is_refused_by_name),
        cmocka_unit_test(a_digest_of_other_weights_is_refused),
        cmocka_unit_test(settings_with_a_model_are_refused_where_weights_are_drawn),
        cmocka_unit_test(the_digest_is_of_these_words),
        cmocka_unit_test(the_digest_is_that_of_parameters_and_shape_alone),
    };
    return cmocka_run_group_tests(tests, make_model, free_model);
}
