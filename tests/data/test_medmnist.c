/* MedMNIST files: shapes, images, labels and slices. */
#include "data/made_set.h"

/* ---- Contents of a file -----------------------------------------------------------------------
 */

static void the_shape_tells_pictures_colours_and_volumes_apart(void **state)
{
    static const struct {
        const char *shape;
        size_t bytes, depth, height, width, channels;
    } cases[] = {
        {", 4, 5", 20, 1, 4, 5, 1},
        {", 4, 5, 3", 60, 1, 4, 5, 3},
        {", 4, 5, 6", 120, 4, 5, 6, 1},
        {", 3, 3", 9, 1, 3, 3, 1},
        {", 28, 28, 28", 21952, 28, 28, 28, 1},
        {", 4, 5, 1", 20, 1, 4, 5, 1},
        {", 1, 4, 5", 20, 1, 4, 5, 1},
        {", 28, 28, 1", 784, 1, 28, 28, 1},
        {", 3, 8, 9", 216, 1, 8, 9, 3},
        {", 8, 9, 4", 288, 1, 8, 9, 4},
        {", 8, 9, 3", 216, 1, 8, 9, 3},
        {", 4, 4, 4", 64, 4, 4, 4, 1},
        {", 5, 28, 28", 3920, 5, 28, 28, 1},
        {", 4, 5, 6, 1", 120, 4, 5, 6, 1},
        {", 1, 4, 5, 6", 120, 4, 5, 6, 1},
        {", 2, 28, 28, 1", 1568, 2, 28, 28, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_set made = small_set();
        made.image_shape = cases[i].shape;
        made.image_bytes = cases[i].bytes;
        nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
        const nca_medmnist_info *info = nca_medmnist_about(data);
        assert_null(info->set);
        assert_int_equal(info->depth, cases[i].depth);
        assert_int_equal(info->height, cases[i].height);
        assert_int_equal(info->width, cases[i].width);
        assert_int_equal(info->channels, cases[i].channels);
        assert_int_equal(info->count[NCA_SPLIT_TRAIN], 7);
        assert_int_equal(info->count[NCA_SPLIT_VAL], 2);
        assert_int_equal(info->count[NCA_SPLIT_TEST], 3);
        assert_int_equal(nca_medmnist_image_bytes(info), cases[i].bytes);
        nca_medmnist_close(data);
    }
    nca_medmnist_close(NULL);
}

static void a_shape_that_fits_two_orders_is_read_with_a_notice(void **state)
{
    static const struct {
        const char *shape;
        size_t bytes;
        const char *assumed, *possible; /* NULL: no other order is possible */
        size_t depth, height, width, channels;
    } cases[] = {
        {", 3, 3, 3", 27, "(N,H,W,3) is assumed", "(N,3,H,W)", 1, 3, 3, 3},
        {", 3, 28, 3", 252, "(N,H,W,3) is assumed", "(N,3,H,W)", 1, 3, 28, 3},
        {", 3, 28, 1", 84, "(N,H,W,1) is assumed", "(N,3,H,W)", 1, 3, 28, 1},
        {", 1, 9, 3", 27, "(N,H,W,3) is assumed", "(N,1,H,W)", 1, 1, 9, 3},
        {", 1, 9, 4", 36, "(N,1,H,W) is assumed", "(N,H,W,4)", 1, 9, 4, 1},
        {", 3, 5, 5", 75, "(N,D,H,W) is assumed", "(N,3,H,W)", 3, 5, 5, 1},
        {", 5, 5, 4", 100, "(N,D,H,W) is assumed", "(N,H,W,4)", 5, 5, 4, 1},
        {", 4, 5", 20, NULL, NULL, 1, 4, 5, 1},
        {", 28, 28, 1", 784, NULL, NULL, 1, 28, 28, 1},
        {", 28, 28, 3", 2352, NULL, NULL, 1, 28, 28, 3},
        {", 3, 28, 28", 2352, NULL, NULL, 1, 28, 28, 3},
        {", 1, 28, 28", 784, NULL, NULL, 1, 28, 28, 1},
        {", 28, 28, 28", 21952, NULL, NULL, 28, 28, 28, 1},
        {", 3, 3, 3, 1", 27, NULL, NULL, 3, 3, 3, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const made_set set = {"|u1",          "|u1", cases[i].shape, ", 1",
                              cases[i].bytes, 1,     {3, 3, 3},      {3, 3, 3}};
        nca_medmnist *data = open_set(write_set(*state, "some.npz", &set));
        const nca_medmnist_info *info = nca_medmnist_about(data);
        assert_int_equal(info->depth, cases[i].depth);
        assert_int_equal(info->height, cases[i].height);
        assert_int_equal(info->width, cases[i].width);
        assert_int_equal(info->channels, cases[i].channels);
        assert_true((info->notice != NULL) == (cases[i].assumed != NULL));
        if (info->notice != NULL && (strstr(info->notice, cases[i].assumed) == NULL ||
                                     strstr(info->notice, cases[i].possible) == NULL)) {
            fail_msg("case %zu: %s", i, info->notice);
        }
        nca_medmnist_close(data);
    }
}

static void channels_before_rows_are_brought_behind_columns(void **state)
{
    made_set made = small_set();
    made.image_shape = ", 3, 8, 9";
    made.image_bytes = 216;
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    uint8_t found[2 * 216 + 1];
    found[2 * 216] = 0xA5;
    assert_int_equal(nca_medmnist_read(found, data, NCA_SPLIT_TEST, 1, 2, NULL), NCA_OK);
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 72; k++) {
            for (size_t c = 0; c < 3; c++) {
                assert_int_equal(found[(i * 72 + k) * 3 + c],
                                 made_value(NCA_SPLIT_TEST, (1 + i) * 216 + c * 72 + k));
            }
        }
    }
    assert_int_equal(found[2 * 216], 0xA5);
    nca_medmnist_close(data);
}

