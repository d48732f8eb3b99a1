/* The Adam update. Every operation is a single rounding in a fixed order (the build turns
 * contraction off), so the result does not depend on the vector width that the compiler chooses. */
#include "nca/adam.h"

/* base^exponent by repeated squaring. The pow of the C library is not used because its rounding
 * differs between platforms. */
static double power(double base, uint64_t exponent)
{
    double result = 1.0;
    while (exponent > 0) {
        if (exponent & 1u) {
            result *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    return result;
}

void nca_adam_update(float *parameters, float *m, float *v, const float *gradient, size_t count,
                     const nca_adam *adam, float rate, uint64_t t)
{
    const float beta2 = adam->beta2;
    const float epsilon = adam->epsilon;
    const float keep1 = (float)(1.0 - (double)adam->beta1);
    const float keep2 = (float)(1.0 - (double)adam->beta2);
    const double correction1 = 1.0 - power((double)adam->beta1, t);
    const double correction2 = 1.0 - power((double)adam->beta2, t);
    const float step = (float)((double)rate / correction1);
    const float root2 = (float)__builtin_sqrt(correction2);
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i];
        m[i] = m[i] + keep1 * (g - m[i]);
        v[i] = beta2 * v[i] + keep2 * (g * g);
        parameters[i] -= step * m[i] / (__builtin_sqrtf(v[i]) / root2 + epsilon);
    }
}
