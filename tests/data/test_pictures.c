/* Targets from picture files: windows, precision, orientation, and the notices about them. */
#include <math.h>

#include "data/raw_zip.h"
#include "data/records.h"
#include "nca/target.h"

typedef struct picture_record {
    char name[49], window[25];
    size_t size, width, height;
    const uint8_t *file;
    const uint8_t *rgba; /* (H,W,4) floats, not aligned */
} picture_record;

static picture_record take_picture(bytes *file)
{
    picture_record record = {0};
    memcpy(record.name, take(file, 48), 48);
    memcpy(record.window, take(file, 24), 24);
    record.size = take_u32(file);
    record.width = take_u32(file);
    record.height = take_u32(file);
    record.file = take(file, record.size);
    record.rgba = take(file, record.width * record.height * 16);
    return record;
}

/* A target from bytes, in a file with that name. */
static nca_status make_target(nca_target **out, const uint8_t *data, size_t size, const char *name,
                              const nca_target_options *options, nca_error *error)
{
    scratch folder = scratch_create();
    char source[PATH_MAX + 64], file[64];
    snprintf(file, sizeof file, "%.*s", (int)strcspn(name, "?"), name);
    const char *path = scratch_path(&folder, file);
    assert_int_equal(nca__file_write(path, data, size, NULL), NCA_OK);
    snprintf(source, sizeof source, "%s%s", path, name + strlen(file));
    nca_status status = nca_target_create(out, source, options, error);
    unlink(path);
    scratch_remove(&folder);
    return status;
}

static nca_target *target_of(const picture_record *record, const nca_target_options *options)
{
    nca_target *target = NULL;
    nca_error error = {0};
    if (make_target(&target, record->file, record->size, record->name, options, &error) != NCA_OK) {
        fail_msg("%s: %s", record->name, error.message);
    }
    return target;
}

static void every_picture_gives_its_target_to_the_bit(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/pictures.bin");
    size_t count = 0;
    for (; file.at < file.size; count++) {
        picture_record record = take_picture(&file);
        nca_target *target = target_of(&record, &(nca_target_options){.window = record.window});
        assert_int_equal(target->width, record.width);
        assert_int_equal(target->height, record.height);
        for (size_t k = 0; k < record.width * record.height * 4; k++) {
            float expected;
            memcpy(&expected, record.rgba + k * sizeof expected, sizeof expected);
            if (memcmp(&target->rgba[k], &expected, sizeof expected) != 0) {
                fail_msg("%s: value %zu: expected %.9g, found %.9g", record.name, k,
                         (double)expected, (double)target->rgba[k]);
            }
        }
        nca_target_destroy(target);
    }
    assert_true(count >= 60);
    free(file.data);
}

static picture_record find_picture(bytes *file, const char *name)
{
    for (file->at = 0; file->at < file->size;) {
        picture_record record = take_picture(file);
        if (strcmp(record.name, name) == 0) {
            return record;
        }
    }
    fail_msg("no record %s in pictures.bin", name);
    return (picture_record){0};
}

static void a_dark_picture_of_many_bits_is_noticed_until_a_window_is_chosen(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/pictures.bin");
    picture_record record = find_picture(&file, "xray.png");
    nca_target *target = target_of(&record, &(nca_target_options){0});
    assert_non_null(target->notice);
    assert_non_null(strstr(target->notice, "dark"));
    assert_non_null(strstr(target->notice, "of a possible 0 to 65535"));
    assert_non_null(strstr(target->notice, "--window auto"));
    nca_target_destroy(target);
    target = target_of(&record, &(nca_target_options){.window = "auto"});
    assert_null(target->notice);
    nca_target_destroy(target);
    record = find_picture(&file, "1.png"); /* the full range: no notice */
    target = target_of(&record, &(nca_target_options){0});
    assert_null(target->notice);
    nca_target_destroy(target);
    free(file.data);
}

