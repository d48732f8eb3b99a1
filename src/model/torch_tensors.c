/* See torch_tensors.h. */
#include "model/torch_tensors.h"

#include <math.h>
#include <string.h>

enum {
    TAPS = 9
};

static bool has_kernels(const nca_model *model)
{
    return model->automaton.filter == NCA_FILTER_LEARNED || model->classifier != NULL;
}

/* ---- The list --------------------------------------------------------------------------------*/

static nca__torch_entry make_entry(const char *name, size_t rank, const size_t shape[4])
{
    nca__torch_entry entry = {.name = name, .rank = rank, .count = 1, .form = NCA__TORCH_PLAIN};
    for (size_t i = 0; i < rank; i++) {
        entry.shape[i] = shape[i];
        entry.count *= shape[i];
    }
    return entry;
}

nca__torch_entry nca__torch_kernels(const nca_model *model)
{
    const size_t channels = model->automaton.channels,
                 maps = nca_perception_maps(&model->automaton);
    nca__torch_entry kernels =
        make_entry(NCA__TORCH_KERNEL_WEIGHT, 4, (size_t[]){channels * maps, 1, 3, 3});
    kernels.form = NCA__TORCH_KERNELS;
    return kernels;
}

size_t nca__torch_entries(nca__torch_entry out[NCA__TORCH_ENTRIES], const nca_model *model)
{
    const nca_automaton *a = &model->automaton;
    const size_t channels = a->channels, hidden = a->hidden, maps = nca_perception_maps(a);
    const size_t outputs = channels - a->input_channels;
    const nca_parameters ours = nca_parameters_view(model->parameters, a);
    size_t count = 0;
    if (has_kernels(model)) {
        out[count++] = nca__torch_kernels(model);
    }
    out[count] = make_entry(NCA__TORCH_FIRST_WEIGHT, 4, (size_t[]){hidden, maps * channels, 1, 1});
    out[count++].form = NCA__TORCH_FIRST_LAYER;
    const struct {
        const char *name;
        const float *values;
        size_t rank, shape[4];
    } plain[] = {{NCA__TORCH_FIRST_BIAS, ours.b1, 1, {hidden}},
                 {NCA__TORCH_SECOND_WEIGHT, ours.w2, 4, {outputs, hidden, 1, 1}},
                 {NCA__TORCH_SECOND_BIAS, ours.b2, 1, {outputs}},
                 {NCA__TORCH_HEAD_WEIGHT, ours.head_w, 2, {a->head_outputs, a->head_inputs}},
                 {NCA__TORCH_HEAD_BIAS, ours.head_b, 1, {a->head_outputs}}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (plain[i].values != NULL) {
            out[count] = make_entry(plain[i].name, plain[i].rank, plain[i].shape);
            out[count++].offset = (size_t)(plain[i].values - model->parameters);
        }
    }
    return count;
}

/* ---- Values ----------------------------------------------------------------------------------*/

/* The kernel of map k of channel c. */
static void kernel_of(float out[TAPS], const nca_model *model, size_t k, size_t c)
{
    const nca_automaton *a = &model->automaton;
    const float *taps = nca_parameters_view(model->parameters, a).taps;
    float fixed[2][TAPS];
    memset(out, 0, TAPS * sizeof *out);
    if (k == 0) {
        out[TAPS / 2] = 1.0f;
    } else if (taps == NULL) {
        nca_automaton_filters(fixed[0], fixed[1], a);
        memcpy(out, fixed[k - 1], sizeof fixed[0]);
    } else {
        for (size_t i = 0; i < TAPS; i++) {
            out[i] = taps[((k - 1) * TAPS + i) * a->channels + c];
        }
    }
}

void nca__torch_get(float *out, const nca_model *model, const nca__torch_entry *entry)
{
    const nca_automaton *a = &model->automaton;
    const size_t channels = a->channels, maps = nca_perception_maps(a);
    const nca_parameters ours = nca_parameters_view(model->parameters, a);
    for (size_t i = 0; entry->form == NCA__TORCH_KERNELS && i < channels * maps; i++) {
        kernel_of(out + i * TAPS, model, i % maps, i / maps);
    }
    for (size_t i = 0; entry->form == NCA__TORCH_FIRST_LAYER && i < entry->count; i++) {
        const size_t row = i / (maps * channels), column = i % (maps * channels);
        out[i] = ours.w1[row * maps * channels + column % maps * channels + column / maps];
    }
    if (entry->form == NCA__TORCH_PLAIN) {
        memcpy(out, model->parameters + entry->offset, entry->count * sizeof *out);
    }
}

/* Up to the rounding of another program that computed a rotated filter. */
static bool same_kernel(const float *a, const float *b)
{
    bool same = true;
    for (size_t i = 0; i < TAPS; i++) {
        same = same && fabsf(a[i] - b[i]) <= 1e-6f;
    }
    return same;
}

static bool set_kernels(nca_model *model, const float *values)
{
    const nca_automaton *a = &model->automaton;
    const size_t channels = a->channels, maps = nca_perception_maps(a);
    float *taps = nca_parameters_view(model->parameters, a).taps;
    for (size_t row = 0; row < channels * maps; row++) {
        const float *kernel = values + row * TAPS;
        const size_t k = row % maps, c = row / maps;
        if (k > 0 && taps != NULL) {
            for (size_t i = 0; i < TAPS; i++) {
                taps[((k - 1) * TAPS + i) * channels + c] = kernel[i];
            }
            continue;
        }
        float wanted[TAPS];
        kernel_of(wanted, model, k, c);
        if (!same_kernel(kernel, wanted)) {
            return false;
        }
    }
    return true;
}

bool nca__torch_set(nca_model *model, const nca__torch_entry *entry, const float *values)
{
    const nca_automaton *a = &model->automaton;
    const size_t channels = a->channels, maps = nca_perception_maps(a);
    const nca_parameters ours = nca_parameters_view(model->parameters, a);
    if (entry->form == NCA__TORCH_KERNELS) {
        return set_kernels(model, values);
    }
    for (size_t i = 0; entry->form == NCA__TORCH_FIRST_LAYER && i < entry->count; i++) {
        const size_t row = i / (maps * channels), column = i % (maps * channels);
        ours.w1[row * maps * channels + column % maps * channels + column / maps] = values[i];
    }
    if (entry->form == NCA__TORCH_PLAIN) {
        memcpy(model->parameters + entry->offset, values, entry->count * sizeof *values);
    }
    return true;
}
