/* Three tasks defined only in this file, trained through the usual session: images in a frozen
 * input channel, many different ones in a batch, each with its own correct answer. The first
 * learns the class of the image, pooled over the grid, the second a value for every cell, the
 * third the class again, through a dense layer on pooled features. */
#include "train/session_fixture.h"

#include "base/error.h"
#include "core/noise.h"
#include "nca/rollout.h"
#include "task/task.h"

enum {
    SAMPLES = 20,
    INPUT = 0,  /* the channel of the image */
    SCORES = 1, /* the first output channel */
    CLASSES = 2,
    FEATURES = 3
};

typedef struct answer {
    uint32_t label;
    const float *near; /* (H,W) */
} answer;

/* Horizontal (class 0) or vertical (class 1) lines in an image, at any position. */
typedef struct lines {
    size_t cells;
    float *images, *near; /* (SAMPLES,H,W): the image; 1 in a line and next to it, else 0 */
    answer answers[SAMPLES];
} lines;

/* ---- The objectives ---------------------------------------------------------------------------*/

static void measure_class(double *sums, const void *data, const nca__row *row)
{
    (void)data;
    for (size_t column = 0; column < row->width; column++) {
        for (size_t k = 0; k < CLASSES; k++) {
            sums[k] += (double)row->cells[column * row->stride + SCORES + k];
        }
    }
}

/* Probabilities of the classes; returns the cross-entropy. */
static double softmax(double chances[CLASSES], const double scores[CLASSES], const answer *asked)
{
    double total = 0.0;
    for (size_t k = 0; k < CLASSES; k++) {
        chances[k] = exp(scores[k]);
        total += chances[k];
    }
    for (size_t k = 0; k < CLASSES; k++) {
        chances[k] /= total;
    }
    return -log(chances[asked->label]);
}

static void mean_scores(double scores[CLASSES], const double *sums, size_t cells)
{
    for (size_t k = 0; k < CLASSES; k++) {
        scores[k] = sums[k] / (double)cells;
    }
}

static double loss_of_class(const double *sums, const void *data, size_t cells,
                            const nca__head *head)
{
    (void)head;
    double scores[CLASSES], chances[CLASSES];
    mean_scores(scores, sums, cells);
    return softmax(chances, scores, data);
}

static void gradient_of_class(float *d, const void *data, const nca__row *row, const double *sums,
                              const nca__head *head, double weight)
{
    (void)head;
    const answer *asked = data;
    const size_t cells = row->height * row->width;
    double scores[CLASSES], chances[CLASSES];
    mean_scores(scores, sums, cells);
    softmax(chances, scores, data);
    for (size_t column = 0; column < row->width; column++) {
        for (size_t k = 0; k < CLASSES; k++) {
            const double slope = chances[k] - (double)(k == asked->label);
            d[column * row->stride + SCORES + k] = (float)(weight * slope / (double)cells);
        }
    }
}

static const nca__objective class_of_image = {.sums = CLASSES,
                                              .waits = true,
                                              .measure = measure_class,
                                              .loss = loss_of_class,
                                              .gradient = gradient_of_class};

static void measure_features(double *sums, const void *data, const nca__row *row)
{
    (void)data;
    for (size_t column = 0; column < row->width; column++) {
        for (size_t f = 0; f < FEATURES; f++) {
            sums[f] += (double)row->cells[column * row->stride + SCORES + f];
        }
    }
}

/* The scores that the head makes of the mean features. */
static void head_scores(double scores[CLASSES], const double *sums, size_t cells,
                        const nca__head *head)
{
    for (size_t k = 0; k < CLASSES; k++) {
        scores[k] = (double)head->b[k];
        for (size_t f = 0; f < FEATURES; f++) {
            scores[k] += (double)head->w[k * FEATURES + f] * sums[f] / (double)cells;
        }
    }
}

static double loss_of_head(const double *sums, const void *data, size_t cells,
                           const nca__head *head)
{
    double scores[CLASSES], chances[CLASSES];
    head_scores(scores, sums, cells, head);
    return softmax(chances, scores, data);
}

/* The gradient of the loss with respect to the scores. */
static void slopes_of_head(double slopes[CLASSES], const double *sums, const void *data,
                           size_t cells, const nca__head *head)
{
    const answer *asked = data;
    double scores[CLASSES];
    head_scores(scores, sums, cells, head);
    softmax(slopes, scores, asked);
    slopes[asked->label] -= 1.0;
}

