/* One image in the form of a data set: the same pixels as in the data set, and what is refused. */
#include "data/labelled_fixture.h"

/* Reads the file and compares it with image 0 of train. */
static void expect_same(temporary_folder *folder, const char *name, const nca_labelled *data)
{
    nca_image *image = NULL;
    nca_error error = {0};
    const size_t bytes = data->height * data->width * data->channels;
    uint8_t *pixels = malloc(bytes);
    assert_int_equal(nca_image_load(&image, path_in(folder, name), &error), NCA_OK);
    assert_int_equal(
        nca_labelled_pixels(pixels, image, data->channels, data->height, data->width, &error),
        NCA_OK);
    assert_memory_equal(pixels, data->split[NCA_SPLIT_TRAIN].images, bytes);
    nca_image_destroy(image);
    free(pixels);
}

static void an_image_alone_has_the_pixels_of_the_data_set(void **state)
{
    static const struct {
        uint32_t rgb;
        uint8_t alpha;
        bool colour;
        size_t size;
    } cases[] = {{0x101010, 255, false, 0}, {0x101010, 90, false, 0}, {0x102030, 255, false, 0},
                 {0x102030, 200, false, 7}, {0x101010, 255, true, 0}, {0x101010, 77, true, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char first[64], second[64], set[32];
        snprintf(set, sizeof set, "set%zu", i);
        snprintf(first, sizeof first, "%s/train/a/1.png", set);
        snprintf(second, sizeof second, "%s/train/b/2.png", set);
        put_rgba(*state, first, 6, 5, cases[i].rgb, cases[i].alpha);
        put_rgba(*state, second, 6, 5, 0x505050, 255);
        nca_labelled_options options = default_options();
        options.colour = cases[i].colour;
        options.size = cases[i].size;
        nca_labelled *data = open_data(path_in(*state, set), &options);
        assert_int_equal(data->channels, cases[i].rgb == 0x101010 && !cases[i].colour ? 1 : 3);
        expect_same(*state, first, data);
        nca_labelled_close(data);
    }
}

static void a_colour_image_is_not_made_grey(void **state)
{
    nca_image *image = NULL;
    nca_error error = {0};
    uint8_t pixels[64] = {7};
    put_rgba(*state, "a.png", 4, 4, 0x101011, 255);
    assert_int_equal(nca_image_load(&image, path_in(*state, "a.png"), &error), NCA_OK);
    assert_int_equal(nca_labelled_pixels(pixels, image, 1, 4, 4, &error), NCA_MISMATCH);
    assert_non_null(strstr(error.message, "colour"));
    assert_int_equal(pixels[0], 7);
    assert_int_equal(nca_labelled_pixels(pixels, image, 2, 4, 4, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_labelled_pixels(pixels, image, 3, 0, 4, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_labelled_pixels(pixels, image, 3, 4, 4, &error), NCA_OK);
    nca_image_destroy(image);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(an_image_alone_has_the_pixels_of_the_data_set),
        TEST(a_colour_image_is_not_made_grey),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
