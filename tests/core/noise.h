/* Test data: a separate small generator, so that tests do not depend on the code under test. */
#ifndef NCA_TESTS_NOISE_H
#define NCA_TESTS_NOISE_H

#include <stddef.h>
#include <stdint.h>

typedef struct noise {
    uint64_t state;
} noise;

/* SplitMix64 (Steele et al., OOPSLA 2014). */
static inline uint64_t noise_word(noise *n)
{
    uint64_t z = n->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline size_t noise_below(noise *n, size_t bound)
{
    return (size_t)((noise_word(n) >> 32) * (uint64_t)bound >> 32);
}

/* Uniform in [low, high]. */
static inline float noise_between(noise *n, float low, float high)
{
    double u = (double)(noise_word(n) >> 11) * 0x1p-53;
    return (float)((double)low + u * ((double)high - (double)low));
}

static inline void noise_fill(float *out, size_t count, noise *n, float low, float high)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = noise_between(n, low, high);
    }
}

#endif
