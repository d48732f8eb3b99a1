/* See class_evaluation.h. */
#include "nca/class_evaluation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/class_report_parts.h"

void nca_class_evaluation_destroy(nca_class_evaluation *evaluation)
{
    if (evaluation != NULL) {
        nca_scores_free(&evaluation->scores);
        free(evaluation->probabilities);
        free(evaluation->deviations);
        free(evaluation->logits);
        free(evaluation);
    }
}

static bool is_labels(nca_label_kind kind)
{
    return kind == NCA_LABELS_MULTI_LABEL;
}

/* Archives that the catalogue does not know have numbers as names. */
static bool is_numbered(char (*names)[NCA_CLASS_NAME], size_t classes)
{
    char number[NCA_CLASS_NAME];
    bool numbered = true;
    for (size_t k = 0; k < classes && numbered; k++) {
        snprintf(number, sizeof number, "%zu", k);
        numbered = strcmp(number, names[k]) == 0;
    }
    return numbered;
}

static nca_status check_names(const nca_classifier *c, const nca_labelled *data, nca_error *error)
{
    if (is_numbered(data->class_names, data->classes) || is_numbered(c->class_names, c->classes)) {
        return NCA_OK;
    }
    for (size_t k = 0; k < data->classes; k++) {
        char name[NCA_CLASS_NAME];
        memcpy(name, data->class_names[k], sizeof name);
        nca__clean_text(name); /* as in the model */
        if (strcmp(name, c->class_names[k]) != 0) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: expected the classes of the model, found others: class %zu of "
                             "the model is \"%s\", that of the data \"%s\"",
                             data->source, k, c->class_names[k], name);
        }
    }
    return NCA_OK;
}

nca_status nca__check_class_data(const nca_model *model, const nca_labelled *data, nca_split split,
                                 nca_error *error)
{
    const nca_classifier *c = model->classifier;
    if (c == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected a model that classifies images, found one that grows an image");
    }
    if (data->channels != model->automaton.input_channels) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected images with %lu channel%s, as the model was trained on, "
                         "found %zu",
                         data->source, (unsigned long)model->automaton.input_channels,
                         model->automaton.input_channels == 1 ? "" : "s", data->channels);
    }
    if (data->classes != c->classes || is_labels(data->kind) != is_labels(c->kind)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected the %lu %s of the model, found %zu %s", data->source,
                         (unsigned long)c->classes, is_labels(c->kind) ? "labels" : "classes",
                         data->classes, is_labels(data->kind) ? "labels" : "classes");
    }
    if ((unsigned)split >= NCA_SPLIT_COUNT || data->split[split].count == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the split %s has no images; found train %zu, val %zu, test %zu",
                         data->source, nca_split_name(split), data->split[NCA_SPLIT_TRAIN].count,
                         data->split[NCA_SPLIT_VAL].count, data->split[NCA_SPLIT_TEST].count);
    }
    return check_names(c, data, error);
}

bool nca__are_finite(const double *values, size_t count)
{
    size_t i = 0;
    while (i < count && isfinite(values[i])) {
        i++;
    }
    return i == count;
}

/* A model whose values grow without limit. */
static nca_status check_finite(const nca_class_evaluation *e, size_t steps, nca_error *error)
{
    for (size_t i = 0; i < e->count * e->classes; i++) {
        if (!isfinite(e->probabilities[i])) {
            return nca__fail(error, NCA_DIVERGED,
                             "image %zu, class %zu: the score after %zu steps is not a number: the "
                             "values of the model grow without limit; use fewer steps or another "
                             "model",
                             i / e->classes, i % e->classes, steps);
        }
    }
    return NCA_OK;
}

nca_status nca_evaluate_classes(nca_class_evaluation **out_evaluation, const nca_model *model,
                                const nca_labelled *data, nca_split split,
                                const nca_prediction_options *options, nca_error *error)
{
    nca_status status = nca__check_class_data(model, data, split, error);
    if (status != NCA_OK) {
        return status;
    }
    const nca_labelled_split *from = &data->split[split];
    const size_t bytes = from->count * data->classes * sizeof(double);
    nca_class_evaluation *e = calloc(1, sizeof *e);
    if (e != NULL) {
        e->count = from->count;
        e->classes = data->classes;
        e->probabilities = malloc(bytes);
        e->deviations = malloc(bytes);
        e->logits = malloc(bytes);
    }
    if (e == NULL || e->probabilities == NULL || e->deviations == NULL || e->logits == NULL) {
        nca_class_evaluation_destroy(e);
        return nca__fail_memory(error, "predictions", 3 * bytes);
    }
    status = nca_predict(e->probabilities, e->deviations, e->logits, model, from->images,
                         from->count, data->height, data->width, options, error);
    if (status == NCA_OK) {
        status =
            check_finite(e, options->steps > 0 ? options->steps : model->classifier->steps, error);
    }
    if (status == NCA_OK) {
        const nca_predictions predictions = {.kind = data->kind,
                                             .count = e->count,
                                             .classes = e->classes,
                                             .probabilities = e->probabilities,
                                             .labels = from->labels};
        status = nca_scores_compute(&e->scores, &predictions, error);
    }
    if (status != NCA_OK) {
        nca_class_evaluation_destroy(e);
        return status;
    }
    *out_evaluation = e;
    return NCA_OK;
}
