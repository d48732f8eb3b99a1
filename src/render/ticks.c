/* Numbers as text, and ticks for linear and logarithmic axes. The results do not depend on the
 * locale. */
#include "render/ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char minus_sign[] = "\xe2\x88\x92";

/* ---- Numbers ---------------------------------------------------------------------------------*/

/* The parts of a number: value = ±d.ddd × 10^exponent, with the digits without the point. */
typedef struct parts {
    bool negative;
    char digits[16];
    int count, exponent;
} parts;

/* Only the digits of printf's output are used, because the locale may put anything between them. */
static parts take_apart(double value, int digits)
{
    parts result = {.negative = value < 0.0};
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(value));
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9' && result.count < 15) {
            result.digits[result.count++] = *at;
        }
    }
    result.exponent = *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
    return result;
}

static void append(nca__label *label, const char *text, size_t length)
{
    size_t used = strlen(label->text);
    if (used + length < sizeof label->text) {
        memcpy(label->text + used, text, length);
        label->text[used + length] = '\0';
    }
}

static void append_string(nca__label *label, const char *text)
{
    append(label, text, strlen(text));
}

static void append_power(nca__label *label, int exponent)
{
    append_string(label, "10");
    snprintf(label->power, sizeof label->power, "%s%d", exponent < 0 ? minus_sign : "",
             abs(exponent) % 1000);
}

/* The digits with a point after the first `whole` of them; missing digits are zeros. */
static void append_plain(nca__label *label, const parts *number, int whole)
{
    if (whole <= 0) {
        append_string(label, "0");
    }
    for (int i = 0; i < whole; i++) {
        append(label, i < number->count ? &number->digits[i] : "0", 1);
    }
    if (number->count > whole) {
        append_string(label, ".");
        for (int i = whole; i < number->count; i++) {
            append(label, i < 0 ? "0" : &number->digits[i], 1);
        }
    }
}

nca__label nca__number(double value, int digits, bool shorten)
{
    enum {
        LEAST_PLAIN = -4,
        MOST_PLAIN = 5
    };
    nca__label label = {0};
    if (!isfinite(value)) {
        append_string(&label, isnan(value) ? "not a number" : "infinite");
        return label;
    }
    if (value == 0.0) {
        append_string(&label, "0");
        return label;
    }
    parts number = take_apart(value, digits);
    while (shorten && number.count > 1 && number.digits[number.count - 1] == '0') {
        number.count--;
    }
    append_string(&label, number.negative ? minus_sign : "");
    if (number.exponent >= LEAST_PLAIN && number.exponent <= MOST_PLAIN) {
        append_plain(&label, &number, number.exponent + 1);
    } else {
        append_plain(&label, &number, 1);
        append_string(&label, "\xc3\x97"); /* × */
        append_power(&label, number.exponent);
    }
    return label;
}

static nca__label power_of_ten(int exponent)
{
    nca__label label = {0};
    append_power(&label, exponent);
    return label;
}

nca__label nca__integer(uint64_t value)
{
    nca__label label = {0};
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            append_string(&label, ",");
        }
        append(&label, &digits[i], 1);
    }
    return label;
}

/* ---- Axes ------------------------------------------------------------------------------------*/

static void add_tick(nca__ticks *ticks, double value, bool major, nca__label label)
{
    if (ticks->count < NCA__TICKS) {
        ticks->tick[ticks->count++] = (nca__tick){value, major, label};
    }
}

/* The step (1, 2 or 5 times a power of ten) that divides a span into about `wanted` parts. */
static double nice_step(double span, int wanted, bool whole)
{
    double rough = span / (double)wanted;
    double unit = pow(10.0, floor(log10(rough)));
    double ratio = rough / unit;
    double step = unit * (ratio < 1.41 ? 1.0 : ratio < 3.16 ? 2.0 : ratio < 7.07 ? 5.0 : 10.0);
    return whole && step < 1.0 ? 1.0 : step;
}

/* As many decimals as the step has, so that all labels of an axis have them: 0.08, 0.10. */
static nca__label tick_label(double value, double step)
{
    int unit = (int)floor(log10(step) + 1e-9);
    int digits = value != 0.0 ? (int)floor(log10(fabs(value)) + 1e-9) - unit + 1 : 1;
    return nca__number(value, digits < 1 ? 1 : digits > 9 ? 9 : digits, false);
}

static uint64_t nearest_whole(double value)
{
    return value >= 0x1p64 ? UINT64_MAX : value > 0.0 ? (uint64_t)(value + 0.5) : 0;
}

void nca__ticks_linear(nca__ticks *ticks, double low, double high, int wanted, bool whole)
{
    ticks->count = 0;
    if (!(high > low) || !isfinite(high - low)) {
        return;
    }
    double step = nice_step(high - low, wanted, whole);
    double first = ceil(low / step - 1e-6);
    double last = floor(high / step + 1e-6);
    if (!(step > 0.0) || !(last - first < (double)NCA__TICKS)) {
        return;
    }
    /* Counted in integers: beyond 2^53 a double plus 1 is the same double. */
    const int count = (int)(last - first) + 1;
    for (int i = 0; i < count; i++) {
        const double value = (first + i) * step;
        add_tick(ticks, value, true,
                 whole ? nca__integer(nearest_whole(value)) : tick_label(value, step));
    }
}

/* Labels every power of ten in the range, or every second, third ... if there are many. */
static void ticks_by_decade(nca__ticks *ticks, int lowest, int highest, double low, double high)
{
    enum {
        MOST_LABELS = 8
    };
    int every = (highest - lowest) / MOST_LABELS + 1;
    bool minor = every == 1;
    for (int exponent = lowest - 1; exponent <= highest; exponent++) {
        double decade = pow(10.0, exponent);
        for (int multiple = 1; multiple <= (minor ? 9 : 1); multiple++) {
            double value = multiple * decade;
            if (value < low || value > high) {
                continue;
            }
            bool major = multiple == 1 && (exponent - lowest) % every == 0;
            add_tick(ticks, value, major,
                     major ? power_of_ten(exponent) : (nca__label){.text = ""});
        }
    }
}

/* Labels 1, 2 and 5 times a power of ten; the other multiples are minor ticks. */
static size_t ticks_by_multiple(nca__ticks *ticks, double low, double high)
{
    size_t labelled = 0;
    for (int exponent = (int)floor(log10(low)) - 1; exponent <= (int)log10(high) + 1; exponent++) {
        for (int multiple = 1; multiple <= 9; multiple++) {
            double value = multiple * pow(10.0, exponent);
            if (value < low || value > high) {
                continue;
            }
            bool major = multiple == 1 || multiple == 2 || multiple == 5;
            labelled += major;
            add_tick(ticks, value, major,
                     major ? nca__number(value, 1, true) : (nca__label){.text = ""});
        }
    }
    return labelled;
}

void nca__ticks_log(nca__ticks *ticks, double low, double high)
{
    ticks->count = 0;
    if (!(low > 0.0) || !(high > low) || !isfinite(high)) {
        return;
    }
    int lowest = (int)ceil(log10(low) - 1e-9);
    int highest = (int)floor(log10(high) + 1e-9);
    if (highest - lowest >= 2) {
        ticks_by_decade(ticks, lowest, highest, low, high);
        return;
    }
    if (ticks_by_multiple(ticks, low, high) < 3) {
        nca__ticks_linear(ticks, low, high, 5, false);
    }
}
