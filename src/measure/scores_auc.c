/* The area under the ROC curve, the precision-recall curve and the ROC curve itself: everything
 * that looks at one column of scores over all thresholds.
 *
 * The area is counted in pairs of a positive and a negative, in integers: the result is the exact
 * value, rounded once (up to 2^27 images, from where on the integers exceed 2^53 and are rounded
 * themselves). scikit-learn adds trapezoids in double and differs from it by its rounding. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "measure/predictions.h"

double nca__auc(nca__ranked *ranked, size_t count)
{
    nca__rank(ranked, count);
    uint64_t positives = 0, negatives = 0;
    uint64_t twice = 0; /* 2 for each negative below a positive, 1 for each with the same score */
    for (size_t i = 0; i < count;) {
        const double value = ranked[i].value;
        uint64_t same[2] = {0, 0};
        for (; i < count && ranked[i].value == value; i++) {
            same[ranked[i].tag]++;
        }
        twice += same[1] * (2 * negatives + same[0]);
        negatives += same[0];
        positives += same[1];
    }
    if (positives == 0 || negatives == 0) {
        return NAN;
    }
    return (double)twice / (double)(2 * positives * negatives);
}

/* Copies a column of scores with its tags into new memory, which the caller frees. */
static nca_status open_column(nca__ranked **out, const double *scores, const uint8_t *positive,
                              size_t count, nca_error *error)
{
    if (count == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "scores: expected at least one score, found none");
    }
    if (count > UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT, "scores: expected at most 2^32 - 1 scores, found %zu",
                         count);
    }
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(scores[i]) || positive[i] > 1) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "scores: score %zu: expected a finite score and 0 or 1, found %g "
                             "and %u",
                             i, scores[i], (unsigned)positive[i]);
        }
    }
    nca__ranked *ranked = calloc(count, sizeof *ranked);
    if (ranked == NULL) {
        return nca__fail_memory(error, "sorting scores", count * sizeof *ranked);
    }
    for (size_t i = 0; i < count; i++) {
        ranked[i] = (nca__ranked){scores[i], positive[i]};
    }
    *out = ranked;
    return NCA_OK;
}

nca_status nca_auc_binary(double *out, const double *scores, const uint8_t *positive, size_t count,
                          nca_error *error)
{
    nca__ranked *ranked = NULL;
    nca_status status = open_column(&ranked, scores, positive, count, error);
    if (status == NCA_OK) {
        *out = nca__auc(ranked, count);
        free(ranked);
    }
    return status;
}

/* ---- Curves ----------------------------------------------------------------------------------*/

/* The positives and negatives that a threshold accepts, and how many there are. */
typedef struct accepted {
    size_t true_positives, false_positives, positives, negatives;
    double threshold;
} accepted;

static nca_curve_point roc_point(const accepted *at)
{
    return (nca_curve_point){(double)at->false_positives / (double)at->negatives,
                             (double)at->true_positives / (double)at->positives, at->threshold};
}

static nca_curve_point precision_recall_point(const accepted *at)
{
    return (nca_curve_point){(double)at->true_positives / (double)at->positives,
                             (double)at->true_positives /
                                 (double)(at->true_positives + at->false_positives),
                             at->threshold};
}

/* Points of every different score, the highest first. `start`: also the point that accepts nothing.
 * Returns their number. */
static size_t walk(nca_curve_point *out, const nca__ranked *ranked, size_t count, accepted at,
                   nca_curve_point (*point)(const accepted *at), bool start)
{
    size_t points = 0;
    if (start) {
        at.threshold = INFINITY;
        out[points++] = point(&at);
    }
    for (size_t i = count; i > 0;) {
        at.threshold = ranked[i - 1].value;
        for (; i > 0 && ranked[i - 1].value == at.threshold; i--) {
            at.true_positives += ranked[i - 1].tag;
            at.false_positives += 1 - ranked[i - 1].tag;
        }
        out[points++] = point(&at);
    }
    return points;
}

static nca_status make_curve(nca_curve_point **out, size_t *out_count, const double *scores,
                             const uint8_t *positive, size_t count,
                             nca_curve_point (*point)(const accepted *at), bool start,
                             nca_error *error)
{
    nca__ranked *ranked = NULL;
    nca_status status = open_column(&ranked, scores, positive, count, error);
    if (status != NCA_OK) {
        return status;
    }
    accepted none = {0};
    for (size_t i = 0; i < count; i++) {
        none.positives += ranked[i].tag;
    }
    none.negatives = count - none.positives;
    nca__rank(ranked, count);
    size_t points = start;
    for (size_t i = 0; i < count; i++) {
        points += i == 0 || ranked[i].value != ranked[i - 1].value;
    }
    nca_curve_point *curve = NULL;
    if (none.positives == 0 || none.negatives == 0) {
        status = nca__fail(error, NCA_INVALID_ARGUMENT,
                           "scores: expected positives and negatives, found %zu and %zu",
                           none.positives, none.negatives);
    } else if ((curve = calloc(points, sizeof *curve)) == NULL) {
        status = nca__fail_memory(error, "the points of a curve", points * sizeof *curve);
    } else {
        *out_count = walk(curve, ranked, count, none, point, start);
        *out = curve;
    }
    free(ranked);
    return status;
}

nca_status nca_roc_curve(nca_curve_point **out, size_t *out_count, const double *scores,
                         const uint8_t *positive, size_t count, nca_error *error)
{
    return make_curve(out, out_count, scores, positive, count, roc_point, true, error);
}

nca_status nca_precision_recall_curve(nca_curve_point **out, size_t *out_count,
                                      const double *scores, const uint8_t *positive, size_t count,
                                      nca_error *error)
{
    return make_curve(out, out_count, scores, positive, count, precision_recall_point, false,
                      error);
}
