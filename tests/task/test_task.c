/* Tasks that are defined in the tests, not in the library, train like any other: they learn, resume
 * to the same bits, and give the same bits for any number of threads and every kernel set. */
#include "train/session_fixture.h"

#include "nca/rollout.h"
#include "task/lines_tasks.h"

static void a_task_that_a_test_adds_learns(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES_TASKS; i++) {
        const nca_settings settings = lines_settings();
        nca_session *session = lines_session(lines_tasks[i], &settings, 10);
        nca_iteration first, last;
        assert_ok(nca_session_step(session, &first, &failure));
        run_session(session, 349);
        assert_ok(nca_session_step(session, &last, &failure));
        if (!(last.smooth_loss < 0.3 * first.loss)) {
            fail_msg("%s: the loss went from %g to %g", lines_tasks[i]->name, first.loss,
                     last.smooth_loss);
        }
        nca_session_destroy(session);
    }
}

static void bf16_learns_the_same_task(void **state)
{
    (void)state;
    nca_settings settings = lines_settings();
    settings.precision = NCA_PRECISION_BF16;
    snprintf(settings.kernels, sizeof settings.kernels, "scalar"); /* the definition */
    nca_session *session = lines_session(&lines_nearness, &settings, 10);
    nca_iteration first, last;
    assert_ok(nca_session_step(session, &first, &failure));
    run_session(session, 149);
    assert_ok(nca_session_step(session, &last, &failure));
    assert_true(last.smooth_loss < 0.6 * first.loss);
    nca_session_destroy(session);
}

/* int8 differs from fp32 by its documented error, and not at all in the input channels. */
static void int8_runs_a_model_with_inputs(void **state)
{
    (void)state;
    enum {
        SIDE = 10,
        CHANNELS = 8
    };
    const nca_settings settings = lines_settings();
    nca_session *session = lines_session(&lines_nearness, &settings, SIDE);
    float begun[SIDE * SIDE * CHANNELS], run[2][SIDE * SIDE * CHANNELS];
    run_session(session, 100);
    session->problem.task->begin(begun, &session->problem, 0, CHANNELS, 0);
    for (int i = 0; i < 2; i++) {
        nca_rollout_options options;
        nca_rollout *rollout = NULL;
        nca_rollout_options_default(&options, nca_session_model(session));
        options.threads = 1;
        options.precision = i == 0 ? NCA_PRECISION_FP32 : NCA_PRECISION_INT8;
        assert_ok(nca_rollout_create(&rollout, nca_session_model(session), &options, &failure));
        assert_true(nca_rollout_set(rollout, 0, begun));
        assert_ok(nca_rollout_run(rollout, 7, &failure));
        assert_true(nca_rollout_get(run[i], rollout, 0));
        nca_rollout_destroy(rollout);
    }
    double square = 0.0, off = 0.0;
    for (size_t at = 0; at < SIDE * SIDE * CHANNELS; at++) {
        if (at % CHANNELS == LINES_INPUT) {
            assert_memory_equal(&run[0][at], &begun[at], sizeof(float));
            assert_memory_equal(&run[1][at], &begun[at], sizeof(float));
        }
        square += (double)run[0][at] * (double)run[0][at];
        off += pow((double)run[1][at] - (double)run[0][at], 2.0);
    }
    assert_true(square > 0.0 && off > 0.0 && off < 0.01 * square);
    nca_session_destroy(session);
}

/* Compares the training of `task` with these settings to that of `one`. */
static void assert_same_training(nca_session *one, const nca__task *task,
                                 const nca_settings *settings)
{
    nca_session *other = lines_session(task, settings, 40);
    run_session(other, 3);
    assert_sessions_equal(one, other);
    nca_session_destroy(other);
}

static void threads_and_kernels_never_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES_TASKS; i++) {
        nca_settings settings = lines_settings();
        nca_session *one = lines_session(lines_tasks[i], &settings, 40); /* several bands */
        run_session(one, 3);
        for (settings.threads = 1; settings.threads <= 3; settings.threads++) {
            assert_same_training(one, lines_tasks[i], &settings);
        }
        settings.threads = 2;
        for (size_t set = 0; nca_kernels_at(set) != NULL; set++) {
            snprintf(settings.kernels, sizeof settings.kernels, "%s",
                     nca_kernels_name(nca_kernels_at(set)));
            if (nca_kernels_missing(nca_kernels_at(set)) == NULL) {
                assert_same_training(one, lines_tasks[i], &settings);
            }
        }
        nca_session_destroy(one);
    }
}

