/* Internal: what evaluations of classifiers share: whether labelled images fit a model, and scores
 * as a row. */
#ifndef NCA_MEASURE_CLASS_REPORT_PARTS_H
#define NCA_MEASURE_CLASS_REPORT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/class_report.h"
#include "nca/labelled.h"
#include "nca/model.h"

/* NCA_INVALID_ARGUMENT (the model is not a classifier; it has other classes, channels or kinds of
 * labels than the data; the split has no images). Classes that are only numbered in the data or the
 * model have the names of the other. */
nca_status nca__check_class_data(const nca_model *model, const nca_labelled *data, nca_split split,
                                 nca_error *error);

/* Whether no value is NaN or infinite. */
bool nca__are_finite(const double *values, size_t count);

/* The scores that a row has. */
nca_class_row nca__class_row(const nca_scores *scores, size_t steps, size_t rollouts);

#endif
