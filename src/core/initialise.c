/* The initial parameters of a training. */
#include "nca/automaton.h"
#include "nca/philox.h"

const char *nca_initialisation_name(nca_initialisation initialisation)
{
    static const char *const names[] = {"glorot", "uniform"};
    return (unsigned)initialisation < NCA_INITIALISATION_COUNT ? names[initialisation] : NULL;
}

const char *nca_filter_initialisation_name(nca_filter_initialisation initialisation)
{
    static const char *const names[] = {"fixed", "uniform"};
    return (unsigned)initialisation < NCA_FILTER_INITIALISATION_COUNT ? names[initialisation]
                                                                      : NULL;
}

/* Uniform in [-bound, bound): element i is word i % 4 of block i / 4. `which` is the index of the
 * tensor in the list. */
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

enum {
    FIXED = 4, /* number of filters that start as fixed filters */
    TAPS = 9
};

/* The first FIXED filters; all channels have the same taps. */
static void fill_fixed(float *taps, const nca_automaton *automaton)
{
    float fixed[FIXED + 1][TAPS]; /* each filter has an x form and a y form */
    nca_automaton kind;
    nca_automaton_default(&kind);
    nca_automaton_filters(fixed[0], fixed[1], &kind);
    kind.filter = NCA_FILTER_LAPLACIAN;
    nca_automaton_filters(fixed[2], fixed[3], &kind);
    kind.filter = NCA_FILTER_GAUSSIAN;
    nca_automaton_filters(fixed[3], fixed[4], &kind);
    for (size_t row = 0; row < automaton->filter_count * TAPS && row < FIXED * TAPS; row++) {
        for (size_t c = 0; c < automaton->channels; c++) {
            taps[row * automaton->channels + c] = fixed[row / TAPS][row % TAPS];
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
    float *taps = nca_parameters_view(flat, automaton).taps;
    if (taps != NULL) {
        fill_fixed(taps, automaton);
    }
}

void nca_taps_init(float *flat, const nca_automaton *automaton,
                   nca_filter_initialisation initialisation, uint64_t seed)
{
    float *taps = nca_parameters_view(flat, automaton).taps;
    if (taps == NULL) {
        return;
    }
    size_t index = 0;
    nca_tensor tensor = nca_tensor_at(automaton, index);
    while (tensor.rows == 0 || flat + tensor.offset != taps) {
        tensor = nca_tensor_at(automaton, ++index);
    }
    fill_uniform(taps, tensor.rows * tensor.columns, tensor.bound[0], index, seed);
    if (initialisation == NCA_FILTER_INITIALISATION_FIXED) {
        fill_fixed(taps, automaton);
    }
}
