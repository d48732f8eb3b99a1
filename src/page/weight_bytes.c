/* Rounding of weights to bytes. */
#include "page/weight_bytes.h"

#include <math.h>

#include "nca/page.h"

float nca__row_scale(const float *weights, size_t columns)
{
    float largest = 0.0f;
    for (size_t i = 0; i < columns; i++) {
        largest = fmaxf(largest, fabsf(weights[i]));
    }
    return largest / 127.0f;
}

int8_t nca__quantised(float weight, float scale)
{
    return scale > 0.0f ? (int8_t)lrintf(weight / scale) : 0;
}

void nca_model_quantise(nca_model *model)
{
    for (size_t k = 0; k < nca_tensor_count(&model->automaton); k++) {
        const nca_tensor tensor = nca_tensor_at(&model->automaton, k);
        float *weights = model->parameters + tensor.offset;
        for (size_t row = 0; tensor.matrix && row < tensor.rows; row++) {
            const float scale = nca__row_scale(weights, tensor.columns);
            for (size_t i = 0; i < tensor.columns; i++) {
                weights[i] = (float)nca__quantised(weights[i], scale) * scale;
            }
            weights += tensor.columns;
        }
    }
}
