/* Internal: the kernels of int8 inference, a table in addition to the fp32 one. The scalar set is
 * the definition; the sums are exact integers, so any order of summing gives the same bits.
 *
 * A row of floats becomes bytes and one scale for that row: value = byte * scale. Weights are
 * signed bytes -127..127 with one scale per output. vpdpbusd multiplies unsigned by signed bytes,
 * so the rows are unsigned: the hidden layer is not negative, and 128 is added to perception, which
 * the layer's start value compensates (-128 times the sum of its weights). docs/precision.md and
 * kernels/int8_scalar.c define where values are rounded. */
#ifndef NCA_KERNELS_INT8_H
#define NCA_KERNELS_INT8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/table.h"

enum {
    NCA_INT8_DEPTH = 4,  /* number of adjacent bytes that a lane multiplies at once */
    NCA_INT8_UNITS = 64, /* hidden units are padded to a multiple of this */
    NCA_INT8_ROWS = 4,   /* the number of rows of a job is a multiple of this */
    NCA_INT8_GROUP = 16, /* number of rows whose hidden values are in scratch memory at once */
};

/* 1.5 * 2^23. Adding it to a float of at most 2^22 rounds that to an integer, ties to even, and
 * leaves the integer in the low bits. */
#define NCA_INT8_ROUND 12582912.0f
/* A row whose largest magnitude is smaller counts as zero, because the quotients below would
 * overflow. */
#define NCA_INT8_TINY 0x1p-100f

/* The position of hidden unit n among the bytes of a row: within 64 units, byte 4 * j + k is unit
 * 16 * k + j, the order that results from packing four vectors of sixteen. */
static inline size_t nca__int8_unit_at(size_t n)
{
    size_t within = n % NCA_INT8_UNITS;
    return n - within + within % NCA_LANES * NCA_INT8_DEPTH + within / NCA_LANES;
}

/* q[i][d] = 128 + round(p[i][d] * 127 / m), where m is the largest |p[i][d]|, and scale[i] = m /
 * 127. A row whose m is tiny, or which has a value that is not finite, counts as zero: all 128 with
 * scale 0. */
typedef struct nca__int8_quantise {
    uint8_t *q;   /* (rows, depth) */
    float *scale; /* (rows) */
    const float *p;
    size_t p_stride;
    size_t rows, depth; /* depth padded */
} nca__int8_quantise;

/* A dense layer's weights. The hidden layer's scales and biases are finite. */
typedef struct nca__int8_layer {
    int8_t *w;      /* (depth / 4, columns, 4) */
    int32_t *start; /* (columns) -128 * the sum of the column's weights; NULL: 0 */
    float *scale;   /* (columns) */
    float *bias;    /* (columns) */
} nca__int8_layer;

/* v[n] = relu(float(sum_n) * (p_scale[i] * scale[n]) + bias[n]): the product of scales is rounded,
 * then one fused multiply-add. h[i][unit n] = round(v[n] * 255 / m), where m is the largest v[n],
 * and h_scale[i] = m / 255. If m is tiny, all are 0 with scale 0; if m is infinite, all are 0 with
 * an infinite scale. */
typedef struct nca__int8_hidden {
    uint8_t *h;     /* (rows, units), in the order of nca__int8_unit_at */
    float *h_scale; /* (rows) */
    const uint8_t *p;
    const float *p_scale;
    const nca__int8_layer *layer;
    float *v; /* (NCA_INT8_GROUP, units) scratch */
    size_t rows, depth, units;
} nca__int8_hidden;

/* out[i][c] = float(sum_c) * (h_scale[i] * scale[c]) + bias[c], rounded the same way. */
typedef struct nca__int8_output {
    float *out; /* (rows, columns) */
    const uint8_t *h;
    const float *h_scale;
    const nca__int8_layer *layer;
    size_t rows, depth, columns; /* depth: the number of units; columns padded */
} nca__int8_output;

struct nca__int8_kernels {
    const char *name;
    const char *(*missing)(void);
    const nca__int8_kernels *otherwise; /* slower, fewer CPU features; or NULL */
    void (*quantise)(const nca__int8_quantise *job);
    void (*hidden)(const nca__int8_hidden *job);
    void (*output)(const nca__int8_output *job);
};

extern const nca__int8_kernels nca__int8_scalar;
#if defined(__x86_64__)
extern const nca__int8_kernels nca__int8_avx512_vnni;
extern const nca__int8_kernels nca__int8_amx;
#endif

/* The fastest int8 kernels for a set on this machine: its own, or the scalar ones. */
const nca__int8_kernels *nca__int8_for(const nca_kernels *kernels);

#endif
