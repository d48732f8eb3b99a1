/* Error messages: truncated cleanly, one line, no terminal control characters. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nca/version.h"

static void a_failure_fills_status_and_message(void **state)
{
    (void)state;
    nca_error error = {0};
    assert_int_equal(nca__fail(&error, NCA_FORMAT, "%s: expected %d", "file", 3), NCA_FORMAT);
    assert_int_equal(error.status, NCA_FORMAT);
    assert_string_equal(error.message, "file: expected 3");
    assert_int_equal(nca__fail_in(&error, NCA_IO, "run %s", "a"), NCA_IO);
    assert_int_equal(error.status, NCA_IO);
    assert_string_equal(error.message, "run a: file: expected 3");
    assert_int_equal(nca__fail_memory(&error, "pool", 12), NCA_OUT_OF_MEMORY);
    assert_string_equal(error.message, "out of memory (12 bytes for pool)");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(nca__fail(NULL, NCA_LIMIT, "%d", 1), NCA_LIMIT);
    assert_int_equal(nca__fail_in(NULL, NCA_LIMIT, "%d", 1), NCA_LIMIT);
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    /* Each shift truncates at another byte of the three-byte character. */
    for (size_t shift = 0; shift < 4; shift++) {
        char text[2 * NCA_ERROR_SIZE] = "";
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 3) {
            memcpy(text + i, "\xE2\x82\xAC", 4);
        }
        nca_error error;
        nca__fail(&error, NCA_IO, "%s", text);
        size_t length = strlen(error.message);
        assert_in_range(length, NCA_ERROR_SIZE - 4, NCA_ERROR_SIZE - 1);
        assert_string_equal(error.message + length - 3, "...");
        assert_int_equal((length - 3 - shift) % 3, 0);
        assert_memory_equal(error.message, text, length - 3);

        nca__fail_in(&error, NCA_IO, "%s", text);
        assert_string_equal(error.message + strlen(error.message) - 3, "...");
    }
}

static void a_message_of_exactly_the_size_is_kept(void **state)
{
    (void)state;
    char text[NCA_ERROR_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    nca_error error;
    nca__fail(&error, NCA_IO, "%s", text);
    assert_string_equal(error.message, text);
}

static void control_characters_never_reach_a_message(void **state)
{
    (void)state;
    nca_error error;
    nca__fail(&error, NCA_FORMAT, "%s", "a\nb\x1b[31mc\x7f\xc2\x9bz\td");
    assert_string_equal(error.message, "a?b?[31mc???z?d");
}

static void characters_that_turn_text_never_reach_a_message(void **state)
{
    (void)state;
    nca_error error;
    nca__fail(&error, NCA_FORMAT, "%s", "a\u202egnp.exe\u2066b\u200fc\u061cd\u2019");
    assert_string_equal(error.message, "a???gnp.exe???b???c??d\u2019");
    char text[] = "x\x1b]0;y\x07\u202a";
    nca_clean_text(text);
    assert_string_equal(text, "x?]0;y????");
}

static void what_is_not_utf8_is_masked_and_what_is_stays(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\x8E", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\x8E"},
        {"\xFF\xFE", "??"},
        {"\xC0\x80", "??"},           /* overlong */
        {"\xE0\x9F\xBF", "???"},      /* overlong */
        {"\xED\xA0\x80", "???"},      /* surrogate */
        {"\xF4\x90\x80\x80", "????"}, /* past the last code point */
        {"\xF8\x88\x80\x80\x80", "?????"},
        {"a\xE2\x82", "a??"}, /* truncated */
        {"\x80"
         "a",
         "?a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nca_error error;
        nca__fail(&error, NCA_FORMAT, "%s", cases[i].text);
        assert_string_equal(error.message, cases[i].expected);
    }
}

static void every_status_has_a_name_and_a_meaning(void **state)
{
    (void)state;
    assert_string_equal(nca_status_name(NCA_FORMAT), "NCA_FORMAT");
    assert_string_equal(nca_status_meaning(NCA_OK), "success");
    assert_string_equal(nca_status_name((nca_status)999), "NCA_UNKNOWN");
    assert_string_equal(nca_status_meaning((nca_status)999), "unknown status");
}

/* The macros of the header, its functions and the build system give the same version. */
static void every_form_of_the_version_agrees(void **state)
{
    (void)state;
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", NCA_VERSION_MAJOR, NCA_VERSION_MINOR,
             NCA_VERSION_PATCH);
    assert_string_equal(NCA_VERSION_STRING, text);
    assert_string_equal(nca_version(), text);
    assert_string_equal(NCA_PROJECT_VERSION, text);
    assert_int_equal(nca_version_number(), NCA_VERSION_NUMBER);
    assert_int_equal(NCA_VERSION_OF(1, 2, 3), 1002003);
    assert_true(NCA_VERSION_OF(0, 9, 12) < NCA_VERSION_OF(0, 10, 0));
    assert_true(NCA_VERSION_OF(0, 999, 999) < NCA_VERSION_OF(1, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_fills_status_and_message),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_message_of_exactly_the_size_is_kept),
        cmocka_unit_test(control_characters_never_reach_a_message),
        cmocka_unit_test(characters_that_turn_text_never_reach_a_message),
        cmocka_unit_test(what_is_not_utf8_is_masked_and_what_is_stays),
        cmocka_unit_test(every_status_has_a_name_and_a_meaning),
        cmocka_unit_test(every_form_of_the_version_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
