/* How much an uncertainty is worth: the accuracy without the images that are least certain, and the
 * entropy as an uncertainty. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "measure/predictions.h"
#include "nca/predict.h"

double nca_entropy(const double *probabilities, size_t classes)
{
    if (classes < 2) {
        return 0.0;
    }
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++) {
        if (!(probabilities[c] <= 0.0)) { /* 0 log 0 is 0; NaN stays NaN */
            sum -= probabilities[c] * log(probabilities[c]);
        }
    }
    /* Rounding may leave the range by a few bits. */
    const double entropy = sum / log((double)classes);
    return entropy < 0.0 ? 0.0 : entropy > 1.0 ? 1.0 : entropy;
}

double nca_prediction_entropy(const nca_classifier *classifier, const double *probabilities)
{
    const size_t classes = classifier->classes;
    if (!classifier->sigmoid && classifier->kind != NCA_LABELS_MULTI_LABEL) {
        return nca_entropy(probabilities, classes);
    }
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++) {
        const double both[2] = {probabilities[c], 1.0 - probabilities[c]};
        sum += nca_entropy(both, 2);
    }
    return sum / (double)classes;
}

/* Adds the right decisions about an image: (1), or (classes) for NCA_LABELS_MULTI_LABEL. */
static void add_correct(size_t *correct, const nca_predictions *p, size_t image)
{
    if (p->kind != NCA_LABELS_MULTI_LABEL) {
        correct[0] += nca__predicted_class(p, image) == p->labels[image];
        return;
    }
    for (size_t c = 0; c < p->classes; c++) {
        const size_t i = image * p->classes + c;
        correct[c] += nca__predicted_positive(p->probabilities[i]) == (p->labels[i] == 1);
    }
}

/* One pass over the images from the most certain on. `cuts` are the points (value: images kept;
 * tag: index of the point), sorted. */
static void walk(double *out, const nca__ranked *cuts, size_t points, const nca__ranked *images,
                 const nca_predictions *p)
{
    const size_t width = p->kind == NCA_LABELS_MULTI_LABEL ? p->classes : 1;
    size_t correct[NCA_MAX_CLASSES] = {0}, kept = 0;
    for (size_t i = 0; i < points; i++) {
        for (; (double)kept < cuts[i].value; kept++) {
            add_correct(correct, p, images[kept].tag);
        }
        double sum = 0.0;
        for (size_t c = 0; c < width; c++) {
            sum += (double)correct[c] / (double)kept;
        }
        out[cuts[i].tag] = sum / (double)width;
    }
}

static nca_status check(const double *leave_out, size_t points, const nca_predictions *p,
                        const double *uncertainty, nca_error *error)
{
    for (size_t i = 0; i < points; i++) {
        if (!(leave_out[i] >= 0.0 && leave_out[i] <= 1.0)) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "risk and coverage: expected a fraction from 0 to 1, found %g",
                             leave_out[i]);
        }
    }
    nca_status status = nca__check_predictions(p, error);
    for (size_t i = 0; status == NCA_OK && i < p->count; i++) {
        if (!isfinite(uncertainty[i])) {
            status = nca__fail(error, NCA_INVALID_ARGUMENT,
                               "risk and coverage: image %zu: expected a finite uncertainty, found "
                               "%g",
                               i, uncertainty[i]);
        }
    }
    return status;
}

nca_status nca_risk_coverage(double *out, const double *leave_out, size_t points,
                             const nca_predictions *predictions, const double *uncertainty,
                             nca_error *error)
{
    nca_status status = check(leave_out, points, predictions, uncertainty, error);
    if (status != NCA_OK || points == 0) {
        return status;
    }
    const size_t count = predictions->count;
    nca__ranked *images = calloc(count, sizeof *images);
    nca__ranked *cuts = calloc(points, sizeof *cuts);
    if (images == NULL || cuts == NULL) {
        status = nca__fail_memory(error, "risk and coverage", (count + points) * sizeof *images);
    } else {
        for (size_t i = 0; i < count; i++) {
            images[i] = (nca__ranked){uncertainty[i], i};
        }
        for (size_t i = 0; i < points; i++) {
            const size_t left_out = (size_t)(leave_out[i] * (double)count + 0.5);
            cuts[i] = (nca__ranked){left_out < count ? (double)(count - left_out) : 1.0, i};
        }
        nca__rank(images, count);
        nca__rank(cuts, points);
        walk(out, cuts, points, images, predictions);
    }
    free(images);
    free(cuts);
    return status;
}
