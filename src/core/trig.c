/* Cosine and sine by range reduction to [-pi/4, pi/4] and Taylor series, in plain double
 * arithmetic without contraction. */
#include "core/trig.h"

/* pi/2 in two parts: the first has so few bits that its products with small integers are exact. */
static const double half_pi_high = 1.5707963267341256;
static const double half_pi_low = 6.077100506506192e-11;

void nca__cos_sin(double *out_cos, double *out_sin, double angle)
{
    double quotient = angle / (half_pi_high + half_pi_low);
    long long quarter = (long long)(quotient < 0 ? quotient - 0.5 : quotient + 0.5);
    double r = (angle - (double)quarter * half_pi_high) - (double)quarter * half_pi_low;
    double r2 = r * r;
    /* Horner's scheme for sum (-1)^i r^(2i) / (2i)! and the corresponding sine series; the terms
     * beyond r^18 are below 1e-18 on the reduced range. */
    double cosine = 1.0;
    double sine = 1.0;
    for (int i = 9; i >= 1; i--) {
        cosine = 1.0 - cosine * r2 / (double)((2 * i - 1) * (2 * i));
        sine = 1.0 - sine * r2 / (double)((2 * i) * (2 * i + 1));
    }
    sine *= r;
    switch (quarter & 3) {
    case 0:
        *out_cos = cosine;
        *out_sin = sine;
        break;
    case 1:
        *out_cos = -sine;
        *out_sin = cosine;
        break;
    case 2:
        *out_cos = -cosine;
        *out_sin = -sine;
        break;
    default:
        *out_cos = sine;
        *out_sin = -cosine;
        break;
    }
}
