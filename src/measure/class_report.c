/* See class_report.h. */
#include "nca/class_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/class_reading.h"
#include "measure/class_report_parts.h"

static const double left_out[NCA_CLASS_COVERAGES] = {0.0, 0.1, 0.2, 0.5};

void nca_class_report_options_default(nca_class_report_options *out)
{
    *out = (nca_class_report_options){.step_rollouts = 1};
    nca_prediction_options_default(&out->prediction);
    out->prediction.rollouts = 16;
}

void nca_class_report_destroy(nca_class_report *report)
{
    if (report != NULL) {
        free(report->class_names);
        free(report->labels);
        nca_class_evaluation_destroy(report->evaluation);
        free(report->entropy);
        free(report->spread);
        nca_scores_free(&report->calibrated);
        free(report->over_steps);
        free(report);
    }
}

/* One call. Work is counted in steps of single images. */
typedef struct job {
    nca_class_report *report;
    const nca_model *model;
    const nca_labelled *data;
    const nca_class_report_options *options;
    size_t usual_steps[NCA_CLASS_STEP_ROWS];
    const size_t *steps; /* (step_count) of over_steps */
    size_t step_count;
    double done, total;
    double each; /* work for an image in the present part */
} job;

static bool watch(size_t done, void *user)
{
    const job *j = user;
    const nca_class_report_options *o = j->options;
    return o->progress == NULL ||
           o->progress((j->done + (double)done * j->each) / j->total, o->user);
}

/* The options of a part with so many rollouts and steps. */
static nca_prediction_options begin_part(job *j, size_t rollouts, size_t steps)
{
    nca_prediction_options options = j->options->prediction;
    options.rollouts = rollouts;
    options.steps = steps;
    options.progress = watch;
    options.user = j;
    j->each = (double)rollouts * (double)steps;
    return options;
}

static void end_part(job *j, size_t images)
{
    j->done += (double)images * j->each;
}

/* ---- What is evaluated -----------------------------------------------------------------------*/

static bool has_own_probabilities(const job *j)
{
    return j->report->kind == NCA_LABELS_MULTI_LABEL || j->model->classifier->sigmoid;
}

static nca_predictions predictions_of(const nca_class_report *r, const double *probabilities)
{
    return (nca_predictions){.kind = r->kind,
                             .count = r->count,
                             .classes = r->classes,
                             .probabilities = probabilities,
                             .labels = r->labels};
}

/* Chooses the steps of over_steps. Half of one step is one step, which is there already; rows with
 * more steps than can be run are left out. */
