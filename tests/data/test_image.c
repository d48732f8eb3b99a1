/* The image object, loading by content, saving: nca/image.h without the details of the formats. */
#include "data/records.h"

#include <sys/stat.h>

static void a_new_image_is_transparent(void **unused)
{
    (void)unused;
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, 3, 2, NULL), NCA_OK);
    static const uint8_t zeros[24];
    assert_pixels(image, zeros, 3, 2, "a new image");
    nca_image_destroy(image);
    nca_image_destroy(NULL);
}

static void impossible_sizes_are_refused_untouched(void **unused)
{
    (void)unused;
    static const struct {
        size_t width, height;
        nca_status status;
    } cases[] = {
        {0, 1, NCA_INVALID_ARGUMENT},
        {1, 0, NCA_INVALID_ARGUMENT},
        {NCA_IMAGE_MAX_SIDE + 1, 1, NCA_LIMIT},
        {1, NCA_IMAGE_MAX_SIDE + 1, NCA_LIMIT},
        {NCA_IMAGE_MAX_SIDE, NCA_IMAGE_MAX_SIDE, NCA_LIMIT},
        {16384, 16385, NCA_LIMIT},
        {SIZE_MAX, SIZE_MAX, NCA_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_image *image = NULL;
        nca_error error = {0};
        assert_int_equal(nca_image_create(&image, cases[i].width, cases[i].height, &error),
                         cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        assert_null(image);
    }
}

static void scaling_makes_squares(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(3, 2, 1);
    nca_image *scaled = NULL;
    assert_int_equal(nca_image_scale_nearest(&scaled, image, 5, NULL), NCA_OK);
    assert_int_equal(scaled->width, 15);
    assert_int_equal(scaled->height, 10);
    for (size_t y = 0; y < 10; y++) {
        for (size_t x = 0; x < 15; x++) {
            assert_memory_equal(scaled->pixels + (y * 15 + x) * 4,
                                image->pixels + (y / 5 * 3 + x / 5) * 4, 4);
        }
    }
    nca_image_destroy(scaled);
    scaled = NULL;
    assert_int_equal(nca_image_scale_nearest(&scaled, image, 1, NULL), NCA_OK);
    assert_pixels(scaled, image->pixels, 3, 2, "scaled by one");
    nca_image_destroy(scaled);
    scaled = NULL;
    assert_int_equal(nca_image_scale_nearest(&scaled, image, 0, NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_image_scale_nearest(&scaled, image, SIZE_MAX, NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_image_scale_nearest(&scaled, image, 20000, NULL), NCA_LIMIT);
    assert_null(scaled);
    nca_image_destroy(image);
}

static void a_saved_image_comes_back(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {28, 28}, {131, 67}, {1000, 3}};
    scratch folder = scratch_create();
    const char *path = scratch_path(&folder, "saved.png");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        nca_image *image = noisy_image(sizes[i][0], sizes[i][1], (uint32_t)i + 1);
        nca_image *back = NULL;
        assert_int_equal(nca_image_save_png(image, path, NULL), NCA_OK);
        assert_int_equal(nca_image_load(&back, path, NULL), NCA_OK);
        assert_pixels(back, image->pixels, image->width, image->height, "saved and loaded");
        nca_image_destroy(back);
        nca_image_destroy(image);
    }
    assert_int_equal(unlink(path), 0);
    scratch_remove(&folder);
}

static void saving_twice_gives_the_same_bytes(void **unused)
{
    (void)unused;
    scratch folder = scratch_create();
    nca_image *image = noisy_image(40, 30, 7);
    bytes files[2];
    for (size_t i = 0; i < 2; i++) {
        const char *path = scratch_path(&folder, "same.png");
        assert_int_equal(nca_image_save_png(image, path, NULL), NCA_OK);
        files[i] = read_bytes(path);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(files[0].size, files[1].size);
    assert_memory_equal(files[0].data, files[1].data, files[0].size);
    free(files[0].data);
    free(files[1].data);
    nca_image_destroy(image);
    scratch_remove(&folder);
}

static void a_failed_save_leaves_the_old_file(void **unused)
{
    (void)unused;
    scratch folder = scratch_create();
    nca_image *image = noisy_image(4, 4, 3);
    nca_error error = {0};
    assert_int_equal(nca_image_save_png(image, scratch_path(&folder, "no/such.png"), &error),
                     NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, "no/such.png"));
    /* There is a folder at the destination: the rename fails after all bytes were written. */
    assert_int_equal(mkdir(scratch_path(&folder, "folder"), 0777), 0);
    assert_int_equal(nca_image_save_png(image, folder.path, &error), NCA_IO);
    assert_int_equal(rmdir(folder.path), 0);
    nca_image_destroy(image);
    scratch_remove(&folder); /* also checks that there is no temporary file */
}

static void paths_that_hold_no_file_are_refused(void **unused)
{
    (void)unused;
    scratch folder = scratch_create();
    nca_image *image = NULL;
    nca_error error = {0};
    assert_int_equal(nca_image_load(&image, scratch_path(&folder, "missing.png"), &error),
                     NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, "missing.png"));
    assert_int_equal(nca_image_load(&image, folder.folder, &error), NCA_IO);
    assert_non_null(strstr(error.message, "a folder"));
    if (geteuid() != 0) { /* root can read everything */
        const char *path = scratch_path(&folder, "secret.png");
        assert_int_equal(nca__file_write(path, "x", 1, NULL), NCA_OK);
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(nca_image_load(&image, path, &error), NCA_IO);
        assert_non_null(strstr(error.message, "secret.png"));
        assert_int_equal(unlink(path), 0);
    }
    assert_null(image);
    scratch_remove(&folder);
}

static void what_is_no_image_is_named(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {"", 0, "an empty file"},
        {"GIF89a......", 12, "a GIF"},
        {"RIFF\1\2\3\4WEBPVP8 ", 16, "the WebP is truncated"},
        {"II*\0\1\2\3\4", 8, "the TIFF is truncated"},
        {"\0\0\0 ftypheic", 12, "a HEIC"},
        {"PK\3\4....", 8, "a zip archive; the name of an image in a NumPy archive is medmnist:"},
        {"hello, world\n", 13, "0x68"},
        {"\xff\xd8", 2, "0xff"},
        {"\x89PNG\r\n\x1a", 7, "0x89"},
    };
    scratch folder = scratch_create();
    const char *path = scratch_path(&folder, "file");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_image *image = NULL;
        nca_error error = {0};
        assert_int_equal(nca__file_write(path, cases[i].bytes, cases[i].size, NULL), NCA_OK);
        assert_int_equal(nca_image_load(&image, path, &error), NCA_FORMAT);
        if (strstr(error.message, cases[i].says) == NULL || strstr(error.message, path) == NULL) {
            fail_msg("expected '%s' in: %s", cases[i].says, error.message);
        }
        assert_null(image);
    }
    assert_int_equal(unlink(path), 0);
    scratch_remove(&folder);
}

static void a_real_target_is_read(void **unused)
{
    (void)unused;
    const char *data = getenv("NCA_TEST_DATA");
    if (data == NULL) {
        skip();
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/retina.png", data);
    nca_image *image = NULL;
    assert_int_equal(nca_image_load(&image, path, NULL), NCA_OK);
    assert_int_equal(image->width, 28);
    assert_int_equal(image->height, 28);
    for (size_t i = 0; i < 28 * 28; i++) {
        assert_int_equal(image->pixels[i * 4 + 3], 255);
    }
    nca_image_destroy(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_image_is_transparent),
        cmocka_unit_test(impossible_sizes_are_refused_untouched),
        cmocka_unit_test(scaling_makes_squares),
        cmocka_unit_test(a_saved_image_comes_back),
        cmocka_unit_test(saving_twice_gives_the_same_bytes),
        cmocka_unit_test(a_failed_save_leaves_the_old_file),
        cmocka_unit_test(paths_that_hold_no_file_are_refused),
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(a_real_target_is_read),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
