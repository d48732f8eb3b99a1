/* The parameters that training starts from. */
#include "nca/automaton.h"
#include "nca/philox.h"

const char *nca_initialisation_name(nca_initialisation initialisation)
{
    static const char *const names[] = {"glorot", "uniform"};
    return (unsigned)initialisation < NCA_INITIALISATION_COUNT ? names[initialisation] : NULL;
}

/* Uniform in [-bound, bound), element i from lane i % 4 of block i / 4. `which` is the tensor's
 * place in the list. */
static void fill_uniform(float *values, size_t count, float bound, size_t which, uint64_t seed)
{
    for (size_t block = 0; block * 4 < count; block++) {
        uint32_t words[4];
        nca_draw(words, seed, NCA_STREAM_WEIGHTS, (uint32_t)block, (uint32_t)which, 0, 0);
        for (size_t lane = 0; lane < 4 && block * 4 + lane < count; lane++) {
            values[block * 4 + lane] = bound * (2.0f * nca_uniform(words[lane]) - 1.0f);
        }
    }
}

void nca_parameters_init(float *flat, const nca_automaton *automaton,
                         nca_initialisation initialisation, uint64_t seed)
{
    const size_t count = nca_parameter_count(automaton);
    for (size_t i = 0; i < count; i++) {
        flat[i] = 0.0f;
    }
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        const float bound = tensor.bound[initialisation];
        if (bound > 0.0f) {
            fill_uniform(flat + tensor.offset, tensor.rows * tensor.columns, bound, i, seed);
        }
    }
}
