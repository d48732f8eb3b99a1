/* See lines_tasks.h. */
#include "task/lines_tasks.h"

#include "base/error.h"
#include "core/noise.h"
#include "train/session_fixture.h"

enum {
    SCORES = 1, /* the first output channel */
    CLASSES = 2,
    FEATURES = 3
};

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
            d[column * row->stride + SCORES + k] += (float)(weight * slope / (double)cells);
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
            d[column * row->stride + SCORES + f] += (float)(weight * slope / (double)cells);
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
        d[column * row->stride + SCORES] += (float)(weight * slope);
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
    return sizeof(lines) + 2 * LINES_SAMPLES * problem->height * problem->width * sizeof(float);
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
                        size_t channels, uint32_t epoch)
{
    (void)epoch;
    const lines *own = problem->data;
    memset(out_state, 0, own->cells * channels * sizeof *out_state);
    for (size_t cell = 0; cell < own->cells; cell++) {
        out_state[cell * channels + LINES_INPUT] = own->images[sample * own->cells + cell];
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

/* `source` is the task, whose images can be generated again. */
static nca_status restore_lines(nca__problem *out, const nca__saved *saved,
                                const nca_settings *settings, const void *source, nca_error *error)
{
    (void)settings;
    uint64_t height;
    nca_status status = nca__saved_number(&height, saved, "lines_height", error);
    if (status == NCA_OK) {
        *out = lines_problem(source, (size_t)height, (size_t)height);
    }
    return status;
}

#define TASK_OF_LINES(task_name)                                                                   \
    {                                                                                              \
        .name = task_name, .destroy = destroy_lines, .bytes = bytes_of_lines,                      \
        .check = check_lines, .begin = begin_lines, .asked = answer_of, .hopeless = hopeless_loss, \
        .tensors = no_tensors, .metadata = size_to_file, .restore = restore_lines                  \
    }
const nca__task lines_classes = TASK_OF_LINES("classes");
const nca__task lines_nearness = TASK_OF_LINES("nearness");
const nca__task lines_headed = TASK_OF_LINES("headed");
const nca__task *const lines_tasks[LINES_TASKS] = {&lines_classes, &lines_nearness, &lines_headed};

/* By the name, since a test may use a changed copy of a task. */
static const nca__objective *objective_of(const nca__task *task)
{
    return strcmp(task->name, lines_classes.name) == 0    ? &class_of_image
           : strcmp(task->name, lines_nearness.name) == 0 ? &value_of_cells
                                                          : &class_by_head;
}

nca__problem lines_problem(const nca__task *task, size_t height, size_t width)
{
    const size_t cells = height * width;
    lines *own = calloc(1, sizeof *own);
    noise n = {7};
    assert_non_null(own);
    own->cells = cells;
    own->images = calloc(LINES_SAMPLES * cells, sizeof(float));
    own->near = calloc(LINES_SAMPLES * cells, sizeof(float));
    assert_true(own->images != NULL && own->near != NULL);
    for (size_t sample = 0; sample < LINES_SAMPLES; sample++) {
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
                          .objective = objective_of(task),
                          .data = own,
                          .height = height,
                          .width = width,
                          .samples = LINES_SAMPLES,
                          .input_channels = 1,
                          .head_inputs = task == &lines_headed ? FEATURES : 0,
                          .head_outputs = task == &lines_headed ? CLASSES : 0};
}

nca_settings lines_settings(void)
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

nca_session *lines_session(const nca__task *task, const nca_settings *settings, size_t side)
{
    nca__problem problem = lines_problem(task, side, side);
    nca_session *session = NULL;
    assert_ok(nca__session_create(&session, settings, &problem, &failure));
    assert_null(problem.data); /* now owned by the session */
    return session;
}
