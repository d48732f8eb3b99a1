/* Conversion of numbers to text and back, with the same bits.
 *
 * strtod and printf depend on LC_NUMERIC, which belongs to the program that uses the library: in a
 * German locale they read and write "0,5". Each conversion here therefore switches the calling
 * thread, and only it, to the C locale and back. */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct locale_guard {
    locale_t plain, previous;
} locale_guard;

/* If creating the C locale fails (out of memory), the conversion uses the caller's locale. A
 * reader then rejects the number instead of misreading it, because it checks where the
 * conversion ended. */
static locale_guard enter_plain_locale(void)
{
    locale_guard guard = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (guard.plain != (locale_t)0) {
        guard.previous = uselocale(guard.plain);
    }
    return guard;
}

static void leave_plain_locale(locale_guard guard)
{
    if (guard.plain != (locale_t)0) {
        uselocale(guard.previous);
        freelocale(guard.plain);
    }
}

static const char *skip_digits(const char *text)
{
    while (*text >= '0' && *text <= '9') {
        text++;
    }
    return text;
}

/* The C library also accepts spaces, hexadecimal, "nan" and "infinity"; this function decides
 * instead. */
static bool is_decimal(const char *text)
{
    text += *text == '+' || *text == '-';
    const char *end = skip_digits(text);
    ptrdiff_t digits = end - text;
    if (*end == '.') {
        text = end + 1;
        end = skip_digits(text);
        digits += end - text;
    }
    if (digits == 0) {
        return false;
    }
    if (*end == 'e' || *end == 'E') {
        text = end + 1;
        text += *text == '+' || *text == '-';
        end = skip_digits(text);
        if (end == text) {
            return false;
        }
    }
    return *end == '\0';
}

bool nca__parse_double(const char *text, double *out_value)
{
    if (!is_decimal(text)) {
        return false;
    }
    char *end = NULL;
    locale_guard guard = enter_plain_locale();
    double value = strtod(text, &end);
    leave_plain_locale(guard);
    if (*end != '\0' || !isfinite(value)) {
        return false;
    }
    *out_value = value;
    return true;
}

bool nca__parse_float(const char *text, float *out_value)
{
    if (!is_decimal(text)) {
        return false;
    }
    char *end = NULL;
    locale_guard guard = enter_plain_locale();
    float value = strtof(text, &end);
    leave_plain_locale(guard);
    if (*end != '\0' || !isfinite(value)) {
        return false;
    }
    *out_value = value;
    return true;
}

bool nca__parse_u64(const char *text, uint64_t *out_value)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
            return false;
        }
    }
    *out_value = value;
    return true;
}

static size_t format_not_finite(char *out, double value)
{
    const char *text = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    size_t length = strlen(text);
    memcpy(out, text, length + 1);
    return length;
}

/* A float must also be restored when read as a double, because settings are read as doubles and
 * then narrowed. */
static bool comes_back(const char *text, double value, bool single)
{
    if (single) {
        return strtof(text, NULL) == (float)value && (float)strtod(text, NULL) == (float)value;
    }
    return strtod(text, NULL) == value;
}

static size_t format_shortest(char *out, double value, bool single)
{
    if (!isfinite(value)) {
        return format_not_finite(out, value);
    }
    enum {
        ENOUGH = 17, /* significant digits that identify every double */
        KEPT = 15    /* if so many do not identify a double, fewer do not either */
    };
    locale_guard guard = enter_plain_locale();
    int length = 0, digits = 1;
    if (!single) {
        snprintf(out, NCA__NUMBER_SIZE, "%.*g", KEPT, value);
        digits = comes_back(out, value, false) ? 1 : KEPT + 1;
    }
    for (; digits <= ENOUGH; digits++) {
        length = snprintf(out, NCA__NUMBER_SIZE, "%.*g", digits, value);
        if (comes_back(out, value, single)) {
            break;
        }
    }
    leave_plain_locale(guard);
    return (size_t)length;
}

size_t nca__format_double(char out[NCA__NUMBER_SIZE], double value)
{
    return format_shortest(out, value, false);
}

size_t nca__format_float(char out[NCA__NUMBER_SIZE], float value)
{
    return format_shortest(out, (double)value, true);
}

size_t nca__format_digits(char out[NCA__NUMBER_SIZE], double value, int digits)
{
    if (!isfinite(value)) {
        return format_not_finite(out, value);
    }
    locale_guard guard = enter_plain_locale();
    const int length = snprintf(out, NCA__NUMBER_SIZE, "%.*g", digits, value);
    leave_plain_locale(guard);
    return (size_t)length;
}

size_t nca__format_decimals(char out[NCA__NUMBER_SIZE], double value, int decimals)
{
    if (!isfinite(value)) {
        return format_not_finite(out, value);
    }
    locale_guard guard = enter_plain_locale();
    const int length = snprintf(out, NCA__NUMBER_SIZE, "%.*f", decimals, value);
    leave_plain_locale(guard);
    return (size_t)length;
}
