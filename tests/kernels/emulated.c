/* Instantiates the vector kernels over arrays of sixteen floats; see emulated.h. */
#include "kernels/emulated.h"

#include <math.h>
#include <string.h>

#define LANES        16
#define TILE_ROWS    12
#define TILE_VECTORS 2

typedef struct vec {
    float lane[LANES];
} vec;
typedef struct ivec {
    uint32_t lane[LANES];
} ivec;

static vec vec_load(const float *p)
{
    vec v;
    memcpy(v.lane, p, sizeof v.lane);
    return v;
}

static void vec_store(float *p, vec v)
{
    memcpy(p, v.lane, sizeof v.lane);
}

static vec vec_set1(float f)
{
    vec v;
    for (int i = 0; i < LANES; i++) {
        v.lane[i] = f;
    }
    return v;
}

static vec vec_fma(vec a, vec b, vec c)
{
    for (int i = 0; i < LANES; i++) {
        c.lane[i] = fmaf(a.lane[i], b.lane[i], c.lane[i]);
    }
    return c;
}

static vec vec_positive(vec gate, vec v)
{
    for (int i = 0; i < LANES; i++) {
        v.lane[i] = gate.lane[i] > 0.0f ? v.lane[i] : 0.0f;
    }
    return v;
}

static vec vec_relu(vec v)
{
    return vec_positive(v, v);
}

static ivec ivec_set1(uint32_t u)
{
    ivec v;
    for (int i = 0; i < LANES; i++) {
        v.lane[i] = u;
    }
    return v;
}

static ivec ivec_ramp(void)
{
    ivec v;
    for (int i = 0; i < LANES; i++) {
        v.lane[i] = (uint32_t)i;
    }
    return v;
}

#define LANE_BY_LANE(name, expression)    \
    static ivec name(ivec a, ivec b)      \
    {                                     \
        for (int i = 0; i < LANES; i++) { \
            uint32_t x = a.lane[i];       \
            uint32_t y = b.lane[i];       \
            a.lane[i] = (expression);     \
        }                                 \
        return a;                         \
    }

LANE_BY_LANE(ivec_add, x + y)
LANE_BY_LANE(ivec_xor, x ^ y)
LANE_BY_LANE(ivec_and, x &y)
LANE_BY_LANE(ivec_or, x | y)
LANE_BY_LANE(ivec_below, x < y ? UINT32_MAX : 0)

static ivec ivec_shift_right(ivec v, int bits)
{
    for (int i = 0; i < LANES; i++) {
        v.lane[i] >>= bits;
    }
    return v;
}

static void ivec_multiply(ivec *high, ivec *low, ivec a, ivec b)
{
    for (int i = 0; i < LANES; i++) {
        uint64_t product = (uint64_t)a.lane[i] * b.lane[i];
        low->lane[i] = (uint32_t)product;
        high->lane[i] = (uint32_t)(product >> 32);
    }
}

static void ivec_store(uint8_t *p, ivec v)
{
    memcpy(p, v.lane, sizeof v.lane);
}

#include "kernels/vector_kernels.h"

static const char *nothing_missing(void)
{
    return NULL;
}

const nca_kernels nca__kernels_emulated = {
    .name = "emulated",
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
