/* See votes.h: the votes of the cells, step by step. explain.c makes the pictures. */
#include "nca/votes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/class_loss_terms.h"
#include "measure/class_reading.h"
#include "render/votes_picture.h"

/* One run. */
typedef struct job {
    nca__class_reading reading;
    size_t cells, classes, rollouts;
    nca_rollout *rollout;
    float *state;     /* (H,W,C) */
    double *votes;    /* (H,W,classes), the sum over the rollouts, then the mean */
    double *evidence; /* the same */
    double scores[NCA_MAX_CLASSES], probabilities[NCA_MAX_CLASSES];
} job;

/* ---- A state ---------------------------------------------------------------------------------*/

/* The cell with the largest value of a channel, the first of equals. */
static size_t largest(const job *j, size_t feature)
{
    const size_t stride = j->reading.model->automaton.channels;
    const float *values = j->state + j->reading.first + feature;
    size_t at = 0;
    for (size_t cell = 1; cell < j->cells; cell++) {
        at = values[cell * stride] > values[at * stride] ? cell : at;
    }
    return at;
}

/* Read-out max: each channel counts in one cell. */
static void add_evidence_of_max(job *j)
{
    const nca__head *head = &j->reading.head;
    const double divisor = j->reading.model->classifier->temperature;
    const size_t stride = j->reading.model->automaton.channels;
    for (size_t f = 0; f < j->reading.features; f++) {
        const size_t cell = largest(j, f);
        const double value = (double)j->state[cell * stride + j->reading.first + f] / divisor;
        double *out = j->evidence + cell * j->classes;
        if (head->outputs == 0) {
            out[f] += value;
        }
        for (size_t k = 0; k < head->outputs; k++) {
            out[k] += (double)head->w[k * head->inputs + f] * value;
        }
    }
    for (size_t i = 0; head->outputs > 0 && i < j->cells * j->classes; i++) {
        j->evidence[i] += (double)head->b[i % j->classes] / divisor / (double)j->cells;
    }
}

/* Adds the votes of one rollout. */
static void add_state(job *j)
{
    const nca_classifier *c = j->reading.model->classifier;
    const size_t stride = j->reading.model->automaton.channels;
    double scores[NCA_MAX_CLASSES];
    for (size_t cell = 0; cell < j->cells; cell++) {
        double *votes = j->votes + cell * j->classes, *evidence = j->evidence + cell * j->classes;
        nca__class_reading_scores(scores, &j->reading, j->state + cell * stride, 1);
        for (size_t k = 0; k < j->classes; k++) {
            votes[k] += scores[k];
            evidence[k] += c->readout == NCA_READOUT_MAX ? 0.0 : scores[k] / (double)j->cells;
        }
    }
    if (c->readout == NCA_READOUT_MAX) {
        add_evidence_of_max(j);
    }
    nca__class_reading_scores(scores, &j->reading, j->state, j->cells);
    for (size_t k = 0; k < j->classes; k++) {
        j->scores[k] += scores[k];
    }
    nca__class_probabilities(scores, scores, j->classes, c->sigmoid);
    for (size_t k = 0; k < j->classes; k++) {
        j->probabilities[k] += scores[k];
    }
}

static void take_step(job *j)
{
    const size_t values = j->cells * j->classes;
    const double rollouts = (double)j->rollouts;
    memset(j->votes, 0, values * sizeof *j->votes);
    memset(j->evidence, 0, values * sizeof *j->evidence);
    memset(j->scores, 0, sizeof j->scores);
    memset(j->probabilities, 0, sizeof j->probabilities);
    for (size_t r = 0; r < j->rollouts; r++) {
        nca_rollout_get(j->state, j->rollout, r);
        add_state(j);
    }
    for (size_t i = 0; i < values; i++) {
        j->votes[i] /= rollouts;
        j->evidence[i] /= rollouts;
    }
    for (size_t k = 0; k < j->classes; k++) {
        j->scores[k] /= rollouts;
        j->probabilities[k] /= rollouts;
    }
}

/* ---- All steps -------------------------------------------------------------------------------*/

static nca_status begin(job *j, const uint8_t *image, size_t height, size_t width,
                        const nca_prediction_options *options, nca_error *error)
{
    nca_rollout_options chosen;
    nca__class_reading_options(&chosen, &j->reading, options, 1, height, width);
    nca_status status = nca_rollout_create(&j->rollout, j->reading.model, &chosen, error);
    if (status != NCA_OK) {
        return status;
    }
    j->cells = height * width;
    j->classes = j->reading.model->classifier->classes;
    j->rollouts = options->rollouts;
    const size_t bytes = j->cells * j->classes * sizeof *j->votes;
    j->state = malloc(j->cells * j->reading.model->automaton.channels * sizeof *j->state);
    j->votes = malloc(bytes);
    j->evidence = malloc(bytes);
    if (j->state == NULL || j->votes == NULL || j->evidence == NULL) {
        return nca__fail_memory(error, "the votes of the cells", 2 * bytes);
    }
    nca__class_reading_put(j->state, &j->reading, image, height, width);
    for (size_t r = 0; r < j->rollouts; r++) {
        nca_rollout_set(j->rollout, r, j->state);
    }
    return NCA_OK;
}

nca_status nca_votes_run(const nca_model *model, const uint8_t *image, size_t height, size_t width,
                         const size_t *steps, size_t count, const nca_prediction_options *options,
                         nca_votes_show *show, void *user, nca_error *error)
{
    job j = {.rollout = NULL};
    nca_status status = nca__class_reading_begin(&j.reading, model, options, error);
    for (size_t i = 1; i < count && steps != NULL && status == NCA_OK; i++) {
        if (steps[i] <= steps[i - 1]) {
            status = nca__fail(error, NCA_INVALID_ARGUMENT,
                               "steps: expected ascending numbers, found %zu after %zu", steps[i],
                               steps[i - 1]);
        }
    }
    if (status == NCA_OK) {
        status = begin(&j, image, height, width, options, error);
    }
    size_t done = 0;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        const size_t step = steps != NULL ? steps[i] : i;
        status = step > done ? nca_rollout_run(j.rollout, step - done, error) : NCA_OK;
        done = step;
        if (status == NCA_OK) {
            take_step(&j);
            status = show(&(nca_votes){step, height, width, j.classes, j.votes, j.evidence,
                                       j.scores, j.probabilities},
                          user, error);
        }
    }
    nca_rollout_destroy(j.rollout);
    free(j.state);
    free(j.votes);
    free(j.evidence);
    return status;
}

nca_status nca_votes_picture(nca_image **out_picture, const nca_votes *votes,
                             const nca_model *model, const uint8_t *image, nca_error *error)
{
    return nca__votes_picture(out_picture, votes->cells, image, votes->height, votes->width,
                              model->automaton.input_channels, votes->classes,
                              model->classifier->sigmoid, error);
}
