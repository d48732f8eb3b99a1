/* See robustness.h. The conditions are planned as rows first; then each is evaluated on the images
 * of the split, a part of them at a time. */
#include "nca/robustness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/labelled_pixels.h"
#include "measure/class_report_parts.h"
#include "nca/class_evaluation.h"

enum {
    PART_BYTES = 16 << 20 /* of changed images in memory, about */
};

static const double default_sizes[] = {2.0};

typedef struct job {
    const nca_model *model;
    const nca_labelled *data;
    const nca_labelled_split *from;
    const nca_robustness_options *options;
    nca_prediction_options prediction;
    nca_robustness *out;
    double *probabilities; /* (count,classes) */
    /* Work in images of the original size. */
    double done, total;
    double image_work; /* of an image of this row */
    size_t earlier;    /* images of this row before this call of nca_predict */
} job;

void nca_robustness_options_default(nca_robustness_options *out)
{
    *out = (nca_robustness_options){.sizes = default_sizes, .size_count = 1};
    nca_prediction_options_default(&out->prediction);
}

void nca_robustness_destroy(nca_robustness *robustness)
{
    if (robustness != NULL) {
        free(robustness->rows);
        free(robustness);
    }
}

/* ---- Conditions ------------------------------------------------------------------------------*/

static size_t side_of(size_t side, double factor)
{
    const double enlarged = floor((double)side * factor + 0.5);
    return enlarged < 1.0 ? 1 : (size_t)enlarged;
}

static nca_status check(const nca_robustness_options *o, const nca_labelled *data, nca_error *error)
{
    const nca_status room =
        nca__check_reserved(o->reserved, NCA_RESERVED, "nca_robustness_options", error);
    if (room != NCA_OK) {
        return room;
    }
    for (size_t i = 0; i < o->size_count; i++) {
        if (!(o->sizes[i] > 0.0 && isfinite(o->sizes[i]))) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "size: expected a factor above 0, found %g", o->sizes[i]);
        }
        const double longer = (double)(data->height > data->width ? data->height : data->width);
        if (longer * o->sizes[i] > NCA_MAX_SIDE) {
            return nca__fail(error, NCA_LIMIT,
                             "size: expected sides of at most %d pixels, found %g for images of "
                             "%zux%zu",
                             NCA_MAX_SIDE, longer * o->sizes[i], data->height, data->width);
        }
    }
    for (size_t i = 0; i < o->fire_rate_count; i++) {
        if (!(o->fire_rates[i] > 0.0 && o->fire_rates[i] <= 1.0)) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "fire rate: expected a number above 0 and at most 1, found %g",
                             o->fire_rates[i]);
        }
    }
    return NCA_OK;
}

static size_t rows_of(const nca_robustness_options *o)
{
    const size_t corruptions =
        o->without_corruptions ? 0 : NCA_CORRUPTION_COUNT * NCA_CORRUPTION_STRENGTHS;
    return 1 + corruptions + o->size_count + o->fire_rate_count;
}

static void plan(nca_robustness *out, const nca_robustness_options *o)
{
    nca_robustness_row *row = out->rows;
    *row++ = (nca_robustness_row){.kind = "none"};
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT && !o->without_corruptions; kind++) {
        const nca_corruption_about *about = nca_corruption_describe((nca_corruption)kind);
        for (size_t strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
            *row++ = (nca_robustness_row){.part = NCA_ROBUSTNESS_CORRUPTION,
                                          .corruption = (nca_corruption)kind,
                                          .kind = about->name,
                                          .strength = strength,
                                          .amount = about->amount[strength]};
        }
    }
    for (size_t i = 0; i < o->size_count; i++) {
        *row++ = (nca_robustness_row){
            .part = NCA_ROBUSTNESS_SIZE, .kind = "size", .amount = o->sizes[i]};
    }
    for (size_t i = 0; i < o->fire_rate_count; i++) {
        *row++ = (nca_robustness_row){
            .part = NCA_ROBUSTNESS_FIRE_RATE, .kind = "fire-rate", .amount = o->fire_rates[i]};
    }
}