static void a_resumed_training_has_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    for (size_t i = 0; i < LINES_TASKS; i++) {
        const nca_settings settings = lines_settings();
        nca_session *whole = lines_session(lines_tasks[i], &settings, 10), *resumed = NULL;
        run_session(whole, 7);
        assert_ok(nca_session_save(whole, folder->file, &failure));
        run_session(whole, 15);
        assert_ok(nca__session_resume(&resumed, folder->file, NULL, lines_tasks[i], lines_tasks[i],
                                      &failure));
        run_session(resumed, 15);
        assert_sessions_equal(whole, resumed);
        nca_session_destroy(whole);
        nca_session_destroy(resumed);
    }
}

static void a_training_begins_from_a_model_of_as_many_inputs(void **state)
{
    (void)state;
    const nca_settings settings = lines_settings();
    nca_session *first = lines_session(&lines_nearness, &settings, 10), *second = NULL;
    nca_error error = {0};
    run_session(first, 3);
    const nca_model *model = nca_session_model(first);
    nca__problem problem = lines_problem(&lines_classes, 10, 10);
    assert_ok(nca__session_create_from(&second, &settings, &problem, model, &failure));
    assert_memory_equal(nca_session_model(second)->parameters, model->parameters,
                        first->parameter_count * sizeof *model->parameters);
    run_session(second, 2);
    nca_session_destroy(second);
    second = NULL;
    problem = lines_problem(&lines_classes, 10, 10);
    problem.input_channels = 2;
    assert_int_equal(nca__session_create_from(&second, &settings, &problem, model, &error),
                     NCA_MISMATCH);
    assert_non_null(strstr(error.message, "input_channels 1"));
    assert_null(second);
    assert_null(problem.data); /* still released */
    nca_session_destroy(first);
}

static void a_checkpoint_of_another_task_is_refused_by_its_name(void **state)
{
    const test_folder *folder = *state;
    const nca_settings settings = lines_settings();
    nca_session *session = lines_session(&lines_classes, &settings, 10), *resumed = NULL;
    nca_error error;
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_int_equal(nca_session_resume(&resumed, folder->file, NULL, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "classes"));
    assert_int_not_equal(
        nca__session_resume(&resumed, folder->file, NULL, &lines_nearness, &lines_nearness, &error),
        NCA_OK);
    assert_non_null(strstr(error.message, "nearness"));
    assert_null(resumed);
    assert_null(nca_session_target(session));
    assert_int_equal(nca_session_test_stability(&(nca_stability){0}, session, NULL, NULL, &error),
                     NCA_UNSUPPORTED);
    nca_session_destroy(session);
}

static void the_memory_needed_includes_the_tasks_data(void **state)
{
    (void)state;
    const nca_settings settings = lines_settings();
    nca__task bare = lines_classes;
    bare.bytes = NULL;
    /* The data itself is not examined. */
    nca__problem problem = {.task = &bare, .height = 10, .width = 12, .samples = LINES_SAMPLES};
    const size_t without = nca__session_memory_needed(&settings, &problem).other;
    problem.task = &lines_classes;
    assert_int_equal(nca__session_memory_needed(&settings, &problem).other,
                     without + sizeof(lines) + 2 * LINES_SAMPLES * 10 * 12 * sizeof(float));
}

static void every_epoch_has_every_sample_once(void **state)
{
    (void)state;
    nca_settings settings = lines_settings();
    settings.batch_size =
        8; /* some batches contain the end of an epoch and the start of the next */
    nca_session *session = lines_session(&lines_nearness, &settings, 10);
    size_t seen[LINES_SAMPLES] = {0}, draws = 0;
    uint32_t orders[2][LINES_SAMPLES];
    while (draws < 2 * LINES_SAMPLES) {
        run_session(session, nca_session_iteration(session) + 1);
        for (size_t b = 0; b < settings.batch_size; b++, draws++) {
            orders[draws / LINES_SAMPLES][draws % LINES_SAMPLES] = session->samples[b];
            assert_int_equal(seen[session->samples[b]]++, draws / LINES_SAMPLES);
        }
    }
    assert_memory_not_equal(orders[0], orders[1], sizeof orders[0]);
    nca_session_destroy(session);
}