static void a_picture_of_four_channels_keeps_its_alpha(void **state)
{
    made_set made = small_set();
    made.image_shape = ", 8, 9, 4";
    made.image_bytes = 288;
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    nca_image *image = NULL;
    assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_TRAIN, 2, NCA_AXIS_Z, 0,
                                          NCA_COLORMAP_GREY, NULL),
                     NCA_OK);
    for (size_t k = 0; k < 288; k++) {
        assert_int_equal(image->pixels[k], made_value(NCA_SPLIT_TRAIN, 2 * 288 + k));
    }
    nca_image_destroy(image);
    nca_medmnist_close(data);
}

/* Writes an archive of the named arrays: "train_images", "test_labels". */
static const char *write_parts(temporary_folder *folder, const char *const *names)
{
    raw_zip zip = {0};
    for (; *names != NULL; names++) {
        const bool labels = strstr(*names, "labels") != NULL;
        raw_zip_add_array(&zip, *names,
                          labels ? made_part("|u1", 3, ", 1", 1, 0, true)
                                 : made_part("|u1", 3, ", 4, 5", 20, 0, false));
    }
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(folder, "parts.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    return path;
}

static void splits_and_labels_may_be_missing(void **state)
{
    static const struct {
        const char *names[7];
        bool present[NCA_SPLIT_COUNT], labelled[NCA_SPLIT_COUNT];
    } cases[] = {
        {{"train_images", "train_labels"}, {true, false, false}, {true, false, false}},
        {{"train_images", "val_images", "test_images"}, {true, true, true}, {false, false, false}},
        {{"train_images", "train_labels", "test_images", "test_labels"},
         {true, false, true},
         {true, false, true}},
        {{"test_images"}, {false, false, true}, {false, false, false}},
        {{"train_images", "val_images", "val_labels"}, {true, true, false}, {false, true, false}},
        {{"val_images", "train_labels"}, {false, true, false}, {false, false, false}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_medmnist *data = open_set(write_parts(*state, cases[i].names));
        const nca_medmnist_info *info = nca_medmnist_about(data);
        bool any = false;
        for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
            uint8_t image[20];
            int64_t label = -77;
            nca_error error = {0};
            assert_int_equal(info->present[split], cases[i].present[split]);
            assert_int_equal(info->labelled[split], cases[i].labelled[split]);
            assert_int_equal(info->count[split], cases[i].present[split] ? 3 : 0);
            any |= info->labelled[split];
            nca_status images = nca_medmnist_read(image, data, (nca_split)split, 1, 1, &error);
            assert_int_equal(images, info->present[split] ? NCA_OK : NCA_NOT_FOUND);
            nca_status labels = nca_medmnist_labels(&label, data, (nca_split)split, 1, 1, &error);
            assert_int_equal(labels, info->labelled[split] ? NCA_OK : NCA_NOT_FOUND);
            assert_int_equal(label, info->labelled[split] ? 1 : -77);
            if (!info->present[split] || !info->labelled[split]) {
                assert_non_null(strstr(error.message, nca_split_name((nca_split)split)));
            }
        }
        assert_int_equal(info->labels, any ? 1 : 0);
        nca_medmnist_close(data);
    }
}

static void the_name_of_a_file_tells_its_set(void **state)
{
    static const char *const names[][2] = {
        {"breastmnist.npz", "breastmnist"},
        {"BreastMNIST_224.NPZ", "breastmnist"},
        {"organmnist3d_64.npz", "organmnist3d"},
        {"breastmnist_65.npz", NULL},
        {"mnist.npz", NULL},
        {"breastmnist", "breastmnist"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        made_set made = small_set();
        nca_medmnist *data = open_set(write_set(*state, names[i][0], &made));
        const nca_medmnist_set *set = nca_medmnist_about(data)->set;
        assert_int_equal(set == NULL, names[i][1] == NULL);
        if (set != NULL) {
            assert_string_equal(set->name, names[i][1]);
        }
        nca_medmnist_close(data);
    }
}

static void any_range_of_images_is_read(void **state)
{
    made_set made = small_set();
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        for (size_t first = 0; first <= made.count[split]; first++) {
            for (size_t count = 0; count <= made.count[split] - first; count++) {
                uint8_t found[7 * 20 + 1];
                memset(found, 0xA5, sizeof found);
                assert_int_equal(
                    nca_medmnist_read(found, data, (nca_split)split, first, count, NULL), NCA_OK);
                for (size_t k = 0; k < count * 20; k++) {
                    assert_int_equal(found[k], made_value(split, first * 20 + k));
                }
                assert_int_equal(found[count * 20], 0xA5);
            }
        }
    }
    nca_medmnist_close(data);
}

static void labels_of_every_integer_type_and_shape_are_read(void **state)
{
    static const struct {
        const char *type, *shape;
        size_t bytes, labels;
    } cases[] = {
        {"|u1", ", 1", 1, 1}, {"|u1", "", 1, 1},     {"|b1", "", 1, 1}, {"|i1", ", 3", 3, 3},
        {"<i2", ", 1", 2, 1}, {"<u2", ", 2", 4, 2},  {"<i4", "", 4, 1}, {"<u4", ", 1", 4, 1},
        {"<i8", ", 1", 8, 1}, {"<u8", ", 2", 16, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_set made = small_set();
        made.label_type = cases[i].type;
        made.label_shape = cases[i].shape;
        made.label_bytes = cases[i].bytes;
        nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
        size_t each = cases[i].labels;
        assert_int_equal(nca_medmnist_about(data)->labels, each);
        int64_t found[7 * 3 + 1] = {0};
        found[5 * each] = -77;
        assert_int_equal(nca_medmnist_labels(found, data, NCA_SPLIT_TRAIN, 2, 5, NULL), NCA_OK);
        for (size_t k = 0; k < 5 * each; k++) {
            assert_int_equal(found[k], k % each == 0 ? (2 + k / each) % 5 : 0);
        }
        assert_int_equal(found[5 * each], -77);
        nca_medmnist_close(data);
    }
}

static nca_status open_labels(temporary_folder *folder, const char *type, const void *value,
                              size_t size, int64_t *out, nca_error *error)
{
    raw_zip zip = {0};
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        char name[32];
        snprintf(name, sizeof name, "%s_images", nca_split_name((nca_split)split));
        raw_zip_add_array(&zip, name, made_part("|u1", 1, ", 4, 5", 20, split, false));
        snprintf(name, sizeof name, "%s_labels", nca_split_name((nca_split)split));
        raw_zip_add_array(&zip, name, raw_array(type, "(1,)", value, size));
    }
    raw_bytes file = raw_zip_finish(&zip);
    const char *path = path_in(folder, "labels.npz");
    assert_int_equal(nca__file_write(path, file.bytes, file.size, NULL), NCA_OK);
    free(file.bytes);
    nca_medmnist *data = NULL;
    nca_status status = nca_medmnist_open(&data, path, error);
    if (status == NCA_OK) {
        status = nca_medmnist_labels(out, data, NCA_SPLIT_VAL, 0, 1, error);
    }
    nca_medmnist_close(data);
    return status;
}

static void signs_and_byte_orders_of_labels_are_kept(void **state)
{
    int64_t found = 0;
    nca_error error = {0};
    assert_int_equal(open_labels(*state, "|i1", "\xfe", 1, &found, &error), NCA_OK);
    assert_int_equal(found, -2);
    assert_int_equal(open_labels(*state, ">i4", "\xff\xff\xff\x00", 4, &found, &error), NCA_OK);
    assert_int_equal(found, -256);
    assert_int_equal(open_labels(*state, ">u2", "\xff\xfe", 2, &found, &error), NCA_OK);
    assert_int_equal(found, 65534);
    assert_int_equal(open_labels(*state, "<u8", "\0\0\0\0\0\0\0\x80", 8, &found, &error),
                     NCA_FORMAT);
    assert_non_null(strstr(error.message, "val_labels"));
    assert_int_equal(open_labels(*state, "<f4", "\0\0\0\0", 4, &found, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "float32"));
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static void a_picture_is_opaque_and_goes_through_the_map(void **state)
{
    made_set made = small_set();
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    for (unsigned map = 0; map < NCA_COLORMAP_COUNT; map++) {
        nca_image *image = NULL;
        assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_TEST, 2, NCA_AXIS_Z, 0,
                                              (nca_colormap)map, NULL),
                         NCA_OK);
        assert_int_equal(image->width, 5);
        assert_int_equal(image->height, 4);
        for (size_t k = 0; k < 20; k++) {
            uint8_t rgb[3];
            nca_colormap_rgb(rgb, (nca_colormap)map, made_value(NCA_SPLIT_TEST, 40 + k));
            assert_memory_equal(image->pixels + 4 * k, rgb, 3);
            assert_int_equal(image->pixels[4 * k + 3], 255);
        }
        nca_image_destroy(image);
    }
    nca_medmnist_close(data);
}

