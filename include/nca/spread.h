/* Mean and standard deviation, and their text form. */
#ifndef NCA_SPREAD_H
#define NCA_SPREAD_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mean and sample standard deviation (n - 1). The deviation of a single value is NaN; equal values,
 * including infinite ones, have deviation 0. */
typedef struct nca_spread {
    double mean, deviation;
} nca_spread;

/* ---- Numbers as text: the format of all tables ------------------------------------------------
 */

enum {
    NCA_NUMBER_TEXT_SIZE = 48
};

/* Three significant digits, without zeros at the end: 0.000407, 0.05, 12.3. All digits before the
 * point up to 9999, an exponent below 0.0001 and from 10,000 on: 4562, 7.64e-06, 7.74e+04. "inf",
 * and "–" for NaN. */
NCA_API void nca_number_text(char out[NCA_NUMBER_TEXT_SIZE], double value);
/* "0.0123 ± 0.00041", "7.64e-06 ± 2.7e-09": the deviation has two significant digits of its own, in
 * the same form. A NaN deviation, and that of an infinite mean, is omitted. */
NCA_API void nca_spread_text(char out[NCA_NUMBER_TEXT_SIZE], nca_spread spread);

#ifdef __cplusplus
}
#endif
#endif
