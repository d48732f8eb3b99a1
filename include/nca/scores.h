/* How good predicted probabilities are: the scores of the MedMNIST benchmark, equal to its official
 * evaluator (medmnist 3.0.2, evaluator.py) to the last digit, and what is asked beside them.
 *
 * All functions only compute; any number of threads may call them. */
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

/* Predictions of images with their labels; borrowed. */
typedef struct nca_predictions {
    nca_label_kind kind;
    size_t count, classes;
    const double *probabilities; /* (count,classes) */
    const uint8_t *labels;       /* (count), or (count,classes) for NCA_LABELS_MULTI_LABEL */
} nca_predictions;

/* Area under the ROC curve of one column of scores: ties count half (scikit-learn's
 * roc_auc_score). `positive` (count) is 0 or 1. NaN if all are equal. */
NCA_API nca_status nca_auc_binary(double *out, const double *scores, const uint8_t *positive,
                                  size_t count, nca_error *error);

enum {
    NCA_CALIBRATION_BINS = 15
};

/* One bin of equal width of the confidence. */
typedef struct nca_calibration_bin {
    size_t count;
    double confidence, accuracy; /* means; NaN if the bin is empty */
} nca_calibration_bin;

/* The class of a prediction is the one with the highest probability (the first of equals), for
 * NCA_LABELS_BINARY class 1 if its probability is above 0.5. For NCA_LABELS_MULTI_LABEL, every
 * label is a decision of its own, positive above 0.5, and confusion, recall and precision are per
 * label. */
typedef struct nca_scores {
    size_t count, classes;
    double auc;      /* the benchmark's: mean over classes or labels; NaN if one has no AUC */
    double accuracy; /* the benchmark's */
    double balanced_accuracy; /* mean of the recalls of classes that occur */
    double log_loss;          /* mean negative log likelihood; probabilities from 1e-15 on */
    double brier;             /* mean sum of squared differences from the one-hot label */
    double ece;               /* expected calibration error, NCA_CALIBRATION_BINS bins */
    nca_calibration_bin calibration[NCA_CALIBRATION_BINS];
    size_t occurs[NCA_MAX_CLASSES]; /* images of the class, or with the label */
    double class_auc[NCA_MAX_CLASSES], recall[NCA_MAX_CLASSES], precision[NCA_MAX_CLASSES];
    /* (classes,classes): images of class [row] that were taken for [column]. For multi-label sets
     * (classes,4): true negatives, false positives, false negatives, true positives. Owned. */
    size_t *confusion;
} nca_scores;

/* Errors: NCA_INVALID_ARGUMENT (no predictions, a label out of range, a probability that is not
 * finite), NCA_OUT_OF_MEMORY. Release with nca_scores_free. */
NCA_API nca_status nca_scores_compute(nca_scores *out, const nca_predictions *predictions,
                                      nca_error *error);
NCA_API void nca_scores_free(nca_scores *scores); /* accepts zeroed scores */

/* ---- Curves ----------------------------------------------------------------------------------*/

/* A point of a curve over all thresholds. */
typedef struct nca_curve_point {
    double x, y, threshold;
} nca_curve_point;

/* The ROC curve (x: false positive rate, y: true positive rate) from (0,0) to (1,1), and the
 * precision-recall curve (x: recall, y: precision); one point for every different score. free() the
 * points. NCA_INVALID_ARGUMENT if all of `positive` are equal. */
NCA_API nca_status nca_roc_curve(nca_curve_point **out, size_t *out_count, const double *scores,
                                 const uint8_t *positive, size_t count, nca_error *error);
NCA_API nca_status nca_precision_recall_curve(nca_curve_point **out, size_t *out_count,
                                              const double *scores, const uint8_t *positive,
                                              size_t count, nca_error *error);

/* Accuracy without the images that are least certain: out[i] is the benchmark's accuracy of the
 * share 1 - leave_out[i] of the images with the lowest `uncertainty` (count); ties keep the order
 * of the images. At least one image is kept. */
NCA_API nca_status nca_risk_coverage(double *out, const double *leave_out, size_t points,
                                     const nca_predictions *predictions, const double *uncertainty,
                                     nca_error *error);
/* Entropy of a distribution in nats, divided by log(classes): 0 to 1. */
NCA_API double nca_entropy(const double *probabilities, size_t classes);

/* ---- Calibration -----------------------------------------------------------------------------*/

/* The temperature T > 0 that minimises the log loss of the scores (logits) divided by it: softmax,
 * or a sigmoid for each label. Golden section search on log T in [-5, 5], which always gives the
 * same bits. scores (count,classes). Errors: NCA_INVALID_ARGUMENT. (Guo et al. 2017.) */
NCA_API nca_status nca_temperature_fit(double *out, nca_label_kind kind, const double *scores,
                                       const uint8_t *labels, size_t count, size_t classes,
                                       nca_error *error);
/* Probabilities from scores: softmax over the classes, for NCA_LABELS_MULTI_LABEL a sigmoid for
 * each label. May be in place. */
NCA_API void nca_probabilities(double *out, nca_label_kind kind, const double *scores, size_t count,
                               size_t classes, double temperature);

/* ---- The benchmark's file --------------------------------------------------------------------*/

/* "FLAG[_SIZE]_SPLIT_[AUC]0.901_[ACC]0.863@RUN.csv" as the official evaluator names it; size 28 is
 * omitted. NCA_LIMIT if it does not fit. */
NCA_API nca_status nca_benchmark_name(char *out, size_t out_size, const char *flag, size_t size,
                                      nca_split split, double auc, double accuracy, const char *run,
                                      nca_error *error);
/* Writes the file: a line "index,score,score,..." for each image, no heading; whole or not at all.
 * Errors: NCA_IO, NCA_NOT_FOUND, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_benchmark_save(const nca_predictions *predictions, const char *path,
                                      nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
