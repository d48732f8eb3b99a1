/* Calibration: how far the confidence of predictions is from how often they are right, the
 * temperature that corrects it, and probabilities from scores. */
#include <assert.h>
#include <math.h>

#include "base/error.h"
#include "measure/predictions.h"

/* ---- Expected calibration error --------------------------------------------------------------*/

/* Adds a decision to its bin: bin b has the confidences above b / bins up to (b + 1) / bins, the
 * first also 0. Until the end the bins hold sums. */
static void add_decision(nca_calibration_bin *bins, double confidence, bool correct)
{
    size_t b = 0;
    while (b + 1 < NCA_CALIBRATION_BINS &&
           confidence > (double)(b + 1) / (double)NCA_CALIBRATION_BINS) {
        b++;
    }
    bins[b].count++;
    bins[b].confidence += confidence;
    bins[b].accuracy += correct ? 1.0 : 0.0;
}

void nca__calibrate(nca_scores *scores, const nca_predictions *p)
{
    nca_calibration_bin *bins = scores->calibration;
    for (size_t image = 0; image < p->count; image++) {
        const double *row = p->probabilities + image * p->classes;
        if (p->kind != NCA_LABELS_MULTI_LABEL) {
            const size_t predicted = nca__predicted_class(p, image);
            add_decision(bins, row[predicted], predicted == p->labels[image]);
            continue;
        }
        for (size_t c = 0; c < p->classes; c++) {
            const bool positive = nca__predicted_positive(row[c]);
            add_decision(bins, positive ? row[c] : 1.0 - row[c],
                         positive == (p->labels[image * p->classes + c] == 1));
        }
    }
    size_t decisions = 0;
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        decisions += bins[b].count;
    }
    scores->ece = 0.0;
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        const double count = (double)bins[b].count;
        if (bins[b].count == 0) {
            bins[b].confidence = bins[b].accuracy = NAN;
            continue;
        }
        bins[b].confidence /= count;
        bins[b].accuracy /= count;
        scores->ece += count / (double)decisions * fabs(bins[b].accuracy - bins[b].confidence);
    }
}

/* ---- Probabilities from scores ---------------------------------------------------------------*/

static double highest(const double *row, size_t classes)
{
    double high = row[0];
    for (size_t c = 1; c < classes; c++) {
        high = row[c] > high ? row[c] : high;
    }
    return high;
}

/* No intermediate value overflows: the exponent is never positive. */
static double sigmoid(double value)
{
    const double e = exp(-fabs(value));
    return value < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

void nca_probabilities(double *out, nca_label_kind kind, const double *scores, size_t count,
                       size_t classes, double temperature)
{
    assert(temperature > 0.0);
    for (size_t image = 0; image < count; image++, out += classes, scores += classes) {
        if (kind == NCA_LABELS_MULTI_LABEL) {
            for (size_t c = 0; c < classes; c++) {
                out[c] = sigmoid(scores[c] / temperature);
            }
            continue;
        }
        const double high = highest(scores, classes);
        double sum = 0.0;
        for (size_t c = 0; c < classes; c++) {
            out[c] = exp((scores[c] - high) / temperature);
            sum += out[c];
        }
        for (size_t c = 0; c < classes; c++) {
            out[c] /= sum;
        }
    }
}

/* ---- Temperature -----------------------------------------------------------------------------*/

typedef struct logits {
    nca_label_kind kind;
    const double *scores;
    const uint8_t *labels;
    size_t count, classes;
} logits;

/* The mean log loss from the scores themselves: probabilities would round those near 0 and 1. */
static double loss_at(const logits *l, double temperature)
{
    double sum = 0.0;
    for (size_t image = 0; image < l->count; image++) {
        const double *row = l->scores + image * l->classes;
        if (l->kind == NCA_LABELS_MULTI_LABEL) {
            for (size_t c = 0; c < l->classes; c++) {
                const double value = row[c] / temperature;
                const double wrong = l->labels[image * l->classes + c] == 1 ? -value : value;
                sum += (wrong > 0.0 ? wrong : 0.0) + log(1.0 + exp(-fabs(wrong)));
            }
            continue;
        }
        const double high = highest(row, l->classes);
        double total = 0.0;
        for (size_t c = 0; c < l->classes; c++) {
            total += exp((row[c] - high) / temperature);
        }
        sum += log(total) - (row[l->labels[image]] - high) / temperature;
    }
    return sum / (double)l->count;
}

/* The log loss is convex in 1 / T, so it has one valley in log T. Where both inner points are equal
 * (rounded to the same loss, or infinite), the search goes on at the higher temperature: the less
 * confident of equals. */
static double search(const logits *l)
{
    enum {
        STEPS = 50 /* shrinks the interval to 4e-10 */
    };
    static const double golden = 0.61803398874989485;
    double low = -5.0, high = 5.0;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double loss_left = loss_at(l, exp(left)), loss_right = loss_at(l, exp(right));
    for (int step = 0; step < STEPS; step++) {
        if (loss_left < loss_right) {
            high = right;
            right = left;
            loss_right = loss_left;
            left = high - golden * (high - low);
            loss_left = loss_at(l, exp(left));
        } else {
            low = left;
            left = right;
            loss_left = loss_right;
            right = low + golden * (high - low);
            loss_right = loss_at(l, exp(right));
        }
    }
    const double found = exp((low + high) / 2.0);
    return loss_at(l, found) < loss_at(l, 1.0) ? found : 1.0;
}

nca_status nca_temperature_fit(double *out, nca_label_kind kind, const double *scores,
                               const uint8_t *labels, size_t count, size_t classes,
                               nca_error *error)
{
    nca_status status = nca__check_prediction_shape(kind, count, classes, error);
    if (status == NCA_OK) {
        status = nca__check_labels(kind, labels, count, classes, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    for (size_t i = 0; i < count * classes; i++) {
        if (!isfinite(scores[i])) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "temperature: image %zu, class %zu: expected a finite score, found %g",
                             i / classes, i % classes, scores[i]);
        }
    }
    const logits all = {kind, scores, labels, count, classes};
    *out = search(&all);
    return NCA_OK;
}
