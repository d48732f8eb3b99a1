/* The bf16 kernels on AVX512-BF16: sixteen lanes, each taking two products per instruction.
 *
 * vdpbf16ps adds to each of sixteen fp32 sums the products of two pairs of bf16. It begins as often
 * as a multiply-add of fp32, so the sums cost half the time; what is left to do well is rounding
 * and pairing the results (tile_along, tile_across) for the products that follow. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/bf16.h"
#include "kernels/registers.h"
#include "kernels/x86.h"

enum {
    LANES = 16,
    MOST_SUMS = 24, /* of the 32 registers: 12 x 2, 8 x 3 or 12 x 1 vectors of sums */
    TILE_ROWS = 12,
    WIDE_VECTORS = 8 /* of a matrix of one row */
};

/* ---- Rounding and pairing --------------------------------------------------------------------*/

/* Two vectors rounded: the sixteen of `first`, then those of `second`. */
NCA_INLINE __m512i rounded(__m512 first, __m512 second)
{
    return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

/* Lane i: the i-th of each half. */
NCA_INLINE __m512i paired_across(__m512 upper_row, __m512 lower_row)
{
    const __m512i halves =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(halves, rounded(upper_row, lower_row));
}

NCA_INLINE void store_along(uint32_t *along, const __m512 *row, const int vectors)
{
    NCA_UNROLL for (int v = 0; v + 2 <= vectors; v += 2)
    {
        _mm512_storeu_si512(along + v * LANES / 2, rounded(row[v], row[v + 1]));
    }
    if (vectors % 2 != 0) {
        const __m256i last = (__m256i)_mm512_cvtneps_pbh(row[vectors - 1]);
        _mm256_storeu_si256((__m256i *)(void *)(along + (vectors - 1) * LANES / 2), last);
    }
}

NCA_INLINE void store_across(uint32_t *across, const __m512 *upper, const __m512 *lower,
                             const int vectors)
{
    NCA_UNROLL for (int v = 0; v < vectors; v++)
    {
        _mm512_storeu_si512(across + v * LANES, paired_across(upper[v], lower[v]));
    }
}

/* ---- Matrix product --------------------------------------------------------------------------
 *
 * The result is cut into tiles of rows x vectors of sixteen columns whose sums stay in registers
 * while the whole depth goes by, two depths a step:
 *
 *                  b, two rows of it, paired across
 *                 [ b0 ][ b1 ]                 load the vectors b0 and b1; for every row r spread
 *     a0  ->      [s00 ][s01 ]                 the pair a(r, k) over a vector and add its products
 *     a1  ->      [s10 ][s11 ]                 with b0 to s[r][0], with b1 to s[r][1]
 *     ...
 *
 * An instruction takes six cycles and one begins in each, so six sums must be under way. */

NCA_INLINE void tile_start(__m512 sum[MOST_SUMS], const nca__bf16_matmul *job, size_t row,
                           size_t column, const int rows, const int vectors)
{
    const float *start = job->start != NULL ? job->start + row * job->start_stride + column : NULL;
    NCA_UNROLL for (int r = 0; r < rows; r++)
    {
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum[r * vectors + v] =
                start != NULL
                    ? _mm512_loadu_ps(start + (size_t)r * job->start_stride + (size_t)v * LANES)
                    : _mm512_setzero_ps();
        }
    }
}

/* The gate's words hold two rows; nothing is below 0 there, so that "more than 0" is "not 0". */
NCA_INLINE void tile_gate(__m512 sum[MOST_SUMS], const nca__bf16_matmul *job, size_t row,
                          size_t column, const int rows, const int vectors)
{
    const __m512i upper = _mm512_set1_epi32(0x0000FFFF);
    const __m512i lower = _mm512_set1_epi32((int)0xFFFF0000u);
    const uint32_t *gate = job->gate + row / 2 * job->gate_stride + column;
    NCA_UNROLL for (int r = 0; r + 2 <= rows; r += 2)
    {
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            const __m512i open =
                _mm512_loadu_si512(gate + (size_t)(r / 2) * job->gate_stride + (size_t)v * LANES);
            __m512 *a = &sum[r * vectors + v];
            __m512 *b = &sum[(r + 1) * vectors + v];
            *a = _mm512_maskz_mov_ps(_mm512_test_epi32_mask(open, upper), *a);
            *b = _mm512_maskz_mov_ps(_mm512_test_epi32_mask(open, lower), *b);
        }
    }
}