/* On a smooth picture, for which nothing is clipped to 8 bits between the passes. */
static void more_bits_resize_as_eight_do(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(31, 23, 5);
    for (size_t i = 0; i < image->width * image->height; i++) {
        const size_t x = i % image->width, y = i / image->width;
        const uint8_t pixel[4] = {(uint8_t)(40 + 5 * x), (uint8_t)(200 - 6 * y),
                                  (uint8_t)(60 + 2 * x + 3 * y), (uint8_t)(240 - x - y)};
        memcpy(image->pixels + i * 4, pixel, 4);
    }
    for (size_t size = 3; size < 80; size += 11) {
        nca_target *eight = NULL, *more = NULL;
        nca_error error = {0};
        nca_target_options options;
        nca_target_options_default(&options);
        options.size = size;
        options.padding = 2;
        scratch folder = scratch_create();
        const char *path = scratch_path(&folder, "noise.png");
        assert_int_equal(nca_image_save_png(image, path, &error), NCA_OK);
        assert_int_equal(nca_target_create(&eight, path, &options, &error), NCA_OK);
        nca_target_options windowed = options;
        windowed.window = "0,255";
        assert_int_equal(nca_target_create(&more, path, &windowed, &error), NCA_OK);
        assert_int_equal(eight->width, more->width);
        assert_int_equal(eight->height, more->height);
        for (size_t k = 0; k < eight->width * eight->height * 4; k++) {
            const float alpha = more->rgba[k | 3];
            assert_true(more->rgba[k] >= 0 && more->rgba[k] <= alpha && alpha <= 1);
            /* The 8 bits between the passes, and colours divided by alpha, cause a difference. */
            if (fabsf(eight->rgba[k] - more->rgba[k]) >= 0.02f) {
                fail_msg("size %zu, value %zu: %g and %g", size, k, (double)eight->rgba[k],
                         (double)more->rgba[k]);
            }
        }
        nca_target_destroy(eight);
        nca_target_destroy(more);
        unlink(path);
        scratch_remove(&folder);
    }
    nca_image_destroy(image);
}

static void the_orientation_is_applied_or_ignored_and_noticed(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        char name[32], number[32];
        snprintf(name, sizeof name, "jpeg-exif%u-be", orientation);
        snprintf(number, sizeof number, "orientation %u", orientation);
        const image_record stored = find_image(&file, "jpeg-exif1-le");
        const image_record shown = find_image(&file, name);
        for (unsigned exif = 0; exif < NCA_EXIF_COUNT; exif++) {
            const image_record *expected = exif == NCA_EXIF_APPLY ? &shown : &stored;
            nca_target *target = NULL;
            assert_int_equal(make_target(&target, shown.file, shown.size, "photo.jpg",
                                         &(nca_target_options){.exif = (nca_exif)exif}, NULL),
                             NCA_OK);
            assert_int_equal(target->width, expected->width);
            assert_int_equal(target->height, expected->height);
            for (size_t k = 0; k < expected->width * expected->height * 4; k++) {
                assert_int_equal((int)lrintf(target->rgba[k] * 255), expected->rgba[k]);
            }
            assert_int_equal(target->notice == NULL, orientation == 1);
            if (orientation > 1) {
                assert_non_null(strstr(target->notice, number));
                assert_int_equal(strstr(target->notice, "ignored") != NULL,
                                 exif == NCA_EXIF_IGNORE);
            }
            nca_target_destroy(target);
        }
    }
    free(file.data);
}

static void a_jpeg_that_libjpeg_warns_of_is_read_with_a_notice(void **unused)
{
    (void)unused;
    static const char *const cases[][2] = {
        {"jpeg-warn-sos", "SOS parameters"},
        {"jpeg-warn-extraneous", "4 extraneous bytes"},
        {"jpeg-warn-jfif2", "JFIF revision"},
        {"jpeg-warn-zeros", "extraneous bytes before marker 0xd9"}};
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const image_record record = find_image(&file, cases[i][0]);
        nca_target *target = NULL;
        assert_int_equal(make_target(&target, record.file, record.size, "phone.jpg",
                                     &(nca_target_options){0}, NULL),
                         NCA_OK);
        assert_non_null(target->notice);
        if (strstr(target->notice, cases[i][1]) == NULL) {
            fail_msg("%s: %s", cases[i][0], target->notice);
        }
        nca_target_destroy(target);
    }
    free(file.data);
}

