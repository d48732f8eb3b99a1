/* Valid safetensors files, and the errors of invalid ones. */
#include "nca/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/raw_file.h"

static nca_status parse(nca_safetensors **out, const char *header, size_t data, nca_error *error)
{
    raw_file raw = make_raw(header, data);
    nca_status status = nca_safetensors_parse(out, raw.bytes, raw.size, "bytes", error);
    free(raw.bytes);
    return status;
}

static void assert_refused(const char *header, size_t data, nca_status expected, const char *part)
{
    nca_error error = {0};
    nca_safetensors *file = NULL;
    nca_status status = parse(&file, header, data, &error);
    if (status != expected) {
        fail_msg("%.100s gave %s: %s", header, nca_status_name(status), error.message);
    }
    assert_int_equal(error.status, expected);
    assert_null(file);
    assert_says(error, "bytes: ");
    assert_says(error, part);
}

#define A(shape, from, to) \
    "\"a\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"
#define B(shape, from, to) \
    "\"b\":{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

static void a_plain_file_is_read(void **state)
{
    (void)state;
    nca_safetensors *file = NULL;
    nca_error error = {0};
    assert_int_equal(parse(&file,
                           "{\"__metadata__\":{\"k\":\"v\",\"\\u00e9\":\"\"}," A(
                               "[2, 1]", "0", "8") "," B("[3]", "8", "11") "}   ",
                           11, &error),
                     NCA_OK);
    assert_int_equal(nca_safetensors_count(file), 2);
    const nca_tensor_view *a = nca_safetensors_find(file, "a");
    assert_non_null(a);
    assert_int_equal(a->dtype, NCA_DTYPE_F32);
    assert_int_equal(a->rank, 2);
    assert_int_equal(a->shape[0], 2);
    assert_int_equal(a->shape[1], 1);
    assert_int_equal(a->bytes, 8);
    assert_memory_equal(a->data, "\0\1\2\3\4\5\6\7", 8);
    assert_ptr_equal(nca_safetensors_at(file, 0), a);
    assert_memory_equal(nca_safetensors_at(file, 1)->data, "\x08\x09\x0A", 3);
    assert_null(nca_safetensors_at(file, 2));
    assert_null(nca_safetensors_find(file, "c"));
    assert_string_equal(nca_safetensors_metadata(file, "k"), "v");
    assert_string_equal(nca_safetensors_metadata(file, "\xC3\xA9"), "");
    assert_null(nca_safetensors_metadata(file, "none"));
    const char *key = NULL;
    const char *value = NULL;
    assert_true(nca_safetensors_metadata_at(file, 0, &key, &value));
    assert_string_equal(key, "k");
    assert_string_equal(value, "v");
    assert_true(nca_safetensors_metadata_at(file, 1, &key, &value));
    assert_false(nca_safetensors_metadata_at(file, 2, &key, &value));
    nca_safetensors_close(file);
    nca_safetensors_close(NULL);
}

