/* The AVX2 + FMA kernels: eight lanes. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#include "kernels/x86.h"

#define LANES        8
#define TILE_ROWS    6
#define TILE_VECTORS 2

typedef __m256 vec;
typedef __m256i ivec;

#define vec_load(p)      _mm256_loadu_ps(p)
#define vec_store(p, v)  _mm256_storeu_ps((p), (v))
#define vec_set1(f)      _mm256_set1_ps(f)
#define vec_fma(a, b, c) _mm256_fmadd_ps((a), (b), (c))
/* gcc would load values that two instructions use twice, and the loads would then limit the speed
 * of perception. */
#define vec_keep(v) __asm__("" : "+x"(v))
/* For NaN and for zeros of either sign, the result is the second operand. */
#define vec_relu(v) _mm256_max_ps((v), _mm256_setzero_ps())
#define vec_positive(gate, v) \
    _mm256_and_ps(_mm256_cmp_ps((gate), _mm256_setzero_ps(), _CMP_GT_OQ), (v))

#define ivec_set1(u)              _mm256_set1_epi32((int)(u))
#define ivec_ramp()               _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)
#define ivec_add(a, b)            _mm256_add_epi32((a), (b))
#define ivec_xor(a, b)            _mm256_xor_si256((a), (b))
#define ivec_and(a, b)            _mm256_and_si256((a), (b))
#define ivec_or(a, b)             _mm256_or_si256((a), (b))
#define ivec_shift_right(v, bits) _mm256_srli_epi32((v), (bits))
#define ivec_below(a, b)          _mm256_cmpgt_epi32((b), (a))
#define ivec_store(p, v)          _mm256_storeu_si256((__m256i *)(void *)(p), (v))

static inline void ivec_multiply(ivec *high, ivec *low, ivec a, ivec b)
{
    ivec even = _mm256_mul_epu32(a, b);
    ivec odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), b);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

#include "kernels/vector_kernels.h"

const nca_kernels nca__kernels_avx2 = {
    .name = "avx2",
    .missing = nca__x86_missing_avx2,
    .matmul = matmul,
    .perceive = perceive,
    .perceive_learned = perceive_learned,
    .advance = advance,
    .collect = collect,
    .deliver = deliver,
    .spread = spread,
    .spread_learned = spread_learned,
    .sum_taps = sum_taps,
    .fire = fire,
};
#else
typedef int nca__no_avx2; /* an empty file is not C */
#endif
