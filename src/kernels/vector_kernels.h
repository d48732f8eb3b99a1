/* The vector kernels, written once for any width: an instruction set includes this file after it
 * has defined the types and operations below, and gets the five kernels as static functions.
 *
 *   LANES                       floats in a vector; divides NCA_LANES
 *   TILE_ROWS                   rows of sums that matmul keeps in registers, times...
 *   TILE_VECTORS                ...vectors of columns
 *   vec  vec_load(p)  vec_store(p, v)  vec_set1(f)  vec_fma(a, b, c)      a*b + c, one rounding
 *   vec_relu(v)                 lane by lane v > 0 ? v : 0
 *   vec_positive(gate, v)       lane by lane gate > 0 ? v : 0
 *   ivec  ivec_set1(u)  ivec_ramp()  0, 1, 2...  ivec_add  ivec_xor  ivec_and  ivec_or
 *   ivec_multiply(&high, &low, a, b)    32 x 32 -> 64 bits, lane by lane
 *   ivec_shift_right(v, bits)   logical
 *   ivec_below(a, b)            all ones where a < b; both below 2^31
 *   ivec_store(p, v)            LANES words, no alignment
 *
 * Vectors run across outputs, never along a sum, so the order of every sum is the scalar one. */
#include <stddef.h>
#include <stdint.h>

#include "kernels/table.h"

#define NCA_INLINE static inline __attribute__((always_inline))

enum {
    COLUMN_VECTORS = NCA_LANES / LANES, /* vectors in the narrowest column block */
    /* A matrix of one row has no rows to fill the registers with; more columns hide the latency. */
    WIDE_VECTORS = 8,
};

/* One register tile: `rows` x `vectors` sums. Both are constants at every call, as is depth_major
 * (whether neighbouring rows of `a` are neighbours in memory, or neighbouring depths are). */
NCA_INLINE void matmul_tile(const nca__matmul *job, size_t row, size_t column, const int rows,
                            const int vectors, const bool depth_major)
{
    vec sum[TILE_ROWS * TILE_VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            sum[r * vectors + v] =
                job->start != NULL ? vec_load(job->start + (row + (size_t)r) * job->start_stride +
                                              column + (size_t)v * LANES)
                                   : vec_set1(0.0f);
        }
    }
    const size_t a_row = depth_major ? 1 : job->a_row;
    const size_t a_depth = depth_major ? job->a_depth : 1;
    const float *a = job->a + row * a_row;
    const float *b = job->b + column;
    for (size_t d = 0; d < job->depth; d++) {
        vec factor[WIDE_VECTORS];
        for (int v = 0; v < vectors; v++) {
            factor[v] = vec_load(b + (size_t)v * LANES);
        }
        for (int r = 0; r < rows; r++) {
            vec scale = vec_set1(a[(size_t)r * a_row]);
            for (int v = 0; v < vectors; v++) {
                sum[r * vectors + v] = vec_fma(scale, factor[v], sum[r * vectors + v]);
            }
        }
        a += a_depth;
        b += job->b_stride;
    }
    for (int r = 0; r < rows; r++) {
        size_t line = row + (size_t)r;
        for (int v = 0; v < vectors; v++) {
            size_t at = column + (size_t)v * LANES;
            vec value = sum[r * vectors + v];
            if (job->relu) {
                value = vec_relu(value);
            }
            if (job->gate != NULL) {
                value = vec_positive(vec_load(job->gate + line * job->gate_stride + at), value);
            }
            vec_store(job->out + line * job->out_stride + at, value);
        }
    }
}

/* All rows of a block of columns, in tiles of TILE_ROWS, then 4, then 1. */
NCA_INLINE void matmul_columns(const nca__matmul *job, size_t column, const int vectors,
                               const bool depth_major)
{
    size_t row = 0;
    for (; row + TILE_ROWS <= job->rows; row += TILE_ROWS) {
        matmul_tile(job, row, column, TILE_ROWS, vectors, depth_major);
    }
    for (; row + 4 <= job->rows; row += 4) {
        matmul_tile(job, row, column, 4, vectors, depth_major);
    }
    for (; row < job->rows; row++) {
        matmul_tile(job, row, column, 1, vectors, depth_major);
    }
}

NCA_INLINE void matmul_all(const nca__matmul *job, const bool depth_major)
{
    size_t column = 0;
    for (; job->rows == 1 && column + WIDE_VECTORS * LANES <= job->columns;
         column += WIDE_VECTORS * LANES) {
        matmul_tile(job, 0, column, 1, WIDE_VECTORS, depth_major);
    }
    for (; column + TILE_VECTORS * LANES <= job->columns; column += TILE_VECTORS * LANES) {
        matmul_columns(job, column, TILE_VECTORS, depth_major);
    }
    for (; column < job->columns; column += NCA_LANES) {
        matmul_columns(job, column, COLUMN_VECTORS, depth_major);
    }
}

