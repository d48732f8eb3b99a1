/* The part of <math.h> that the core uses. The page's engine has no fused multiply-add
 * (src/kernels/multiply_add.h) and runs none of the code that calls fmaf. */
#ifndef NCA_WEB_MATH_H
#define NCA_WEB_MATH_H

float fmaf(float a, float b, float c);
#define fabsf(x) __builtin_fabsf(x)
#define NAN      __builtin_nanf("")

#endif
