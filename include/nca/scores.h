/* How good predicted probabilities are: the scores of the MedMNIST benchmark and further ones.
 * Accuracies have the bits of the official evaluator (medmnist 3.0.2, evaluator.py); an AUC is the
 * exact value, from which the evaluator differs by its own rounding.
 *
 * All sums are in double and in the order of the images, and log and exp are the only functions of
 * the C library whose results may differ: machines whose log and exp agree get the same bits. Any
 * number of threads may call all functions. docs/classification.md has the formulas. */
#ifndef NCA_SCORES_H
#define NCA_SCORES_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Predictions of images with their labels; borrowed. At least one image, at most 2^32 - 1; 2
 * classes for NCA_LABELS_BINARY, 2 to NCA_MAX_CLASSES classes otherwise, 1 to NCA_MAX_CLASSES
 * labels. */
typedef struct nca_predictions {
    nca_label_kind kind;
    size_t count, classes;
    const double *probabilities; /* (count,classes), 0 to 1; not checked: that rows sum to 1 */
    const uint8_t *labels;       /* (count), or (count,classes) of 0 and 1 for
                                    NCA_LABELS_MULTI_LABEL */
} nca_predictions;

/* Area under the ROC curve of one column of scores: the fraction of pairs of a positive and a
 * negative in which the positive has the higher score; a pair of equal scores counts half
 * (scikit-learn's roc_auc_score). `positive` (count) is 0 or 1. NaN if all are equal. The pairs are
 * counted exactly and the quotient is rounded once. Errors: NCA_INVALID_ARGUMENT (no scores, one
 * that is not finite, another value in `positive`), NCA_LIMIT (2^32 scores), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_auc_binary(double *out, const double *scores, const uint8_t *positive,
                                  size_t count, nca_error *error);

enum {
    NCA_CALIBRATION_BINS = 15
};

/* One of the bins of equal width of the confidence: bin b has the confidences above b / 15 up to
 * (b + 1) / 15, the first also 0. */
typedef struct nca_calibration_bin {
    size_t count;
    double confidence, accuracy; /* means; NaN if the bin is empty */
} nca_calibration_bin;

/* The class of a prediction is the one with the highest probability (the first of equals), for
 * NCA_LABELS_BINARY class 1 if its probability is above 0.5; its confidence is the probability of
 * that class. For NCA_LABELS_MULTI_LABEL, every label of every image is a separate decision,
 * positive if its probability p is above 0.5, with the confidence p or 1 - p. Entries of arrays for
 * classes that do not exist are 0. */
typedef struct nca_scores {
    size_t count, classes;
    double auc; /* the benchmark's: of class 1 for NCA_LABELS_BINARY, else the mean of class_auc;
                   NaN if one of them is NaN */
    double accuracy; /* the benchmark's; for labels the mean of their accuracies */
    /* The mean of the recalls of the classes that occur; for labels, each label is two classes, and
     * this is the mean over the labels. */
    double balanced_accuracy;
    double log_loss; /* mean negative log likelihood of the decisions, in nats; probabilities below
                        1e-15 count as 1e-15 */
    /* The mean over the images of the sum over the classes of the squared difference between
     * probability and one-hot label; for labels the mean over images and labels. */
    double brier;
    double ece; /* expected calibration error: the mean of |accuracy - confidence| over the bins,
                   weighted by their decisions */
    nca_calibration_bin calibration[NCA_CALIBRATION_BINS];
    size_t occurs[NCA_MAX_CLASSES];    /* images of the class, or with the label */
    double class_auc[NCA_MAX_CLASSES]; /* class against the others; NaN if all or none are of it */
    double recall[NCA_MAX_CLASSES];    /* NaN if the class or label does not occur */
    double precision[NCA_MAX_CLASSES]; /* NaN if it is never predicted */
    /* (classes,classes): images of class [row] that were predicted as [column]. For labels
     * (classes,4): true negatives, false positives, false negatives, true positives. Owned. */
    size_t *confusion;
} nca_scores;

/* Errors: NCA_INVALID_ARGUMENT (no predictions, a label out of range, a probability that is not
 * from 0 to 1), NCA_LIMIT (too many images), NCA_OUT_OF_MEMORY. Release with nca_scores_free. */
NCA_API nca_status nca_scores_compute(nca_scores *out, const nca_predictions *predictions,
                                      nca_error *error);
