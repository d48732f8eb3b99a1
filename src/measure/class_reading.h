/* Internal: how images enter the cells of a classifier, and how its scores are read. */
#ifndef NCA_MEASURE_CLASS_READING_H
#define NCA_MEASURE_CLASS_READING_H

#include <stddef.h>
#include <stdint.h>

#include "core/objective.h"
#include "nca/predict.h"
#include "nca/rollout.h"
#include "task/augment.h"

enum {
    NCA__MOST_CLASS_STEPS = 10000000 /* after which an image is read */
};

typedef struct nca__class_reading {
    const nca_model *model;
    nca__input_scale range;
    nca__head head;
    size_t first, features; /* the read-out channels */
} nca__class_reading;

/* NCA_INVALID_ARGUMENT if the model is not a classifier or an option is out of range. */
nca_status nca__class_reading_begin(nca__class_reading *out, const nca_model *model,
                                    const nca_prediction_options *options, nca_error *error);
/* Checks steps that are read in turn: NCA_INVALID_ARGUMENT unless they ascend from 1 or more to at
 * most NCA__MOST_CLASS_STEPS. */
nca_status nca__class_reading_check_steps(const size_t *steps, size_t step_count, nca_error *error);
/* The state (H,W,C) of an image at step 0. */
void nca__class_reading_put(float *state, const nca__class_reading *reading, const uint8_t *image,
                            size_t height, size_t width);
/* The scores (classes) of a state, divided by the temperature. */
void nca__class_reading_scores(double *scores, const nca__class_reading *reading,
                               const float *state, size_t cells);
/* The options of a rollout of `images` images, each options->rollouts times; sample k has the fire
 * masks of sample k % rollouts. */
void nca__class_reading_options(nca_rollout_options *out, const nca__class_reading *reading,
                                const nca_prediction_options *options, size_t images, size_t height,
                                size_t width);

#endif
