/* Rounding weights to bytes. */
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
    static const nca_tensor matrices[] = {NCA_TENSOR_W1, NCA_TENSOR_W2};
    for (size_t k = 0; k < sizeof matrices / sizeof matrices[0]; k++) {
        size_t rows;
        size_t columns;
        nca_tensor_shape(&rows, &columns, matrices[k], &model->automaton);
        float *weights = model->parameters + nca_tensor_offset(matrices[k], &model->automaton);
        for (size_t row = 0; row < rows; row++, weights += columns) {
            const float scale = nca__row_scale(weights, columns);
            for (size_t i = 0; i < columns; i++) {
                weights[i] = (float)nca__quantised(weights[i], scale) * scale;
            }
        }
    }
}
