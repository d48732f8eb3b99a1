/* Internal: an image of 8-bit values as input channels of a state. Freestanding. */
#ifndef NCA_TASK_IMAGE_STATE_H
#define NCA_TASK_IMAGE_STATE_H

#include <stddef.h>
#include <stdint.h>

/* Values v from 0 to 1 become v * scale + offset, for each channel. */
typedef struct nca__input_scale {
    float scale[3], offset[3];
} nca__input_scale;

/* Writes the image (cells,channels), at most 3 channels, to the first channels of a state with
 * `stride` values per cell; other values are not changed. */
void nca__plain_image_to_state(float *state, size_t stride, const uint8_t *image, size_t cells,
                               size_t channels, const nca__input_scale *range);

#endif
