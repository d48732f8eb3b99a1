/* The JSON reader: what it accepts and refuses, and that jansson agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/json_read.h"

static bool reads(const char *text, size_t size)
{
    nca__json json = {0};
    nca__json_problem problem = {0};
    nca_status status = nca__json_parse(&json, &problem, text, size);
    if (status != NCA_OK) {
        assert_int_equal(status, NCA_FORMAT);
        assert_non_null(problem.text);
        assert_true(problem.at <= size);
        assert_null(json.nodes);
    }
    nca__json_free(&json);
    return status == NCA_OK;
}

static void assert_agrees(const char *text, size_t size)
{
    json_t *theirs = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (reads(text, size) != (theirs != NULL)) {
        fail_msg("jansson %s \"%.*s\"", theirs != NULL ? "takes" : "refuses", (int)size, text);
    }
    json_decref(theirs);
}

static void values_have_their_kinds(void **state)
{
    (void)state;
    static const char text[] = " {\"a\": [1, -2, 3.5, 1e2], \"b\\n\\u00e9\\ud83d\\ude00\": {},\n"
                               "\"c\": \"x\\\"y\", \"d\": [null, true, false, []]}\t";
    nca__json json = {0};
    nca__json_problem problem;
    assert_int_equal(nca__json_parse(&json, &problem, text, sizeof text - 1), NCA_OK);
    const nca__json_node *root = json.nodes;
    assert_int_equal(root->kind, NCA__JSON_OBJECT);
    assert_int_equal(root->count, 4);
    const nca__json_node *a = nca__json_find(&json, root, "a");
    assert_int_equal(a->count, 4);
    const nca__json_node *item = nca__json_first(&json, a);
    assert_int_equal(item->integer, 1);
    item = nca__json_next(&json, item);
    assert_int_equal(item->integer, -2);
    item = nca__json_next(&json, item);
    assert_int_equal(item->kind, NCA__JSON_REAL);
    item = nca__json_next(&json, nca__json_next(&json, item));
    assert_null(item);
    const nca__json_node *b = nca__json_find(&json, root, "b\n\xC3\xA9\xF0\x9F\x98\x80");
    assert_int_equal(b->kind, NCA__JSON_OBJECT);
    assert_null(nca__json_first(&json, b));
    assert_string_equal(nca__json_find(&json, root, "c")->string, "x\"y");
    const nca__json_node *d = nca__json_first(&json, nca__json_find(&json, root, "d"));
    assert_int_equal(d->kind, NCA__JSON_NULL);
    assert_int_equal(nca__json_next(&json, d)->integer, 1);
    assert_null(nca__json_find(&json, root, "e"));
    assert_null(nca__json_find(&json, a, "a"));
    nca__json_free(&json);
}

static void texts_at_the_edge_are_read_as_jansson_reads_them(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{",
                                        "[1,]",
                                        "[,1]",
                                        "[1 2]",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{a:1}",
                                        "[01]",
                                        "[-0]",
                                        "[-]",
                                        "[+1]",
                                        "[1.]",
                                        "[.5]",
                                        "[1e]",
                                        "[1e+5]",
                                        "[1E-05]",
                                        "[1.5e3]",
                                        "[\"",
                                        "[\"\\\"]",
                                        "[\"\\x\"]",
                                        "[\"\t\"]",
                                        "[\"\\u12\"]",
                                        "[\"\\u0041\"]",
                                        "nul",
                                        "null",
                                        "tru",
                                        "true",
                                        "falsee",
                                        "[[]]]",
                                        "{}{}",
                                        "{} x",
                                        " \n\r\t{}",
                                        "\f{}",
                                        "\"a\"",
                                        "-12",
                                        "[\"\\ud800\"]",
                                        "[\"\\udc00\"]",
                                        "[\"\\ud800\\u0041\"]",
                                        "[\"\\ud83d\\ude00\"]",
                                        "[9223372036854775807]",
                                        "[9223372036854775808]",
                                        "[-9223372036854775808]",
                                        "[-9223372036854775809]",
                                        "[\"\\u0000\"]",
                                        "{\"\\u0000\":1}",
                                        "[\"\xC3\xA9\"]",
                                        "[\"\xC0\x80\"]",
                                        "[\"\xED\xA0\x80\"]",
                                        "[\"\xF4\x90\x80\x80\"]",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":1,\"b\":2}",
                                        "{\"a\":{\"b\":1},\"b\":1}",
                                        "{\"a\":1,\"\\u0061\":2}",
                                        "[\"\\/\\b\\f\\n\\r\\t\\\\\"]",
                                        "[1]//",
                                        "[1e999]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i], "[1e999]") != 0) { /* jansson cannot represent it */
            assert_agrees(texts[i], strlen(texts[i]));
        }
    }
    assert_true(reads("[1e999]", 7));
    assert_agrees("{}\0", 3);
    assert_agrees("[\"a\0b\"]", 7);
}

static void every_cut_and_every_changed_byte_is_read_as_jansson_reads_it(void **state)
{
    (void)state;
    static const char text[] =
        "{\"__metadata__\":{\"k\":\"v\\n\"},\"w\":{\"dtype\":\"F32\",\"shape\":"
        "[2,-3],\"data_offsets\":[0,24]},\"\\u00e9\":[true,null,1.5e3]}";
    static const char bytes[] = " \"\\{}[]:,019-.eEun\x7f\xc3\xa9\xff";
    char changed[sizeof text];
    for (size_t i = 0; i < sizeof text; i++) {
        assert_agrees(text, i);
        memcpy(changed, text, sizeof text);
        changed[i] = 0; /* which jansson sometimes skips */
        assert_true(i == sizeof text - 1 || !reads(changed, sizeof text - 1));
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            memcpy(changed, text, sizeof text);
            changed[i] = bytes[k];
            assert_agrees(changed, sizeof text - 1);
        }
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[2 * NCA__JSON_DEPTH + 2];
    memset(text, '[', NCA__JSON_DEPTH);
    memset(text + NCA__JSON_DEPTH, ']', NCA__JSON_DEPTH);
    assert_true(reads(text, (size_t)2 * NCA__JSON_DEPTH));
    memset(text, '[', NCA__JSON_DEPTH + 1);
    memset(text + NCA__JSON_DEPTH + 1, ']', NCA__JSON_DEPTH + 1);
    assert_false(reads(text, sizeof text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_kinds),
        cmocka_unit_test(texts_at_the_edge_are_read_as_jansson_reads_them),
        cmocka_unit_test(every_cut_and_every_changed_byte_is_read_as_jansson_reads_it),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
