/* Internal: the bf16 kernels of the dense passes. A set that has them points to them in its table
 * (src/kernels/table.h). The scalar kernels are the definition; all others give the same bits.
 *
 * A bf16 is the upper half of an fp32. Numbers are rounded to nearest even; magnitudes below 2^-126
 * become a zero of the same sign. They are stored in pairs, two in a word of 32 bits, the first in
 * the low half. A matrix can be paired in two ways:
 *
 *   along     word (r, k) holds columns 2k and 2k + 1 of row r           (rows, columns / 2)
 *   across    word (k, j) holds rows 2k and 2k + 1 of column j           (rows / 2, columns)
 *
 * A product sums over pairs of depths, so its left matrix is paired along and its right matrix
 * across. A sum over cells needs both of its matrices paired across cells.
 *
 * The order of a sum is that of an instruction, and there are two of them: one product after the
 * other (vdpbf16ps), or piece by piece (tdpbf16ps, AMX). Each order has its definition and its
 * sets.
 *
 * Strides are in words or floats. Columns are padded: a multiple of NCA_LANES. */
#ifndef NCA_KERNELS_BF16_H
#define NCA_KERNELS_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NCA_BF16_PIECE = 16 /* number of pairs that a tile instruction sums */
};

/* v[r][j] = finish(start[r][j] + sum over k of a(r, k) . b(k, j)), in fp32. One after the other: a
 * step of the sum adds two products, the second one first:
 *     sum = flush(a.second * b.second + flush(sum))      rounded once, to nearest even
 *     sum = flush(a.first * b.first + sum)               the same
 * Piece by piece: for NCA_BF16_PIECE pairs at a time, and the remaining ones at the end, firsts and
 * seconds are summed separately, each from 0 and in ascending k, and then
 *     sum = flush(flush(sum) + flush(firsts + seconds))
 * Here flush(v) is a zero of v's sign if |v|, rounded to 24 bits whatever its exponent, is below
 * 2^-126; the factors are flushed too. */
typedef struct nca__bf16_matmul {
    const uint32_t *a; /* pair (r, k) at a[r * a_row + k * a_pair] */
    size_t a_row, a_pair;
    const uint32_t *b; /* (pairs, columns), across */
    size_t b_stride;
    size_t rows, columns, pairs; /* rows is a multiple of 4 if rows are paired */
    const float *start; /* NULL: 0. Stride 0: the same row for all. May be equal to `out`. */
    size_t start_stride;
    bool relu;            /* v > 0 ? v : 0 */
    const uint32_t *gate; /* not NULL: (rows / 2, columns), across, none < 0: gate > 0 ? v : 0 */
    size_t gate_stride;
    /* Outputs; each may be NULL. */
    float *out; /* (rows, columns) */
    size_t out_stride;
    uint32_t *along; /* (rows, columns / 2), rounded */
    size_t along_stride;
    uint32_t *across; /* (rows / 2, columns), rounded */
    size_t across_stride;
} nca__bf16_matmul;

/* Rounds a matrix and pairs it. */
typedef struct nca__bf16_pack {
    uint32_t *along; /* (rows, columns / 2), or NULL */
    size_t along_stride;
    uint32_t *across; /* (rows / 2, columns), or NULL */
    size_t across_stride;
    const float *from; /* (count, columns) */
    size_t from_stride;
    size_t count, rows, columns; /* rows is even and at least count; rows from count on become 0 */
} nca__bf16_pack;

typedef struct nca__bf16_kernels {
    const char *(*missing)(void);
    void (*matmul)(const nca__bf16_matmul *job);
    void (*pack)(const nca__bf16_pack *job);
} nca__bf16_kernels;

extern const nca__bf16_kernels nca__bf16_scalar;        /* one after the other */
extern const nca__bf16_kernels nca__bf16_pieces_scalar; /* piece by piece */
#if defined(__x86_64__)
extern const nca__bf16_kernels nca__bf16_avx512;
extern const nca__bf16_kernels nca__bf16_amx;
#endif

#endif
