/* Code shared by the two bf16 sets for AVX-512: rounding, pairing, and processing of finished sums.
 * A set includes it and adds its own product. Requires AVX512-BF16. */
#include <immintrin.h>

#include "kernels/bf16.h"
#include "kernels/registers.h"

enum {
    LANES = 16,
    MOST_SUMS = 24 /* number of sums that are finished together, of the 32 registers */
};

/* ---- Rounding and pairing --------------------------------------------------------------------*/

/* Rounds two vectors: sixteen values of `first`, then those of `second`. */
NCA_INLINE __m512i rounded(__m512 first, __m512 second)
{
    return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

/* Lane i holds element i of each row. */
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

/* ---- Finished sums --------------------------------------------------------------------------*/

/* Each word of the gate holds two rows; no value is below 0, so "> 0" is equivalent to "not 0". */
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

/* Applies ReLU and gate, if any, and stores the requested forms; `plain` means only fp32. */
NCA_INLINE void tile_finish(const nca__bf16_matmul *job, __m512 sum[MOST_SUMS], size_t row,
                            size_t column, const int rows, const int vectors, const bool plain)
{
    if (!plain && job->relu) {
        NCA_UNROLL for (int i = 0; i < rows * vectors; i++)
        {
            /* For NaN and for zeros of either sign, the result is the second operand. */
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