/* ReLU and gate, where there are any, and out in the forms that are asked for: `plain` means as
 * fp32 and nothing else. */
NCA_INLINE void tile_finish(const nca__bf16_matmul *job, __m512 sum[MOST_SUMS], size_t row,
                            size_t column, const int rows, const int vectors, const bool plain)
{
    if (!plain && job->relu) {
        NCA_UNROLL for (int i = 0; i < rows * vectors; i++)
        {
            /* The second operand wins for NaN and for zeros of either sign. */
            sum[i] = _mm512_max_ps(sum[i], _mm512_setzero_ps());
        }
    }
    if (!plain && job->gate != NULL) {
        tile_gate(sum, job, row, column, rows, vectors);
    }
    if (plain || job->out != NULL) {
        float *out = job->out + row * job->out_stride + column;
        NCA_UNROLL for (int r = 0; r < rows; r++)
        {
            NCA_UNROLL for (int v = 0; v < vectors; v++)
            {
                _mm512_storeu_ps(out + (size_t)r * job->out_stride + (size_t)v * LANES,
                                 sum[r * vectors + v]);
            }
        }
    }
    if (!plain && job->along != NULL) {
        uint32_t *along = job->along + row * job->along_stride + column / 2;
        NCA_UNROLL for (int r = 0; r < rows; r++)
        {
            store_along(along + (size_t)r * job->along_stride, sum + r * vectors, vectors);
        }
    }
    if (!plain && job->across != NULL) {
        uint32_t *across = job->across + row / 2 * job->across_stride + column;
        NCA_UNROLL for (int r = 0; r + 2 <= rows; r += 2)
        {
            store_across(across + (size_t)(r / 2) * job->across_stride, sum + r * vectors,
                         sum + (r + 1) * vectors, vectors);
        }
    }
}

/* One tile. `rows` and `vectors` are constants at every call, as is `dense`: whether neighbouring
 * pairs of a row of `a` are neighbours in memory; or neighbouring rows are, and the job is a sum
 * over cells, whose result is wanted as it is. */
NCA_INLINE void matmul_tile(const nca__bf16_matmul *job, size_t row, size_t column, const int rows,
                            const int vectors, const bool dense)
{
    __m512 sum[MOST_SUMS];
    tile_start(sum, job, row, column, rows, vectors);
    const size_t a_row = dense ? job->a_row : 1;
    const size_t a_pair = dense ? 1 : job->a_pair;
    const uint32_t *a = job->a + row * a_row;
    const uint32_t *b = job->b + column;
    for (size_t k = 0; k < job->pairs; k++) {
        __m512bh factor[WIDE_VECTORS];
        NCA_UNROLL for (int v = 0; v < vectors; v++)
        {
            factor[v] = (__m512bh)_mm512_loadu_si512(b + (size_t)v * LANES);
        }
        NCA_UNROLL for (int r = 0; r < rows; r++)
        {
            const __m512bh spread = (__m512bh)_mm512_set1_epi32((int)a[(size_t)r * a_row]);
            NCA_UNROLL for (int v = 0; v < vectors; v++)
            {
                __m512 *s = &sum[r * vectors + v];
                *s = _mm512_dpbf16_ps(*s, factor[v], spread);
            }
        }
        a += a_pair;
        b += job->b_stride;
    }
    tile_finish(job, sum, row, column, rows, vectors, !dense);
}