NCA_API void nca_scores_free(nca_scores *scores); /* accepts zeroed scores */

/* The class that a row of probabilities (classes) predicts, as above; for NCA_LABELS_MULTI_LABEL
 * the most probable label. */
NCA_API size_t nca_predicted_class(nca_label_kind kind, const double *probabilities,
                                   size_t classes);

/* ---- Curves ----------------------------------------------------------------------------------*/

/* A point of a curve over all thresholds. */
typedef struct nca_curve_point {
    double x, y, threshold;
} nca_curve_point;

/* The ROC curve (x: false positive rate, y: true positive rate): a point (0,0) with the threshold
 * infinity, then one for every different score, the highest first, if scores from this threshold on
 * are taken as positive; the last is (1,1). free() the points.
 * Errors: those of nca_auc_binary; NCA_INVALID_ARGUMENT if all of `positive` are equal. */
NCA_API nca_status nca_roc_curve(nca_curve_point **out, size_t *out_count, const double *scores,
                                 const uint8_t *positive, size_t count, nca_error *error);
/* The precision-recall curve (x: recall, y: precision): the same without the first point; its last
 * point has the recall 1. Errors: those of nca_roc_curve. */
NCA_API nca_status nca_precision_recall_curve(nca_curve_point **out, size_t *out_count,
                                              const double *scores, const uint8_t *positive,
                                              size_t count, nca_error *error);

/* Accuracy without the images that are least certain: out[i] is the benchmark's accuracy of the
 * images with the lowest `uncertainty` (count) when the fraction leave_out[i] (0 to 1, any order)
 * of the images, rounded to whole images, is left out. At least one image is kept. Of images with
 * equal uncertainty the later ones are left out first. Errors: those of nca_scores_compute;
 * NCA_INVALID_ARGUMENT (a fraction out of range, an uncertainty that is not finite). */
NCA_API nca_status nca_risk_coverage(double *out, const double *leave_out, size_t points,
                                     const nca_predictions *predictions, const double *uncertainty,
                                     nca_error *error);
/* Entropy of a distribution (classes) divided by log(classes): 0 to 1. 0 for one class. */
NCA_API double nca_entropy(const double *probabilities, size_t classes);

/* ---- Calibration -----------------------------------------------------------------------------*/

/* The temperature T that minimises the log loss of the scores (logits) divided by it: softmax, or a
 * sigmoid for each label (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural
 * Networks", 2017). Golden section search on log T from -5 to 5, with a fixed number of steps; 1 if
 * that finds nothing better than 1. If all predictions are right, the result is exp(-5) or the T at
 * which the loss becomes 0. scores (count,classes), labels as in nca_predictions. Errors:
 * NCA_INVALID_ARGUMENT (no images, a label out of range, a score that is not finite), NCA_LIMIT
 * (too many images). */
NCA_API nca_status nca_temperature_fit(double *out, nca_label_kind kind, const double *scores,
                                       const uint8_t *labels, size_t count, size_t classes,
                                       nca_error *error);
/* Probabilities from scores: softmax over the classes, for NCA_LABELS_MULTI_LABEL a sigmoid for
 * each label. The scores must be finite, the temperature above 0. out (count,classes) may be the
 * scores. */
NCA_API void nca_probabilities(double *out, nca_label_kind kind, const double *scores, size_t count,
                               size_t classes, double temperature);

/* ---- The benchmark's file --------------------------------------------------------------------*/

/* "FLAG[_SIZE]_SPLIT_[AUC]0.901_[ACC]0.863@RUN.csv" as the official evaluator names it, "nan" for
 * NaN. A size of 28 or 0 is omitted. Errors: NCA_LIMIT (it does not fit), NCA_INVALID_ARGUMENT (a
 * score out of range; a flag or run that is empty or contains '/'). */
NCA_API nca_status nca_benchmark_name(char *out, size_t out_size, const char *flag, size_t size,
                                      nca_split split, double auc, double accuracy, const char *run,
                                      nca_error *error);
/* Writes the file: a line "index,probability,probability,..." for each image, no heading, whole or
 * not at all. Every number reads back with the same bits. The labels are not read and may be NULL.
 * Errors: NCA_INVALID_ARGUMENT and NCA_LIMIT as for nca_scores_compute, NCA_IO, NCA_NOT_FOUND,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_benchmark_save(const nca_predictions *predictions, const char *path,
                                      nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
