/* The bf16 kernels for AVX512-BF16: sixteen lanes, each with two products per instruction.
 *
 * vdpbf16ps adds the products of two pairs of bf16 to each of sixteen fp32 sums. AMD's CPUs start
 * it as often as an fp32 multiply-add, so the sums take half the time; rounding and pairing the
 * results for the following products (bf16_avx512.h) then becomes important. */
#if defined(__x86_64__)
#include "kernels/bf16_avx512.h"
#include "kernels/x86.h"

enum {
    TILE_ROWS = 12,
    WIDE_VECTORS = 8 /* for a matrix of one row */
};

/* ---- Matrix product --------------------------------------------------------------------------
 *
 * The result is divided into tiles of rows x vectors of sixteen columns. The sums of a tile stay in
 * registers for the whole depth, two depths per step:
 *
 *                  b, two rows of it, paired across
 *                 [ b0 ][ b1 ]                 load the vectors b0 and b1; for every row r spread
 *     a0  ->      [s00 ][s01 ]                 the pair a(r, k) over a vector and add its products
 *     a1  ->      [s10 ][s11 ]                 with b0 to s[r][0], with b1 to s[r][1]
 *     ...
 *
 * On Zen 4 and 5 an instruction takes six cycles and one starts per cycle, so six independent sums
 * are needed; on Intel's Golden Cove one starts every second cycle (docs/precision.md). */

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

/* One tile. `rows` and `vectors` are constants at every call, and so is `dense`: true if
 * consecutive pairs of a row of `a` are adjacent in memory. If false, consecutive rows are
 * adjacent, and the job is a sum over cells whose result is stored as fp32 without ReLU or gate. */
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

/* A separate function for each shape, because compilers take minutes for one large function. */
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

/* A matrix of one row does not have enough sums; more columns provide them. */
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
        nca__bf16_scalar.matmul(job); /* not used by any network: not worth a tile */
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

const nca__bf16_kernels nca__bf16_avx512 = {
    .missing = nca__x86_missing_avx512_bf16,
    .matmul = matmul,
    .pack = pack,
};
#else
typedef int nca__no_avx512_bf16; /* an empty file is not C */
#endif
