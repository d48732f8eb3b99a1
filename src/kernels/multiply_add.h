/* Internal: a * b + c as the kernels mean it: one rounding.
 *
 * WebAssembly has no such instruction, and a build for it defines NCA_TWO_ROUNDINGS: product and
 * sum are rounded each. Its results are those of every other such build, and near those of the rest
 * (docs/web.md says how near). */
#ifndef NCA_KERNELS_MULTIPLY_ADD_H
#define NCA_KERNELS_MULTIPLY_ADD_H

#ifdef NCA_TWO_ROUNDINGS
static inline float nca__multiply_add(float a, float b, float c)
{
    return a * b + c; /* contraction is off wherever this is compiled */
}
#else
#include <math.h>

static inline float nca__multiply_add(float a, float b, float c)
{
    return fmaf(a, b, c);
}
#endif

#endif
