/* Lanczos resizing: the same bits as Pillow's, using fixtures (tests/fixtures/make_resize.py). */
#include "data/records.h"

static void resizing_gives_the_bits_of_pillow(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/resize.bin");
    size_t count = 0;
    for (; file.at < file.size; count++) {
        size_t width = take_u32(&file), height = take_u32(&file);
        size_t new_width = take_u32(&file), new_height = take_u32(&file);
        nca_image *image = NULL, *resized = NULL;
        assert_int_equal(nca_image_create(&image, width, height, NULL), NCA_OK);
        memcpy(image->pixels, take(&file, width * height * 4), width * height * 4);
        assert_int_equal(nca_image_resize_lanczos(&resized, image, new_width, new_height, NULL),
                         NCA_OK);
        char name[96];
        snprintf(name, sizeof name, "%zu x %zu to %zu x %zu", width, height, new_width, new_height);
        assert_pixels(resized, take(&file, new_width * new_height * 4), new_width, new_height,
                      name);
        nca_image_destroy(resized);
        nca_image_destroy(image);
    }
    assert_int_equal(count, 30);
    free(file.data);
}

static void the_same_size_changes_nothing(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(19, 11, 5), *resized = NULL;
    image->pixels[3] = 0; /* the colour of a transparent pixel is also kept */
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 19, 11, NULL), NCA_OK);
    assert_pixels(resized, image->pixels, 19, 11, "the same size");
    nca_image_destroy(resized);
    nca_image_destroy(image);
}

/* The colour of a uniform opaque area does not change: the weights of each output have sum one. */
static void an_even_area_stays_even(void **unused)
{
    (void)unused;
    static const uint8_t colour[4] = {200, 3, 77, 255};
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, 37, 23, NULL), NCA_OK);
    for (size_t i = 0; i < 37 * 23; i++) {
        memcpy(image->pixels + i * 4, colour, 4);
    }
    for (size_t side = 1; side < 120; side += 7) {
        nca_image *resized = NULL;
        assert_int_equal(nca_image_resize_lanczos(&resized, image, side, 130 - side, NULL), NCA_OK);
        for (size_t i = 0; i < side * (130 - side); i++) {
            assert_memory_equal(resized->pixels + i * 4, colour, 4);
        }
        nca_image_destroy(resized);
    }
    nca_image_destroy(image);
}

/* The longest possible side, reduced and enlarged: the weights fit into 32 bits (asserted in the
 * code). */
static void the_longest_side_shrinks_and_grows(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(NCA_IMAGE_MAX_SIDE, 2, 9), *small = NULL, *large = NULL;
    assert_int_equal(nca_image_resize_lanczos(&small, image, 1, 3, NULL), NCA_OK);
    assert_int_equal(nca_image_resize_lanczos(&large, small, 2, NCA_IMAGE_MAX_SIDE, NULL), NCA_OK);
    assert_int_equal(large->height, NCA_IMAGE_MAX_SIDE);
    nca_image_destroy(large);
    nca_image_destroy(small);
    nca_image_destroy(image);
}

static void impossible_sizes_are_refused(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(4, 4, 2), *resized = NULL;
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 0, 4, NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 4, 0, NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_image_resize_lanczos(&resized, image, 4, 40000, NULL), NCA_LIMIT);
    assert_null(resized);
    nca_image_destroy(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_gives_the_bits_of_pillow),
        cmocka_unit_test(the_same_size_changes_nothing),
        cmocka_unit_test(an_even_area_stays_even),
        cmocka_unit_test(the_longest_side_shrinks_and_grows),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests_name("resize", tests, NULL, NULL);
}
