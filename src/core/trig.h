/* Internal: cosine and sine without a maths library, so that the core is freestanding and all
 * platforms get the same bits. */
#ifndef NCA_CORE_TRIG_H
#define NCA_CORE_TRIG_H

/* Both with an absolute error of about 1e-15 for |angle| up to 1e6 radians; exact at 0. */
void nca__cos_sin(double *out_cos, double *out_sin, double angle);

#endif
