/* The WebAssembly kernels: four lanes, no fused multiply-add, so their bits are those of the scalar
 * set in a build with NCA_TWO_ROUNDINGS. */
#include "kernels/table.h"

#if NCA_HAS_WASM
#include <wasm_simd128.h>

#define LANES 4
/* The browser's compiler has sixteen vector registers on x86 CPUs: twelve sums, two factors, a
 * row's scale. */
#define TILE_ROWS    4
#define TILE_VECTORS 2

typedef v128_t vec;
typedef v128_t ivec;

#define vec_load(p)           wasm_v128_load(p)
#define vec_store(p, v)       wasm_v128_store((p), (v))
#define vec_set1(f)           wasm_f32x4_splat(f)
#define vec_fma(a, b, c)      wasm_f32x4_add(wasm_f32x4_mul((a), (b)), (c))
#define vec_positive(gate, v) wasm_v128_and(wasm_f32x4_gt((gate), wasm_f32x4_splat(0.0f)), (v))
#define vec_relu(v)           vec_positive((v), (v))

#define ivec_set1(u)              wasm_u32x4_splat(u)
#define ivec_ramp()               wasm_u32x4_const(0, 1, 2, 3)
#define ivec_add(a, b)            wasm_i32x4_add((a), (b))
#define ivec_xor(a, b)            wasm_v128_xor((a), (b))
#define ivec_and(a, b)            wasm_v128_and((a), (b))
#define ivec_or(a, b)             wasm_v128_or((a), (b))
#define ivec_below(a, b)          wasm_u32x4_lt((a), (b))
#define ivec_shift_right(v, bits) wasm_u32x4_shr((v), (bits))
#define ivec_store(p, v)          wasm_v128_store((p), (v))

static inline void ivec_multiply(ivec *high, ivec *low, ivec a, ivec b)
{
    ivec first = wasm_u64x2_extmul_low_u32x4(a, b);
    ivec last = wasm_u64x2_extmul_high_u32x4(a, b);
    *low = wasm_i32x4_shuffle(first, last, 0, 2, 4, 6);
    *high = wasm_i32x4_shuffle(first, last, 1, 3, 5, 7);
}

#include "kernels/vector_kernels.h"

/* A browser without these instructions rejects the whole module. */
static const char *nothing_missing(void)
{
    return NULL;
}

/* A page never trains, so its engine does not contain the kernels of the backward pass
 * (web/engine/absent.c). */
const nca_kernels nca__kernels_wasm = {
    .name = "wasm",
    .missing = nothing_missing,
    .matmul = matmul,
    .perceive = perceive,
    .perceive_learned = perceive_learned,
    .advance = advance,
    .fire = fire,
};
#else
typedef int nca__no_wasm; /* an empty file is not C */
#endif
