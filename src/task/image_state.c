/* See image_state.h. */
#include "task/image_state.h"

void nca__plain_image_to_state(float *state, size_t stride, const uint8_t *image, size_t cells,
                               size_t channels, const nca__input_scale *range)
{
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t k = 0; k < channels; k++) {
            const float value = (float)image[cell * channels + k] / 255.0f;
            state[cell * stride + k] = value * range->scale[k] + range->offset[k];
        }
    }
}
