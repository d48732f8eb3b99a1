/* PNG and JPEG decoding: every kind of file compared with known pixels, and every kind of
 * damage. */
#include "data/records.h"

#include <sys/resource.h>

static void every_kind_of_file_gives_its_pixels(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    size_t count = 0;
    for (; file.at < file.size; count++) {
        image_record record = take_image(&file);
        nca_image *image = NULL;
        nca_error error = {0};
        if (nca_image_decode(&image, record.file, record.size, record.name, &error) != NCA_OK) {
            fail_msg("%s", error.message);
        }
        assert_pixels(image, record.rgba, record.width, record.height, record.name);
        nca_image_destroy(image);
    }
    assert_int_equal(count, 105);
    free(file.data);
}

/* Decodes a copy in a buffer of exactly its size, so that a sanitizer detects reads beyond it. */
static nca_status decode_copy(const uint8_t *data, size_t size, nca_error *error)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    nca_image *image = NULL;
    nca_status status = nca_image_decode(&image, copy, size, "the file", error);
    assert_true((status == NCA_OK) == (image != NULL));
    nca_image_destroy(image);
    free(copy);
    return status;
}

static void a_cut_file_is_refused(void **unused)
{
    (void)unused;
    static const char *const names[] = {
        "rgba8",           "grey16-interlaced", "palette4key",      "jpeg-rgb",
        "jpeg-grey",       "jpeg-cmyk",         "jpeg-progressive", "jpeg-warn-extraneous",
        "jpeg-warn-zeros", "jpeg-exif6-be",     "jpeg-arithmetic"};
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        image_record record = find_image(&file, names[i]);
        for (size_t size = 0; size < record.size; size++) {
            nca_error error = {0};
            if (decode_copy(record.file, size, &error) != NCA_FORMAT) {
                fail_msg("%s cut to %zu of %zu bytes is not refused", names[i], size, record.size);
            }
            assert_non_null(strstr(error.message, "the file"));
        }
    }
    free(file.data);
}

static void a_flipped_bit_of_a_png_is_noticed(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    image_record record = find_image(&file, "rgba8");
    uint8_t *copy = malloc(record.size);
    for (size_t bit = 0; bit < record.size * 8; bit++) {
        memcpy(copy, record.file, record.size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        nca_error error = {0};
        if (decode_copy(copy, record.size, &error) == NCA_OK) {
            fail_msg("a flip of bit %zu is not noticed", bit);
        }
    }
    free(copy);
    free(file.data);
}

/* A PNG whose header contains other sides, with a correct checksum. */
static nca_status decode_claim(uint32_t width, uint32_t height, nca_error *error)
{
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    image_record record = find_image(&file, "rgba8");
    uint8_t *copy = malloc(record.size);
    memcpy(copy, record.file, record.size);
    put_big_endian(copy + 16, width);
    put_big_endian(copy + 20, height);
    repair_png(copy, record.size);
    nca_status status = decode_copy(copy, record.size, error);
    free(copy);
    free(file.data);
    return status;
}

static void a_forged_png_header_is_refused_without_memory(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t width, height;
        nca_status status;
        const char *says;
    } cases[] = {
        {0, 5, NCA_FORMAT, "0 x 5"},
        {7, 0, NCA_FORMAT, "7 x 0"},
        {0x80000000u, 5, NCA_LIMIT, "2147483648 x 5"},
        {100000, 5, NCA_LIMIT, "100000 x 5"},
        {7, 100000, NCA_LIMIT, "7 x 100000"},
        {100000, 100000, NCA_LIMIT, "100000 x 100000"},
        {0x7fffffffu, 0x7fffffffu, NCA_LIMIT, "2147483647 x 2147483647"},
        {32768, 8192, NCA_FORMAT, "32768 x 8192"}, /* allowed, but the file is too short for it */
        {16384, 16384, NCA_FORMAT, "16384 x 16384"},
        {7, 6, NCA_FORMAT, "the file"}, /* one row more than in the file */
        {7, 4, NCA_OK, ""},             /* one row less: the remaining data is ignored */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_error error = {0};
        nca_status status = decode_claim(cases[i].width, cases[i].height, &error);
        if (status != cases[i].status || strstr(error.message, cases[i].says) == NULL) {
            fail_msg("%u x %u: expected %s and '%s', found %s: %s", cases[i].width, cases[i].height,
                     nca_status_name(cases[i].status), cases[i].says, nca_status_name(status),
                     error.message);
        }
    }
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    /* The smallest of these sizes would need a GiB. Sanitizers use additional memory. */
    assert_true(usage.ru_maxrss < 700 * 1024);
}

/* The frame header of a JPEG, found by its marker (baseline). */
static void claim_jpeg_size(uint8_t *data, size_t size, uint16_t width, uint16_t height)
{
    for (size_t i = 2; i + 9 < size; i++) {
        if (data[i] == 0xff && data[i + 1] == 0xc0) {
            data[i + 5] = (uint8_t)(height >> 8);
            data[i + 6] = (uint8_t)height;
            data[i + 7] = (uint8_t)(width >> 8);
            data[i + 8] = (uint8_t)width;
            return;
        }
    }
    fail_msg("no frame header");
}

