/* The NEON kernels of AArch64: four lanes, thirty-two registers.
 *
 * Every such CPU has fused multiply-add, and its NEON unit follows IEEE 754 like the scalar unit:
 * denormal numbers are kept unless the program disables them. 32-bit ARM always flushes them, so it
 * uses the scalar set. */
#include "kernels/table.h"

#if NCA_HAS_NEON
#include <arm_neon.h>

#define LANES 4
/* A block of columns is sixteen floats, here four registers. Six rows of it are 24 sums; with the
 * four factors and a row's scale, 29 of the 32 registers are used, and the other three allow the
 * next scales to be loaded early. That is ten loads for 24 multiply-adds; four rows would need
 * eight for 16. The 24 chains cover the latency of two units (four cycles each on a Cortex-A76,
 * seven on an A72). Taller tiles would have to be narrower than a block: twelve rows of two
 * registers need 14 loads. */
#define TILE_ROWS    6
#define TILE_VECTORS 4

typedef float32x4_t vec;
typedef uint32x4_t ivec;

#define vec_load(p)      vld1q_f32(p)
#define vec_store(p, v)  vst1q_f32((p), (v))
#define vec_set1(f)      vdupq_n_f32(f)
#define vec_fma(a, b, c) vfmaq_f32((c), (a), (b))
/* Compare and mask: vmaxq_f32 would return NaN for NaN, while the definition returns 0. */
#define vec_positive(gate, v) \
    vreinterpretq_f32_u32(vandq_u32(vcgtzq_f32(gate), vreinterpretq_u32_f32(v)))
#define vec_relu(v) vec_positive((v), (v))

#define ivec_set1(u)              vdupq_n_u32(u)
#define ivec_add(a, b)            vaddq_u32((a), (b))
#define ivec_xor(a, b)            veorq_u32((a), (b))
#define ivec_and(a, b)            vandq_u32((a), (b))
#define ivec_or(a, b)             vorrq_u32((a), (b))
#define ivec_below(a, b)          vcltq_u32((a), (b))
#define ivec_shift_right(v, bits) vshrq_n_u32((v), (bits))
#define ivec_store(p, v)          vst1q_u8((p), vreinterpretq_u8_u32(v))

static inline ivec ivec_ramp(void)
{
    static const uint32_t ramp[LANES] = {0, 1, 2, 3};
    return vld1q_u32(ramp);
}

static inline void ivec_multiply(ivec *high, ivec *low, ivec a, ivec b)
{
    ivec first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(a), vget_low_u32(b)));
    ivec last = vreinterpretq_u32_u64(vmull_high_u32(a, b));
    *low = vuzp1q_u32(first, last);
    *high = vuzp2q_u32(first, last);
}

#include "kernels/vector_kernels.h"

/* NEON is part of the architecture, so there is nothing to check. */
static const char *nothing_missing(void)
{
    return NULL;
}

const nca_kernels nca__kernels_neon = {
    .name = "neon",
    .missing = nothing_missing,
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
typedef int nca__no_neon; /* an empty file is not C */
#endif
