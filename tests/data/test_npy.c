/* The header of .npy files: every form that NumPy writes, and every kind of error. */
#include "data/npy.h"
#include "data/records.h"

static nca_status parse(nca_array *out, const char *text, nca_error *error)
{
    return nca__npy_parse(out, text, strlen(text), "a.npz: x", error);
}

static void every_form_of_a_good_header_is_read(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        nca_array expected;
    } cases[] = {
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (546, 28, 28), }          \n",
         {.type = NCA_ARRAY_U8, .rank = 3, .shape = {546, 28, 28}, .items = 546 * 28 * 28}},
        {"{'shape':(3,),'fortran_order':True,'descr':'<i4'}",
         {.type = NCA_ARRAY_I32, .fortran_order = true, .rank = 1, .shape = {3}, .items = 3}},
        {"{\"descr\": \">f8\", \"fortran_order\": False, \"shape\": (2, 3,)}",
         {.type = NCA_ARRAY_F64, .big_endian = true, .rank = 2, .shape = {2, 3}, .items = 6}},
        {"\t{ 'descr' : 'b1' , 'fortran_order' : False , 'shape' : ( ) }\n\n",
         {.type = NCA_ARRAY_BOOL, .items = 1}},
        {"{'descr': '>u1', 'fortran_order': False, 'shape': (12L, 0L), }",
         {.type = NCA_ARRAY_U8, .rank = 2, .shape = {12, 0}, .items = 0}},
        {"{'descr': '<u8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1), }",
         {.type = NCA_ARRAY_U64, .rank = 8, .shape = {1, 1, 1, 1, 1, 1, 1, 1}, .items = 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_array found = {0};
        nca_error error = {0};
        if (parse(&found, cases[i].text, &error) != NCA_OK) {
            fail_msg("%s: %s", cases[i].text, error.message);
        }
        assert_memory_equal(&found, &cases[i].expected, sizeof found);
    }
}