static void gradient_through_head(float *d, const void *data, const nca__row *row,
                                  const double *sums, const nca__head *head, double weight)
{
    const size_t cells = row->height * row->width;
    double slopes[CLASSES];
    slopes_of_head(slopes, sums, data, cells, head);
    for (size_t column = 0; column < row->width; column++) {
        for (size_t f = 0; f < FEATURES; f++) {
            double slope = 0.0;
            for (size_t k = 0; k < CLASSES; k++) {
                slope += slopes[k] * (double)head->w[k * FEATURES + f];
            }
            d[column * row->stride + SCORES + f] = (float)(weight * slope / (double)cells);
        }
    }
}

static void gradient_of_head(const nca__head *gradient, const double *sums, const void *data,
                             size_t cells, const nca__head *head, double weight)
{
    double slopes[CLASSES];
    slopes_of_head(slopes, sums, data, cells, head);
    for (size_t k = 0; k < CLASSES; k++) {
        gradient->b[k] += (float)(weight * slopes[k]);
        for (size_t f = 0; f < FEATURES; f++) {
            gradient->w[k * FEATURES + f] += (float)(weight * slopes[k] * sums[f] / (double)cells);
        }
    }
}

static const nca__objective class_by_head = {.sums = FEATURES,
                                             .waits = true,
                                             .measure = measure_features,
                                             .loss = loss_of_head,
                                             .gradient = gradient_through_head,
                                             .head_gradient = gradient_of_head};

static double off_by(const answer *asked, const nca__row *row, size_t column)
{
    return (double)row->cells[column * row->stride + SCORES] -
           (double)asked->near[row->row * row->width + column];
}

static void measure_cells(double *sums, const void *data, const nca__row *row)
{
    for (size_t column = 0; column < row->width; column++) {
        const double off = off_by(data, row, column);
        sums[0] += off * off;
    }
}

static double loss_of_cells(const double *sums, const void *data, size_t cells,
                            const nca__head *head)
{
    (void)data;
    (void)head;
    return sums[0] / (double)cells;
}

static void gradient_of_cells(float *d, const void *data, const nca__row *row, const double *sums,
                              const nca__head *head, double weight)
{
    (void)sums;
    (void)head;
    for (size_t column = 0; column < row->width; column++) {
        const double slope = 2.0 * off_by(data, row, column) / (double)(row->height * row->width);
        d[column * row->stride + SCORES] = (float)(weight * slope);
    }
}

static const nca__objective value_of_cells = {
    .sums = 1, .measure = measure_cells, .loss = loss_of_cells, .gradient = gradient_of_cells};

/* ---- The tasks -------------------------------------------------------------------------------*/

static void destroy_lines(void *data)
{
    lines *own = data;
    free(own->images);
    free(own->near);
    free(own);
}

static size_t bytes_of_lines(const nca__problem *problem)
{
    return sizeof(lines) + 2 * SAMPLES * problem->height * problem->width * sizeof(float);
}

static nca_status check_lines(const nca__problem *problem, const nca_settings *settings,
                              nca_error *error)
{
    return settings->seed_survival == 0.0f
               ? NCA_OK
               : nca__fail(error, NCA_INVALID_ARGUMENT,
                           "seed_survival: expected 0, as the task %s has no seed, found %g",
                           problem->task->name, (double)settings->seed_survival);
}

static void begin_lines(float *out_state, const nca__problem *problem, size_t sample,
                        size_t channels)
{
    const lines *own = problem->data;
    memset(out_state, 0, own->cells * channels * sizeof *out_state);
    for (size_t cell = 0; cell < own->cells; cell++) {
        out_state[cell * channels + INPUT] = own->images[sample * own->cells + cell];
    }
}

static const void *answer_of(const void *data, size_t sample)
{
    const lines *own = data;
    return &own->answers[sample];
}

static double hopeless_loss(const void *data)
{
    (void)data;
    return 1e3;
}

static size_t no_tensors(nca_tensor_view *out, const nca__problem *problem)
{
    (void)out;
    (void)problem;
    return 0;
}

/* The images belong to the caller; a checkpoint stores only their size. */
static nca_status size_to_file(nca_safetensors_writer *writer, const nca__problem *problem,
                               nca_error *error)
{
    return nca__save_number(writer, "lines_height", problem->height, error);
}

static nca__problem make_problem(const nca__task *task, size_t height, size_t width);

