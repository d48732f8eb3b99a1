/* Quantises parameters into the layout of the int8 kernels. */
#include "network/int8_weights.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/carve.h"

size_t nca__int8_units(const nca__shape *shape)
{
    return (shape->hidden + NCA_INT8_UNITS - 1) / NCA_INT8_UNITS * NCA_INT8_UNITS;
}

static nca__int8_layer carve_layer(uintptr_t *cursor, size_t depth, size_t columns)
{
    return (nca__int8_layer){
        .w = nca__carve(cursor, depth * columns),
        .start = nca__carve(cursor, columns * sizeof(int32_t)),
        .scale = nca__carve(cursor, columns * sizeof(float)),
        .bias = nca__carve(cursor, columns * sizeof(float)),
    };
}

static nca__int8_weights carve_all(uintptr_t *cursor, const nca__shape *shape)
{
    const size_t units = nca__int8_units(shape);
    nca__int8_weights weights;
    weights.hidden = carve_layer(cursor, shape->inputs, units);
    weights.output = carve_layer(cursor, units, shape->padded_channels);
    return weights;
}

size_t nca__int8_weights_bytes(const nca__shape *shape)
{
    uintptr_t cursor = 0;
    carve_all(&cursor, shape);
    return (size_t)cursor;
}

nca__int8_weights nca__int8_weights_carve(void *block, const nca__shape *shape)
{
    uintptr_t cursor = (uintptr_t)block;
    return carve_all(&cursor, shape);
}

/* Converts a row of weights to bytes: byte = round(w * factor), w = byte * scale. */
typedef struct row_scale {
    float factor, scale;
} row_scale;

static row_scale scale_row(const float *w, size_t count)
{
    float most = 0.0f;
    for (size_t i = 0; i < count; i++) {
        float size = fabsf(w[i]);
        if (!(size <= FLT_MAX)) {
            return (row_scale){0.0f, NAN};
        }
        most = size > most ? size : most;
    }
    if (most < NCA_INT8_TINY) {
        return (row_scale){0.0f, 0.0f};
    }
    return (row_scale){127.0f / most, most * (1.0f / 127.0f)};
}

/* The low byte of the sum is the integer, in two's complement. If the factor is 0, all bytes of the
 * row are 0, whatever its values. */
static int8_t to_byte(float w, float factor)
{
    uint32_t bits;
    float rounded = factor != 0.0f ? fmaf(w, factor, NCA_INT8_ROUND) : NCA_INT8_ROUND;
    memcpy(&bits, &rounded, sizeof bits);
    int32_t byte = (int32_t)(bits & 0xFFu);
    return (int8_t)(byte < 128 ? byte : byte - 256);
}

static int8_t *weight_at(const nca__int8_layer *layer, size_t depth, size_t column, size_t columns)
{
    return layer->w + (depth / NCA_INT8_DEPTH * columns + column) * NCA_INT8_DEPTH +
           depth % NCA_INT8_DEPTH;
}

void nca__int8_weights_pack(nca__int8_weights *weights, const nca__shape *shape, const float *flat,
                            const nca_automaton *automaton)
{
    const size_t inputs = shape->maps * shape->channels;
    const size_t units = nca__int8_units(shape);
    const nca_parameters from = nca_parameters_view((float *)flat, automaton); /* only read */
    memset(weights->hidden.w, 0, nca__int8_weights_bytes(shape));
    for (size_t n = 0; n < shape->hidden; n++) {
        const float *row = from.w1 + n * inputs;
        row_scale scale = scale_row(row, inputs);
        if (!(scale.scale + fabsf(from.b1[n]) <= FLT_MAX)) {
            continue; /* not finite: the unit is always 0 */
        }
        int32_t sum = 0;
        for (size_t i = 0; i < inputs; i++) {
            int8_t byte = to_byte(row[i], scale.factor);
            *weight_at(&weights->hidden, nca__padded_input(shape, i), n, units) = byte;
            sum += byte;
        }
        weights->hidden.start[n] = -128 * sum;
        weights->hidden.scale[n] = scale.scale;
        weights->hidden.bias[n] = from.b1[n];
    }
    const size_t first = shape->input_channels;
    for (size_t c = first; c < shape->channels; c++) {
        const float *row = from.w2 + (c - first) * shape->hidden;
        row_scale scale = scale_row(row, shape->hidden);
        for (size_t n = 0; n < shape->hidden; n++) {
            *weight_at(&weights->output, nca__int8_unit_at(n), c, shape->padded_channels) =
                to_byte(row[n], scale.factor);
        }
        weights->output.scale[c] = scale.scale;
        weights->output.bias[c] = from.b2 != NULL ? from.b2[c - first] : 0.0f;
    }
}