static void an_empty_file_without_metadata_is_valid(void **state)
{
    (void)state;
    nca_safetensors *file = NULL;
    const char *key;
    const char *value;
    assert_int_equal(parse(&file, "{}", 0, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_count(file), 0);
    assert_null(nca_safetensors_metadata(file, "k"));
    assert_false(nca_safetensors_metadata_at(file, 0, &key, &value));
    nca_safetensors_close(file);
}

/* Names in the header in any order, a scalar, empty tensors, and all header lengths, so that every
 * misalignment of floats after an odd number of bytes occurs. */
static void floats_are_aligned_wherever_they_stand(void **state)
{
    (void)state;
    for (int spaces = 0; spaces < 16; spaces++) {
        char header[600];
        snprintf(
            header, sizeof header,
            "{\"long\":{\"dtype\":\"U64\",\"shape\":[2],\"data_offsets\":[7,23]}," A(
                "[]", "3", "7") "," B("[3]", "0", "3") ",\"z\":{\"dtype\":\"F32\",\"shape\":[0,9],"
                                                       "\"data_offsets\":[3,3]}}%*s",
            spaces, "");
        nca_safetensors *file = NULL;
        nca_error error = {0};
        if (parse(&file, header, 23, &error) != NCA_OK) {
            fail_msg("%s", error.message);
        }
        const nca_tensor_view *a = nca_safetensors_find(file, "a");
        const nca_tensor_view *wide = nca_safetensors_find(file, "long");
        assert_int_equal((uintptr_t)a->data % 4, 0);
        assert_int_equal((uintptr_t)wide->data % 8, 0);
        assert_int_equal(a->rank, 0);
        assert_memory_equal(a->data, "\3\4\5\6", 4);
        uint64_t words[2];
        memcpy(words, wide->data, sizeof words);
        assert_true(words[0] == 0x0E0D0C0B0A090807u);
        assert_int_equal(nca_safetensors_find(file, "z")->bytes, 0);
        assert_string_equal(nca_safetensors_at(file, 0)->name, "b");
        assert_string_equal(nca_safetensors_at(file, 1)->name, "z");
        nca_safetensors_close(file);
    }
}

static void types_of_other_programs_are_known_by_their_size(void **state)
{
    (void)state;
    static const char *const types[] = {"BOOL 4",    "I8 4",      "I16 8",    "I32 16",
                                        "I64 32",    "U16 8",     "C64 32",   "F4 2",
                                        "F8_E4M3 4", "F8_E5M2 4", "F6_E2M3 3"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char name[16];
        char header[200];
        int bytes;
        assert_int_equal(sscanf(types[i], "%15s %d", name, &bytes), 2);
        snprintf(header, sizeof header,
                 "{\"a\":{\"dtype\":\"%s\",\"shape\":[4],\"data_offsets\":[0,%d]}}", name, bytes);
        nca_safetensors *file = NULL;
        assert_int_equal(parse(&file, header, (size_t)bytes, NULL), NCA_OK);
        assert_int_equal(nca_safetensors_at(file, 0)->dtype, NCA_DTYPE_OTHER);
        nca_safetensors_close(file);
    }
    assert_refused("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1, NCA_FORMAT,
                   "12 bits are not a whole number of bytes");
    assert_refused("{\"a\":{\"dtype\":\"Q9\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
                   NCA_UNSUPPORTED, "type \"Q9\" is not known");
}

static void a_header_that_is_no_header_is_refused(void **state)
{
    (void)state;
    nca_safetensors *file = NULL;
    nca_error error;
    for (size_t size = 0; size < 10; size++) {
        assert_int_equal(nca_safetensors_parse(&file, "\2\0\0\0\0\0\0\0{}", size, "x", &error),
                         NCA_FORMAT);
        assert_says(error, "expected at least 10 bytes");
    }
    assert_int_equal(nca_safetensors_parse(&file, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, "x", &error),
                     NCA_FORMAT);
    assert_says(error, "not a safetensors file: expected '{' at byte 8, found 0x00");
    static const char *const lengths[] = {
        "\3\0\0\0\0\0\0\0{}", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}",
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", "\xF8\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}"};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(nca_safetensors_parse(&file, lengths[i], 10, "x", &error), NCA_FORMAT);
        assert_says(error, "but only 2 follow its length");
    }
    assert_int_equal(nca_safetensors_parse(&file, "\0\0\0\0\0\0\0\0{}", 10, "x", &error),
                     NCA_FORMAT);
    assert_null(file);

    size_t size = ((size_t)4 << 20) + 1;
    char *large = malloc(size + 1);
    assert_non_null(large);
    memset(large, ' ', size);
    memcpy(large, "{}", 2);
    large[size] = '\0';
    assert_refused(large, 0, NCA_LIMIT, "the header has 4194305 bytes");
    large[size - 1] = '\0';
    assert_int_equal(parse(&file, large, 0, &error), NCA_OK);
    nca_safetensors_close(file);
    free(large);
}

