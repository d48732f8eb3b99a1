/* Numbers as text: the same bits after conversion, strict parsing, independence of the locale. */
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64: any generator would be sufficient, and this one has three lines. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void check_float(float value)
{
    char text[NCA__NUMBER_SIZE];
    float back = 123.0f;
    double wide = 123.0;
    size_t length = nca__format_float(text, value);
    assert_int_equal(length, strlen(text));
    assert_true(nca__parse_float(text, &back));
    assert_memory_equal(&back, &value, sizeof value);
    assert_true(nca__parse_double(text, &wide));
    back = (float)wide;
    assert_memory_equal(&back, &value, sizeof value);
}

static void check_double(double value)
{
    char text[NCA__NUMBER_SIZE];
    double back = 123.0;
    size_t length = nca__format_double(text, value);
    assert_int_equal(length, strlen(text));
    assert_true(nca__parse_double(text, &back));
    assert_memory_equal(&back, &value, sizeof value);
}

static void every_float_comes_back_with_its_bits(void **state)
{
    (void)state;
    static const float special[] = {0.0f,         -0.0f,       0.1f,       0.5f,
                                    1.0f / 3.0f,  16777217.0f, FLT_MAX,    -FLT_MAX,
                                    FLT_TRUE_MIN, FLT_MIN,     FLT_EPSILON};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        check_float(special[i]);
    }
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        uint32_t bits = (uint32_t)next_random(&random);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            check_float(value);
        }
    }
}

static void every_double_comes_back_with_its_bits(void **state)
{
    (void)state;
    static const double special[] = {0.0,     -0.0,     0.1,     1.0 / 3.0, 5e-324,
                                     DBL_MAX, -DBL_MAX, DBL_MIN, 1e22,      9007199254740993.0};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        check_double(special[i]);
    }
    uint64_t random = 2;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            check_double(value);
        }
    }
}

static void the_shortest_text_is_chosen(void **state)
{
    (void)state;
    char text[NCA__NUMBER_SIZE];
    nca__format_float(text, 0.1f);
    assert_string_equal(text, "0.1");
    nca__format_float(text, 0.002f);
    assert_string_equal(text, "0.002");
    nca__format_double(text, 1e-7);
    assert_string_equal(text, "1e-07");
    nca__format_double(text, 0.1 + 0.2);
    assert_string_equal(text, "0.30000000000000004");
    nca__format_double(text, -16.0);
    assert_string_equal(text, "-16");
    nca__format_double(text, (double)-NAN);
    assert_string_equal(text, "nan");
    nca__format_float(text, -INFINITY);
    assert_string_equal(text, "-inf");
}

/* The definition: the first number of significant digits that comes back. */
static void check_shortest(double value)
{
    char text[NCA__NUMBER_SIZE], shortest[NCA__NUMBER_SIZE];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(shortest, sizeof shortest, "%.*g", digits, value);
        if (strtod(shortest, NULL) == value) {
            break;
        }
    }
    nca__format_double(text, value);
    assert_string_equal(text, shortest);
}

static void no_shorter_text_comes_back(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (int i = 0; i < 4000; i++) {
        const uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            check_shortest(value);
        }
        check_shortest((double)(bits >> 40) / 1e6); /* few digits */
        check_shortest(ldexp((double)(bits >> 50), -1074));
        check_shortest(ldexp(1.0, (int)(bits % 2098) - 1074));
        check_shortest(nextafter(ldexp(1.0, (int)(bits % 2098) - 1074), 0.0));
    }
}

static void decimals_are_rounded_like_printf(void **state)
{
    (void)state;
    char text[NCA__NUMBER_SIZE];
    assert_int_equal(nca__format_decimals(text, 0.9016, 3), 5);
    assert_string_equal(text, "0.902");
    nca__format_decimals(text, 0.0625, 3); /* a tie, to even */
    assert_string_equal(text, "0.062");
    nca__format_decimals(text, 1.0, 3);
    assert_string_equal(text, "1.000");
    nca__format_decimals(text, (double)-NAN, 3);
    assert_string_equal(text, "nan");
}

static void only_whole_decimal_numbers_are_taken(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    " 1",  "1 ",       "+",     "-",   ".",     "e5", "1e",      "1e+",   "1,5", "0x10",
        "nan", "inf", "infinity", "1e999", "--1", "1.2.3", "1f", "-1e9999", "1_000", "\n1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double wide = 7.0;
        float narrow = 7.0f;
        assert_false(nca__parse_double(bad[i], &wide));
        assert_false(nca__parse_float(bad[i], &narrow));
        assert_true(wide == 7.0 && narrow == 7.0f);
    }
    float narrow = 7.0f;
    assert_false(nca__parse_float("1e39", &narrow));
    assert_true(narrow == 7.0f);

    static const struct {
        const char *text;
        double value;
    } good[] = {{"1", 1},    {"+1", 1},     {"-1.5e-3", -1.5e-3}, {"2.", 2},
                {".5", 0.5}, {"1E3", 1000}, {"1e-9999", 0},       {"007", 7}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double wide = -7.0;
        assert_true(nca__parse_double(good[i].text, &wide));
        assert_true(wide == good[i].value);
    }
}

static void counts_are_digits_that_fit(void **state)
{
    (void)state;
    uint64_t value = 7;
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1.0", "1e3", "18446744073709551616", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(nca__parse_u64(bad[i], &value));
        assert_int_equal(value, 7);
    }
    assert_true(nca__parse_u64("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    assert_true(nca__parse_u64("0", &value));
    assert_true(value == 0);
}

/* Debian's minimal images have no locale with a decimal comma, so one is compiled if the tool and
 * its sources are installed. */
static bool enter_comma_locale(const char *folder)
{
    char command[512];
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/comma >%s/log 2>&1", folder,
             folder);
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        if (system(command) != 0 || setenv("LOCPATH", folder, 1) != 0 ||
            setlocale(LC_ALL, "comma") == NULL) {
            return false;
        }
    }
    return strcmp(localeconv()->decimal_point, ",") == 0;
}

static void a_decimal_comma_of_the_program_changes_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/nca-number-XXXXXX";
    char command[64];
    assert_non_null(mkdtemp(folder));
    bool entered = enter_comma_locale(folder);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    if (!entered) {
        skip();
    }
    char text[NCA__NUMBER_SIZE], decimals[NCA__NUMBER_SIZE];
    double value = 0;
    nca__format_double(text, 0.5);
    nca__format_decimals(decimals, 0.5, 3);
    bool parsed = nca__parse_double("0.25", &value);
    bool comma = nca__parse_double("0,25", &value);
    const char *point = localeconv()->decimal_point;
    bool kept = strcmp(point, ",") == 0;
    setlocale(LC_ALL, "C");
    assert_string_equal(text, "0.5");
    assert_string_equal(decimals, "0.500");
    assert_true(parsed);
    assert_true(value == 0.25);
    assert_false(comma);
    assert_true(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_float_comes_back_with_its_bits),
        cmocka_unit_test(every_double_comes_back_with_its_bits),
        cmocka_unit_test(the_shortest_text_is_chosen),
        cmocka_unit_test(no_shorter_text_comes_back),
        cmocka_unit_test(decimals_are_rounded_like_printf),
        cmocka_unit_test(only_whole_decimal_numbers_are_taken),
        cmocka_unit_test(counts_are_digits_that_fit),
        cmocka_unit_test(a_decimal_comma_of_the_program_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