/* `source` is the task, whose images can be generated again. */
static nca_status restore_lines(nca__problem *out, const nca__saved *saved,
                                const nca_settings *settings, const void *source, nca_error *error)
{
    (void)settings;
    uint64_t height;
    nca_status status = nca__saved_number(&height, saved, "lines_height", error);
    if (status == NCA_OK) {
        *out = make_problem(source, (size_t)height, (size_t)height);
    }
    return status;
}

#define TASK_OF_LINES(task_name, asks)                                                             \
    {                                                                                              \
        .name = task_name, .objective = asks, .destroy = destroy_lines, .bytes = bytes_of_lines,   \
        .check = check_lines, .begin = begin_lines, .asked = answer_of, .hopeless = hopeless_loss, \
        .tensors = no_tensors, .metadata = size_to_file, .restore = restore_lines                  \
    }
static const nca__task classes = TASK_OF_LINES("classes", &class_of_image);
static const nca__task nearness = TASK_OF_LINES("nearness", &value_of_cells);
static const nca__task headed = TASK_OF_LINES("headed", &class_by_head);
static const nca__task *const tasks[] = {&classes, &nearness, &headed};
enum {
    TASKS = sizeof tasks / sizeof *tasks
};

static nca__problem make_problem(const nca__task *task, size_t height, size_t width)
{
    const size_t cells = height * width;
    lines *own = calloc(1, sizeof *own);
    noise n = {7};
    assert_non_null(own);
    own->cells = cells;
    own->images = calloc(SAMPLES * cells, sizeof(float));
    own->near = calloc(SAMPLES * cells, sizeof(float));
    assert_true(own->images != NULL && own->near != NULL);
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        const uint32_t label = sample % CLASSES;
        const size_t at = noise_below(&n, label == 0 ? height : width);
        own->answers[sample] = (answer){label, own->near + sample * cells};
        for (size_t cell = 0; cell < cells; cell++) {
            const size_t place = label == 0 ? cell / width : cell % width;
            own->images[sample * cells + cell] =
                (place == at ? 1.0f : 0.0f) + noise_between(&n, -0.1f, 0.1f);
            own->near[sample * cells + cell] = place + 1 >= at && place <= at + 1 ? 1.0f : 0.0f;
        }
    }
    return (nca__problem){.task = task,
                          .data = own,
                          .height = height,
                          .width = width,
                          .samples = SAMPLES,
                          .input_channels = 1,
                          .head_inputs = task == &headed ? FEATURES : 0,
                          .head_outputs = task == &headed ? CLASSES : 0};
}

static nca_settings settings_of_lines(void)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    settings.alive_channel = -1;
    settings.seed_survival = 0.0f;
    settings.fire_rate = 0.9f;
    settings.learning_rate = 5e-3f;
    settings.schedule = NCA_SCHEDULE_CONSTANT;
    settings.iterations = 1000;
    return settings;
}

static nca_session *session_of(const nca__task *task, const nca_settings *settings, size_t side)
{
    nca__problem problem = make_problem(task, side, side);
    nca_session *session = NULL;
    assert_ok(nca__session_create(&session, settings, &problem, &failure));
    assert_null(problem.data); /* now owned by the session */
    return session;
}

/* ---- Tests -----------------------------------------------------------------------------------*/

static void a_task_that_a_test_adds_learns(void **state)
{
    (void)state;
    for (size_t i = 0; i < TASKS; i++) {
        const nca_settings settings = settings_of_lines();
        nca_session *session = session_of(tasks[i], &settings, 10);
        nca_iteration first, last;
        assert_ok(nca_session_step(session, &first, &failure));
        run_session(session, 349);
        assert_ok(nca_session_step(session, &last, &failure));
        if (!(last.smooth_loss < 0.3 * first.loss)) {
            fail_msg("%s: the loss went from %g to %g", tasks[i]->name, first.loss,
                     last.smooth_loss);
        }
        nca_session_destroy(session);
    }
}

