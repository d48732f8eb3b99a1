/* Internal: a * b + c as the kernels define it, with one rounding.
 *
 * WebAssembly has no such instruction, so builds for it define NCA_TWO_ROUNDINGS: product and sum
 * are rounded separately. The results are the same in every such build, and close to those of other
 * builds (docs/web.md gives the difference). */
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