/* All rows of a block of columns, in tiles of `tall`, then 4, then 1. */
NCA_INLINE void matmul_columns(const nca__bf16_matmul *job, size_t column, const int tall,
                               const int vectors, const bool dense)
{
    size_t row = 0;
    for (; row + (size_t)tall <= job->rows; row += (size_t)tall) {
        matmul_tile(job, row, column, tall, vectors, dense);
    }
    for (; row + 4 <= job->rows; row += 4) {
        matmul_tile(job, row, column, 4, vectors, dense);
    }
    for (; row < job->rows; row++) {
        matmul_tile(job, row, column, 1, vectors, dense);
    }
}

/* A function for each shape, so that none becomes so large that compilers take minutes for it. */
#define NCA_COLUMNS(name, tall, vectors, dense)                                            \
    static __attribute__((noinline)) void name(const nca__bf16_matmul *job, size_t column) \
    {                                                                                      \
        matmul_columns(job, column, tall, vectors, dense);                                 \
    }
NCA_COLUMNS(columns_1, TILE_ROWS, 1, true)
NCA_COLUMNS(columns_2, TILE_ROWS, 2, true)
NCA_COLUMNS(columns_3, TILE_ROWS * 2 / 3, 3, true)
NCA_COLUMNS(columns_1_by_rows, TILE_ROWS, 1, false)
NCA_COLUMNS(columns_2_by_rows, TILE_ROWS, 2, false)
NCA_COLUMNS(columns_3_by_rows, TILE_ROWS * 2 / 3, 3, false)

/* A matrix of one row has no rows to keep the sums busy; more columns do. */
static __attribute__((noinline)) void wide_row(const nca__bf16_matmul *job, size_t column,
                                               bool dense)
{
    if (dense) {
        matmul_tile(job, 0, column, 1, WIDE_VECTORS, true);
    } else {
        matmul_tile(job, 0, column, 1, WIDE_VECTORS, false);
    }
}

static void matmul(const nca__bf16_matmul *job)
{
    const bool dense = job->a_pair == 1;
    const bool plain = job->out != NULL && !job->relu && job->gate == NULL && job->along == NULL &&
                       job->across == NULL;
    if (!dense && (job->a_row != 1 || !plain)) {
        nca__bf16_scalar.matmul(job); /* nothing that a network asks for: not worth a tile */
        return;
    }
    size_t column = 0;
    for (; job->rows == 1 && column + WIDE_VECTORS * LANES <= job->columns;
         column += WIDE_VECTORS * LANES) {
        wide_row(job, column, dense);
    }
    for (; job->columns - column >= 2 * LANES && job->columns - column != 3 * LANES;
         column += 2 * LANES) {
        (dense ? columns_2 : columns_2_by_rows)(job, column);
    }
    if (job->columns - column == 3 * LANES) {
        (dense ? columns_3 : columns_3_by_rows)(job, column);
    } else if (column < job->columns) {
        (dense ? columns_1 : columns_1_by_rows)(job, column);
    }
}

/* ---- Packing ---------------------------------------------------------------------------------*/

static void pack(const nca__bf16_pack *job)
{
    for (size_t r = 0; r < job->rows; r += 2) {
        const float *upper = job->from + r * job->from_stride;
        const float *lower = upper + job->from_stride;
        for (size_t j = 0; j < job->columns; j += LANES) {
            const __m512 a = r < job->count ? _mm512_loadu_ps(upper + j) : _mm512_setzero_ps();
            const __m512 b = r + 1 < job->count ? _mm512_loadu_ps(lower + j) : _mm512_setzero_ps();
            if (job->along != NULL) {
                store_along(job->along + r * job->along_stride + j / 2, &a, 1);
                store_along(job->along + (r + 1) * job->along_stride + j / 2, &b, 1);
            }
            if (job->across != NULL) {
                store_across(job->across + r / 2 * job->across_stride + j, &a, &b, 1);
            }
        }
    }
}

const nca__bf16_kernels nca__bf16_avx512 = {
    .missing = nca__x86_missing_avx512_bf16,
    .matmul = matmul,
    .pack = pack,
};
#else
typedef int nca__no_avx512_bf16; /* an empty file is not C */
#endif
