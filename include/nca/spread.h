/* A mean and how far values lie around it. */
#ifndef NCA_SPREAD_H
#define NCA_SPREAD_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mean and sample standard deviation (n - 1). The deviation of a single value is NaN; equal values,
 * infinite ones too, deviate by 0. */
typedef struct nca_spread {
    double mean, deviation;
} nca_spread;

/* ---- Numbers for readers: one format in every table -------------------------------------------*/

enum {
    NCA_NUMBER_TEXT_SIZE = 48
};

/* Three significant digits, plainly: 0.000407, 12.3, 4560; with an exponent below a ten-millionth
 * and from ten million on; "inf", and "–" for NaN. */
NCA_API void nca_number_text(char out[NCA_NUMBER_TEXT_SIZE], double value);
/* "0.0123 ± 0.0004": the deviation gets as many decimals as the mean; none is written where there
 * is none. */
NCA_API void nca_spread_text(char out[NCA_NUMBER_TEXT_SIZE], nca_spread spread);

#ifdef __cplusplus
}
#endif
#endif
