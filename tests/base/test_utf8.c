/* Reading UTF-8, and comparing with a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "base/utf8.h"

static void a_character_has_its_length_and_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        uint32_t code;
    } cases[] = {
        {"a", 1, 'a'},
        {"\x7F", 1, 0x7F},
        {"\xC2\x80", 2, 0x80},
        {"\xDF\xBF", 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 0x800},
        {"\xED\x9F\xBF", 3, 0xD7FF},
        {"\xEE\x80\x80", 3, 0xE000},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t code = 0;
        assert_int_equal(nca__utf8_read(&code, cases[i].text, SIZE_MAX), cases[i].length);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(nca__utf8_read(&code, cases[i].text, cases[i].length - 1), 0);
        assert_true(nca__is_utf8(cases[i].text));
    }
}

static void what_is_no_character_has_no_length(void **state)
{
    (void)state;
    static const char *const cases[] = {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2",
                                        "\xC2z",
                                        "\xE0\x9F\xBF",
                                        "\xE2\x82",
                                        "\xED\xA0\x80",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF0\x9F\xA6",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFF"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t code = 1234;
        assert_int_equal(nca__utf8_read(&code, cases[i], SIZE_MAX), 0);
        assert_int_equal(code, 1234);
        assert_false(nca__is_utf8(cases[i]));
    }
}

static void a_cut_is_never_inside_a_character(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA9\xF0\x9F\xA6\x8Ez";
    static const size_t places[] = {0, 1, 1, 3, 3, 3, 3, 7, 8};
    for (size_t length = 0; length < sizeof text; length++) {
        assert_int_equal(nca__utf8_cut(text, length), places[length]);
    }
}

static void a_secret_is_known_by_every_byte(void **state)
{
    (void)state;
    static const char secret[] = "0123456789abcdef";
    char guess[sizeof secret];
    memcpy(guess, secret, sizeof secret);
    assert_true(nca__is_secret(guess, secret, sizeof secret - 1));
    for (size_t i = 0; i < sizeof secret - 1; i++) {
        guess[i] ^= 0x40;
        assert_false(nca__is_secret(guess, secret, sizeof secret - 1));
        guess[i] = secret[i];
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_has_its_length_and_number),
        cmocka_unit_test(what_is_no_character_has_no_length),
        cmocka_unit_test(a_cut_is_never_inside_a_character),
        cmocka_unit_test(a_secret_is_known_by_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
