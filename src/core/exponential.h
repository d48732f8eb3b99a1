/* Internal: exponential and logarithm with the same bits on every machine: plain double arithmetic
 * without contraction. Freestanding. */
#ifndef NCA_CORE_EXPONENTIAL_H
#define NCA_CORE_EXPONENTIAL_H

/* e^x with a relative error of at most 1e-15. 0 below -708, infinite above 709; NaN stays NaN. */
double nca__exp(double x);
/* The natural logarithm of a normal number with an error of at most 1e-15 relative to the larger of
 * 1 and the result. -infinity for 0 and subnormal numbers; NaN for negative numbers and NaN. */
double nca__log(double x);
/* base^power for a base from 0 to 1 and a power of at least 0; 0^0 is 1. */
double nca__power(double base, double power);

#endif
