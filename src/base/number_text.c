/* Numbers as text for readers. */
#include "nca/spread.h"

#include <math.h>
#include <stdio.h>

static const double least_plain = 1e-7, most_plain = 1e7;

/* The number of decimals for three significant digits; -1: use an exponent. */
static int decimals_of(double value)
{
    const double size = fabs(value);
    if (size == 0) {
        return 0;
    }
    if (size < least_plain || size >= most_plain) {
        return -1;
    }
    const int exponent = (int)floor(log10(size));
    return exponent > 2 ? 0 : 2 - exponent;
}

static void print(char *out, size_t size, double value, int decimals)
{
    snprintf(out, size, decimals < 0 ? "%.*e" : "%.*f", decimals < 0 ? 2 : decimals, value);
}

void nca_number_text(char out[NCA_NUMBER_TEXT_SIZE], double value)
{
    if (!isfinite(value)) {
        snprintf(out, NCA_NUMBER_TEXT_SIZE, "%s", isnan(value) ? "–" : value > 0 ? "inf" : "-inf");
        return;
    }
    print(out, NCA_NUMBER_TEXT_SIZE, value, decimals_of(value));
}

void nca_spread_text(char out[NCA_NUMBER_TEXT_SIZE], nca_spread spread)
{
    nca_number_text(out, spread.mean);
    if (!isfinite(spread.mean) || !isfinite(spread.deviation)) {
        return;
    }
    char deviation[NCA_NUMBER_TEXT_SIZE / 2 - 4], mean[NCA_NUMBER_TEXT_SIZE / 2];
    const int decimals =
        spread.mean == 0 ? decimals_of(spread.deviation) : decimals_of(spread.mean);
    /* A deviation far above its mean has its own exponent; a deviation of 0 needs no decimals. */
    print(deviation, sizeof deviation, spread.deviation,
          fabs(spread.deviation) >= most_plain ? -1
          : spread.deviation == 0              ? 0
                                               : decimals);
    snprintf(mean, sizeof mean, "%.*s", (int)sizeof mean - 1, out);
    snprintf(out, NCA_NUMBER_TEXT_SIZE, "%s ± %s", mean, deviation);
}
