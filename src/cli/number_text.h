/* Numbers for readers: one format in every table. */
#ifndef NCA_CLI_NUMBER_TEXT_H
#define NCA_CLI_NUMBER_TEXT_H

#include "nca/spread.h"

enum {
    NUMBER_TEXT_SIZE = 48
};

/* Three significant digits, plainly: 0.000407, 12.3, 4560; with an exponent below a ten-millionth
 * and from ten million on; "inf", and "–" for NaN. */
void number_text(char out[NUMBER_TEXT_SIZE], double value);
/* "0.0123 ± 0.0004": the deviation gets as many decimals as the mean; none is written where there
 * is none. */
void spread_text(char out[NUMBER_TEXT_SIZE], nca_spread spread);

#endif