static void matmul(const nca__matmul *job)
{
    if (job->a_depth == 1) {
        matmul_all(job, false);
    } else if (job->a_row == 1) {
        matmul_all(job, true);
    } else {
        /* Neither is dense: a constant in place of a matrix. Rare, and never worth a tile. */
        nca__kernels_scalar.matmul(job);
    }
}

static void perceive(const nca__perceive *job)
{
    size_t channels = job->channels;
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[tap]);
        filter_y[tap] = vec_set1(job->stencil->y[tap]);
    }
    for (size_t i = 0; i < job->count; i++) {
        const float *cell = job->grid + job->cells[i];
        float *p = job->p + i * job->p_stride;
        for (size_t c = 0; c < channels; c += LANES) {
            vec x = vec_set1(0.0f);
            vec y = vec_set1(0.0f);
            for (int tap = 0; tap < 9; tap++) {
                vec neighbour = vec_load(cell + (tap / 3 - 1) * (ptrdiff_t)job->row_stride +
                                         (tap % 3 - 1) * (ptrdiff_t)channels + (ptrdiff_t)c);
                x = vec_fma(filter_x[tap], neighbour, x);
                y = vec_fma(filter_y[tap], neighbour, y);
            }
            vec_store(p + c, vec_load(cell + c));
            vec_store(p + channels + c, x);
            vec_store(p + 2 * channels + c, y);
        }
    }
}

static void advance(const nca__advance *job)
{
    const vec step = vec_set1(job->step);
    for (size_t i = 0; i < job->count; i++) {
        for (size_t c = 0; c < job->channels; c += LANES) {
            size_t at = job->cells[i] + c;
            vec dx = vec_load(job->dx + i * job->channels + c);
            vec_store(job->y + at, vec_fma(step, dx, vec_load(job->x + at)));
        }
    }
}

static void spread(const nca__spread *job)
{
    size_t channels = job->channels;
    vec filter_x[9];
    vec filter_y[9];
    for (int tap = 0; tap < 9; tap++) {
        filter_x[tap] = vec_set1(job->stencil->x[8 - tap]);
        filter_y[tap] = vec_set1(job->stencil->y[8 - tap]);
    }
    for (size_t i = 0; i < job->count; i++) {
        const float *centre = job->dp + i * 2 * channels;
        for (size_t c = 0; c < channels; c += LANES) {
            vec sum = vec_load(job->d + i * channels + c);
            for (int tap = 0; tap < 9; tap++) {
                const float *dp = centre + (tap / 3 - 1) * (ptrdiff_t)job->dp_row_stride +
                                  (tap % 3 - 1) * (ptrdiff_t)(2 * channels) + (ptrdiff_t)c;
                sum = vec_fma(filter_x[tap], vec_load(dp), sum);
                sum = vec_fma(filter_y[tap], vec_load(dp + channels), sum);
            }
            vec_store(job->d + i * channels + c, sum);
        }
    }
}

/* Philox4x32-10 on LANES consecutive counters; each lane's four answers become the four bytes of a
 * word, which little-endian memory puts in the order that the scalar kernel writes. */
NCA_INLINE ivec fire_lanes(ivec index, const nca__fire *job)
{
    ivec word[4] = {index, ivec_set1(job->counter[1]), ivec_set1(job->counter[2]),
                    ivec_set1(job->counter[3])};
    uint32_t key0 = job->key[0];
    uint32_t key1 = job->key[1];
    for (int round = 0; round < 10; round++) {
        ivec high0;
        ivec low0;
        ivec high2;
        ivec low2;
        ivec_multiply(&high0, &low0, word[0], ivec_set1(0xD2511F53u));
        ivec_multiply(&high2, &low2, word[2], ivec_set1(0xCD9E8D57u));
        word[0] = ivec_xor(ivec_xor(high2, word[1]), ivec_set1(key0));
        word[1] = low2;
        word[2] = ivec_xor(ivec_xor(high0, word[3]), ivec_set1(key1));
        word[3] = low0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    ivec threshold = ivec_set1(job->threshold);
    ivec fired = ivec_set1(0);
    for (int lane = 0; lane < 4; lane++) {
        ivec below = ivec_below(ivec_shift_right(word[lane], 8), threshold);
        fired = ivec_or(fired, ivec_and(below, ivec_set1(1u << (8 * lane))));
    }
    return fired;
}

static void fire(const nca__fire *job)
{
    size_t i = 0;
    for (; i + LANES <= job->blocks; i += LANES) {
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(job->fired + 4 * i, fire_lanes(index, job));
    }
    if (i < job->blocks) {
        uint8_t last[4 * LANES];
        ivec index = ivec_add(ivec_set1(job->counter[0] + (uint32_t)i), ivec_ramp());
        ivec_store(last, fire_lanes(index, job));
        for (size_t k = 0; k < 4 * (job->blocks - i); k++) {
            job->fired[4 * i + k] = last[k];
        }
    }
}
