/* See predict.h. Images are run a few at a time, each in all its rollouts, in one batch whose
 * sample i has the fire masks of sample i modulo the number of rollouts. */
#include "nca/predict.h"

#include <math.h>
#include <stdlib.h>

#include "backend/mpi/ranks.h"
#include "base/error.h"
#include "core/class_loss_terms.h"
#include "measure/class_reading.h"

enum {
    BATCH_CELLS = 1 << 17, /* cells of a batch, about: enough for all threads, little memory */
    MOST_BATCH = 64,
    PIECE_UPDATES = 1 << 24 /* updates of cells, about a second on one slow thread */
};

void nca_prediction_options_default(nca_prediction_options *out)
{
    *out = (nca_prediction_options){.rollouts = 1};
}

/* One call. */
typedef struct job {
    const nca_model *model;
    const nca_prediction_options *options;
    const uint8_t *images;
    size_t height, width;
    size_t images_at_once;
    nca__class_reading reading;
    float *state;     /* (H,W,C) */
    double *rollouts; /* (rollouts,classes) probabilities of an image */
    nca_rollout *rollout;
} job;

static void put_image(job *j, size_t image, size_t place)
{
    const size_t rollouts = j->options->rollouts, cells = j->height * j->width;
    nca__class_reading_put(j->state, &j->reading,
                           j->images + image * cells * j->model->automaton.input_channels,
                           j->height, j->width);
    for (size_t r = 0; r < rollouts; r++) {
        nca_rollout_set(j->rollout, place * rollouts + r, j->state);
    }
}

/* Adds the rollouts of an image up, in order. Each output may be NULL. */
static void take_image(job *j, size_t place, double *probabilities, double *deviations,
                       double *mean_scores)
{
    const size_t rollouts = j->options->rollouts;
    const nca_classifier *c = j->model->classifier;
    double sums[NCA_MAX_CLASSES] = {0}, totals[NCA_MAX_CLASSES] = {0};
    for (size_t r = 0; r < rollouts; r++) {
        double scores[NCA_MAX_CLASSES], *p = j->rollouts + r * c->classes;
        nca_rollout_get(j->state, j->rollout, place * rollouts + r);
        nca__class_reading_scores(scores, &j->reading, j->state, j->height * j->width);
        for (size_t k = 0; k < c->classes; k++) {
            totals[k] += scores[k];
        }
        nca__class_probabilities(p, scores, c->classes, c->sigmoid);
        for (size_t k = 0; k < c->classes; k++) {
            sums[k] += p[k];
        }
    }
    for (size_t k = 0; k < c->classes; k++) {
        const double mean = sums[k] / (double)rollouts;
        double squares = 0.0;
        for (size_t r = 0; r < rollouts; r++) {
            const double off = j->rollouts[r * c->classes + k] - mean;
            squares += off * off;
        }
        if (probabilities != NULL) {
            probabilities[k] = mean;
        }
        if (deviations != NULL) {
            deviations[k] = rollouts > 1 ? sqrt(squares / (double)(rollouts - 1)) : 0.0;
        }
        if (mean_scores != NULL) {
            mean_scores[k] = totals[k] / (double)rollouts;
        }
    }
}

