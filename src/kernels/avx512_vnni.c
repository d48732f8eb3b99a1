/* The int8 kernels for AVX-512 with VNNI. Needs what the AVX-512 kernels need, and VNNI. */
#if defined(__x86_64__)
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/int8.h"
#include "kernels/x86.h"

static inline bool tiles_begin(size_t depth)
{
    (void)depth;
    return false;
}

static inline void tiles_sum(void *sums, const uint8_t *rows, size_t count, const int8_t *w,
                             size_t depth, size_t columns)
{
    (void)sums;
    (void)rows;
    (void)count;
    (void)w;
    (void)depth;
    (void)columns;
}

static inline void tiles_end(void)
{
}

#include "kernels/int8_avx512.h"

const nca__int8_kernels nca__int8_avx512_vnni = {
    .name = "int8-avx512-vnni",
    .missing = nca__x86_missing_avx512_vnni,
    .quantise = quantise,
    .hidden = hidden,
    .output = output,
};
#else
typedef int nca__no_avx512_vnni; /* an empty file is not C */
#endif
