/* See class_results.h. */
#include "cli/runs/class_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model/class_data.h"

static const double reading = 0.1; /* fraction of the progress for reading the images */

/* ---- Progress --------------------------------------------------------------------------------*/

typedef struct watching {
    const nca_class_report_options *options; /* of the caller */
    double before, share;
} watching;

static bool watch(double share, void *user)
{
    const watching *w = user;
    const nca_class_report_options *o = w->options;
    return o->progress == NULL || o->progress(w->before + share * w->share, o->user);
}

/* ---- Examples --------------------------------------------------------------------------------*/

static double loss_of_decision(double p)
{
    const double least = 1e-15; /* as in nca_scores.log_loss */
    return -log(p > least ? p : least);
}

/* The log loss of a prediction, and whether all of its decisions are right. */
static double loss_of(bool *out_right, const nca_class_report *r, size_t image)
{
    const double *p = r->evaluation->probabilities + image * r->classes;
    if (r->kind != NCA_LABELS_MULTI_LABEL) {
        const size_t label = r->labels[image];
        *out_right = nca_predicted_class(r->kind, p, r->classes) == label;
        return loss_of_decision(p[label]);
    }
    const uint8_t *labels = r->labels + image * r->classes;
    double sum = 0.0;
    *out_right = true;
    for (size_t k = 0; k < r->classes; k++) {
        *out_right = *out_right && (p[k] > 0.5) == (labels[k] != 0);
        sum += loss_of_decision(labels[k] != 0 ? p[k] : 1.0 - p[k]);
    }
    return sum / (double)r->classes;
}

/* Indices of the images with the highest values, the highest first; of equal ones the first.
 * Images whose value is negative are left out. */
static size_t find_highest(size_t out[CLASS_EXAMPLES], const double *values, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] >= 0.0)) {
            continue;
        }
        size_t at = found;
        while (at > 0 && values[i] > values[out[at - 1]]) {
            at--;
        }
        if (at == CLASS_EXAMPLES) {
            continue;
        }
        found += found < CLASS_EXAMPLES;
        memmove(out + at + 1, out + at, (found - at - 1) * sizeof *out);
        out[at] = i;
    }
    return found;
}

static nca_status copy_image(nca_image **out, const nca_labelled *data, const uint8_t *pixels,
                             nca_error *error)
{
    const nca_status status = nca_image_create(out, data->width, data->height, error);
    for (size_t i = 0; status == NCA_OK && i < data->width * data->height; i++) {
        for (size_t c = 0; c < 3; c++) {
            (*out)->pixels[4 * i + c] = pixels[data->channels == 3 ? 3 * i + c : i];
        }
        (*out)->pixels[4 * i + 3] = 255;
    }
    return status;
}

static nca_status take_examples(class_example *out, size_t *out_count, const size_t *indices,
                                size_t count, const nca_labelled *data, nca_split split,
                                nca_error *error)
{
    const nca_labelled_split *from = &data->split[split];
    const size_t bytes = data->height * data->width * data->channels;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        out[i].index = indices[i];
        if (from->names != NULL) {
            nca_run_name(out[i].name, sizeof out[i].name, from->names[indices[i]]);
        } else {
            snprintf(out[i].name, sizeof out[i].name, "%s/%zu", nca_split_name(split), indices[i]);
        }
        status = copy_image(&out[i].image, data, from->images + indices[i] * bytes, error);
        *out_count += status == NCA_OK;
    }
    return status;
}

static nca_status find_examples(class_results *out, const nca_labelled *data, nca_error *error)
{
    const nca_class_report *r = out->report;
    size_t indices[CLASS_EXAMPLES];
    double *losses = calloc(r->count, sizeof *losses);
    if (losses == NULL) {
        snprintf(error->message, sizeof error->message, "out of memory for a report");
        return error->status = NCA_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < r->count; i++) {
        bool right;
        const double loss = loss_of(&right, r, i);
        losses[i] = right ? -1.0 : loss;
        out->wrong += !right;
    }
    size_t count = find_highest(indices, losses, r->count);
    nca_status status =
        take_examples(out->worst, &out->worst_count, indices, count, data, r->split, error);
    if (status == NCA_OK) {
        count = find_highest(indices, r->entropy, r->count);
        status =
            take_examples(out->unsure, &out->unsure_count, indices, count, data, r->split, error);
    }
    free(losses);
    return status;
}

/* ---- Measuring -------------------------------------------------------------------------------*/

nca_status class_results_measure(class_results *out, const nca_model *model, const char *path,
                                 const char *root, const nca_class_report_options *options,
                                 nca_error *error)
{
    nca_labelled *data = NULL;
    watching w = {.options = options, .share = reading};
    nca_status status = class_data_load(&data, model, path, root, watch, &w, error);
    if (status == NCA_OK) {
        nca_class_report_options own = *options;
        w = (watching){.options = options, .before = reading, .share = 1.0 - reading};
        own.progress = watch;
        own.user = &w;
        status = nca_class_report_create(&out->report, model, data, NCA_SPLIT_TEST, &own, error);
    }
    if (status == NCA_OK) {
        out->notices = strdup(data->notices);
        status = find_examples(out, data, error);
    }
    nca_labelled_close(data);
    if (status == NCA_OK || status == NCA_INTERRUPTED || status == NCA_OUT_OF_MEMORY) {
        return status;
    }
    snprintf(out->missing, sizeof out->missing, "%s", error->message);
    return NCA_OK;
}

static void free_examples(class_example *examples)
{
    for (size_t i = 0; i < CLASS_EXAMPLES; i++) {
        nca_image_destroy(examples[i].image);
    }
}

void class_results_free(class_results *results)
{
    nca_class_report_destroy(results->report);
    free(results->notices);
    free_examples(results->worst);
    free_examples(results->unsure);
    *results = (class_results){0};
}
