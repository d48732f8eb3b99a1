/* Gradient norms, and the article's normalisation per tensor. */
#include "nca/adam.h"

void nca_gradient_norms(double out[NCA_MAX_TENSORS], const float *gradient,
                        const nca_automaton *automaton)
{
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        out[i] = 0.0;
    }
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        const size_t count = tensor.rows * tensor.columns;
        const float *values = gradient + tensor.offset;
        /* A double can hold the square of every float, so the norm is finite if and only if all
         * values are. */
        double sum = 0.0;
        for (size_t at = 0; at < count; at++) {
            sum += (double)values[at] * (double)values[at];
        }
        out[i] = __builtin_sqrt(sum);
    }
}

void nca_gradient_normalise(float *gradient, const double norms[NCA_MAX_TENSORS],
                            const nca_automaton *automaton)
{
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        const size_t count = tensor.rows * tensor.columns;
        float *values = gradient + tensor.offset;
        const double divisor = norms[i] + 1e-8;
        for (size_t at = 0; at < count; at++) {
            values[at] = (float)((double)values[at] / divisor);
        }
    }
}
