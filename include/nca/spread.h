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

/* Three significant digits without exponent: 0.000407, 12.3, 4560; with an exponent below 1e-7 and
 * from 1e7 on; "inf", and "–" for NaN. */
NCA_API void nca_number_text(char out[NCA_NUMBER_TEXT_SIZE], double value);
/* "0.0123 ± 0.0004": the deviation has as many decimals as the mean; a NaN deviation is omitted. */
NCA_API void nca_spread_text(char out[NCA_NUMBER_TEXT_SIZE], nca_spread spread);

#ifdef __cplusplus
}
#endif
#endif
