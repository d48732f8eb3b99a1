/* What the core takes from <math.h>. The engine of the page has no fused multiply-add
 * (src/kernels/multiply_add.h) and runs none of the code that calls it. */
#ifndef NCA_WEB_MATH_H
#define NCA_WEB_MATH_H

float fmaf(float a, float b, float c);
#define fabsf(x) __builtin_fabsf(x)
#define NAN      __builtin_nanf("")

#endif
