/* See predictions.h. */
#include "measure/predictions.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"

nca_status nca__check_prediction_shape(nca_label_kind kind, size_t count, size_t classes,
                                       nca_error *error)
{
    if ((unsigned)kind >= NCA_LABEL_KINDS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "predictions: unknown kind of labels %d; use a value of nca_label_kind",
                         (int)kind);
    }
    if (count == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "predictions: expected at least one image, found none");
    }
    /* Twice the number of pairs of a positive and a negative then fits 64 bits. */
    if (count > UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT,
                         "predictions: expected at most 2^32 - 1 images, found %zu", count);
    }
    const size_t least = kind == NCA_LABELS_MULTI_LABEL ? 1 : 2;
    const size_t most = kind == NCA_LABELS_BINARY ? 2 : NCA_MAX_CLASSES;
    if (classes < least || classes > most) {
        if (least == most) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "predictions: expected %zu classes for binary labels, found %zu", most,
                             classes);
        }
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "predictions: expected %zu to %zu %s, found %zu", least, most,
                         kind == NCA_LABELS_MULTI_LABEL ? "labels" : "classes", classes);
    }
    return NCA_OK;
}

nca_status nca__check_labels(nca_label_kind kind, const uint8_t *labels, size_t count,
                             size_t classes, nca_error *error)
{
    const size_t width = kind == NCA_LABELS_MULTI_LABEL ? classes : 1;
    const size_t values = kind == NCA_LABELS_MULTI_LABEL ? 2 : classes;
    for (size_t i = 0; i < count * width; i++) {
        if (labels[i] >= values) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "predictions: image %zu: expected a label from 0 to %zu, found %u",
                             i / width, values - 1, (unsigned)labels[i]);
        }
    }
    return NCA_OK;
}

nca_status nca__check_probabilities(const nca_predictions *p, nca_error *error)
{
    for (size_t i = 0; i < p->count * p->classes; i++) {
        const double value = p->probabilities[i];
        if (!(value >= 0.0 && value <= 1.0)) { /* also NaN */
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "predictions: image %zu, class %zu: expected a probability from 0 to "
                             "1, found %g; nca_probabilities converts scores",
                             i / p->classes, i % p->classes, value);
        }
    }
    return NCA_OK;
}

nca_status nca__check_predictions(const nca_predictions *p, nca_error *error)
{
    nca_status status = nca__check_prediction_shape(p->kind, p->count, p->classes, error);
    if (status == NCA_OK) {
        status = nca__check_labels(p->kind, p->labels, p->count, p->classes, error);
    }
    return status == NCA_OK ? nca__check_probabilities(p, error) : status;
}

bool nca__predicted_positive(double probability)
{
    return probability > 0.5;
}

size_t nca_predicted_class(nca_label_kind kind, const double *probabilities, size_t classes)
{
    if (kind == NCA_LABELS_BINARY) {
        return nca__predicted_positive(probabilities[1]);
    }
    size_t best = 0;
    for (size_t c = 1; c < classes; c++) {
        best = probabilities[c] > probabilities[best] ? c : best;
    }
    return best;
}

size_t nca__predicted_class(const nca_predictions *p, size_t image)
{
    return nca_predicted_class(p->kind, p->probabilities + image * p->classes, p->classes);
}

static int compare_ranked(const void *left, const void *right)
{
    const nca__ranked *a = left, *b = right;
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return (a->tag > b->tag) - (a->tag < b->tag);
}

void nca__rank(nca__ranked *ranked, size_t count)
{
    qsort(ranked, count, sizeof *ranked, compare_ranked);
}
