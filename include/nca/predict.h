/* Predictions of a classifier: the mean over several rollouts with different fire masks, and how
 * much they differ.
 *
 *     nca_prediction_options options;
 *     nca_prediction_options_default(&options);
 *     nca_predict(probabilities, deviations, NULL, model, images, count, 28, 28, &options, &error);
 *
 * The prediction of an image depends only on the model, the image, and the options rollouts, steps,
 * seed and precision: not on the other images, nor on threads, kernel sets and devices. Any number
 * of threads may call all functions at once, also with the same model. */
#ifndef NCA_PREDICT_H
#define NCA_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/classifier.h"
#include "nca/device.h"
#include "nca/export.h"
#include "nca/kernels.h"
#include "nca/model.h"
#include "nca/precision.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_prediction_options {
    size_t rollouts;  /* 1 to 1024 */
    size_t steps;     /* 0: those of the classifier */
    uint64_t seed;    /* random seed for the fire masks: rollout r has those of sample r */
    unsigned threads; /* 0: all cores */
    const nca_kernels *kernels; /* NULL: the fastest */
    nca_precision precision;    /* fp32 or int8 */
    union {
        nca_device device; /* CPU by default */
        uint64_t device_place;
    };
    /* Called with the number of images done, at least about once a second; if it returns false, the
     * prediction stops with NCA_INTERRUPTED. May be NULL. */
    bool (*progress)(size_t done, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_prediction_options;

/* One rollout, seed 0, all cores, fp32, the CPU. */
NCA_API void nca_prediction_options_default(nca_prediction_options *out);

/* Predicts the classes of images (count,height,width,channels), where `channels` is the number of
 * input channels of the model. Of each of the three outputs (count,classes) any may be NULL:
 * the mean of the probabilities over the rollouts, their standard deviation (n - 1; 0 for one
 * rollout), and the mean of the class scores divided by the temperature. Errors:
 * NCA_INVALID_ARGUMENT (the model is not a classifier, an option is out of range), NCA_INTERRUPTED,
 * and those of nca_rollout_create and nca_rollout_run. */
NCA_API nca_status nca_predict(double *out_probabilities, double *out_deviations,
                               double *out_scores, const nca_model *model, const uint8_t *images,
                               size_t count, size_t height, size_t width,
                               const nca_prediction_options *options, nca_error *error);
/* How uncertain a prediction (classes) of a classifier is, 0 to 1: nca_entropy of its
 * probabilities; if each class has a probability p of its own (labels, or a sigmoid), the mean over
 * the classes of the entropy of p and 1 - p. */
NCA_API double nca_prediction_entropy(const nca_classifier *classifier,
                                      const double *probabilities);
/* The same predictions after several numbers of steps, in ascending order: each rollout is run once
 * to the last of them. options->steps is not used. The outputs are (step_count,count,classes).
 * Errors: those of nca_predict; NCA_INVALID_ARGUMENT (steps that do not ascend from 1 or more). */
NCA_API nca_status nca_predict_steps(double *out_probabilities, double *out_deviations,
                                     double *out_scores, const nca_model *model,
                                     const uint8_t *images, size_t count, size_t height,
                                     size_t width, const size_t *steps, size_t step_count,
                                     const nca_prediction_options *options, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