static nca_status begin(job *j, size_t count, nca_error *error)
{
    const nca_prediction_options *options = j->options;
    const nca_model *model = j->model;
    const size_t cells = j->height * j->width;
    size_t batch = BATCH_CELLS / (cells > 0 ? cells : 1);
    batch = (batch > MOST_BATCH ? MOST_BATCH : batch) * nca__cluster_processes();
    j->images_at_once = batch / options->rollouts > 0 ? batch / options->rollouts : 1;
    j->images_at_once = j->images_at_once < count ? j->images_at_once : count;
    nca_rollout_options chosen;
    nca__class_reading_options(&chosen, &j->reading, options, j->images_at_once, j->height,
                               j->width);
    nca_status status = nca_rollout_create(&j->rollout, model, &chosen, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t state_bytes = cells * model->automaton.channels * sizeof *j->state;
    j->state = malloc(state_bytes);
    j->rollouts = malloc(options->rollouts * model->classifier->classes * sizeof *j->rollouts);
    return j->state != NULL && j->rollouts != NULL
               ? NCA_OK
               : nca__fail_memory(error, "a prediction", state_bytes);
}

/* Where predictions go: (step_count,count,classes), or NULL. */
typedef struct outputs {
    double *probabilities, *deviations, *scores;
} outputs;

static double *row_of(double *values, size_t row, size_t classes)
{
    return values != NULL ? values + row * classes : NULL;
}

static nca_status ask(const job *j, size_t done, nca_error *error)
{
    const nca_prediction_options *options = j->options;
    return options->progress == NULL || options->progress(done, options->user)
               ? NCA_OK
               : nca__fail(error, NCA_INTERRUPTED, "the prediction was stopped");
}

/* Runs so many steps, and asks about once a second whether to go on. */
static nca_status run_steps(job *j, size_t steps, size_t done, nca_error *error)
{
    const size_t updates = j->images_at_once * j->options->rollouts * j->height * j->width;
    const size_t piece = updates < PIECE_UPDATES ? PIECE_UPDATES / updates : 1;
    nca_status status = NCA_OK;
    for (size_t left = steps; left > 0 && status == NCA_OK;) {
        const size_t now = left < piece ? left : piece;
        status = nca_rollout_run(j->rollout, now, error);
        left -= now;
        if (status == NCA_OK && left > 0) {
            status = ask(j, done, error);
        }
    }
    return status;
}

/* Runs `now` images from `first` on and reads them at every number of steps. */
static nca_status run_batch(job *j, const outputs *out, size_t first, size_t now, size_t count,
                            const size_t *steps, size_t step_count, nca_error *error)
{
    const size_t classes = j->model->classifier->classes;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < j->images_at_once; i++) { /* the last batch repeats its last image */
        put_image(j, first + (i < now ? i : now - 1), i);
    }
    nca_rollout_set_steps(j->rollout, 0);
    for (size_t s = 0; s < step_count && status == NCA_OK; s++) {
        status = run_steps(j, steps[s] - (s > 0 ? steps[s - 1] : 0), first, error);
        for (size_t i = 0; i < now && status == NCA_OK; i++) {
            const size_t row = s * count + first + i;
            take_image(j, i, row_of(out->probabilities, row, classes),
                       row_of(out->deviations, row, classes), row_of(out->scores, row, classes));
        }
    }
    return status == NCA_OK ? ask(j, first + now, error) : status;
}

static nca_status predict(job *j, const outputs *out, size_t count, const size_t *steps,
                          size_t step_count, nca_error *error)
{
    nca_status status = begin(j, count, error);
    for (size_t first = 0; first < count && status == NCA_OK; first += j->images_at_once) {
        const size_t rest = count - first;
        const size_t now = rest < j->images_at_once ? rest : j->images_at_once;
        status = run_batch(j, out, first, now, count, steps, step_count, error);
    }
    nca_rollout_destroy(j->rollout);
    free(j->state);
    free(j->rollouts);
    return status;
}

nca_status nca_predict_steps(double *out_probabilities, double *out_deviations, double *out_scores,
                             const nca_model *model, const uint8_t *images, size_t count,
                             size_t height, size_t width, const size_t *steps, size_t step_count,
                             const nca_prediction_options *options, nca_error *error)
{
    job j = {
        .model = model, .options = options, .images = images, .height = height, .width = width};
    nca_status status = nca__class_reading_begin(&j.reading, model, options, error);
    if (status == NCA_OK) {
        status = nca__class_reading_check_steps(steps, step_count, error);
    }
    if (status != NCA_OK || count == 0 || step_count == 0) {
        return status;
    }
    const outputs out = {out_probabilities, out_deviations, out_scores};
    return predict(&j, &out, count, steps, step_count, error);
}

nca_status nca_predict(double *out_probabilities, double *out_deviations, double *out_scores,
                       const nca_model *model, const uint8_t *images, size_t count, size_t height,
                       size_t width, const nca_prediction_options *options, nca_error *error)
{
    nca__class_reading reading; /* checks the model */
    nca_status status = nca__class_reading_begin(&reading, model, options, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t steps = options->steps > 0 ? options->steps : model->classifier->steps;
    return nca_predict_steps(out_probabilities, out_deviations, out_scores, model, images, count,
                             height, width, &steps, 1, options, error);
}
