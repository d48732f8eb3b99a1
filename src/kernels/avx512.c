/* The AVX-512 kernels: sixteen lanes. They require F, BW, DQ and VL, which every server and desktop
 * CPU with AVX-512 has. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#include "kernels/int8.h"
#include "kernels/x86.h"

#define LANES        16
#define TILE_ROWS    12
#define TILE_VECTORS 2
#define TILE_STEPS   2

typedef __m512 vec;
typedef __m512i ivec;

#define vec_load(p)      _mm512_loadu_ps(p)
#define vec_store(p, v)  _mm512_storeu_ps((p), (v))
#define vec_set1(f)      _mm512_set1_ps(f)
#define vec_fma(a, b, c) _mm512_fmadd_ps((a), (b), (c))
/* gcc would load values that two instructions use twice, and the loads would then limit the speed
 * of perception. */
#define vec_keep(v) __asm__("" : "+v"(v))
/* For NaN and for zeros of either sign, the result is the second operand. */
#define vec_relu(v) _mm512_max_ps((v), _mm512_setzero_ps())
#define vec_positive(gate, v) \
    _mm512_maskz_mov_ps(_mm512_cmp_ps_mask((gate), _mm512_setzero_ps(), _CMP_GT_OQ), (v))

#define ivec_set1(u)              _mm512_set1_epi32((int)(u))
#define ivec_ramp()               _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define ivec_add(a, b)            _mm512_add_epi32((a), (b))
#define ivec_xor(a, b)            _mm512_xor_si512((a), (b))
#define ivec_and(a, b)            _mm512_and_si512((a), (b))
#define ivec_or(a, b)             _mm512_or_si512((a), (b))
#define ivec_shift_right(v, bits) _mm512_srli_epi32((v), (bits))
#define ivec_below(a, b)          _mm512_maskz_set1_epi32(_mm512_cmplt_epu32_mask((a), (b)), -1)
#define ivec_store(p, v)          _mm512_storeu_si512((void *)(p), (v))

static inline void ivec_multiply(ivec *high, ivec *low, ivec a, ivec b)
{
    ivec even = _mm512_mul_epu32(a, b);
    ivec odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), b);
    *low = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
    *high = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
}

#include "kernels/vector_kernels.h"

const nca_kernels nca__kernels_avx512 = {
    .name = "avx512",
    .missing = nca__x86_missing_avx512,
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
    .int8 = &nca__int8_amx,
    .bf16 = &nca__bf16_avx512,
    .bf16_pieces = &nca__bf16_amx,
};
#else
typedef int nca__no_avx512; /* an empty file is not C */
#endif
