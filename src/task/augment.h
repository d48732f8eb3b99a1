/* Internal: an image of 8-bit values as input channels of a state, with augmentations that are
 * drawn by Philox (stream NCA_STREAM_AUGMENT) for each image and epoch. docs/classification.md
 * describes them. */
#ifndef NCA_TASK_AUGMENT_H
#define NCA_TASK_AUGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "task/image_state.h"

/* The augmentations to apply; all 0: none. */
typedef struct nca__augmentation {
    bool flip_x, flip_y, turns; /* turns: by quarter turns; square images only */
    uint32_t shift;             /* cells */
    float brightness, contrast, noise;
    uint64_t seed;
} nca__augmentation;

/* The scale and offset that give the images (count pixels of `channels` values) mean 0 and standard
 * deviation 1 in each channel; a channel of equal values gets deviation 0. */
void nca__input_standard(nca__input_scale *out, const uint8_t *images, size_t pixels,
                         size_t channels);

/* Writes the image (H,W,channels), at most 3 channels, to the first channels of a state with
 * `stride` values per cell; other values are not changed. `sample` and `epoch` determine the draws.
 * `augmentation` NULL: none. */
void nca__image_to_state(float *state, size_t stride, const uint8_t *image, size_t height,
                         size_t width, size_t channels, const nca__input_scale *range,
                         const nca__augmentation *augmentation, uint32_t sample, uint32_t epoch);

#endif
