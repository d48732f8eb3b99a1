/* The parameters that training starts from. */
#include "nca/automaton.h"
#include "nca/philox.h"

const char *nca_initialisation_name(nca_initialisation initialisation)
{
    static const char *const names[] = {"glorot", "uniform"};
    return (unsigned)initialisation < NCA_INITIALISATION_COUNT ? names[initialisation] : NULL;
}

/* Uniform in [-bound, bound), element i from lane i % 4 of block i / 4. */
static void fill_uniform(float *tensor, size_t count, float bound, nca_tensor which, uint64_t seed)
{
    for (size_t block = 0; block * 4 < count; block++) {
        uint32_t words[4];
        nca_draw(words, seed, NCA_STREAM_WEIGHTS, (uint32_t)block, (uint32_t)which, 0, 0);
        for (size_t lane = 0; lane < 4 && block * 4 + lane < count; lane++) {
            tensor[block * 4 + lane] = bound * (2.0f * nca_uniform(words[lane]) - 1.0f);
        }
    }
}

void nca_parameters_init(float *flat, const nca_automaton *automaton,
                         nca_initialisation initialisation, uint64_t seed)
{
    size_t count = nca_parameter_count(automaton);
    for (size_t i = 0; i < count; i++) {
        flat[i] = 0.0f;
    }
    nca_parameters parameters = nca_parameters_view(flat, automaton);
    size_t inputs = (size_t)NCA_PERCEPTION_FILTERS * automaton->channels;
    size_t hidden = automaton->hidden;
    if (initialisation == NCA_INITIALISATION_GLOROT) {
        float bound = (float)__builtin_sqrt(6.0 / (double)(inputs + hidden));
        fill_uniform(parameters.w1, hidden * inputs, bound, NCA_TENSOR_W1, seed);
    } else {
        float bound = (float)__builtin_sqrt(1.0 / (double)inputs);
        fill_uniform(parameters.w1, hidden * inputs, bound, NCA_TENSOR_W1, seed);
        fill_uniform(parameters.b1, hidden, bound, NCA_TENSOR_B1, seed);
    }
}
