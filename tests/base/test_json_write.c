/* The JSON writer: the text is the same as jansson's for the same values, and there is no text if
 * out of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"

/* Both texts start and end with an array, so that every value is allowed. */
static void assert_written(nca__json_writer *w, json_t *expected, size_t flags)
{
    char *text = json_dumps(expected, flags);
    assert_non_null(text);
    assert_non_null(w->out.text);
    assert_string_equal(w->out.text, text);
    free(text);
    free(w->out.text);
    json_decref(expected);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    char all[0x80 + 16];
    for (int i = 1; i < 0x80; i++) {
        all[i - 1] = (char)i;
    }
    strcpy(all + 0x7f, "é€😀");
    nca__json_writer w = nca__json_writer_make(0, 9);
    nca__json_begin_object(&w, NULL);
    nca__json_string(&w, all, all);
    nca__json_string(&w, "", "");
    nca__json_clean_string(&w, "name", "a\xff\nb");
    nca__json_end(&w);
    json_t *expected = json_object();
    json_object_set_new(expected, all, json_string(all));
    json_object_set_new(expected, "", json_string(""));
    json_object_set_new(expected, "name", json_string("a??b"));
    assert_written(&w, expected, JSON_COMPACT);
}

static void numbers_have_their_digits(void **state)
{
    (void)state;
    static const double values[] = {0,       -0.0,    1,       -1,         0.1,
                                    1.0 / 3, 100,     1e12,    1.5e12,     1e15,
                                    1e100,   -2.5e-7, 1e-5,    123456.789, 5e-324,
                                    1e-300,  1.7e308, 9999999, 0.0001,     123456789012345.0};
    static const int64_t integers[] = {0, 1, -1, 4711, INT64_MIN, INT64_MAX};
    for (int digits = 1; digits <= 17; digits++) {
        nca__json_writer w = nca__json_writer_make(0, digits);
        json_t *expected = json_array();
        nca__json_begin_array(&w, NULL);
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            nca__json_real(&w, NULL, values[i]);
            json_array_append_new(expected, json_real(values[i]));
        }
        for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
            nca__json_integer(&w, NULL, integers[i]);
            json_array_append_new(expected, json_integer(integers[i]));
        }
        nca__json_end(&w);
        assert_written(&w, expected, JSON_COMPACT | JSON_REAL_PRECISION(digits));
    }
}

static void numbers_that_are_not_finite_are_null(void **state)
{
    (void)state;
    nca__json_writer w = nca__json_writer_make(0, 9);
    nca__json_begin_array(&w, NULL);
    nca__json_real(&w, NULL, (double)INFINITY);
    nca__json_real(&w, NULL, (double)-INFINITY);
    nca__json_real(&w, NULL, (double)NAN);
    nca__json_end(&w);
    assert_string_equal(w.out.text, "[null,null,null]");
    free(w.out.text);
}

static void levels_are_indented(void **state)
{
    (void)state;
    nca__json_writer w = nca__json_writer_make(2, 9);
    nca__json_begin_object(&w, NULL);
    nca__json_begin_array(&w, "empty");
    nca__json_end(&w);
    nca__json_begin_object(&w, "none");
    nca__json_end(&w);
    nca__json_begin_array(&w, "list");
    nca__json_bool(&w, NULL, true);
    nca__json_null(&w, NULL);
    nca__json_begin_object(&w, NULL);
    nca__json_bool(&w, "no", false);
    nca__json_bytes(&w, "bytes", "\x00\x01\xff\x7f", 4);
    nca__json_end(&w);
    nca__json_end(&w);
    nca__json_end(&w);
    json_t *expected = json_pack("{s:[],s:{},s:[b,n,{s:b,s:s}]}", "empty", "none", "list", 1, "no",
                                 0, "bytes", "AAH/fw==");
    assert_written(&w, expected, JSON_INDENT(2));
}

static void missing_memory_leaves_no_text(void **state)
{
    (void)state;
    nca__json_writer w = nca__json_writer_make(0, 9);
    nca__json_begin_array(&w, NULL);
    nca__json_bytes(&w, NULL, NULL, 4);
    nca__json_string(&w, NULL, "more");
    nca__json_end(&w);
    assert_null(w.out.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(numbers_have_their_digits),
        cmocka_unit_test(numbers_that_are_not_finite_are_null),
        cmocka_unit_test(levels_are_indented),
        cmocka_unit_test(missing_memory_leaves_no_text),
    };
    return cmocka_run_group_tests_name("json_write", tests, NULL, NULL);
}