static void an_array_that_fits_two_orders_is_read_with_a_notice(void **unused)
{
    (void)unused;
    static const struct {
        const char *shape, *name, *notice; /* NULL: none */
        const char *other;
    } cases[] = {
        {"(3, 3, 3)", "a.npy", "(H,W,3) is assumed", "(3,H,W)"},
        {"(3, 3, 3)", "a.npy?slice=0", NULL, NULL},
        {"(3, 5, 5)", "a.npy", "(D,H,W) is assumed; slice 1 of 3", "(3,H,W)"},
        {"(9, 9, 3)", "a.npy", NULL, NULL},
        {"(3, 9, 9)", "a.npy", NULL, NULL},
        {"(3, 3)", "a.npy", NULL, NULL},
    };
    static const uint8_t values[3 * 9 * 9] = {1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t sides[3] = {1, 1, 1};
        assert_true(sscanf(cases[i].shape, "(%zu, %zu, %zu)", sides, sides + 1, sides + 2) >= 2);
        raw_bytes file = raw_array("|u1", cases[i].shape, values, sides[0] * sides[1] * sides[2]);
        nca_target *target = NULL;
        nca_error error = {0};
        if (make_target(&target, file.bytes, file.size, cases[i].name, &(nca_target_options){0},
                        &error) != NCA_OK) {
            fail_msg("%s", error.message);
        }
        free(file.bytes);
        assert_true((target->notice != NULL) == (cases[i].notice != NULL));
        if (target->notice != NULL && (strstr(target->notice, cases[i].notice) == NULL ||
                                       strstr(target->notice, cases[i].other) == NULL)) {
            fail_msg("%s: %s", cases[i].shape, target->notice);
        }
        nca_target_destroy(target);
    }
}

static void values_that_are_not_finite_are_refused_with_their_number_and_place(void **unused)
{
    (void)unused;
    static const struct {
        const char *shape;
        float values[9 * 9 * 4];
        const char *found, *place; /* NULL: it is accepted */
    } cases[] = {
        {"(2, 3)", {0, 1, 0.5f, 0, NAN, INFINITY}, "2 of 6 pixels", "row 1, column 1"},
        {"(2, 3)", {NAN, NAN, NAN, NAN, NAN, NAN}, "6 of 6 pixels", "row 0, column 0"},
        {"(1, 2)", {0, -INFINITY}, "1 of 2 pixels", "row 0, column 1"},
        {"(1, 2, 3)", {0, 0, NAN, 0, 0, 0}, "1 of 2 pixels", "row 0, column 0"},
        {"(9, 9, 4)", {[3] = 1, [43] = NAN}, "1 of 81 pixels", "row 1, column 1"},
        {"(9, 9, 4)", {[3] = 1, [40] = NAN}, NULL, NULL}, /* fully transparent */
        {"(1, 2)", {0, 1}, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t sides[3] = {1, 1, 1};
        sscanf(cases[i].shape, "(%zu, %zu, %zu)", sides, sides + 1, sides + 2);
        raw_bytes file = raw_array("<f4", cases[i].shape, cases[i].values,
                                   sides[0] * sides[1] * sides[2] * sizeof(float));
        nca_target *target = NULL;
        nca_error error = {0};
        const nca_status status = make_target(&target, file.bytes, file.size, "scan.npy",
                                              &(nca_target_options){0}, &error);
        free(file.bytes);
        assert_int_equal(status, cases[i].found != NULL ? NCA_FORMAT : NCA_OK);
        if (status != NCA_OK) {
            if (strstr(error.message, cases[i].found) == NULL ||
                strstr(error.message, cases[i].place) == NULL) {
                fail_msg("%s: %s", cases[i].shape, error.message);
            }
        }
        nca_target_destroy(target);
    }
}

static void a_window_that_is_none_is_refused(void **unused)
{
    (void)unused;
    static const char *const windows[] = {"Auto", "0",         "0,",       ",5",          "5,5",
                                          "6,5",  "nan,5",     "0,inf",    "0,5,6",       " 0,5",
                                          "0, 5", "1e30,1e39", "-1e300,5", "1,1.00000001"};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        nca_target *target = NULL;
        nca_error error = {0};
        nca_target_options options;
        nca_target_options_default(&options);
        options.size = 8;
        options.window = windows[i];
        if (nca_target_create(&target, "phantom", &options, &error) != NCA_INVALID_ARGUMENT) {
            fail_msg("\"%s\" is not refused", windows[i]);
        }
        assert_non_null(strstr(error.message, "window: expected auto, or LOW,HIGH"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_gives_its_target_to_the_bit),
        cmocka_unit_test(a_dark_picture_of_many_bits_is_noticed_until_a_window_is_chosen),
        cmocka_unit_test(more_bits_resize_as_eight_do),
        cmocka_unit_test(the_orientation_is_applied_or_ignored_and_noticed),
        cmocka_unit_test(a_jpeg_that_libjpeg_warns_of_is_read_with_a_notice),
        cmocka_unit_test(an_array_that_fits_two_orders_is_read_with_a_notice),
        cmocka_unit_test(values_that_are_not_finite_are_refused_with_their_number_and_place),
        cmocka_unit_test(a_window_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