static void bf16_learns_the_same_task(void **state)
{
    (void)state;
    nca_settings settings = settings_of_lines();
    settings.precision = NCA_PRECISION_BF16;
    snprintf(settings.kernels, sizeof settings.kernels, "scalar"); /* the definition */
    nca_session *session = session_of(&nearness, &settings, 10);
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
    const nca_settings settings = settings_of_lines();
    nca_session *session = session_of(&nearness, &settings, SIDE);
    float begun[SIDE * SIDE * CHANNELS], run[2][SIDE * SIDE * CHANNELS];
    run_session(session, 100);
    session->problem.task->begin(begun, &session->problem, 0, CHANNELS);
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
        if (at % CHANNELS == INPUT) {
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
    nca_session *other = session_of(task, settings, 40);
    run_session(other, 3);
    assert_sessions_equal(one, other);
    nca_session_destroy(other);
}

static void threads_and_kernels_never_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < TASKS; i++) {
        nca_settings settings = settings_of_lines();
        nca_session *one = session_of(tasks[i], &settings, 40); /* several bands */
        run_session(one, 3);
        for (settings.threads = 1; settings.threads <= 3; settings.threads++) {
            assert_same_training(one, tasks[i], &settings);
        }
        settings.threads = 2;
        for (size_t set = 0; nca_kernels_at(set) != NULL; set++) {
            snprintf(settings.kernels, sizeof settings.kernels, "%s",
                     nca_kernels_name(nca_kernels_at(set)));
            if (nca_kernels_missing(nca_kernels_at(set)) == NULL) {
                assert_same_training(one, tasks[i], &settings);
            }
        }
        nca_session_destroy(one);
    }
}

static void a_resumed_training_has_the_same_bits(void **state)
{
    const test_folder *folder = *state;
    for (size_t i = 0; i < TASKS; i++) {
        const nca_settings settings = settings_of_lines();
        nca_session *whole = session_of(tasks[i], &settings, 10), *resumed = NULL;
        run_session(whole, 7);
        assert_ok(nca_session_save(whole, folder->file, &failure));
        run_session(whole, 15);
        assert_ok(nca__session_resume(&resumed, folder->file, NULL, tasks[i], tasks[i], &failure));
        run_session(resumed, 15);
        assert_sessions_equal(whole, resumed);
        nca_session_destroy(whole);
        nca_session_destroy(resumed);
    }
}

static void a_training_begins_from_a_model_of_as_many_inputs(void **state)
{
    (void)state;
    const nca_settings settings = settings_of_lines();
    nca_session *first = session_of(&nearness, &settings, 10), *second = NULL;
    nca_error error = {0};
    run_session(first, 3);
    const nca_model *model = nca_session_model(first);
    nca__problem problem = make_problem(&classes, 10, 10);
    assert_ok(nca__session_create_from(&second, &settings, &problem, model, &failure));
    assert_memory_equal(nca_session_model(second)->parameters, model->parameters,
                        first->parameter_count * sizeof *model->parameters);
    run_session(second, 2);
    nca_session_destroy(second);
    second = NULL;
    problem = make_problem(&classes, 10, 10);
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
    const nca_settings settings = settings_of_lines();
    nca_session *session = session_of(&classes, &settings, 10), *resumed = NULL;
    nca_error error;
    assert_ok(nca_session_save(session, folder->file, &failure));
    assert_int_equal(nca_session_resume(&resumed, folder->file, NULL, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "classes"));
    assert_int_not_equal(
        nca__session_resume(&resumed, folder->file, NULL, &nearness, &nearness, &error), NCA_OK);
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
    const nca_settings settings = settings_of_lines();
    nca__task bare = classes;
    bare.bytes = NULL;
    /* The data itself is not examined. */
    nca__problem problem = {.task = &bare, .height = 10, .width = 12, .samples = SAMPLES};
    const size_t without = nca__session_memory_needed(&settings, &problem).other;
    problem.task = &classes;
    assert_int_equal(nca__session_memory_needed(&settings, &problem).other,
                     without + sizeof(lines) + 2 * SAMPLES * 10 * 12 * sizeof(float));
}

static void every_epoch_has_every_sample_once(void **state)
{
    (void)state;
    nca_settings settings = settings_of_lines();
    settings.batch_size =
        8; /* some batches contain the end of an epoch and the start of the next */
    nca_session *session = session_of(&nearness, &settings, 10);
    size_t seen[SAMPLES] = {0}, draws = 0;
    uint32_t orders[2][SAMPLES];
    while (draws < 2 * SAMPLES) {
        run_session(session, nca_session_iteration(session) + 1);
        for (size_t b = 0; b < settings.batch_size; b++, draws++) {
            orders[draws / SAMPLES][draws % SAMPLES] = session->samples[b];
            assert_int_equal(seen[session->samples[b]]++, draws / SAMPLES);
        }
    }
    assert_memory_not_equal(orders[0], orders[1], sizeof orders[0]);
    nca_session_destroy(session);
}

