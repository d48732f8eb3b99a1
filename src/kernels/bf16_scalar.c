/* The bf16 kernels in plain C: they compute what vdpbf16ps and tdpbf16ps compute, step by step, so
 * that a bf16 run has the same bits on any machine. This is the definition for the other sets, and
 * slow. */
#include <math.h>

#include "kernels/bf16.h"

/* The bits of an fp32. */
typedef union number {
    float value;
    uint32_t bits;
} number;

static const uint32_t sign = 0x80000000u;
static const uint32_t infinity = 0x7F800000u; /* also the mask of the exponent */
static const uint32_t smallest = 0x00800000u; /* 2^-126, the smallest normal number */

static const char *nothing_missing(void)
{
    return NULL;
}

static float flush(float value)
{
    number n = {.value = value};
    if ((n.bits & infinity) == 0) {
        n.bits &= sign;
    }
    return n.value;
}

/* Rounds to bf16, to nearest even. A NaN keeps its upper half and becomes quiet. */
static uint32_t round_to_bf16(float value)
{
    const number n = {.value = flush(value)};
    if ((n.bits & ~sign) > infinity) {
        return n.bits >> 16 | 0x40u;
    }
    return (n.bits + 0x7FFFu + (n.bits >> 16 & 1u)) >> 16;
}

static float widen(uint32_t bf16)
{
    const number n = {.bits = bf16 << 16};
    return flush(n.value);
}

/* a * b + sum with one rounding, then flushed. An fp32 below 2^-126 has fewer bits, so fmaf may
 * round a value up to 2^-126 that would be below it if rounded to 24 bits (more than 2^-151
 * below) and must be flushed. The remainder shows this; sums of this size are exact in double
 * precision. */
static float multiply_add(float a, float b, float sum)
{
    const float rounded = fmaf(a, b, sum);
    number n = {.value = rounded};
    if ((n.bits & ~sign) == smallest) {
        const double remainder = (double)a * b + ((double)sum - rounded);
        if (rounded > 0.0f ? remainder < -0x1p-151 : remainder > 0x1p-151) {
            n.bits &= sign;
        }
    }
    return flush(n.value);
}

static float add_products(float sum, uint32_t a, uint32_t b)
{
    sum = multiply_add(widen(a >> 16), widen(b >> 16), flush(sum));
    return multiply_add(widen(a & 0xFFFFu), widen(b & 0xFFFFu), sum);
}

typedef float (*sum_kind)(float sum, const uint32_t *a, size_t a_pair, const uint32_t *b,
                          size_t b_stride, size_t pairs);

static float sum_one_by_one(float sum, const uint32_t *a, size_t a_pair, const uint32_t *b,
                            size_t b_stride, size_t pairs)
{
    for (size_t k = 0; k < pairs; k++) {
        sum = add_products(sum, a[k * a_pair], b[k * b_stride]);
    }
    return sum;
}

static float add(float a, float b)
{
    return multiply_add(1.0f, a, b);
}

static float sum_by_pieces(float sum, const uint32_t *a, size_t a_pair, const uint32_t *b,
                           size_t b_stride, size_t pairs)
{
    for (size_t begin = 0; begin < pairs; begin += NCA_BF16_PIECE) {
        const size_t end = pairs - begin < NCA_BF16_PIECE ? pairs : begin + NCA_BF16_PIECE;
        float firsts = 0.0f;
        float seconds = 0.0f;
        for (size_t k = begin; k < end; k++) {
            const uint32_t x = a[k * a_pair];
            const uint32_t y = b[k * b_stride];
            firsts = multiply_add(widen(x & 0xFFFFu), widen(y & 0xFFFFu), firsts);
            seconds = multiply_add(widen(x >> 16), widen(y >> 16), seconds);
        }
        sum = add(flush(sum), add(firsts, seconds));
    }
    return sum;
}

/* Stores one half of a word; 0 is the low half. */
static void put(uint32_t *word, size_t half, uint32_t bf16)
{
    *word = half == 0 ? (*word & 0xFFFF0000u) | bf16 : (*word & 0xFFFFu) | bf16 << 16;
}

static uint32_t get(const uint32_t *word, size_t half)
{
    return half == 0 ? *word & 0xFFFFu : *word >> 16;
}

static void multiply(const nca__bf16_matmul *job, sum_kind add_up)
{
    for (size_t r = 0; r < job->rows; r++) {
        for (size_t j = 0; j < job->columns; j++) {
            float sum = job->start != NULL ? job->start[r * job->start_stride + j] : 0.0f;
            sum = add_up(sum, job->a + r * job->a_row, job->a_pair, job->b + j, job->b_stride,
                         job->pairs);
            if (job->relu) {
                sum = sum > 0.0f ? sum : 0.0f;
            }
            if (job->gate != NULL) {
                const uint32_t open = get(&job->gate[r / 2 * job->gate_stride + j], r % 2);
                sum = open != 0 ? sum : 0.0f;
            }
            if (job->out != NULL) {
                job->out[r * job->out_stride + j] = sum;
            }
            if (job->along != NULL) {
                put(&job->along[r * job->along_stride + j / 2], j % 2, round_to_bf16(sum));
            }
            if (job->across != NULL) {
                put(&job->across[r / 2 * job->across_stride + j], r % 2, round_to_bf16(sum));
            }
        }
    }
}

static void matmul_one_by_one(const nca__bf16_matmul *job)
{
    multiply(job, sum_one_by_one);
}

static void matmul_by_pieces(const nca__bf16_matmul *job)
{
    multiply(job, sum_by_pieces);
}

static void pack(const nca__bf16_pack *job)
{
    for (size_t r = 0; r < job->rows; r++) {
        for (size_t j = 0; j < job->columns; j++) {
            const float value = r < job->count ? job->from[r * job->from_stride + j] : 0.0f;
            if (job->along != NULL) {
                put(&job->along[r * job->along_stride + j / 2], j % 2, round_to_bf16(value));
            }
            if (job->across != NULL) {
                put(&job->across[r / 2 * job->across_stride + j], r % 2, round_to_bf16(value));
            }
        }
    }
}

const nca__bf16_kernels nca__bf16_scalar = {
    .missing = nothing_missing,
    .matmul = matmul_one_by_one,
    .pack = pack,
};

const nca__bf16_kernels nca__bf16_pieces_scalar = {
    .missing = nothing_missing,
    .matmul = matmul_by_pieces,
    .pack = pack,
};