static void a_forged_jpeg_header_is_refused(void **unused)
{
    (void)unused;
    static const struct {
        uint16_t width, height;
        nca_status status;
        const char *says;
    } cases[] = {
        {0, 27, NCA_FORMAT, ""},
        {37, 0, NCA_FORMAT, ""},
        {32769, 27, NCA_LIMIT, "at most"},
        {37, 65500, NCA_LIMIT, "at most"},
        {32768, 8193, NCA_LIMIT, "at most"},
        {32768, 8192, NCA_FORMAT, "more than its"},
        {37, 2000, NCA_FORMAT, "truncated"},
    };
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    image_record record = find_image(&file, "jpeg-rgb");
    uint8_t *copy = malloc(record.size);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(copy, record.file, record.size);
        claim_jpeg_size(copy, record.size, cases[i].width, cases[i].height);
        nca_error error = {0};
        nca_status status = decode_copy(copy, record.size, &error);
        if (status != cases[i].status || strstr(error.message, cases[i].says) == NULL) {
            fail_msg("%u x %u: expected %s and '%s', found %s: %s", cases[i].width, cases[i].height,
                     nca_status_name(cases[i].status), cases[i].says, nca_status_name(status),
                     error.message);
        }
    }
    free(copy);
    free(file.data);
}

/* A copy of jpeg-rgb in which one byte of a frame header is changed. */
static nca_status decode_frame(size_t offset, uint8_t value, nca_error *error)
{
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    image_record record = find_image(&file, "jpeg-rgb");
    uint8_t *copy = malloc(record.size);
    memcpy(copy, record.file, record.size);
    size_t at = 2;
    while (at + 9 < record.size && (copy[at] != 0xff || copy[at + 1] != 0xc0)) {
        at++;
    }
    copy[at + offset] = value;
    nca_status status = decode_copy(copy, record.size, error);
    free(copy);
    free(file.data);
    return status;
}

static void a_jpeg_of_a_kind_that_is_not_read_is_refused_as_that(void **unused)
{
    (void)unused;
    nca_error error = {0};
    assert_int_equal(decode_frame(4, 12, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "8 bits per sample, found 12"));
    assert_int_equal(decode_frame(1, 0xc3, &error), NCA_UNSUPPORTED); /* lossless */
    assert_non_null(strstr(error.message, "SOF type 0xc3"));
    assert_int_equal(decode_frame(1, 0xc5, &error), NCA_UNSUPPORTED); /* hierarchical */
}

static void damaged_entropy_data_are_refused_behind_a_harmless_warning(void **unused)
{
    (void)unused;
    static const char *const names[] = {"jpeg-warn-sos", "jpeg-warn-extraneous", "jpeg-warn-jfif2"};
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        image_record record = find_image(&file, names[i]);
        uint8_t *copy = malloc(record.size);
        memcpy(copy, record.file, record.size);
        copy[record.size - 40] = 0xff; /* a marker in the middle of the data */
        copy[record.size - 39] = 0xd9;
        nca_error error = {0};
        assert_int_equal(decode_copy(copy, record.size, &error), NCA_FORMAT);
        assert_non_null(strstr(error.message, "remature end"));
        free(copy);
    }
    free(file.data);
}

/* The signature and the first chunk of Xcode's variant of PNG. */
static void apples_variant_of_png_is_refused_as_that(void **unused)
{
    (void)unused;
    static const uint8_t start[] = "\x89PNG\r\n\x1a\n\0\0\0\4CgBI\x50\0\x20\2\x2b\xd5\xb3\x7f";
    nca_error error = {0};
    assert_int_equal(decode_copy(start, sizeof start - 1, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "CgBI"));
}

/* At any position, and twice. */
static void an_empty_exif_chunk_of_a_png_is_passed_over(void **unused)
{
    (void)unused;
    static const uint8_t empty[12] = "\0\0\0\0eXIf\0\0\0";
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    const image_record record = find_image(&file, "rgba8");
    const size_t size = record.size + 2 * sizeof empty;
    uint8_t *with = malloc(size);
    for (size_t at = 8 + 12 + big_endian(record.file + 8); at < record.size;
         at += 12 + big_endian(record.file + at)) {
        memcpy(with, record.file, at);
        memcpy(with + at, empty, sizeof empty);
        memcpy(with + at + sizeof empty, empty, sizeof empty);
        memcpy(with + at + 2 * sizeof empty, record.file + at, record.size - at);
        repair_png(with, size);
        nca_image *image = NULL;
        nca_error error = {0};
        if (nca_image_decode(&image, with, size, "with an empty eXIf", &error) != NCA_OK) {
            fail_msg("at byte %zu: %s", at, error.message);
        }
        assert_pixels(image, record.rgba, record.width, record.height, "with an empty eXIf");
        nca_image_destroy(image);
    }
    free(with);
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file_gives_its_pixels),
        cmocka_unit_test(a_cut_file_is_refused),
        cmocka_unit_test(a_flipped_bit_of_a_png_is_noticed),
        cmocka_unit_test(a_forged_png_header_is_refused_without_memory),
        cmocka_unit_test(a_forged_jpeg_header_is_refused),
        cmocka_unit_test(a_jpeg_of_a_kind_that_is_not_read_is_refused_as_that),
        cmocka_unit_test(damaged_entropy_data_are_refused_behind_a_harmless_warning),
        cmocka_unit_test(apples_variant_of_png_is_refused_as_that),
        cmocka_unit_test(an_empty_exif_chunk_of_a_png_is_passed_over),
    };
    return cmocka_run_group_tests_name("codecs", tests, NULL, NULL);
}
