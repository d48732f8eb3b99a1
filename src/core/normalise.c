/* Gradient norms, and the article's per-tensor normalisation. Freestanding; knows the layout of a
 * flat parameter array only through nca/automaton.h. */
#include "nca/adam.h"

void nca_gradient_norms(double out[NCA_TENSOR_COUNT], const float *gradient,
                        const nca_automaton *automaton)
{
    for (int tensor = 0; tensor < NCA_TENSOR_COUNT; tensor++) {
        size_t rows, columns;
        nca_tensor_shape(&rows, &columns, (nca_tensor)tensor, automaton);
        const size_t count = rows * columns;
        const float *values = gradient + nca_tensor_offset((nca_tensor)tensor, automaton);
        /* A double holds the square of every float, so the norm is finite exactly when every
         * value is. */
        double sum = 0.0;
        for (size_t i = 0; i < count; i++) {
            sum += (double)values[i] * (double)values[i];
        }
        out[tensor] = __builtin_sqrt(sum);
    }
}

void nca_gradient_normalise(float *gradient, const double norms[NCA_TENSOR_COUNT],
                            const nca_automaton *automaton)
{
    for (int tensor = 0; tensor < NCA_TENSOR_COUNT; tensor++) {
        size_t rows, columns;
        nca_tensor_shape(&rows, &columns, (nca_tensor)tensor, automaton);
        const size_t count = rows * columns;
        float *values = gradient + nca_tensor_offset((nca_tensor)tensor, automaton);
        const double divisor = norms[tensor] + 1e-8;
        for (size_t i = 0; i < count; i++) {
            values[i] = (float)((double)values[i] / divisor);
        }
    }
}
