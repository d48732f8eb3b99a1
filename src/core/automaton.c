/* The automaton's settings, fixed filters and seed grid. */
#include "nca/automaton.h"

#include "core/trig.h"

void nca_automaton_default(nca_automaton *out)
{
    *out = (nca_automaton){
        .channels = 16,
        .hidden = 128,
        .filter = NCA_FILTER_SOBEL,
        .filter_count = 2,
        .boundary = NCA_BOUNDARY_ZERO,
        .angle_radians = 0.0f,
        .fire_rate = 0.5f,
        .step_size = 1.0f,
        .alive_channel = 3,
        .alive_threshold = 0.1f,
        .output_bias = true,
    };
}

static bool is_finite(float value)
{
    return value - value == 0.0f;
}

const char *nca_automaton_problem(const nca_automaton *automaton)
{
    if (automaton->channels < NCA_MIN_CHANNELS || automaton->channels > NCA_MAX_CHANNELS) {
        return "channels must be 4 to 1024";
    }
    if (automaton->hidden < 1 || automaton->hidden > NCA_MAX_HIDDEN) {
        return "hidden must be 1 to 16384";
    }
    if ((unsigned)automaton->filter >= NCA_FILTER_COUNT) {
        return "filter must be one of sobel, scharr, gaussian, laplacian, mean or learned";
    }
    if (automaton->filter == NCA_FILTER_LEARNED &&
        (automaton->filter_count < 1 || automaton->filter_count > NCA_MAX_FILTERS)) {
        return "filter_count must be 1 to 8";
    }
    if ((unsigned)automaton->boundary >= NCA_BOUNDARY_COUNT) {
        return "boundary must be zero, circular, reflect or replicate";
    }
    if (!(automaton->angle_radians >= -1e6f && automaton->angle_radians <= 1e6f)) {
        return "angle must be -1e6 to 1e6 radians";
    }
    if (automaton->filter == NCA_FILTER_LEARNED && automaton->angle_radians != 0.0f) {
        return "angle must be 0 with learned filters, which have no direction to turn";
    }
    if (!(automaton->fire_rate > 0.0f && automaton->fire_rate <= 1.0f)) {
        return "fire_rate must be greater than 0 and at most 1";
    }
    if (!is_finite(automaton->step_size)) {
        return "step_size must be finite";
    }
    if (automaton->alive_channel < -1 || automaton->alive_channel >= (int32_t)automaton->channels) {
        return "alive_channel must be a channel, or -1 for no alive mask";
    }
    if (!is_finite(automaton->alive_threshold)) {
        return "alive_threshold must be finite";
    }
    if (automaton->input_channels >= automaton->channels) {
        return "input_channels must be fewer than channels";
    }
    if ((automaton->head_inputs > 0) != (automaton->head_outputs > 0) ||
        automaton->head_inputs > NCA_MAX_HEAD || automaton->head_outputs > NCA_MAX_HEAD) {
        return "head_inputs and head_outputs must both be 0, or both 1 to 1024";
    }
    for (int i = 0; i < NCA_RESERVED; i++) {
        if (automaton->reserved[i] != 0) {
            return "reserved must be 0; fill the automaton with nca_automaton_default first";
        }
    }
    return NULL;
}

const char *nca_filter_name(nca_filter filter)
{
    static const char *const names[] = {"sobel",     "scharr", "gaussian",
                                        "laplacian", "mean",   "learned"};
    return (unsigned)filter < NCA_FILTER_COUNT ? names[filter] : NULL;
}

static const struct {
    signed char taps[9];
    double divisor;
    bool steers;
} filters[NCA_FILTER_COUNT] = {
    [NCA_FILTER_SOBEL] = {{-1, 0, 1, -2, 0, 2, -1, 0, 1}, 8.0, true},
    [NCA_FILTER_SCHARR] = {{-3, 0, 3, -10, 0, 10, -3, 0, 3}, 16.0, true},
    [NCA_FILTER_GAUSSIAN] = {{1, 2, 1, 2, 4, 2, 1, 2, 1}, 16.0, false},
    [NCA_FILTER_LAPLACIAN] = {{0, 1, 0, 1, -4, 1, 0, 1, 0}, 8.0, false},
    [NCA_FILTER_MEAN] = {{1, 1, 1, 1, 1, 1, 1, 1, 1}, 9.0, false},
    [NCA_FILTER_LEARNED] = {{0}, 1.0, false},
};

double nca_filter_divisor(nca_filter filter)
{
    return (unsigned)filter < NCA_FILTER_COUNT ? filters[filter].divisor : 1.0;
}

size_t nca_perception_maps(const nca_automaton *automaton)
{
    return automaton->filter == NCA_FILTER_LEARNED ? 1 + (size_t)automaton->filter_count : 3;
}

void nca_automaton_filters(float out_x[9], float out_y[9], const nca_automaton *automaton)
{
    double cosine = 1.0;
    double sine = 0.0;
    if (filters[automaton->filter].steers) {
        nca__cos_sin(&cosine, &sine, (double)automaton->angle_radians);
    }
    for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
            double x = filters[automaton->filter].taps[row * 3 + column];
            double y = filters[automaton->filter].taps[column * 3 + row];
            double scale = filters[automaton->filter].divisor;
            /* Adding 0 turns -0 into +0. */
            out_x[row * 3 + column] = (float)((cosine * x - sine * y) / scale) + 0.0f;
            out_y[row * 3 + column] = (float)((sine * x + cosine * y) / scale) + 0.0f;
        }
    }
}

void nca_seed(float *grid, size_t height, size_t width, size_t channels)
{
    for (size_t i = 0; i < height * width * channels; i++) {
        grid[i] = 0.0f;
    }
    float *centre = grid + ((height / 2) * width + width / 2) * channels;
    for (size_t c = 3; c < channels; c++) {
        centre[c] = 1.0f;
    }
}
