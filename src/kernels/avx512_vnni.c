/* The int8 kernels for AVX-512 with VNNI. They require the features of the AVX-512 kernels, and
 * VNNI. */
#if defined(__x86_64__)
#include "kernels/int8_avx512.h"
#include "kernels/x86.h"

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
