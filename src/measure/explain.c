/* See votes.h: the figure that explains an answer, and the animation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "data/labelled_pixels.h"
#include "measure/class_reading.h"
#include "nca/scores.h"
#include "nca/votes.h"
#include "render/votes_figure.h"
#include "render/votes_picture.h"

enum {
    TEXT = 512,
    MOST_VOTES = 4, /* pictures of votes in a figure */
    DEFAULT_FPS = 10,
    HOLD = 1 /* seconds at the end of an animation */
};

void nca_explanation_default(nca_explanation *out)
{
    *out = (nca_explanation){.name = NULL};
    nca_prediction_options_default(&out->prediction);
}

/* One image. */
typedef struct job {
    const nca_model *model;
    const uint8_t *image;
    const nca_explanation *how;
    const char *path; /* of the picture */
    size_t height, width;
    size_t mark, last; /* steps: of the answer, and the last one */
    char numbers[NCA_MAX_CLASSES][24];
    const char *names[NCA_MAX_CLASSES];
    char title[TEXT], subtitle[TEXT];
    double *probabilities; /* (last+1,classes) */
    nca_image *input;
    /* figure */
    size_t steps[MOST_VOTES], step_count;
    nca_image *pictures[MOST_VOTES], *evidence;
    double evidence_end, evidence_sum;
    size_t answer;
    /* animation */
    nca_animation *animation;
} job;

static void free_job(job *j)
{
    free(j->probabilities);
    nca_image_destroy(j->input);
    nca_image_destroy(j->evidence);
    for (size_t i = 0; i < MOST_VOTES; i++) {
        nca_image_destroy(j->pictures[i]);
    }
    nca_animation_destroy(j->animation);
}

/* ---- Texts -----------------------------------------------------------------------------------*/

static bool has_labels(const job *j)
{
    return j->model->classifier->kind == NCA_LABELS_MULTI_LABEL;
}

/* The class of the answer; for labels the most probable one. */
static size_t answer_of(const job *j, const double *p)
{
    const nca_classifier *c = j->model->classifier;
    return nca_predicted_class(c->kind, p, c->classes);
}

static void append(char out[TEXT], const char *text)
{
    const size_t length = strlen(out);
    snprintf(out + length, TEXT - length, "%s", text);
}

/* The labels that are chosen, with their probabilities if they are given. */
static void append_labels(char out[TEXT], const job *j, const uint8_t *chosen, const double *p)
{
    size_t count = 0;
    for (size_t k = 0; k < j->model->classifier->classes; k++) {
        if (chosen != NULL ? chosen[k] != 0 : p[k] > 0.5) {
            char number[16];
            append(out, count++ > 0 ? ", " : "");
            append(out, j->names[k]);
            snprintf(number, sizeof number, " (%.2f)", p != NULL ? p[k] : 0.0);
            append(out, p != NULL ? number : "");
        }
    }
    append(out, count == 0 ? "none" : "");
}

static bool is_wrong(const job *j, const double *p)
{
    const uint8_t *labels = j->how->labels;
    if (!has_labels(j)) {
        return labels[0] != answer_of(j, p);
    }
    bool wrong = false;
    for (size_t k = 0; k < j->model->classifier->classes; k++) {
        wrong |= (p[k] > 0.5) != (labels[k] != 0);
    }
    return wrong;
}

/* "true: malignant; predicted: benign (0.93); wrong" */
static void write_title(job *j, const double *p)
{
    const uint8_t *labels = j->how->labels;
    j->title[0] = 0;
    if (labels != NULL) {
        append(j->title, "true: ");
        if (has_labels(j)) {
            append_labels(j->title, j, labels, NULL);
        } else {
            append(j->title, j->names[labels[0]]);
        }
        append(j->title, "; ");
    }
    append(j->title, "predicted: ");
    if (has_labels(j)) {
        append_labels(j->title, j, NULL, p);
    } else {
        char number[16];
        snprintf(number, sizeof number, " (%.2f)", p[j->answer]);
        append(j->title, j->names[j->answer]);
        append(j->title, number);
    }
    append(j->title, labels != NULL && is_wrong(j, p) ? "; wrong" : "");
}

/* ---- Both kinds ------------------------------------------------------------------------------ */

static job job_of(const nca_model *model, const uint8_t *image, size_t height, size_t width,
                  const nca_explanation *how, const char *path)
{
    job j = {
        .model = model, .image = image, .how = how, .path = path, .height = height, .width = width};
    j.mark = how->prediction.steps;
    if (j.mark == 0 && model->classifier != NULL) {
        j.mark = model->classifier->steps;
    }
    const size_t twice = j.mark < NCA__MOST_CLASS_STEPS / 2 ? 2 * j.mark : NCA__MOST_CLASS_STEPS;
    j.last = how->last_step > 0 ? how->last_step : twice;
    return j;
}

