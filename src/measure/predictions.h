/* Internal: what all scores of predictions share: the checks of the input, the decisions, and one
 * order of values. */
#ifndef NCA_MEASURE_PREDICTIONS_H
#define NCA_MEASURE_PREDICTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/scores.h"

/* NCA_INVALID_ARGUMENT or NCA_LIMIT unless kind, count and classes are valid and fit together. */
nca_status nca__check_prediction_shape(nca_label_kind kind, size_t count, size_t classes,
                                       nca_error *error);
/* NCA_INVALID_ARGUMENT unless every label is valid. The shape must be valid. */
nca_status nca__check_labels(nca_label_kind kind, const uint8_t *labels, size_t count,
                             size_t classes, nca_error *error);
/* NCA_INVALID_ARGUMENT unless all probabilities are from 0 to 1. The shape must be valid. */
nca_status nca__check_probabilities(const nca_predictions *predictions, nca_error *error);
/* All three. */
nca_status nca__check_predictions(const nca_predictions *predictions, nca_error *error);

/* The class that is predicted for an image; not for NCA_LABELS_MULTI_LABEL. */
size_t nca__predicted_class(const nca_predictions *predictions, size_t image);
/* The decision about one label from its probability; also that of NCA_LABELS_BINARY. */
bool nca__predicted_positive(double probability);

/* A value with what belongs to it: whether it is of a positive, or an index. */
typedef struct nca__ranked {
    double value;
    size_t tag;
} nca__ranked;

/* Sorts by value, then by tag, both ascending: a total order, so the result does not depend on the
 * C library's algorithm. No value may be NaN. */
void nca__rank(nca__ranked *ranked, size_t count);
/* The area under the ROC curve of values tagged 1 (positive) or 0; sorts them. NaN if all tags are
 * equal. */
double nca__auc(nca__ranked *ranked, size_t count);

/* Fills the calibration and the ECE from checked predictions. */
void nca__calibrate(nca_scores *scores, const nca_predictions *predictions);

#endif
