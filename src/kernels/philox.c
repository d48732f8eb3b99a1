/* Philox4x32-10 and the draws based on it. */
#include "nca/philox.h"

enum {
    ROUNDS = 10,
    SAMPLE_BITS = 24,
    UNIFORM_BITS = 24 /* the precision of a float in [0, 1) */
};

/* Multipliers and Weyl increments from the paper: 4x32 words, table 2. */
static const uint32_t multiplier_0 = 0xD2511F53u;
static const uint32_t multiplier_1 = 0xCD9E8D57u;
static const uint32_t weyl_0 = 0x9E3779B9u;
static const uint32_t weyl_1 = 0xBB67AE85u;

void nca_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t product_0 = (uint64_t)multiplier_0 * c0;
        uint64_t product_1 = (uint64_t)multiplier_1 * c2;
        c0 = (uint32_t)(product_1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)product_1;
        c2 = (uint32_t)(product_0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)product_0;
        k0 += weyl_0;
        k1 += weyl_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void nca_draw(uint32_t out[4], uint64_t seed, nca_stream stream, uint32_t index, uint32_t word1,
              uint32_t sample, uint32_t iteration)
{
    const uint32_t counter[4] = {index, word1, ((uint32_t)stream << SAMPLE_BITS) | sample,
                                 iteration};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    nca_philox4x32(out, counter, key);
}

float nca_uniform(uint32_t word)
{
    return (float)(word >> (32 - UNIFORM_BITS)) * (1.0f / (float)(1u << UNIFORM_BITS));
}

uint32_t nca_below(uint32_t word, uint32_t bound)
{
    return (uint32_t)(((uint64_t)word * bound) >> 32);
}

uint32_t nca_fire_threshold(float fire_rate)
{
    const uint32_t always = 1u << UNIFORM_BITS;
    if (!(fire_rate > 0.0f)) {
        return 0;
    }
    if (fire_rate >= 1.0f) {
        return always;
    }
    /* The product is exact, so rounding up to an integer gives an exact comparison: an integer is
     * below a real number if and only if it is below its ceiling. */
    float scaled = fire_rate * (float)always;
    uint32_t threshold = (uint32_t)scaled;
    return (float)threshold < scaled ? threshold + 1 : threshold;
}
