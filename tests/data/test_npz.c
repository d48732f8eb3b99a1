/* .npz archives: arrays saved by NumPy are read whatever their order, and no archive does harm. The
 * value at index k in C order of the fixtures is 3 k + 1 (tests/fixtures/make_arrays.py). */
#include <sys/resource.h>

#include "data/raw_zip.h"
#include "nca/npz.h"

static const char *const fixtures[] = {NCA_FIXTURES "/arrays.npz",
                                       NCA_FIXTURES "/arrays_stored.npz"};

static nca_npz *open_file(const char *path)
{
    nca_npz *npz = NULL;
    nca_error error = {0};
    if (nca_npz_open(&npz, path, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return npz;
}

static nca_array describe(nca_npz *npz, const char *name)
{
    nca_array array = {0};
    nca_error error = {0};
    if (nca_npz_describe(&array, npz, name, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(array.name, name);
    return array;
}

static void must_read(void *out, nca_npz *npz, const nca_array *array, size_t first, size_t count)
{
    nca_error error = {0};
    if (nca_npz_read(out, npz, array, first, count, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
}

static double value_at(const void *values, nca_array_type type, size_t index)
{
    switch (type) {
#define CASE(name, c_type) \
    case NCA_ARRAY_##name: \
        return (double)((const c_type *)values)[index];
        CASE(BOOL, uint8_t)
        CASE(I8, int8_t)
        CASE(U8, uint8_t)
        CASE(I16, int16_t)
        CASE(U16, uint16_t)
        CASE(I32, int32_t)
        CASE(U32, uint32_t)
        CASE(I64, int64_t)
        CASE(U64, uint64_t)
        CASE(F32, float)
        CASE(F64, double)
#undef CASE
    case NCA_ARRAY_COUNT:
        break;
    }
    fail_msg("type %d", (int)type);
    return 0;
}

/* ---- Arrays saved by NumPy --------------------------------------------------------------------
 */

static void every_array_comes_back_in_c_order(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        nca_array_type type;
        size_t rank, shape[4];
        bool fortran, big;
    } cases[] = {
        {"u8", NCA_ARRAY_U8, 3, {5, 4, 3}, false, false},
        {"i8", NCA_ARRAY_I8, 1, {5}, false, false},
        {"i16_fortran", NCA_ARRAY_I16, 3, {5, 4, 3}, true, false},
        {"u16_big_fortran", NCA_ARRAY_U16, 4, {2, 3, 4, 5}, true, true},
        {"i32_big", NCA_ARRAY_I32, 1, {7}, false, true},
        {"u32", NCA_ARRAY_U32, 2, {3, 2}, false, false},
        {"i64", NCA_ARRAY_I64, 2, {6, 1}, false, false},
        {"u64_big", NCA_ARRAY_U64, 2, {6, 2}, false, true},
        {"f32", NCA_ARRAY_F32, 2, {4, 2}, false, false},
        {"f64_big_fortran", NCA_ARRAY_F64, 3, {3, 4, 2}, true, true},
        {"version2", NCA_ARRAY_I16, 2, {4, 5}, false, false},
        {"version3", NCA_ARRAY_I16, 2, {4, 5}, false, false},
    };
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        nca_npz *npz = open_file(fixtures[i % 2]);
        nca_array array = describe(npz, cases[i / 2].name);
        assert_int_equal(array.type, cases[i / 2].type);
        assert_int_equal(array.rank, cases[i / 2].rank);
        assert_memory_equal(array.shape, cases[i / 2].shape, array.rank * sizeof(size_t));
        assert_int_equal(array.fortran_order, cases[i / 2].fortran);
        assert_int_equal(array.big_endian, cases[i / 2].big);
        size_t entry = array.items / array.shape[0], size = nca_array_type_size(array.type);
        /* Every range of entries, in an order that goes forwards and backwards. */
        for (size_t first = 0; first <= array.shape[0]; first++) {
            for (size_t count = 0; count <= array.shape[0] - first; count++) {
                uint8_t *values = malloc(count * entry * size + 1);
                assert_non_null(values);
                values[count * entry * size] = 0xA5;
                must_read(values, npz, &array, first, count);
                for (size_t k = 0; k < count * entry; k++) {
                    double expected = (double)(3 * (first * entry + k) + 1);
                    assert_true(value_at(values, array.type, k) == expected);
                }
                assert_int_equal(values[count * entry * size], 0xA5);
                free(values);
            }
        }
        nca_npz_close(npz);
    }
}

static void scalars_empty_arrays_and_truth_values_are_read(void **unused)
{
    (void)unused;
    nca_npz *npz = open_file(fixtures[0]);
    nca_array array = describe(npz, "scalar");
    int32_t value = 0;
    assert_int_equal(array.rank, 0);
    must_read(&value, npz, &array, 0, 1);
    assert_int_equal(value, 1);
    assert_int_equal(nca_npz_read(&value, npz, &array, 0, 2, NULL), NCA_INVALID_ARGUMENT);
    array = describe(npz, "empty");
    assert_int_equal(array.items, 0);
    assert_int_equal(array.shape[0], 0);
    must_read(NULL, npz, &array, 0, 0);
    array = describe(npz, "empty_inside");
    must_read(NULL, npz, &array, 1, 2);
    uint8_t truth[3];
    array = describe(npz, "truth");
    must_read(truth, npz, &array, 0, 3);
    assert_memory_equal(truth, ((uint8_t[]){1, 0, 1}), 3);
    nca_npz_close(npz);
}

static void arrays_that_are_no_numbers_are_refused_by_name(void **unused)
{
    (void)unused;
    static const char *const cases[][2] = {
        {"objects", "Python objects"},    {"texts", "strings"},
        {"byte_strings", "byte strings"}, {"complex", "complex"},
        {"halves", "floating-point"},     {"dates", "dates"},
        {"fields", "structured"},
    };
    nca_npz *npz = open_file(fixtures[0]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_array array = {.rank = 55};
        nca_error error = {0};
        assert_int_equal(nca_npz_describe(&array, npz, cases[i][0], &error), NCA_UNSUPPORTED);
        assert_non_null(strstr(error.message, cases[i][0]));
        assert_non_null(strstr(error.message, cases[i][1]));
        assert_non_null(strstr(error.message, "arrays.npz"));
        assert_int_equal(array.rank, 55);
    }
    nca_npz_close(npz);
}

static void a_missing_array_is_told_with_those_that_are_there(void **unused)
{
    (void)unused;
    nca_npz *npz = open_file(fixtures[1]);
    nca_array array;
    nca_error error = {0};
    assert_int_equal(nca_npz_describe(&array, npz, "train_images", &error), NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, "train_images"));
    assert_non_null(strstr(error.message, "u8, i8, i16_fortran"));
    assert_int_equal(nca_npz_count(npz), 23);
    assert_string_equal(nca_npz_name(npz, 0), "u8");
    assert_null(nca_npz_name(npz, 23));
    nca_npz_close(npz);
    assert_int_equal(nca_npz_open(&npz, NCA_FIXTURES "/no.npz", &error), NCA_NOT_FOUND);
    nca_npz_close(NULL);
}

static void ranges_outside_the_array_are_refused(void **unused)
{
    (void)unused;
    nca_npz *npz = open_file(fixtures[0]);
    nca_array array = describe(npz, "u8"), other = describe(npz, "i64");
    uint8_t values[60] = {0};
    nca_error error = {0};
    static const size_t ranges[][2] = {{0, 6}, {5, 1}, {6, 0}, {SIZE_MAX, 1}, {1, SIZE_MAX}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        assert_int_equal(nca_npz_read(values, npz, &array, ranges[i][0], ranges[i][1], &error),
                         NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "5 entries"));
    }
    other.name = "u8"; /* a description of something else */
    assert_int_equal(nca_npz_read(values, npz, &other, 0, 1, &error), NCA_INVALID_ARGUMENT);
    must_read(values, npz, &array, 0, 5);
    assert_int_equal(values[59], (uint8_t)(3 * 59 + 1));
    nca_npz_close(npz);
}

static bool count_reports(uint64_t done, uint64_t total, void *user)
{
    uint64_t *seen = user;
    assert_true(done > seen[1] || done <= 1 << 20);
    assert_true(done <= total);
    seen[0]++;
    seen[1] = done;
    return seen[0] != seen[2];
}

static void long_reads_report_and_can_be_stopped(void **unused)
{
    (void)unused;
    const size_t size = 5 << 19; /* 2.5 MiB */
    uint8_t *values = calloc(size, 1);
    assert_non_null(values);
    raw_zip zip = {0};
    raw_zip_add_array(&zip, "x", raw_array("|u1", "(5, 524288)", values, size));
    raw_bytes file = raw_zip_finish(&zip);
    nca_npz *npz = NULL;
    assert_int_equal(nca_npz_parse(&npz, file.bytes, file.size, "memory", NULL), NCA_OK);
    nca_array array = describe(npz, "x");
    uint64_t seen[3] = {0};
    nca_npz_watch(npz, count_reports, seen);
    must_read(values, npz, &array, 0, 5);
    assert_int_equal(seen[0], 3);
    assert_int_equal(seen[1], size);
    memset(seen, 0, sizeof seen);
    seen[2] = 2;
    nca_error error = {0};
    assert_int_equal(nca_npz_read(values, npz, &array, 4, 1, &error), NCA_INTERRUPTED);
    nca_npz_watch(npz, NULL, NULL);
    must_read(values, npz, &array, 4, 1);
    nca_npz_close(npz);
    free(file.bytes);
    free(values);
}

static bool keep_total(uint64_t done, uint64_t total, void *user)
{
    (void)done;
    *(uint64_t *)user = total;
    return true;
}

static void two_arrays_read_in_turns_are_unpacked_once(void **unused)
{
    (void)unused;
    nca_npz *npz = open_file(fixtures[0]);
    nca_array images = describe(npz, "u8"), labels = describe(npz, "i64");
    assert_false(images.fortran_order || labels.fortran_order);
    uint8_t image[12];
    int64_t label;
    uint64_t unpacked = 0;
    nca_npz_watch(npz, keep_total, &unpacked);
    for (size_t i = 0; i < 5; i++) {
        must_read(image, npz, &images, i, 1);
        assert_int_equal(unpacked, sizeof image);
        assert_int_equal(image[11], (uint8_t)(3 * (12 * i + 11) + 1));
        must_read(&label, npz, &labels, i, 1);
        assert_int_equal(unpacked, sizeof label);
        assert_int_equal(label, 3 * i + 1);
    }
    must_read(image, npz, &images, 1, 1); /* backwards: from the beginning */
    assert_int_equal(unpacked, 2 * sizeof image);
    assert_int_equal(image[0], 3 * 12 + 1);
    nca_npz_close(npz);
}

/* ---- Archives built by hand -------------------------------------------------------------------
 */

/* Opens, describes "x" and reads all of it; frees the archive. */
static nca_status read_x(raw_bytes file, uint8_t *out, size_t room, nca_error *error)
{
    nca_npz *npz = NULL;
    nca_array array;
    nca_status status = nca_npz_parse(&npz, file.bytes, file.size, "made.npz", error);
    if (status == NCA_OK) {
        status = nca_npz_describe(&array, npz, "x", error);
    }
    if (status == NCA_OK) {
        size_t entries = array.rank > 0 ? array.shape[0] : 1;
        assert_true(array.items * nca_array_type_size(array.type) <= room);
        status = nca_npz_read(out, npz, &array, 0, entries, error);
    }
    nca_npz_close(npz);
    free(file.bytes);
    return status;
}

static void a_zip64_field_that_the_directory_lacks_does_not_confuse(void **unused)
{
    (void)unused;
    const uint8_t values[] = {1, 2, 3, 4, 5, 6};
    uint8_t found[6];
    raw_zip zip = {0};
    for (unsigned i = 0; i < 3; i++) {
        raw_bytes array = raw_array("|u1", "(6,)", values, 6);
        raw_zip_add(&zip, &(raw_member){.name = i == 1   ? "x.npy"
                                                : i == 0 ? "a.npy"
                                                         : "z.npy",
                                        .bytes = array.bytes,
                                        .size = array.size,
                                        .zip64_local = true});
        free(array.bytes);
    }
    nca_error error = {0};
    if (read_x(raw_zip_finish(&zip), found, sizeof found, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_memory_equal(found, values, 6);
}

static void lies_about_shape_and_size_are_noticed(void **unused)
{
    (void)unused;
    static const struct {
        const char *type, *shape;
        const char *reason;
    } cases[] = {
        {"|u1", "(7,)", "needs 7 bytes, the archive has 6"},
        {"|u1", "(5,)", "needs 5 bytes, the archive has 6"},
        {"<i2", "(6,)", "needs 12 bytes"},
        {"|u1", "(1000000, 1000000)", "needs 1000000000000 bytes"},
        {"|u1", "(0, 6)", "needs 0 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        raw_zip zip = {0};
        raw_zip_add_array(&zip, "x", raw_array(cases[i].type, cases[i].shape, "abcdef", 6));
        nca_error error = {0};
        uint8_t found[16];
        assert_int_equal(read_x(raw_zip_finish(&zip), found, sizeof found, &error), NCA_FORMAT);
        if (strstr(error.message, cases[i].reason) == NULL) {
            fail_msg("%s", error.message);
        }
        assert_non_null(strstr(error.message, "made.npz: x"));
    }
}

static void two_members_of_one_name_are_refused(void **unused)
{
    (void)unused;
    raw_zip zip = {0};
    uint8_t found[6];
    nca_error error = {0};
    raw_zip_add_array(&zip, "x", raw_array("|u1", "(6,)", "abcdef", 6));
    raw_zip_add_array(&zip, "x", raw_array("|u1", "(6,)", "ghijkl", 6));
    assert_int_equal(read_x(raw_zip_finish(&zip), found, sizeof found, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "two members"));
}

static void a_header_longer_than_any_is_refused(void **unused)
{
    (void)unused;
    raw_zip zip = {0};
    raw_bytes array = {0};
    uint8_t found[1];
    nca_error error = {0};
    raw_put(&array, "\x93NUMPY\2\0\xff\xff\xff\x7f{}", 14);
    raw_zip_add_array(&zip, "x", array);
    assert_int_equal(read_x(raw_zip_finish(&zip), found, sizeof found, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "2147483647"));
    zip = (raw_zip){0};
    array = (raw_bytes){0};
    raw_put(&array, "\x93NUMPY\1\0\xff\xff{}", 12); /* longer than the member */
    raw_zip_add_array(&zip, "x", array);
    assert_int_equal(read_x(raw_zip_finish(&zip), found, sizeof found, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "truncated"));
}

static void a_small_file_cannot_claim_terabytes(void **unused)
{
    (void)unused;
    raw_bytes array = raw_array("|u1", "(1099511627776,)", "", 0);
    uint64_t content = array.size + UINT64_C(1099511627776);
    raw_bytes stream = raw_deflate_zeros(array.bytes, array.size, 1000);
    raw_zip zip = {0};
    raw_zip_add(&zip, &(raw_member){.name = "x.npy",
                                    .bytes = stream.bytes,
                                    .size = stream.size,
                                    .deflated = true,
                                    .content_size = content});
    free(array.bytes);
    free(stream.bytes);
    raw_bytes file = raw_zip_finish(&zip);
    nca_npz *npz = NULL;
    nca_array found;
    nca_error error = {0};
    assert_int_equal(nca_npz_parse(&npz, file.bytes, file.size, "bomb.npz", &error), NCA_OK);
    assert_int_equal(nca_npz_describe(&found, npz, "x", &error), NCA_FORMAT);
    if (strstr(error.message, "more than a file of") == NULL) {
        fail_msg("%s", error.message);
    }
    nca_npz_close(npz);
    free(file.bytes);
}

/* 256 MiB of zeros in 1.7 MB: reading the last entry needs little more memory than the entry. */
static void a_bomb_that_expands_takes_no_memory(void **unused)
{
    (void)unused;
    const uint64_t runs = 1 << 20, values = 1 + runs * 258;
    char shape[64];
    snprintf(shape, sizeof shape, "(%llu,)", (unsigned long long)values);
    raw_bytes array = raw_array("|u1", shape, "", 0);
    raw_bytes stream = raw_deflate_zeros(array.bytes, array.size, runs);
    raw_zip zip = {0};
    raw_zip_add(&zip, &(raw_member){.name = "x.npy",
                                    .bytes = stream.bytes,
                                    .size = stream.size,
                                    .deflated = true,
                                    .content_size = array.size + values,
                                    .checksum = 1});
    free(array.bytes);
    free(stream.bytes);
    raw_bytes file = raw_zip_finish(&zip);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    nca_npz *npz = NULL;
    assert_int_equal(nca_npz_parse(&npz, file.bytes, file.size, "bomb.npz", NULL), NCA_OK);
    nca_array found = describe(npz, "x");
    uint8_t last[2] = {7, 7};
    nca_error error = {0};
    must_read(last, npz, &found, (size_t)values / 2, 2);
    assert_memory_equal(last, "\0\0", 2);
    /* Everything is skipped to the end, where the checksum is wrong. */
    assert_int_equal(nca_npz_read(last, npz, &found, (size_t)values - 2, 2, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "checksum"));
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 8 << 10); /* KiB */
    nca_npz_close(npz);
    free(file.bytes);
}

static void no_cut_or_changed_archive_hurts(void **unused)
{
    (void)unused;
    raw_zip zip = {0};
    raw_bytes array = raw_array("<i2", "(4, 3)", "abcdefghijklmnopqrstuvwx", 24);
    raw_bytes stream = raw_deflate_zeros(array.bytes, array.size, 0);
    raw_zip_add(&zip, &(raw_member){.name = "y.npy",
                                    .bytes = stream.bytes,
                                    .size = stream.size,
                                    .deflated = true,
                                    .content_size = array.size + 1,
                                    .zip64_local = true});
    raw_zip_add_array(&zip, "x", array);
    free(stream.bytes);
    raw_bytes whole = raw_zip_finish(&zip);
    uint32_t state = 5;
    size_t refused = 0;
    uint8_t *found = malloc(1 << 20);
    assert_non_null(found);
    for (size_t round = 0; round < whole.size + 4000; round++) {
        size_t size = round < whole.size ? round : whole.size;
        raw_bytes copy = {0};
        raw_put(&copy, whole.bytes, size);
        for (unsigned change = 0; round >= whole.size && change < 1 + round % 3; change++) {
            copy.bytes[noise(&state) % size] = (uint8_t)noise(&state);
        }
        nca_error error = {0};
        nca_status status = read_x(copy, found, 1 << 20, &error);
        assert_true(round >= whole.size || status != NCA_OK);
        assert_true(status == NCA_OK || error.message[0] != 0);
        refused += status != NCA_OK;
    }
    free(found);
    assert_true(refused > whole.size);
    free(whole.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_array_comes_back_in_c_order),
        cmocka_unit_test(scalars_empty_arrays_and_truth_values_are_read),
        cmocka_unit_test(arrays_that_are_no_numbers_are_refused_by_name),
        cmocka_unit_test(a_missing_array_is_told_with_those_that_are_there),
        cmocka_unit_test(ranges_outside_the_array_are_refused),
        cmocka_unit_test(long_reads_report_and_can_be_stopped),
        cmocka_unit_test(two_arrays_read_in_turns_are_unpacked_once),
        cmocka_unit_test(a_zip64_field_that_the_directory_lacks_does_not_confuse),
        cmocka_unit_test(lies_about_shape_and_size_are_noticed),
        cmocka_unit_test(two_members_of_one_name_are_refused),
        cmocka_unit_test(a_header_longer_than_any_is_refused),
        cmocka_unit_test(a_small_file_cannot_claim_terabytes),
        cmocka_unit_test(a_bomb_that_expands_takes_no_memory),
        cmocka_unit_test(no_cut_or_changed_archive_hurts),
    };
    return cmocka_run_group_tests_name("npz", tests, NULL, NULL);
}
