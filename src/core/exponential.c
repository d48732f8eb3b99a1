/* Range reduction by powers of two, then the series of the exponential, or of the inverse
 * hyperbolic tangent for the logarithm. */
#include "core/exponential.h"

#include <stdint.h>

/* ln 2 in two parts: the first has so few bits that its products with exponents are exact. */
static const double ln2_high = 0.6931471803691238;
static const double ln2_low = 1.9082149292705877e-10;
static const double sqrt2 = 1.4142135623730951;

/* A double and its bits: sign, 11 bits of exponent plus 1023, 52 bits of fraction. */
typedef union bits {
    double value;
    uint64_t word;
} bits;

enum {
    FRACTION_BITS = 52,
    EXPONENT_BIAS = 1023
};

static double power_of_two(int exponent)
{
    const bits b = {.word = (uint64_t)(exponent + EXPONENT_BIAS) << FRACTION_BITS};
    return b.value;
}

double nca__exp(double x)
{
    if (!(x >= -708.0)) {
        return x < -708.0 ? 0.0 : x;
    }
    if (x > 709.0) {
        const bits infinity = {.word = (uint64_t)2047 << FRACTION_BITS};
        return infinity.value;
    }
    const double quotient = x / (ln2_high + ln2_low);
    const int k = (int)(quotient < 0 ? quotient - 0.5 : quotient + 0.5);
    const double r = (x - (double)k * ln2_high) - (double)k * ln2_low;
    /* Horner's scheme; |r| is at most ln 2 / 2, and the term r^14 / 14! is below 1e-17. */
    double sum = 1.0;
    for (int i = 13; i >= 1; i--) {
        sum = 1.0 + sum * r / (double)i;
    }
    /* In two factors, since 2^k may be infinite where the result is not. */
    return sum * power_of_two(k / 2) * power_of_two(k - k / 2);
}

double nca__log(double x)
{
    bits b = {.value = x};
    const int exponent = (int)(b.word >> FRACTION_BITS); /* includes the sign */
    if (exponent == 0 || exponent == 2048) {
        const bits lowest = {.word = (uint64_t)(2047 + 2048) << FRACTION_BITS};
        return lowest.value;
    }
    if (exponent >= 2047) { /* infinite, NaN or negative */
        const bits nan = {.word = (uint64_t)0x7ff8 << 48};
        return x > 0 ? x : nan.value;
    }
    int k = exponent - EXPONENT_BIAS;
    b.word = (b.word & (((uint64_t)1 << FRACTION_BITS) - 1)) | (uint64_t)EXPONENT_BIAS
                                                                   << FRACTION_BITS;
    double m = b.value;
    if (m > sqrt2) {
        m *= 0.5;
        k++;
    }
    /* ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 ...); |s| < 0.172, and the term s^25/25 is below
     * 1e-20. */
    const double s = (m - 1.0) / (m + 1.0);
    const double s2 = s * s;
    double sum = 0.0;
    for (int i = 23; i >= 1; i -= 2) {
        sum = sum * s2 + 1.0 / (double)i;
    }
    return (double)k * ln2_high + (2.0 * s * sum + (double)k * ln2_low);
}

double nca__power(double base, double power)
{
    if (power <= 0.0) {
        return 1.0;
    }
    return base > 0.0 ? nca__exp(power * nca__log(base)) : 0.0;
}