static nca_status check(const job *j, nca_error *error)
{
    const nca_explanation *how = j->how;
    const nca_classifier *c = j->model->classifier;
    nca_status status = nca__check_reserved(how->reserved, NCA_RESERVED, "nca_explanation", error);
    if (status != NCA_OK) {
        return status;
    }
    if (c == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected a model that classifies images, found one that grows an image");
    }
    status = nca__class_reading_check_steps(&j->mark, 1, error);
    if (status != NCA_OK) {
        return status;
    }
    if (j->last < j->mark || j->last > NCA__MOST_CLASS_STEPS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "last_step: expected %zu, where the answer is read, to %d, found %zu",
                         j->mark, NCA__MOST_CLASS_STEPS, j->last);
    }
    for (size_t k = 0; how->labels != NULL && k < (has_labels(j) ? c->classes : 1); k++) {
        const size_t end = has_labels(j) ? 2 : c->classes;
        if (how->labels[k] >= end) {
            return nca__fail(error, NCA_INVALID_ARGUMENT, "label: expected 0 to %zu, found %u",
                             end - 1, (unsigned)how->labels[k]);
        }
    }
    return NCA_OK;
}

static nca_status begin(job *j, nca_error *error)
{
    const nca_classifier *c = j->model->classifier;
    for (size_t k = 0; k < c->classes; k++) {
        snprintf(j->numbers[k], sizeof j->numbers[k], "%zu", k);
        j->names[k] =
            c->class_names != NULL && c->class_names[k][0] != 0 ? c->class_names[k] : j->numbers[k];
    }
    snprintf(j->subtitle, sizeof j->subtitle, "%s%smean of %zu rollout%s",
             j->how->name != NULL ? j->how->name : "", j->how->name != NULL ? ", " : "",
             j->how->prediction.rollouts, j->how->prediction.rollouts == 1 ? "" : "s");
    if (j->how->prediction.rollouts == 1) {
        snprintf(j->subtitle, sizeof j->subtitle, "%s", j->how->name != NULL ? j->how->name : "");
    }
    j->probabilities = calloc(j->last + 1, c->classes * sizeof *j->probabilities);
    if (j->probabilities == NULL) {
        return nca__fail_memory(error, "probabilities",
                                (j->last + 1) * c->classes * sizeof(double));
    }
    return nca__pixels_image(&j->input, j->image, j->height, j->width,
                             j->model->automaton.input_channels, error);
}

static bool keeps_going(size_t done, void *user)
{
    const job *j = user;
    (void)done;
    return j->how->keep_going == NULL || j->how->keep_going(j->how->user);
}

static nca_status ask(job *j, nca_error *error)
{
    return keeps_going(0, j)
               ? NCA_OK
               : nca__fail(error, NCA_INTERRUPTED, "%s: the picture was stopped", j->path);
}

static void keep_probabilities(job *j, const nca_votes *votes)
{
    memcpy(j->probabilities + votes->step * votes->classes, votes->probabilities,
           votes->classes * sizeof *votes->probabilities);
}

/* ---- The figure ------------------------------------------------------------------------------*/

static void choose_steps(job *j)
{
    const size_t wanted[MOST_VOTES] = {j->mark / 4, j->mark / 2, j->mark, j->last};
    for (size_t i = 0; i < MOST_VOTES; i++) {
        const size_t step = wanted[i] > 0 ? wanted[i] : 1;
        if (step <= j->last && (j->step_count == 0 || step > j->steps[j->step_count - 1])) {
            j->steps[j->step_count++] = step;
        }
    }
}

/* A softmax does not change when all scores change by the same amount, so the evidence is for the
 * score minus the mean of all scores; with a sigmoid it is for the score itself. */
static nca_status take_evidence(job *j, const nca_votes *votes, nca_error *error)
{
    const size_t cells = votes->height * votes->width, classes = votes->classes;
    const bool relative = !j->model->classifier->sigmoid && classes > 1;
    double *values = malloc(2 * cells * sizeof *values);
    if (values == NULL) {
        return nca__fail_memory(error, "the evidence of the cells", 2 * cells * sizeof *values);
    }
    j->answer = answer_of(j, votes->probabilities);
    for (size_t cell = 0; cell < cells; cell++) {
        const double *e = votes->evidence + cell * classes;
        double mean = 0.0;
        for (size_t k = 0; k < classes && relative; k++) {
            mean += e[k] / (double)classes;
        }
        values[cell] = e[j->answer] - mean;
        j->evidence_sum += values[cell];
    }
    memcpy(values + cells, values, cells * sizeof *values);
    j->evidence_end = nca__evidence_end(values + cells, cells);
    nca_status status = nca__evidence_picture(&j->evidence, values, votes->height, votes->width,
                                              j->evidence_end, error);
    free(values);
    return status;
}

