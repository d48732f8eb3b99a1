/* JSON strings from text of any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "nca/files.h"

static void assert_written(const char *text, const char *expected)
{
    char *found = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&found, &size);
    assert_non_null(to);
    nca_file_write_json_text(to, text);
    assert_int_equal(fclose(to), 0);
    assert_string_equal(found, expected);
    json_t *read = json_loads(found, JSON_DECODE_ANY, NULL);
    assert_true(json_is_string(read));
    json_decref(read);
    free(found);
}

static void text_is_quoted_and_escaped(void **state)
{
    (void)state;
    assert_written("", "\"\"");
    assert_written("plain ?", "\"plain ?\"");
    assert_written("a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    assert_written("gr\303\274n \360\237\214\261", "\"gr\303\274n \360\237\214\261\"");
}

static void what_could_steer_a_terminal_is_escaped(void **state)
{
    (void)state;
    assert_written("\033[2J\n", "\"\\u001b[2J\\u000a\"");
    assert_written("\302\233", "\"\\u009b\"");
    assert_written("\342\200\256", "\"\\u202e\"");
}

static void bytes_that_are_not_utf8_are_replaced_one_by_one(void **state)
{
    (void)state;
    assert_written("\377", "\"\\ufffd\"");
    assert_written("a\300\257b", "\"a\\ufffd\\ufffdb\"");
    assert_written("\355\240\200", "\"\\ufffd\\ufffd\\ufffd\"");
    assert_written("\342\202", "\"\\ufffd\\ufffd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_quoted_and_escaped),
        cmocka_unit_test(what_could_steer_a_terminal_is_escaped),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