static void a_colour_picture_keeps_its_colours(void **state)
{
    made_set made = small_set();
    made.image_shape = ", 4, 5, 3";
    made.image_bytes = 60;
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    nca_image *image = NULL;
    assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_VAL, 1, NCA_AXIS_Z, 0,
                                          NCA_COLORMAP_MAGMA, NULL),
                     NCA_OK);
    for (size_t k = 0; k < 60; k++) {
        assert_int_equal(image->pixels[k / 3 * 4 + k % 3], made_value(NCA_SPLIT_VAL, 60 + k));
    }
    nca_image_destroy(image);
    nca_medmnist_close(data);
}

static void a_volume_is_cut_along_each_axis(void **state)
{
    made_set made = small_set();
    made.image_shape = ", 4, 5, 6";
    made.image_bytes = 120;
    nca_medmnist *data = open_set(write_set(*state, "some.npz", &made));
    const nca_medmnist_info *info = nca_medmnist_about(data);
    static const size_t sides[] = {4, 5, 6};
    for (unsigned axis = 0; axis < NCA_AXIS_COUNT; axis++) {
        assert_int_equal(nca_medmnist_slices(info, (nca_axis)axis), sides[axis]);
        for (size_t slice = 0; slice < sides[axis]; slice++) {
            nca_image *image = NULL;
            assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_TRAIN, 3, (nca_axis)axis,
                                                  slice, NCA_COLORMAP_GREY, NULL),
                             NCA_OK);
            assert_int_equal(image->height, axis == NCA_AXIS_Z ? 5 : 4);
            assert_int_equal(image->width, axis == NCA_AXIS_X ? 5 : 6);
            for (size_t y = 0; y < image->height; y++) {
                for (size_t x = 0; x < image->width; x++) {
                    size_t at[3] = {axis == NCA_AXIS_Z ? slice : y,
                                    axis == NCA_AXIS_Z   ? y
                                    : axis == NCA_AXIS_Y ? slice
                                                         : x,
                                    axis == NCA_AXIS_X ? slice : x};
                    uint8_t expected =
                        made_value(NCA_SPLIT_TRAIN, 3 * 120 + (at[0] * 5 + at[1]) * 6 + at[2]);
                    assert_int_equal(image->pixels[(y * image->width + x) * 4], expected);
                }
            }
            nca_image_destroy(image);
        }
    }
    nca_image *image = NULL;
    nca_error error = {0};
    assert_int_equal(nca_medmnist_picture(&image, data, NCA_SPLIT_TRAIN, 3, NCA_AXIS_Y, 5,
                                          NCA_COLORMAP_GREY, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "0 to 4"));
    assert_null(image);
    nca_medmnist_close(data);
}