static nca_status keep_step(const nca_votes *votes, void *user, nca_error *error)
{
    job *j = user;
    nca_status status = ask(j, error);
    keep_probabilities(j, votes);
    for (size_t i = 0; i < j->step_count && status == NCA_OK; i++) {
        if (votes->step == j->steps[i]) {
            status = nca_votes_picture(&j->pictures[i], votes, j->model, j->image, error);
        }
    }
    return votes->step == j->mark && status == NCA_OK ? take_evidence(j, votes, error) : status;
}

static nca_status save_figure(job *j, nca_error *error)
{
    nca__votes_figure figure = {.title = j->title,
                                .subtitle = j->subtitle,
                                .evidence_end = j->evidence_end,
                                .classes = j->model->classifier->classes,
                                .names = j->names,
                                .probabilities = j->probabilities,
                                .last = j->last,
                                .mark = j->mark};
    nca__votes_panel *at = figure.panels;
    *at++ = (nca__votes_panel){j->input, "image"};
    for (size_t i = 0; i < j->step_count; i++, at++) {
        at->picture = j->pictures[i];
        snprintf(at->caption, sizeof at->caption, "votes, step %zu", j->steps[i]);
    }
    char label[NCA_CLASS_NAME + 64];
    at->picture = j->evidence;
    snprintf(at->caption, sizeof at->caption, "evidence, step %zu", j->mark);
    snprintf(label, sizeof label, "sum %+.2f for %s", j->evidence_sum, j->names[j->answer]);
    figure.evidence_label = label;
    figure.panel_count = (size_t)(at + 1 - figure.panels);
    write_title(j, j->probabilities + j->mark * figure.classes);
    return nca__votes_figure_save(&figure, j->path, error);
}

nca_status nca_explain(const nca_model *model, const uint8_t *image, size_t height, size_t width,
                       const nca_explanation *how, const char *path, nca_error *error)
{
    job j = job_of(model, image, height, width, how, path);
    nca_status status = check(&j, error);
    if (status == NCA_OK) {
        choose_steps(&j);
        status = begin(&j, error);
    }
    if (status == NCA_OK) {
        status = nca_votes_run(model, image, height, width, NULL, j.last + 1, &how->prediction,
                               keep_step, &j, error);
    }
    if (status == NCA_OK) {
        status = save_figure(&j, error);
    }
    free_job(&j);
    return status;
}

/* ---- The animation ---------------------------------------------------------------------------*/

typedef struct moving {
    job *j;
    double fps;
    const double *ranks;
} moving;

static nca_status add_frame(const nca_votes *votes, void *user, nca_error *error)
{
    moving *m = user;
    job *j = m->j;
    nca_image *picture = NULL, *frame = NULL;
    nca_status status = ask(j, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca_votes_picture(&picture, votes, j->model, j->image, error);
    if (status == NCA_OK) {
        status = nca__votes_frame_draw(&frame,
                                       &(nca__votes_frame){.title = j->title,
                                                           .subtitle = j->subtitle,
                                                           .input = j->input,
                                                           .votes = picture,
                                                           .classes = votes->classes,
                                                           .names = j->names,
                                                           .probabilities = votes->probabilities,
                                                           .ranks = m->ranks,
                                                           .step = votes->step,
                                                           .last = j->last,
                                                           .mark = j->mark},
                                       error);
    }
    if (status == NCA_OK && j->animation == NULL) {
        status =
            nca_animation_open(&j->animation, j->path, frame->width, frame->height, m->fps, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_add(j->animation, frame, error);
    }
    nca_image_destroy(picture);
    nca_image_destroy(frame);
    return status;
}

nca_status nca_explain_moving(const nca_model *model, const uint8_t *image, size_t height,
                              size_t width, const nca_explanation *how, const char *path,
                              nca_error *error)
{
    job j = job_of(model, image, height, width, how, path);
    nca_status status = check(&j, error);
    if (status != NCA_OK) {
        return status;
    }
    /* The title and the listed classes follow from the answer, which is not known before. */
    double answer[NCA_MAX_CLASSES];
    nca_prediction_options options = how->prediction;
    options.progress = keeps_going;
    options.user = &j;
    status = nca_predict(answer, NULL, NULL, model, image, 1, height, width, &options, error);
    if (status == NCA_OK) {
        status = begin(&j, error);
    }
    if (status == NCA_OK) {
        j.answer = answer_of(&j, answer);
        write_title(&j, answer);
        moving m = {&j, how->fps > 0.0 ? how->fps : DEFAULT_FPS, answer};
        status = nca_votes_run(model, image, height, width, NULL, j.last + 1, &how->prediction,
                               add_frame, &m, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_hold(j.animation, HOLD, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_commit(j.animation, error);
    }
    free_job(&j);
    return status;
}