/* The work for an image of a row; that for an image as it is is 1. */
static double work_of(const job *j, const nca_robustness_row *row)
{
    return row->part == NCA_ROBUSTNESS_SIZE ? (double)side_of(j->data->height, row->amount) *
                                                  (double)side_of(j->data->width, row->amount) /
                                                  ((double)j->data->height * (double)j->data->width)
                                            : 1.0;
}

/* ---- Progress --------------------------------------------------------------------------------*/

static bool watch(size_t done, void *user)
{
    const job *j = user;
    if (j->options->progress == NULL) {
        return true;
    }
    const double now = j->done + (double)(j->earlier + done) * j->image_work;
    return j->options->progress(fmin(now / j->total, 1.0), j->options->user);
}

static void begin_row(job *j, const nca_robustness_row *row)
{
    j->image_work = work_of(j, row);
    j->earlier = 0;
}

static void end_row(job *j)
{
    j->done += (double)j->from->count * j->image_work;
}

/* ---- Evaluation ------------------------------------------------------------------------------*/

/* Images [first, first + count) under the condition of a row. */
static nca_status change_images(uint8_t *out, size_t height, size_t width, const job *j,
                                const nca_robustness_row *row, size_t first, size_t count,
                                nca_error *error)
{
    const nca_labelled *d = j->data;
    const size_t bytes = d->height * d->width * d->channels;
    const uint8_t *images = j->from->images + first * bytes;
    nca_status status = NCA_OK;
    if (row->part == NCA_ROBUSTNESS_CORRUPTION) {
        nca_corruption_options options;
        nca_corruption_options_default(&options);
        options.kind = row->corruption;
        options.amount = row->amount;
        options.seed = j->prediction.seed;
        options.first = (uint32_t)first; /* a split has fewer than 2^32 images */
        return nca_corrupt(out, images, count, d->height, d->width, d->channels, &options, error);
    }
    if (row->part != NCA_ROBUSTNESS_SIZE) {
        memcpy(out, images, count * bytes);
        return NCA_OK;
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = nca__pixels_resize(out + i * height * width * d->channels, height, width,
                                    images + i * bytes, d->height, d->width, d->channels, error);
    }
    return status;
}

/* Predicts all images of a row, a part at a time. */
static nca_status predict_row(job *j, const nca_model *model, const nca_robustness_row *row,
                              nca_error *error)
{
    const nca_labelled *d = j->data;
    const bool resized = row->part == NCA_ROBUSTNESS_SIZE;
    const size_t height = resized ? side_of(d->height, row->amount) : d->height;
    const size_t width = resized ? side_of(d->width, row->amount) : d->width;
    const size_t bytes = height * width * d->channels, count = j->from->count;
    size_t part = PART_BYTES / bytes > 0 ? PART_BYTES / bytes : 1;
    part = part < count ? part : count;
    uint8_t *images = malloc(part * bytes);
    if (images == NULL) {
        return nca__fail_memory(error, "changed images", part * bytes);
    }
    nca_status status = NCA_OK;
    for (size_t first = 0; first < count && status == NCA_OK; first += part) {
        const size_t now = count - first < part ? count - first : part;
        j->earlier = first;
        status = change_images(images, height, width, j, row, first, now, error);
        if (status == NCA_OK) {
            status = nca_predict(j->probabilities + first * d->classes, NULL, NULL, model, images,
                                 now, height, width, &j->prediction, error);
        }
    }
    free(images);
    return status;
}

/* The scores of the predictions of a row: NaN if one of them is not finite. */
static nca_status score_row(job *j, nca_robustness_row *row, nca_error *error)
{
    const size_t count = j->from->count, classes = j->data->classes;
    if (!nca__are_finite(j->probabilities, count * classes)) {
        row->auc = row->accuracy = NAN;
        j->out->diverged++;
        return NCA_OK;
    }
    const nca_predictions predictions = {.kind = j->data->kind,
                                         .count = count,
                                         .classes = classes,
                                         .probabilities = j->probabilities,
                                         .labels = j->from->labels};
    nca_scores scores;
    const nca_status status = nca_scores_compute(&scores, &predictions, error);
    if (status == NCA_OK) {
        row->auc = scores.auc;
        row->accuracy = scores.accuracy;
        nca_scores_free(&scores);
    }
    return status;
}