static void json_that_is_not_strict_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":", 0, NCA_FORMAT, "not valid JSON");
    assert_refused("{} x", 0, NCA_FORMAT, "not valid JSON");
    assert_refused("{}{}", 0, NCA_FORMAT, "not valid JSON");
    assert_refused("{\"a\xFF\":1}", 0, NCA_FORMAT, "not valid JSON");
    assert_refused("{\"a\\u0000b\":{}}", 0, NCA_FORMAT, "not valid JSON");
    assert_refused("{" A("[1]", "0", "4") "," A("[1]", "4", "8") "}", 8, NCA_FORMAT, "duplicate");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"U8\",\"shape\":[1],"
                   "\"data_offsets\":[0,1]}}",
                   1, NCA_FORMAT, "duplicate");
    assert_refused("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, NCA_FORMAT, "duplicate");
    /* NUL bytes are not valid padding. */
    nca_safetensors *file = NULL;
    nca_error error;
    assert_int_equal(nca_safetensors_parse(&file, "\4\0\0\0\0\0\0\0{}\0\0", 12, "x", &error),
                     NCA_FORMAT);
    assert_says(error, "not valid JSON");
    assert_null(file);
    /* Nesting as deep as the header allows must not overflow the stack. */
    size_t depth = 3000000;
    char *deep = malloc(depth + 1);
    assert_non_null(deep);
    memset(deep, '[', depth);
    memcpy(deep, "{\"a\":", 5);
    deep[depth] = '\0';
    assert_refused(deep, 0, NCA_FORMAT, "not valid JSON");
    free(deep);
}

static void a_tensor_with_a_wrong_description_is_refused(void **state)
{
    (void)state;
    static const char *const entries[][2] = {
        {"1", "exactly the keys"},
        {"{}", "exactly the keys"},
        {"{\"dtype\":\"F32\",\"shape\":[1]}", "exactly the keys"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"scale\":2}",
         "exactly the keys"},
        {"{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,4]}", "dtype should be a string"},
        {"{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}", "shape should be an array"},
        {"{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}",
         "shape[0] should be a whole"},
        {"{\"dtype\":\"F32\",\"shape\":[1,-1],\"data_offsets\":[0,4]}",
         "shape[1] should be a whole"},
        {"{\"dtype\":\"F32\",\"shape\":[true],\"data_offsets\":[0,4]}",
         "shape[0] should be a whole"},
        {"{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}", "JSON"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}", "two whole numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}", "two whole numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{\"0\":0,\"1\":4}}",
         "two whole numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}", "two whole numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}", "two whole numbers"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}", "[4, 0] are not within the 4"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}", "[0, 8] are not within the 4"},
        {"{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}",
         "are not within"},
        {"{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}",
         "shape [2] needs 8 bytes, data_offsets [0, 4] hold 4"},
        {"{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,4]}", "needs 0 bytes"},
        {"{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,4]}", "needs 1 bytes"},
        {"{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}",
         "larger than a file can be"},
        {"{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}",
         "larger than a file can be"},
        {"{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807,0],"
         "\"data_offsets\":[0,0]}",
         "larger than a file can be"},
    };
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        char header[300];
        snprintf(header, sizeof header, "{\"a\":%s}", entries[i][0]);
        assert_refused(header, 4, NCA_FORMAT, entries[i][1]);
    }
    assert_refused("{" A("[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, NCA_UNSUPPORTED,
                   "has 9 dimensions; at most 8");
    nca_safetensors *file = NULL;
    assert_int_equal(parse(&file, "{" A("[1,1,1,1,1,1,1,1]", "0", "4") "}", 4, NULL), NCA_OK);
    nca_safetensors_close(file);
}

