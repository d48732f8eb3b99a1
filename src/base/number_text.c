/* Numbers as text for readers. */
#include "nca/spread.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum {
    DIGITS = 3,
    DIGITS_OF_DEVIATION = 2
};

static const double most_plain = 9999.5; /* up to here the digits before the point are kept */

static void print(char out[NCA__NUMBER_SIZE], double value, int digits)
{
    const double magnitude = fabs(value);
    if (isnan(value)) {
        snprintf(out, NCA__NUMBER_SIZE, "–");
    } else if (magnitude >= pow(10, digits) - 0.5 && magnitude < most_plain) {
        snprintf(out, NCA__NUMBER_SIZE, "%.0f", value);
    } else {
        nca__format_digits(out, value, digits);
    }
}

void nca_number_text(char out[NCA_NUMBER_TEXT_SIZE], double value)
{
    print(out, value, DIGITS);
}

void nca_spread_text(char out[NCA_NUMBER_TEXT_SIZE], nca_spread spread)
{
    nca_number_text(out, spread.mean);
    if (!isfinite(spread.mean) || isnan(spread.deviation)) {
        return;
    }
    char deviation[NCA__NUMBER_SIZE];
    print(deviation, spread.deviation, DIGITS_OF_DEVIATION);
    const size_t length = strlen(out);
    snprintf(out + length, NCA_NUMBER_TEXT_SIZE - length, " ± %s", deviation);
}