static nca_status choose_steps(job *j, nca_error *error)
{
    const size_t steps = j->report->steps;
    nca_status status = nca__class_reading_check_steps(&steps, 1, error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t usual[NCA_CLASS_STEP_ROWS] = {steps / 2, steps, 2 * steps, 4 * steps, 16 * steps};
    j->steps = j->options->steps;
    j->step_count = j->options->step_count;
    if (j->steps == NULL) {
        memcpy(j->usual_steps, usual, sizeof usual);
        const size_t first = usual[0] == 0 ? 1 : 0;
        j->steps = j->usual_steps + first;
        j->step_count = NCA_CLASS_STEP_ROWS - first;
        while (j->steps[j->step_count - 1] > NCA__MOST_CLASS_STEPS) {
            j->step_count--;
        }
    }
    return nca__class_reading_check_steps(j->steps, j->step_count, error);
}

/* Whether the split is not val but val is there, to fit the temperature on. */
static bool has_other_val(const job *j)
{
    return j->report->split != NCA_SPLIT_VAL && j->data->split[NCA_SPLIT_VAL].count > 0;
}

static bool has_single_row(const job *j)
{
    bool found = false;
    for (size_t i = 0; i < j->step_count; i++) {
        found = found || j->steps[i] == j->report->steps;
    }
    return found && j->options->step_rollouts == 1;
}

static void count_work(job *j)
{
    const nca_class_report *r = j->report;
    const double count = (double)r->count, steps = (double)r->steps;
    const size_t last = j->step_count > 0 ? j->steps[j->step_count - 1] : 0;
    j->total = count * (double)r->rollouts * steps;
    j->total += count * (double)j->options->step_rollouts * (double)last;
    j->total += has_single_row(j) ? 0.0 : count * steps;
    if (has_other_val(j)) {
        j->total += (double)j->data->split[NCA_SPLIT_VAL].count * (double)r->rollouts * steps;
    }
}

static nca_status describe(job *j, nca_split split, nca_error *error)
{
    nca_class_report *r = j->report;
    const nca_classifier *c = j->model->classifier;
    const nca_labelled_split *from = &j->data->split[split];
    r->kind = j->data->kind;
    r->split = split;
    r->count = from->count;
    r->classes = j->data->classes;
    r->label_width = j->data->label_width;
    r->height = j->data->height;
    r->width = j->data->width;
    r->rollouts = j->options->prediction.rollouts;
    r->steps = j->options->prediction.steps > 0 ? j->options->prediction.steps : c->steps;
    r->seed = j->options->prediction.seed;
    r->precision = j->options->prediction.precision;
    r->temperature = NAN;
    const size_t names = r->classes * sizeof *r->class_names;
    const size_t labels = r->count * r->label_width;
    r->class_names = malloc(names);
    r->labels = malloc(labels);
    r->entropy = malloc(r->count * sizeof *r->entropy);
    r->spread = malloc(r->count * sizeof *r->spread);
    if (r->class_names == NULL || r->labels == NULL || r->entropy == NULL || r->spread == NULL) {
        return nca__fail_memory(error, "an evaluation",
                                names + labels + 2 * r->count * sizeof *r->entropy);
    }
    memcpy(r->class_names, c->class_names, names);
    memcpy(r->labels, from->labels, labels);
    return NCA_OK;
}

/* ---- The parts -------------------------------------------------------------------------------*/

static void find_uncertainty(nca_class_report *r, const nca_classifier *classifier)
{
    for (size_t i = 0; i < r->count; i++) {
        const double *deviations = r->evaluation->deviations + i * r->classes;
        double spread = 0.0;
        for (size_t k = 0; k < r->classes; k++) {
            spread += deviations[k];
        }
        r->entropy[i] =
            nca_prediction_entropy(classifier, r->evaluation->probabilities + i * r->classes);
        r->spread[i] = spread / (double)r->classes;
    }
}

static nca_status find_coverage(nca_class_report *r, nca_error *error)
{
    const nca_predictions predictions = predictions_of(r, r->evaluation->probabilities);
    double entropy[NCA_CLASS_COVERAGES], spread[NCA_CLASS_COVERAGES];
    nca_status status =
        nca_risk_coverage(entropy, left_out, NCA_CLASS_COVERAGES, &predictions, r->entropy, error);
    if (status == NCA_OK) {
        status = nca_risk_coverage(spread, left_out, NCA_CLASS_COVERAGES, &predictions, r->spread,
                                   error);
    }
    for (size_t i = 0; i < NCA_CLASS_COVERAGES && status == NCA_OK; i++) {
        r->coverage[i] = (nca_class_coverage){left_out[i], entropy[i],
                                              r->rollouts > 1 || i == 0 ? spread[i] : NAN};
    }
    return status;
}

static nca_status evaluate_mean(job *j, nca_error *error)
{
    nca_class_report *r = j->report;
    const nca_prediction_options options = begin_part(j, r->rollouts, r->steps);
    nca_status status =
        nca_evaluate_classes(&r->evaluation, j->model, j->data, r->split, &options, error);
    end_part(j, r->count);
    if (status == NCA_OK) {
        find_uncertainty(r, j->model->classifier);
        status = find_coverage(r, error);
    }
    return status;
}

nca_class_row nca__class_row(const nca_scores *scores, size_t steps, size_t rollouts)
{
    return (nca_class_row){.steps = steps,
                           .rollouts = rollouts,
                           .auc = scores->auc,
                           .accuracy = scores->accuracy,
                           .balanced_accuracy = scores->balanced_accuracy,
                           .log_loss = scores->log_loss,
                           .brier = scores->brier,
                           .ece = scores->ece};
}

/* A model whose values grow without limit has no scores after these steps. */
static nca_class_row row_without_scores(size_t steps, size_t rollouts)
{
    const nca_scores none = {.auc = NAN,
                             .accuracy = NAN,
                             .balanced_accuracy = NAN,
                             .log_loss = NAN,
                             .brier = NAN,
                             .ece = NAN};
    return nca__class_row(&none, steps, rollouts);
}

static nca_status find_row(nca_class_row *out, const nca_class_report *r,
                           const double *probabilities, size_t steps, size_t rollouts,
                           nca_error *error)
{
    nca_scores scores;
    if (!nca__are_finite(probabilities, r->count * r->classes)) {
        *out = row_without_scores(steps, rollouts);
        return NCA_OK;
    }
    const nca_predictions predictions = predictions_of(r, probabilities);
    const nca_status status = nca_scores_compute(&scores, &predictions, error);
    if (status == NCA_OK) {
        *out = nca__class_row(&scores, steps, rollouts);
        nca_scores_free(&scores);
    }
    return status;
}

/* Scores after several numbers of steps: out (step_count). */
static nca_status evaluate_steps(nca_class_row *out, job *j, const size_t *steps, size_t step_count,
                                 size_t rollouts, nca_error *error)
{
    const nca_class_report *r = j->report;
    const nca_labelled_split *from = &j->data->split[r->split];
    const size_t values = r->count * r->classes;
    double *probabilities = malloc(step_count * values * sizeof *probabilities);
    if (probabilities == NULL) {
        return nca__fail_memory(error, "predictions", step_count * values * sizeof *probabilities);
    }
    const nca_prediction_options options = begin_part(j, rollouts, steps[step_count - 1]);
    nca_status status =
        nca_predict_steps(probabilities, NULL, NULL, j->model, from->images, r->count, r->height,
                          r->width, steps, step_count, &options, error);
    end_part(j, r->count);
    for (size_t i = 0; i < step_count && status == NCA_OK; i++) {
        status = find_row(&out[i], r, probabilities + i * values, steps[i], rollouts, error);
    }
    free(probabilities);
    return status;
}

static nca_status evaluate_over_steps(job *j, nca_error *error)
{
    nca_class_report *r = j->report;
    nca_status status = NCA_OK;
    if (j->step_count > 0) {
        r->over_steps = calloc(j->step_count, sizeof *r->over_steps);
        r->step_count = r->over_steps != NULL ? j->step_count : 0;
        status = r->over_steps != NULL
                     ? evaluate_steps(r->over_steps, j, j->steps, j->step_count,
                                      j->options->step_rollouts, error)
                     : nca__fail_memory(error, "an evaluation", j->step_count * sizeof *j->steps);
    }
    if (status != NCA_OK || !has_single_row(j)) {
        return status == NCA_OK ? evaluate_steps(&r->single, j, &r->steps, 1, 1, error) : status;
    }
    for (size_t i = 0; i < j->step_count; i++) {
        if (j->steps[i] == r->steps) {
            r->single = r->over_steps[i];
        }
    }
    return NCA_OK;
}

/* ---- Temperature -----------------------------------------------------------------------------*/

/* Of labels that are classes, one of 0 and 1 for each class: (count,classes). */
static uint8_t *one_hot(const uint8_t *labels, size_t count, size_t classes)
{
    uint8_t *out = calloc(count, classes);
    for (size_t i = 0; i < count && out != NULL; i++) {
        out[i * classes + labels[i]] = 1;
    }
    return out;
}

/* Fits the factor between the classifier's temperature and the best one. */
static nca_status fit(double *out_factor, const job *j, const nca_class_evaluation *val,
                      const uint8_t *labels, nca_error *error)
{
    const nca_class_report *r = j->report;
    if (!has_own_probabilities(j) || r->kind == NCA_LABELS_MULTI_LABEL) {
        return nca_temperature_fit(out_factor, r->kind, val->logits, labels, val->count,
                                   val->classes, error);
    }
    uint8_t *each = one_hot(labels, val->count, val->classes);
    if (each == NULL) {
        return nca__fail_memory(error, "labels", val->count * val->classes);
    }
    const nca_status status = nca_temperature_fit(out_factor, NCA_LABELS_MULTI_LABEL, val->logits,
                                                  each, val->count, val->classes, error);
    free(each);
    return status;
}

static nca_status score_calibrated(job *j, double factor, nca_error *error)
{
    nca_class_report *r = j->report;
    double *probabilities = malloc(r->count * r->classes * sizeof *probabilities);
    if (probabilities == NULL) {
        return nca__fail_memory(error, "predictions",
                                r->count * r->classes * sizeof *probabilities);
    }
    nca_probabilities(probabilities, has_own_probabilities(j) ? NCA_LABELS_MULTI_LABEL : r->kind,
                      r->evaluation->logits, r->count, r->classes, factor);
    const nca_predictions predictions = predictions_of(r, probabilities);
    const nca_status status = nca_scores_compute(&r->calibrated, &predictions, error);
    free(probabilities);
    return status;
}

/* Scores that are not finite have no temperature. */
static nca_status calibrate(job *j, nca_error *error)
{
    nca_class_report *r = j->report;
    const nca_labelled_split *from = &j->data->split[NCA_SPLIT_VAL];
    nca_class_evaluation *own = NULL;
    double factor;
    nca_status status = NCA_OK;
    if (from->count == 0 || !nca__are_finite(r->evaluation->logits, r->count * r->classes)) {
        return NCA_OK;
    }
    if (has_other_val(j)) {
        const nca_prediction_options options = begin_part(j, r->rollouts, r->steps);
        status = nca_evaluate_classes(&own, j->model, j->data, NCA_SPLIT_VAL, &options, error);
        end_part(j, from->count);
        if (status == NCA_DIVERGED ||
            (status == NCA_OK && !nca__are_finite(own->logits, own->count * own->classes))) {
            nca_class_evaluation_destroy(own);
            return NCA_OK;
        }
    }
    if (status == NCA_OK) {
        status = fit(&factor, j, own != NULL ? own : r->evaluation, from->labels, error);
    }
    if (status == NCA_OK) {
        r->temperature = factor * j->model->classifier->temperature;
        status = score_calibrated(j, factor, error);
    }
    nca_class_evaluation_destroy(own);
    return status;
}

/* ---- All -------------------------------------------------------------------------------------*/

nca_status nca_class_report_create(nca_class_report **out_report, const nca_model *model,
                                   const nca_labelled *data, nca_split split,
                                   const nca_class_report_options *options, nca_error *error)
{
    job j = {.model = model, .data = data, .options = options};
    nca_status status =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_class_report_options", error);
    if (status == NCA_OK) {
        status = nca__check_class_data(model, data, split, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    j.report = calloc(1, sizeof *j.report);
    if (j.report == NULL) {
        return nca__fail_memory(error, "an evaluation", sizeof *j.report);
    }
    status = describe(&j, split, error);
    if (status == NCA_OK) {
        status = choose_steps(&j, error);
    }
    if (status == NCA_OK) {
        count_work(&j);
        status = evaluate_mean(&j, error);
    }
    if (status == NCA_OK) {
        status = evaluate_over_steps(&j, error);
    }
    if (status == NCA_OK) {
        status = calibrate(&j, error);
    }
    if (status != NCA_OK) {
        nca_class_report_destroy(j.report);
        return status;
    }
    *out_report = j.report;
    return NCA_OK;
}