static nca_status evaluate_row(job *j, nca_robustness_row *row, nca_error *error)
{
    nca_model *copy = NULL;
    nca_status status = NCA_OK;
    begin_row(j, row);
    if (row->part == NCA_ROBUSTNESS_FIRE_RATE) {
        status = nca_model_copy(&copy, j->model, error);
        if (status == NCA_OK) {
            copy->automaton.fire_rate = (float)row->amount;
        }
    }
    if (status == NCA_OK) {
        status = predict_row(j, copy != NULL ? copy : j->model, row, error);
    }
    nca_model_destroy(copy);
    if (status == NCA_OK) {
        end_row(j);
        status = score_row(j, row, error);
    }
    return status;
}

/* The images as they are; this also checks that model and data fit together. */
static nca_status evaluate_unchanged(job *j, nca_split split, nca_error *error)
{
    nca_class_evaluation *evaluation = NULL;
    begin_row(j, &j->out->rows[0]);
    const nca_status status =
        nca_evaluate_classes(&evaluation, j->model, j->data, split, &j->prediction, error);
    if (status == NCA_OK) {
        j->out->rows[0].auc = evaluation->scores.auc;
        j->out->rows[0].accuracy = evaluation->scores.accuracy;
        nca_class_evaluation_destroy(evaluation);
        end_row(j);
    }
    return status;
}

/* Accuracies are NaN only in rows that have diverged. */
static void add_means(nca_robustness *out)
{
    double auc = 0.0, accuracy = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < out->row_count; i++) {
        if (out->rows[i].part == NCA_ROBUSTNESS_CORRUPTION && !isnan(out->rows[i].accuracy)) {
            auc += out->rows[i].auc;
            accuracy += out->rows[i].accuracy;
            count++;
        }
    }
    out->corrupted_auc = count > 0 ? auc / (double)count : NAN;
    out->corrupted_accuracy = count > 0 ? accuracy / (double)count : NAN;
}

static nca_status evaluate(job *j, nca_split split, nca_error *error)
{
    nca_robustness *out = j->out;
    for (size_t i = 0; i < out->row_count; i++) {
        j->total += (double)j->from->count * work_of(j, &out->rows[i]);
    }
    nca_status status = evaluate_unchanged(j, split, error);
    if (status == NCA_OK) {
        const size_t bytes = j->from->count * j->data->classes * sizeof *j->probabilities;
        j->probabilities = malloc(bytes);
        status = j->probabilities != NULL ? NCA_OK : nca__fail_memory(error, "predictions", bytes);
    }
    for (size_t i = 1; i < out->row_count && status == NCA_OK; i++) {
        status = evaluate_row(j, &out->rows[i], error);
    }
    free(j->probabilities);
    return status;
}

nca_status nca_evaluate_robustness(nca_robustness **out_robustness, const nca_model *model,
                                   const nca_labelled *data, nca_split split,
                                   const nca_robustness_options *options, nca_error *error)
{
    nca_status status = check(options, data, error);
    if (status != NCA_OK) {
        return status;
    }
    if ((unsigned)split >= NCA_SPLIT_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "split: expected 0 to %d, found %d",
                         NCA_SPLIT_COUNT - 1, (int)split);
    }
    const size_t rows = rows_of(options);
    nca_robustness *out = calloc(1, sizeof *out);
    if (out != NULL) {
        out->rows = calloc(rows, sizeof *out->rows);
    }
    if (out == NULL || out->rows == NULL) {
        nca_robustness_destroy(out);
        return nca__fail_memory(error, "scores", rows * sizeof *out->rows);
    }
    const nca_prediction_options *p = &options->prediction;
    out->split = split;
    out->count = data->split[split].count;
    out->height = data->height;
    out->width = data->width;
    out->rollouts = p->rollouts;
    out->steps = p->steps > 0 || model->classifier == NULL ? p->steps : model->classifier->steps;
    out->seed = p->seed;
    out->row_count = rows;
    plan(out, options);
    job j = {.model = model,
             .data = data,
             .from = &data->split[split],
             .options = options,
             .prediction = *p,
             .out = out};
    j.prediction.progress = watch;
    j.prediction.user = &j;
    status = evaluate(&j, split, error);
    if (status != NCA_OK) {
        nca_robustness_destroy(out);
        return status;
    }
    add_means(out);
    *out_robustness = out;
    return NCA_OK;
}