static void bad_headers_are_refused_each_with_its_reason(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        nca_status status;
        const char *reason;
    } cases[] = {
        {"", NCA_FORMAT, "dictionary"},
        {"[]", NCA_FORMAT, "dictionary"},
        {"{}", NCA_FORMAT, "'descr' is missing"},
        {"{'descr': '|u1'}", NCA_FORMAT, "'fortran_order' is missing"},
        {"{'descr': '|u1', 'fortran_order': False}", NCA_FORMAT, "'shape' is missing"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)", NCA_FORMAT, "its end"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)} x", NCA_FORMAT, "nothing after"},
        {"{'descr': '|u1' 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "comma"},
        {"{'descr' '|u1', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "colon"},
        {"{'descr': '|u1', 'descr': '|u1', 'shape': (3,)}", NCA_FORMAT, "twice"},
        {"{'descr': '|u1', 'order': False, 'shape': (3,)}", NCA_FORMAT, "'order'"},
        {"{'descr': '|u1', 'fortran_order': 0, 'shape': (3,)}", NCA_FORMAT, "True or False"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': 3}", NCA_FORMAT, "parentheses"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3)}", NCA_FORMAT, "comma"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3 4)}", NCA_FORMAT, "comma"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (,)}", NCA_FORMAT, "whole numbers"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}", NCA_FORMAT, "none negative"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1.5,)}", NCA_FORMAT, "comma"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}", NCA_FORMAT,
         "too large for this machine"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", NCA_FORMAT,
         "than a file can hold"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 9223372036854775807, 4)}",
         NCA_FORMAT, "than a file can hold"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", NCA_UNSUPPORTED,
         "8 axes"},
        {"{'descr': 'i4', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "'i4'"},
        {"{'descr': '|i4', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "'|i4'"},
        {"{'descr': '<i3', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "'<i3'"},
        {"{'descr': '<', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "'<'"},
        {"{'descr': '', 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "''"},
        {"{'descr': '|u1, 'fortran_order': False, 'shape': (3,)}", NCA_FORMAT, "'|u1, '"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED,
         "Python objects"},
        {"{'descr': '|S3', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED,
         "byte strings"},
        {"{'descr': '<U3', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED, "strings"},
        {"{'descr': '|V8', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED, "raw bytes"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED, "complex"},
        {"{'descr': '<M8[D]', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED, "dates"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED, "floating"},
        {"{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED,
         "structured"},
        {"{'descr': ('|u1', (2,)), 'fortran_order': False, 'shape': (3,)}", NCA_UNSUPPORTED,
         "structured"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_array found = {.rank = 77};
        nca_error error = {0};
        nca_status status = parse(&found, cases[i].text, &error);
        if (status != cases[i].status || strstr(error.message, cases[i].reason) == NULL ||
            strncmp(error.message, "a.npz: x: ", 10) != 0) {
            fail_msg("%s: %s", cases[i].text, error.message);
        }
        assert_int_equal(found.rank, 77);
    }
}

static void no_cut_or_changed_header_hurts(void **unused)
{
    (void)unused;
    static const char text[] = "{'descr': '<i4', 'fortran_order': False, 'shape': (12, 34), }  \n";
    uint32_t state = 1;
    for (size_t size = 0; size < sizeof text; size++) {
        char *exact = malloc(size > 0 ? size : 1); /* so that reads beyond its end are detected */
        assert_non_null(exact);
        for (unsigned round = 0; round < 200; round++) {
            nca_array found = {0};
            nca_error error = {0};
            memcpy(exact, text, size);
            for (unsigned change = 0; change < round % 4 && size > 0; change++) {
                exact[noise(&state) % size] = (char)noise(&state);
            }
            if (nca__npy_parse(&found, exact, size, "x", &error) == NCA_OK) {
                assert_true(found.rank <= NCA_ARRAY_MAX_RANK);
            } else {
                assert_true(error.message[0] != 0);
            }
        }
        free(exact);
    }
}

static void the_first_bytes_tell_the_version(void **unused)
{
    (void)unused;
    size_t field = 0;
    nca_error error = {0};
    for (uint8_t version = 0; version < 6; version++) {
        uint8_t magic[NCA__NPY_MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y', version, 0};
        bool known = version >= 1 && version <= 3;
        assert_int_equal(nca__npy_magic(&field, magic, "x", &error),
                         known ? NCA_OK : NCA_UNSUPPORTED);
        if (known) {
            assert_int_equal(field, version == 1 ? 2 : 4);
        }
        magic[0] = 0x92;
        assert_int_equal(nca__npy_magic(&field, magic, "x", &error), NCA_FORMAT);
    }
    size_t length = 0;
    const uint8_t two[] = {0x76, 0x01}, huge[] = {0xff, 0xff, 0xff, 0xff};
    assert_int_equal(nca__npy_header_length(&length, two, 2, "x", &error), NCA_OK);
    assert_int_equal(length, 0x176);
    assert_int_equal(nca__npy_header_length(&length, huge, 4, "x", &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "4294967295"));
    assert_int_equal(length, 0x176);
}

static void every_type_has_a_name_and_a_size(void **unused)
{
    (void)unused;
    assert_string_equal(nca_array_type_name(NCA_ARRAY_BOOL), "bool");
    assert_string_equal(nca_array_type_name(NCA_ARRAY_U16), "uint16");
    assert_int_equal(nca_array_type_size(NCA_ARRAY_U16), 2);
    assert_int_equal(nca_array_type_size(NCA_ARRAY_F64), 8);
    assert_null(nca_array_type_name(NCA_ARRAY_COUNT));
    assert_int_equal(nca_array_type_size(NCA_ARRAY_COUNT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_good_header_is_read),
        cmocka_unit_test(bad_headers_are_refused_each_with_its_reason),
        cmocka_unit_test(no_cut_or_changed_header_hurts),
        cmocka_unit_test(the_first_bytes_tell_the_version),
        cmocka_unit_test(every_type_has_a_name_and_a_size),
    };
    return cmocka_run_group_tests_name("npy", tests, NULL, NULL);
}
