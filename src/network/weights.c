/* Packs parameters for the kernels, and unpacks and adds up gradients. */
#include "network/weights.h"

#include <string.h>

#include "core/layout.h"
#include "kernels/table.h"

nca__shape nca__shape_make(const nca_automaton *automaton)
{
    nca__shape shape = {
        .channels = automaton->channels,
        .padded_channels = nca__pad(automaton->channels),
        .input_channels = automaton->input_channels,
        .maps = nca_perception_maps(automaton),
        .filtered = nca_perception_maps(automaton) - 1,
        .hidden = automaton->hidden,
        .padded_hidden = nca__pad(automaton->hidden),
    };
    shape.tap_rows = automaton->filter == NCA_FILTER_LEARNED ? 9 * shape.filtered : 0;
    shape.inputs = shape.maps * shape.padded_channels;
    bool even_lines = shape.padded_hidden / NCA_LANES % 2 == 0;
    shape.hidden_stride = shape.padded_hidden + (even_lines ? NCA_LANES : 0);
    return shape;
}

size_t nca__weights_floats(const nca__shape *shape)
{
    return shape->inputs * shape->hidden_stride + shape->hidden * shape->inputs +
           shape->hidden_stride + shape->hidden * shape->padded_channels +
           nca__pad(shape->channels * shape->hidden_stride) + shape->padded_channels;
}

nca__weights nca__weights_carve(float *block, const nca__shape *shape)
{
    nca__weights weights;
    weights.w1_in_hidden = block;
    weights.w1_hidden_in = weights.w1_in_hidden + shape->inputs * shape->hidden_stride;
    weights.b1 = weights.w1_hidden_in + shape->hidden * shape->inputs;
    weights.w2_hidden_out = weights.b1 + shape->hidden_stride;
    weights.w2_out_hidden = weights.w2_hidden_out + shape->hidden * shape->padded_channels;
    weights.b2 = weights.w2_out_hidden + nca__pad(shape->channels * shape->hidden_stride);
    return weights;
}

size_t nca__padded_input(const nca__shape *shape, size_t input)
{
    return input / shape->channels * shape->padded_channels + input % shape->channels;
}

void nca__weights_pack(nca__weights *weights, const nca__shape *shape, const float *flat,
                       const nca_automaton *automaton)
{
    memset(weights->w1_in_hidden, 0, nca__weights_floats(shape) * sizeof(float));
    size_t inputs = shape->maps * shape->channels;
    const size_t first = shape->input_channels;
    const nca_parameters from = nca_parameters_view((float *)flat, automaton); /* only read */
    for (size_t n = 0; n < shape->hidden; n++) {
        for (size_t i = 0; i < inputs; i++) {
            size_t padded = nca__padded_input(shape, i);
            weights->w1_in_hidden[padded * shape->hidden_stride + n] = from.w1[n * inputs + i];
            weights->w1_hidden_in[n * shape->inputs + padded] = from.w1[n * inputs + i];
        }
        weights->b1[n] = from.b1[n];
        for (size_t c = first; c < shape->channels; c++) {
            const float w = from.w2[(c - first) * shape->hidden + n];
            weights->w2_hidden_out[n * shape->padded_channels + c] = w;
            weights->w2_out_hidden[c * shape->hidden_stride + n] = w;
        }
    }
    if (from.b2 != NULL) {
        memcpy(weights->b2 + first, from.b2, (shape->channels - first) * sizeof(float));
    }
}

size_t nca__sums_floats(const nca__shape *shape)
{
    return shape->inputs * shape->hidden_stride + shape->hidden_stride +
           nca__pad(shape->channels * shape->hidden_stride) +
           (1 + shape->tap_rows) * shape->padded_channels;
}

nca__sums nca__sums_carve(float *block, const nca__shape *shape)
{
    nca__sums sums;
    sums.w1 = block;
    sums.b1 = sums.w1 + shape->inputs * shape->hidden_stride;
    sums.w2 = sums.b1 + shape->hidden_stride;
    sums.b2 = sums.w2 + nca__pad(shape->channels * shape->hidden_stride);
    sums.taps = sums.b2 + shape->padded_channels;
    return sums;
}

void nca__sums_add(float *flat, const nca__sums *sums, const nca__shape *shape,
                   const nca_automaton *automaton)
{
    const size_t first = shape->input_channels;
    nca_parameters to = nca_parameters_view(flat, automaton);
    size_t inputs = shape->maps * shape->channels;
    for (size_t n = 0; n < shape->hidden; n++) {
        for (size_t i = 0; i < inputs; i++) {
            to.w1[n * inputs + i] +=
                sums->w1[nca__padded_input(shape, i) * shape->hidden_stride + n];
        }
        to.b1[n] += sums->b1[n];
        for (size_t c = first; c < shape->channels; c++) {
            to.w2[(c - first) * shape->hidden + n] += sums->w2[c * shape->hidden_stride + n];
        }
    }
    if (to.b2 != NULL) {
        for (size_t c = first; c < shape->channels; c++) {
            to.b2[c - first] += sums->b2[c];
        }
    }
    for (size_t row = 0; row < shape->tap_rows; row++) {
        for (size_t c = 0; c < shape->channels; c++) {
            to.taps[row * shape->channels + c] += sums->taps[row * shape->padded_channels + c];
        }
    }
}