/* ---- The real sets ---------------------------------------------------------------------------*/

static void the_official_file_is_read(void **state)
{
    (void)state;
    const char *folder = getenv("NCA_TEST_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/breastmnist.npz", folder != NULL ? folder : "");
    if (folder == NULL || access(path, R_OK) != 0) {
        skip();
    }
    nca_medmnist *data = open_set(path);
    const nca_medmnist_info *info = nca_medmnist_about(data);
    assert_string_equal(info->set->name, "breastmnist");
    uint32_t sum = 0; /* as zlib.crc32 computes it for NumPy's arrays */
    size_t healthy = 0;
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        size_t count = info->count[split];
        assert_int_equal(count, info->set->count[split]);
        uint8_t *images = malloc(count * 28 * 28);
        int64_t *labels = malloc(count * sizeof *labels);
        assert_true(images != NULL && labels != NULL);
        assert_int_equal(nca_medmnist_read(images, data, (nca_split)split, 0, count, NULL), NCA_OK);
        assert_int_equal(nca_medmnist_labels(labels, data, (nca_split)split, 0, count, NULL),
                         NCA_OK);
        sum = sum * 31 + crc32_of(images, count * 28 * 28);
        for (size_t i = 0; i < count; i++) {
            assert_in_range(labels[i], 0, 1);
            healthy += labels[i] == 1;
        }
        free(labels);
        free(images);
    }
    assert_int_equal(healthy, 570);
    assert_int_equal(sum, 0xa7350981u);
    nca_medmnist_close(data);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(the_shape_tells_pictures_colours_and_volumes_apart),
        TEST(a_shape_that_fits_two_orders_is_read_with_a_notice),
        TEST(channels_before_rows_are_brought_behind_columns),
        TEST(a_picture_of_four_channels_keeps_its_alpha),
        TEST(splits_and_labels_may_be_missing),
        TEST(the_name_of_a_file_tells_its_set),
        TEST(any_range_of_images_is_read),
        TEST(labels_of_every_integer_type_and_shape_are_read),
        TEST(signs_and_byte_orders_of_labels_are_kept),
        TEST(a_picture_is_opaque_and_goes_through_the_map),
        TEST(a_colour_picture_keeps_its_colours),
        TEST(a_volume_is_cut_along_each_axis),
        cmocka_unit_test(the_official_file_is_read),
    };
#undef TEST
    return cmocka_run_group_tests_name("medmnist", tests, NULL, NULL);
}