static void tensors_must_cover_the_data_exactly_once(void **state)
{
    (void)state;
    assert_refused("{" A("[2]", "0", "8") "," B("[4]", "4", "8") "}", 8, NCA_FORMAT, "overlaps");
    assert_refused("{" A("[1]", "0", "4") "," B("[4]", "0", "4") "}", 4, NCA_FORMAT, "overlaps");
    assert_refused("{" A("[1]", "0", "4") "," B("[3]", "5", "8") "}", 8, NCA_FORMAT, "gap");
    assert_refused("{" A("[1]", "4", "8") "}", 8, NCA_FORMAT, "gap");
    assert_refused("{" A("[1]", "0", "4") "}", 5, NCA_FORMAT,
                   "cover 4 bytes of data, the file has 5");
    assert_refused("{}", 1, NCA_FORMAT, "cover 0 bytes of data, the file has 1");
    /* An empty tensor may be between two others, but not inside one. */
    nca_safetensors *file = NULL;
    assert_int_equal(parse(&file, "{" B("[0]", "4", "4") "," A("[1]", "0", "4") "}", 4, NULL),
                     NCA_OK);
    nca_safetensors_close(file);
    assert_refused("{" B("[0]", "2", "2") "," A("[1]", "0", "4") "}", 4, NCA_FORMAT, "overlaps");
}

static void metadata_is_text_only(void **state)
{
    (void)state;
    assert_refused("{\"__metadata__\":[]}", 0, NCA_FORMAT, "__metadata__ should be an object");
    assert_refused("{\"__metadata__\":{\"k\":1}}", 0, NCA_FORMAT,
                   "metadata \"k\" should be a string");
    assert_refused("{\"__metadata__\":{\"k\":null}}", 0, NCA_FORMAT, "should be a string");
}

static void hostile_names_stay_out_of_the_terminal(void **state)
{
    (void)state;
    nca_error error;
    nca_safetensors *file = NULL;
    assert_int_equal(parse(&file, "{\"\\n\\u001b[2J\\u009b\":1}", 0, &error), NCA_FORMAT);
    assert_says(error, "tensor \"??[2J??\"");
    char header[3000] = "{\"";
    memset(header + 2, 'n', 2500);
    strcpy(header + 2502, "\":1}");
    assert_int_equal(parse(&file, header, 0, &error), NCA_FORMAT);
    assert_says(error, "exactly the keys");
}

static void the_limit_of_the_file_is_kept(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    raw_file raw = make_raw("{" A("[1]", "0", "4") "}", 4);
    nca_safetensors *file = NULL;
    nca_error error;
    assert_int_equal(nca__file_write(path, raw.bytes, raw.size, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_open(&file, path, raw.size - 1, &error), NCA_LIMIT);
    assert_null(file);
    assert_int_equal(nca_safetensors_open(&file, path, raw.size, &error), NCA_OK);
    nca_safetensors_close(file);
    file = NULL;
    free(raw.bytes);
    assert_int_equal(nca_safetensors_open(&file, path_in(folder, "none"), 9, &error),
                     NCA_NOT_FOUND);
    assert_int_equal(nca_safetensors_open(&file, folder->path, 9, &error), NCA_IO);
    assert_null(file);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_is_read),
        cmocka_unit_test(an_empty_file_without_metadata_is_valid),
        cmocka_unit_test(floats_are_aligned_wherever_they_stand),
        cmocka_unit_test(types_of_other_programs_are_known_by_their_size),
        cmocka_unit_test(a_header_that_is_no_header_is_refused),
        cmocka_unit_test(json_that_is_not_strict_is_refused),
        cmocka_unit_test(a_tensor_with_a_wrong_description_is_refused),
        cmocka_unit_test(tensors_must_cover_the_data_exactly_once),
        cmocka_unit_test(metadata_is_text_only),
        cmocka_unit_test(hostile_names_stay_out_of_the_terminal),
        IN_FOLDER(the_limit_of_the_file_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
