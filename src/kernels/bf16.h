/* Internal: the bf16 form of the dense passes. A set that has one points at it from its table
 * (src/kernels/table.h); the scalar set's is the definition, every other gives the same bits.
 *
 * A bf16 is the upper half of an fp32. Numbers are rounded to the nearest one, to even between two;
 * what is below 2^-126 becomes a zero of its sign. They come in pairs, two to a word of 32 bits,
 * the first in the low half. One matrix can be paired in two ways:
 *
 *   along     word (r, k) holds columns 2k and 2k + 1 of row r           (rows, columns / 2)
 *   across    word (k, j) holds rows 2k and 2k + 1 of column j           (rows / 2, columns)
 *
 * A product sums over pairs of depths, so what stands left of it is paired along, and what stands
 * right of it across. A sum over cells wants both of its matrices paired across cells.
 *
 * The order of a sum is that of an instruction, and there are two of them: one product after the
 * other (vdpbf16ps), or piece by piece (tdpbf16ps, of AMX). Each has its definition and its sets.
 *
 * Strides are in words or floats. Columns are padded: a multiple of NCA_LANES. */
#ifndef NCA_KERNELS_BF16_H
#define NCA_KERNELS_BF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NCA_BF16_PIECE = 16 /* pairs that a tile instruction sums */
};

/* v[r][j] = finish(start[r][j] + sum over k of a(r, k) . b(k, j)), in fp32. One after the other, a
 * step of the sum takes two products, the second one first:
 *     sum = flush(a.second * b.second + flush(sum))      rounded once, to nearest even
 *     sum = flush(a.first * b.first + sum)               the same
 * Piece by piece, NCA_BF16_PIECE pairs at a time and the rest at the end, firsts and seconds are
 * summed apart, each from 0 and in ascending k, and then
 *     sum = flush(flush(sum) + flush(firsts + seconds))
 * Here flush(v) is a zero of v's sign when |v|, rounded to 24 bits whatever its exponent, is below
 * 2^-126; so are the factors. */
typedef struct nca__bf16_matmul {
    const uint32_t *a; /* pair (r, k) at a[r * a_row + k * a_pair] */
    size_t a_row, a_pair;
    const uint32_t *b; /* (pairs, columns), across */
    size_t b_stride;
    size_t rows, columns, pairs; /* rows a multiple of 4 where rows are paired */
    const float *start;          /* NULL: 0. Stride 0: one row for all. May be `out` itself. */
    size_t start_stride;
    bool relu;            /* v > 0 ? v : 0 */
    const uint32_t *gate; /* not NULL: (rows / 2, columns), across, none < 0: gate > 0 ? v : 0 */
    size_t gate_stride;
    /* Where the result goes; each may be NULL. */
    float *out; /* (rows, columns) */
    size_t out_stride;
    uint32_t *along; /* (rows, columns / 2), rounded */
    size_t along_stride;
    uint32_t *across; /* (rows / 2, columns), rounded */
    size_t across_stride;
} nca__bf16_matmul;

/* Rounds and pairs a matrix. */
typedef struct nca__bf16_pack {
    uint32_t *along; /* (rows, columns / 2), or NULL */
    size_t along_stride;
    uint32_t *across; /* (rows / 2, columns), or NULL */
    size_t across_stride;
    const float *from; /* (count, columns) */
    size_t from_stride;
    size_t count, rows, columns; /* rows even, at least count; those from count on become 0 */
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
