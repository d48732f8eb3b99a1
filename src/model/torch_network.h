/* Internal: the order of the first layer's inputs, PyTorch's and ours.
 *
 * PyTorch perceives with a grouped convolution, whose outputs for one channel stand side by side:
 * input c*K + k is filter k of channel c. Ours is k*C + c: all channels of one filter side by side.
 */
#ifndef NCA_MODEL_TORCH_NETWORK_H
#define NCA_MODEL_TORCH_NETWORK_H

#include <stddef.h>

#include "nca/automaton.h"

/* (N, K*C) both. */
static inline void nca__torch_w1_to_ours(float *restrict ours, const float *restrict theirs,
                                         size_t hidden, size_t channels)
{
    for (size_t n = 0; n < hidden; n++) {
        size_t row = n * channels * NCA_PERCEPTION_FILTERS;
        for (size_t c = 0; c < channels; c++) {
            for (size_t k = 0; k < NCA_PERCEPTION_FILTERS; k++) {
                ours[row + k * channels + c] = theirs[row + c * NCA_PERCEPTION_FILTERS + k];
            }
        }
    }
}

static inline void nca__torch_w1_from_ours(float *restrict theirs, const float *restrict ours,
                                           size_t hidden, size_t channels)
{
    for (size_t n = 0; n < hidden; n++) {
        size_t row = n * channels * NCA_PERCEPTION_FILTERS;
        for (size_t c = 0; c < channels; c++) {
            for (size_t k = 0; k < NCA_PERCEPTION_FILTERS; k++) {
                theirs[row + c * NCA_PERCEPTION_FILTERS + k] = ours[row + k * channels + c];
            }
        }
    }
}

#endif