static void input_channels_stay_as_they_began(void **state)
{
    (void)state;
    const nca_settings settings = settings_of_lines();
    nca_session *session = session_of(&classes, &settings, 10);
    const lines *own = session->problem.data;
    run_session(session, 4);
    for (size_t b = 0; b < settings.batch_size; b++) {
        for (size_t cell = 0; cell < own->cells; cell++) {
            const float *image = own->images + session->samples[b] * own->cells;
            assert_memory_equal(session->state_at[b] + cell * settings.n_channels + INPUT,
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
    nca_settings settings = settings_of_lines();
    nca__task pooled = classes;
    pooled.loss = equal_loss;
    for (int area = 0; area < NCA_DAMAGE_AREA_COUNT; area++) {
        settings.damage_area = (nca_damage_area)area;
        nca__problem problem = make_problem(&pooled, 10, 10);
        problem.pool = problem.damage = true;
        nca_session *session = NULL;
        assert_ok(nca__session_create(&session, &settings, &problem, &failure));
        const lines *own = session->problem.data;
        run_session(session, 4);
        for (size_t b = 0; b < settings.batch_size; b++) {
            const float *image = own->images + session->slots[b] % SAMPLES * own->cells;
            for (size_t cell = 0; cell < own->cells; cell++) {
                assert_memory_equal(session->state_at[b] + cell * settings.n_channels + INPUT,
                                    image + cell, sizeof *image);
            }
        }
        nca_session_destroy(session);
    }
}

static void a_task_may_refuse_settings_and_an_impossible_problem_is_refused(void **state)
{
    (void)state;
    nca_settings settings = settings_of_lines();
    nca_session *session = NULL;
    nca_error error;
    settings.seed_survival = 0.2f;
    nca__problem problem = make_problem(&classes, 10, 10);
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "seed_survival"));
    settings.seed_survival = 0.0f;
    problem = make_problem(&classes, 10, 10);
    problem.input_channels = settings.n_channels;
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "input_channels"));
    problem = make_problem(&classes, 10, 10);
    problem.samples = 0; /* the data is still released */
    assert_int_equal(nca__session_create(&session, &settings, &problem, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "samples"));
    assert_null(session);
}

/* Returns the mean loss of a pass and writes its gradient. */
static double pass_of(nca_session *session, float *gradient, uint32_t steps)
{
    const nca__problem *problem = &session->problem;
    double losses[16], sum = 0.0;
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        problem->task->begin(session->state_at[b], problem, b, session->settings.n_channels);
        session->asked[b] = problem->task->asked(problem->data, b);
    }
    nca__session_refresh(session);
    const nca__batch_pass pass = {.steps = steps,
                                  .asked = session->asked,
                                  .initial = (const float *const *)session->state_at,
                                  .losses = losses,
                                  .gradient = gradient};
    assert_ok(nca__batch_train(session->batch, &pass, &failure));
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        sum += losses[b];
    }
    return sum / session->settings.batch_size;
}

static void gradients_are_those_of_finite_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < TASKS; i++) {
        const nca_settings settings = settings_of_lines();
        nca_session *session = session_of(tasks[i], &settings, 40);
        run_session(session, 6); /* away from W2 = 0 */
        float *parameters = session->model->parameters;
        float *gradient = calloc(session->parameter_count, sizeof *gradient);
        float *unused = calloc(session->parameter_count, sizeof *unused);
        assert_true(gradient != NULL && unused != NULL);
        pass_of(session, gradient, 3);
        /* W2 and b2, for which the loss is smooth here except for the ReLUs of later steps. */
        const nca_tensor w2 = nca_tensor_named(&session->model->automaton, "update.w2");
        const size_t head = nca_tensor_named(&session->model->automaton, "head.w").offset;
        for (size_t at = w2.offset; at < session->parameter_count; at += at + 31 < head ? 31 : 1) {
            const float kept = parameters[at], step = 2e-3f;
            parameters[at] = kept + step;
            const double above = pass_of(session, unused, 3);
            parameters[at] = kept - step;
            const double below = pass_of(session, unused, 3);
            const double slope = (above - below) / (2.0 * (double)step);
            parameters[at] = kept;
            if (!(fabs(slope - (double)gradient[at]) <= 0.02 * fabs(slope) + 2e-4)) {
                fail_msg("%s: parameter %zu: gradient %g, by differences %g", tasks[i]->name, at,
                         (double)gradient[at], slope);
            }
        }
        free(gradient);
        free(unused);
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