static void input_channels_stay_as_they_began(void **state)
{
    (void)state;
    const nca_settings settings = lines_settings();
    nca_session *session = lines_session(&lines_classes, &settings, 10);
    const lines *own = session->problem.data;
    run_session(session, 4);
    for (size_t b = 0; b < settings.batch_size; b++) {
        for (size_t cell = 0; cell < own->cells; cell++) {
            const float *image = own->images + session->samples[b] * own->cells;
            assert_memory_equal(session->state_at[b] + cell * settings.n_channels + LINES_INPUT,
                                image + cell, sizeof *image);
        }
    }
    assert_int_equal(nca_session_model(session)->automaton.input_channels, 1);
    nca_session_destroy(session);
}

static double equal_loss(const float *state, const nca__problem *problem, size_t sample,
                         size_t channels)
{
    (void)state, (void)problem, (void)sample, (void)channels;
    return 1.0;
}

static void damage_leaves_the_input_channels(void **state)
{
    (void)state;
    nca_settings settings = lines_settings();
    nca__task pooled = lines_classes;
    pooled.loss = equal_loss;
    for (int area = 0; area < NCA_DAMAGE_AREA_COUNT; area++) {
        nca__problem problem = lines_problem(&pooled, 10, 10);
        problem.pool = problem.damage = true;
        problem.damage_area = (nca_damage_area)area;
        nca_session *session = NULL;
        assert_ok(nca__session_create(&session, &settings, &problem, &failure));
        const lines *own = session->problem.data;
        run_session(session, 4);
        for (size_t b = 0; b < settings.batch_size; b++) {
            const float *image = own->images + session->slots[b] % LINES_SAMPLES * own->cells;
            for (size_t cell = 0; cell < own->cells; cell++) {
                assert_memory_equal(session->state_at[b] + cell * settings.n_channels + LINES_INPUT,
                                    image + cell, sizeof *image);
            }
        }
        nca_session_destroy(session);
    }
}

static void a_task_may_refuse_settings_and_an_impossible_problem_is_refused(void **state)
{
    (void)state;
    nca_settings settings = lines_settings();
    nca_session *session = NULL;
    nca_error error;
    settings.seed_survival = 0.2f;
    nca__problem problem = lines_problem(&lines_classes, 10, 10);
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "seed_survival"));
    settings.seed_survival = 0.0f;
    problem = lines_problem(&lines_classes, 10, 10);
    problem.input_channels = settings.n_channels;
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "input_channels"));
    problem = lines_problem(&lines_classes, 10, 10);
    problem.samples = 0; /* the data is still released */
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "samples"));
    assert_null(session);
}

static void gradients_are_those_of_finite_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES_TASKS; i++) {
        const nca_settings settings = lines_settings();
        nca_session *session = lines_session(lines_tasks[i], &settings, 40);
        run_session(session, 6); /* away from W2 = 0 */
        assert_gradient_by_differences(session, 3, lines_tasks[i]->name);
        nca_session_destroy(session);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_that_a_test_adds_learns),
        cmocka_unit_test(bf16_learns_the_same_task),
        cmocka_unit_test(int8_runs_a_model_with_inputs),
        cmocka_unit_test(threads_and_kernels_never_change_a_bit),
        cmocka_unit_test_setup_teardown(a_resumed_training_has_the_same_bits, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_training_begins_from_a_model_of_as_many_inputs),
        cmocka_unit_test_setup_teardown(a_checkpoint_of_another_task_is_refused_by_its_name,
                                        make_folder, remove_folder),
        cmocka_unit_test(the_memory_needed_includes_the_tasks_data),
        cmocka_unit_test(every_epoch_has_every_sample_once),
        cmocka_unit_test(input_channels_stay_as_they_began),
        cmocka_unit_test(damage_leaves_the_input_channels),
        cmocka_unit_test(a_task_may_refuse_settings_and_an_impossible_problem_is_refused),
        cmocka_unit_test(gradients_are_those_of_finite_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
