/* The public functions of a session: stopping a run, the batch, the model, the reports, and
 * errors. */
#include "train/session_fixture.h"

static bool stop_at_seven(const nca_session *session, const nca_iteration *report, void *user)
{
    uint64_t *calls = user;
    ++*calls;
    assert_int_equal(nca_session_iteration(session), report->iteration);
    return report->iteration < 7;
}

static void a_run_stops_when_asked_and_goes_on(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.iterations = 8;
    nca_session *session = small_session(&settings);
    nca_error error;
    uint64_t calls = 0;
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_INTERRUPTED);
    assert_int_equal(calls, 7);
    assert_int_equal(nca_session_iteration(session), 7);
    /* The callback requests a stop again, but all iterations are done. */
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_OK);
    assert_int_equal(nca_session_iteration(session), 8);
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_OK);
    assert_int_equal(calls, 8);
    nca_session_destroy(session);
}

static void the_batch_before_is_there_once_an_iteration_has_filled_it(void **state)
{
    (void)state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_null(nca_session_sample_before(session, 0));
    assert_ok(nca_session_keep_before(session, true, &failure));
    assert_null(nca_session_sample_before(session, 0));
    run_session(session, 4);
    const float *before = nca_session_sample_before(session, 0);
    assert_non_null(before);
    float sum = 0;
    for (size_t i = 0; i < SMALL_CELLS * 4; i++) {
        sum += before[i];
    }
    assert_true(sum > 0);
    assert_null(nca_session_sample_before(session, settings.batch_size));
    assert_ok(nca_session_keep_before(session, false, &failure));
    assert_null(nca_session_sample_before(session, 0));
    assert_ok(nca_session_keep_before(session, true, &failure));
    assert_null(nca_session_sample_before(session, 0));
    nca_session_destroy(session);
}

static void the_model_says_what_it_was_trained_for(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_REGENERATING);
    nca_session *session = small_session(&settings);
    const nca_model *model = nca_session_model(session);
    assert_true(isnan(model->info.loss));
    double losses[60], sum = 0.0;
    for (int i = 0; i < 60; i++) {
        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
        losses[i] = report.loss;
        sum = 0.0;
        for (int k = i < 49 ? 0 : i - 49; k <= i; k++) {
            sum += losses[k];
        }
        assert_true(report.smooth_loss == sum / (i < 49 ? i + 1 : 50));
    }
    assert_true(model->info.loss == sum / 50.0);
    assert_int_equal(model->info.iterations, 60);
    assert_int_equal(model->info.height, SMALL_HEIGHT);
    assert_int_equal(model->info.width, SMALL_WIDTH);
    assert_int_equal(model->info.padding, 1);
    assert_true(model->info.seed == settings.seed);
    assert_string_equal(model->info.target, "a small disc");
    assert_string_equal(model->info.loss_name, "L2");
    assert_string_equal(model->info.experiment, "regenerating");
    assert_string_equal(model->info.recipe, "medmnist");
    assert_memory_equal(model->target, nca_session_target(session)->rgba,
                        SMALL_CELLS * 4 * sizeof(float));
    assert_int_equal(nca_session_settings(session)->pool_size, 12);
    assert_int_equal(nca_session_target(session)->width, SMALL_WIDTH);
    nca_session_destroy(session);
}

static void reports_count_alive_cells_and_norms(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    nca_session *session = small_session(&settings);
    nca_iteration report;
    assert_ok(nca_session_step(session, &report, &failure));
    /* W2 is initially 0: the seeds do not change, 9 cells have an alive neighbourhood. */
    assert_int_equal(report.alive_cells, 9 * settings.batch_size);
    assert_true(report.gradient_norm[0] == 0.0);
    assert_true(report.gradient_norm[1] == 0.0);
    assert_true(report.gradient_norm[2] > 0.0);
    assert_true(report.gradient_norm[3] > 0.0);
    assert_true(report.learning_rate == settings.learning_rate);
    assert_true(report.loss > 0.2 && report.loss < 0.6);
    nca_session_destroy(session);
}

static void what_cannot_be_trained_is_refused(void **state)
{
    (void)state;
    float rgba[SMALL_CELLS * 4];
    nca_target target = small_target(rgba);
    nca_error error;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.pool_size = settings.batch_size - 1;
    assert_int_equal(refused_session(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "pool_size"));

    settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    snprintf(settings.kernels, sizeof settings.kernels, "sse9");
    assert_int_not_equal(refused_session(&settings, &target, &error), NCA_OK);
    assert_non_null(strstr(error.message, "kernels"));

    settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    assert_int_equal(refused_session(&settings, NULL, &error), NCA_INVALID_ARGUMENT);
    rgba[17] = NAN;
    assert_int_equal(refused_session(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    rgba[17] = 0.0f;
    target.height = 0;
    assert_int_equal(refused_session(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    target.height = NCA_MAX_SIDE + 1;
    assert_int_equal(refused_session(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_session_create(&(nca_session *){NULL}, &settings, &target, NULL),
                     NCA_INVALID_ARGUMENT);
}

static void a_sample_or_slot_beyond_the_last_gives_nothing(void **state)
{
    (void)state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 1);
    const size_t slots = nca_session_pool_size(session);
    float *values = calloc(SMALL_CELLS * settings.n_channels, sizeof *values);
    assert_non_null(values);
    assert_false(nca_session_pool_sample(values, session, slots));
    assert_false(nca_session_pool_sample(values, session, SIZE_MAX));
    for (size_t i = 0; i < SMALL_CELLS * settings.n_channels; i++) {
        assert_true(values[i] == 0.0f);
    }
    assert_true(nca_session_pool_sample(values, session, slots - 1));
    assert_non_null(nca_session_sample(session, settings.batch_size - 1));
    assert_null(nca_session_sample(session, settings.batch_size));
    free(values);
    nca_session_destroy(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_stops_when_asked_and_goes_on),
        cmocka_unit_test(the_batch_before_is_there_once_an_iteration_has_filled_it),
        cmocka_unit_test(the_model_says_what_it_was_trained_for),
        cmocka_unit_test(reports_count_alive_cells_and_norms),
        cmocka_unit_test(what_cannot_be_trained_is_refused),
        cmocka_unit_test(a_sample_or_slot_beyond_the_last_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
