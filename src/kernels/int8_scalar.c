/* The definition of int8 inference: plain loops that show every rounding. They are slow; the vector
 * kernels are compared with them, and they are the fallback. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/int8.h"

static const char *nothing_missing(void)
{
    return NULL;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* offset + value * factor, rounded to the nearest integer, ties to even. The caller ensures that
 * the result is in 0..255; for NaN the byte is unspecified. */
static uint8_t to_byte(float value, float factor, float offset)
{
    return (uint8_t)(bits_of(fmaf(value, factor, NCA_INT8_ROUND + offset)) & 0xFFu);
}

static void quantise(const nca__int8_quantise *job)
{
    for (size_t i = 0; i < job->rows; i++) {
        const float *p = job->p + i * job->p_stride;
        uint8_t *q = job->q + i * job->depth;
        float most = 0.0f;
        bool finite = true;
        for (size_t d = 0; d < job->depth; d++) {
            float size = fabsf(p[d]);
            finite = finite && size <= FLT_MAX;
            most = size > most ? size : most;
        }
        bool ordinary = finite && most >= NCA_INT8_TINY;
        float factor = ordinary ? 127.0f / most : 0.0f;
        for (size_t d = 0; d < job->depth; d++) {
            q[d] = ordinary ? to_byte(p[d], factor, 128.0f) : 128;
        }
        job->scale[i] = ordinary ? most * (1.0f / 127.0f) : 0.0f;
    }
}

/* The exact sum of a row times a column. */
static int32_t dot(const uint8_t *row, const nca__int8_layer *layer, size_t column, size_t columns,
                   size_t depth)
{
    int32_t sum = layer->start != NULL ? layer->start[column] : 0;
    for (size_t d = 0; d < depth; d++) {
        const int8_t *group = layer->w + (d / NCA_INT8_DEPTH * columns + column) * NCA_INT8_DEPTH;
        sum += (int32_t)row[d] * group[d % NCA_INT8_DEPTH];
    }
    return sum;
}

static void hidden(const nca__int8_hidden *job)
{
    const nca__int8_layer *layer = job->layer;
    float *v = job->v;
    for (size_t i = 0; i < job->rows; i++) {
        const uint8_t *p = job->p + i * job->depth;
        uint8_t *h = job->h + i * job->units;
        float most = 0.0f;
        for (size_t n = 0; n < job->units; n++) {
            float sum = (float)dot(p, layer, n, job->units, job->depth);
            v[n] = fmaf(sum, job->p_scale[i] * layer->scale[n], layer->bias[n]);
            v[n] = v[n] > 0.0f ? v[n] : 0.0f;
            most = v[n] > most ? v[n] : most;
        }
        bool ordinary = most >= NCA_INT8_TINY && most <= FLT_MAX;
        float factor = ordinary ? 255.0f / most : 0.0f;
        for (size_t n = 0; n < job->units; n++) {
            h[nca__int8_unit_at(n)] = ordinary ? to_byte(v[n], factor, 0.0f) : 0;
        }
        job->h_scale[i] = most < NCA_INT8_TINY ? 0.0f : most * (1.0f / 255.0f);
    }
}

static void output(const nca__int8_output *job)
{
    const nca__int8_layer *layer = job->layer;
    for (size_t i = 0; i < job->rows; i++) {
        const uint8_t *h = job->h + i * job->depth;
        for (size_t c = 0; c < job->columns; c++) {
            float sum = (float)dot(h, layer, c, job->columns, job->depth);
            job->out[i * job->columns + c] =
                fmaf(sum, job->h_scale[i] * layer->scale[c], layer->bias[c]);
        }
    }
}

const nca__int8_kernels nca__int8_scalar = {
    .name = "int8-scalar",
    .missing = nothing_missing,
    .quantise = quantise,
    .hidden = hidden,
    .output = output,
};
