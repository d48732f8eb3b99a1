/* Targets and the phantom: sizes, padding, the arithmetic of the values, what is refused. */
#include "data/records.h"
#include "nca/automaton.h"
#include "nca/target.h"

static nca_target *target_of(const nca_image *image, size_t size, size_t padding, bool stretch)
{
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = size;
    options.padding = padding;
    options.stretch = stretch;
    nca_target *target = NULL;
    nca_error error = {0};
    if (nca_target_from_image(&target, image, "a test", &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return target;
}

static void an_image_keeps_its_own_pixels_at_its_own_size(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(28, 28, 4);
    for (size_t i = 0; i < 28 * 28; i++) {
        image->pixels[i * 4 + 3] = 255;
    }
    static const size_t sizes[] = {28, 0};
    for (size_t i = 0; i < 2; i++) {
        nca_target *target = target_of(image, sizes[i], 0, false);
        assert_int_equal(target->height, 28);
        assert_int_equal(target->width, 28);
        assert_string_equal(target->source, "a test");
        for (size_t v = 0; v < 28 * 28 * 4; v++) {
            assert_true(target->rgba[v] == (float)image->pixels[v] / 255.0f);
        }
        nca_target_destroy(target);
    }
    nca_image_destroy(image);
}

static void every_colour_and_alpha_is_rounded_once(void **unused)
{
    (void)unused;
    nca_image *image = NULL;
    assert_int_equal(nca_image_create(&image, 256, 256, NULL), NCA_OK);
    for (size_t i = 0; i < 256 * 256; i++) {
        uint8_t colour = (uint8_t)(i & 255), alpha = (uint8_t)(i >> 8);
        memcpy(image->pixels + i * 4, (uint8_t[]){colour, 255, 0, alpha}, 4);
    }
    nca_target *target = target_of(image, 0, 0, false);
    for (size_t i = 0; i < 256 * 256; i++) {
        const float *found = target->rgba + i * 4;
        double colour = (double)(i & 255) / 255.0, alpha = (double)(i >> 8) / 255.0;
        /* Rounding twice, through double, may change at most the last bit of a float. */
        assert_true(found[0] - colour * alpha <= 6e-8 && colour * alpha - found[0] <= 6e-8);
        assert_true(found[1] == found[3]);
        assert_true(found[2] == 0.0f);
        assert_true(found[3] == (float)alpha);
        assert_true(found[0] <= found[3]);
    }
    assert_true(target->rgba[256 * 256 * 4 - 4] == 1.0f);
    nca_target_destroy(target);
    nca_image_destroy(image);
}

static void padding_is_empty_cells_around(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(5, 3, 6);
    nca_target *target = target_of(image, 0, 4, false), *bare = target_of(image, 0, 0, false);
    assert_int_equal(target->height, 11);
    assert_int_equal(target->width, 13);
    assert_int_equal(target->padding, 4);
    for (size_t y = 0; y < 11; y++) {
        for (size_t x = 0; x < 13; x++) {
            static const float empty[4];
            bool inside = y >= 4 && y < 7 && x >= 4 && x < 9;
            assert_memory_equal(target->rgba + (y * 13 + x) * 4,
                                inside ? bare->rgba + ((y - 4) * 5 + x - 4) * 4 : empty,
                                sizeof empty);
        }
    }
    nca_target_destroy(bare);
    nca_target_destroy(target);
    nca_image_destroy(image);
}

static void the_aspect_is_kept_unless_stretched(void **unused)
{
    (void)unused;
    static const struct {
        size_t width, height, size;
        bool stretch;
        size_t expected_width, expected_height;
    } cases[] = {
        {640, 480, 40, false, 40, 30}, {480, 640, 40, false, 30, 40},
        {30, 17, 28, false, 28, 16}, /* 15.87 */
        {8, 3, 4, false, 4, 2},      /* 1.5: halves are rounded up */
        {300, 1, 10, false, 10, 1},  /* at least 1 */
        {1, 1, 28, false, 28, 28},     {640, 480, 40, true, 40, 40},
        {9, 5, 0, true, 9, 5}, /* its own size is its own shape */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_image *image = noisy_image(cases[i].width, cases[i].height, 8);
        nca_target *target = target_of(image, cases[i].size, 0, cases[i].stretch);
        nca_image *resized = NULL;
        assert_int_equal(target->width, cases[i].expected_width);
        assert_int_equal(target->height, cases[i].expected_height);
        assert_int_equal(
            nca_image_resize_lanczos(&resized, image, target->width, target->height, NULL), NCA_OK);
        for (size_t p = 0; p < target->width * target->height; p++) {
            assert_true(target->rgba[p * 4 + 3] == (float)resized->pixels[p * 4 + 3] / 255.0f);
        }
        nca_image_destroy(resized);
        nca_target_destroy(target);
        nca_image_destroy(image);
    }
}

static void nothing_to_grow_is_refused(void **unused)
{
    (void)unused;
    nca_image *image = noisy_image(90, 90, 3);
    for (size_t i = 0; i < 90 * 90; i++) {
        image->pixels[i * 4 + 3] = 0;
    }
    nca_target *target = NULL;
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = 3;
    nca_error error = {0};
    assert_int_equal(nca_target_from_image(&target, image, "ghost.png", &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "ghost.png"));
    assert_non_null(strstr(error.message, "transparent"));
    const nca_image empty = {.width = 0, .height = 90, .pixels = image->pixels};
    assert_int_equal(nca_target_from_image(&target, &empty, "ghost.png", &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "at least 1 x 1 pixels, found 0 x 90"));
    image->pixels[3] = 1; /* one faint pixel, which disappears when reduced */
    assert_int_equal(nca_target_from_image(&target, image, "ghost.png", &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_null(target);
    options.size = 0;
    assert_int_equal(nca_target_from_image(&target, image, "ghost.png", &options, &error), NCA_OK);
    nca_target_destroy(target);
    nca_target_destroy(NULL);
    nca_image_destroy(image);
}

static void grids_over_the_limit_are_refused(void **unused)
{
    (void)unused;
    static const nca_target_options cases[] = {
        {.size = NCA_MAX_SIDE + 1},
        {.size = SIZE_MAX},
        {.size = NCA_MAX_SIDE, .padding = 1},
        {.size = 28, .padding = NCA_MAX_SIDE / 2},
        {.size = 28, .padding = SIZE_MAX / 2 + 1},
        {.size = 0, .padding = NCA_MAX_SIDE / 2},
    };
    nca_image *image = noisy_image(4, 4, 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_target *target = NULL;
        nca_error error = {0};
        assert_int_equal(nca_target_from_image(&target, image, "x", &cases[i], &error), NCA_LIMIT);
        assert_non_null(strstr(error.message, "16384"));
        assert_null(target);
    }
    nca_image_destroy(image);
    image = noisy_image(NCA_MAX_SIDE + 1, 1, 2);
    nca_target *target = NULL;
    nca_error error = {0};
    nca_target_options own_size;
    nca_target_options_default(&own_size);
    assert_int_equal(nca_target_from_image(&target, image, "wide.png", &own_size, &error),
                     NCA_LIMIT);
    assert_non_null(strstr(error.message, "img_size"));
    assert_null(target);
    nca_image_destroy(image);
}

static void a_target_comes_from_a_file_or_by_name(void **unused)
{
    (void)unused;
    scratch folder = scratch_create();
    const char *path = scratch_path(&folder, "picture.png");
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = 12;
    options.padding = 2;
    nca_target *target = NULL;
    nca_error error = {0};
    assert_int_equal(nca_target_create(&target, path, &options, &error), NCA_NOT_FOUND);
    nca_image *image = noisy_image(20, 10, 5);
    assert_int_equal(nca_image_save_png(image, path, NULL), NCA_OK);
    assert_int_equal(nca_target_create(&target, path, &options, &error), NCA_OK);
    assert_string_equal(target->source, path);
    assert_int_equal(target->width, 16);
    assert_int_equal(target->height, 10);
    nca_target_destroy(target);
    assert_int_equal(nca_target_create(&target, "phantom", &options, &error), NCA_OK);
    assert_string_equal(target->source, "phantom");
    assert_int_equal(target->width, 16);
    assert_int_equal(target->height, 16);
    nca_target_destroy(target);
    target = NULL;
    assert_int_equal(nca_target_create(&target, "phantom", &(nca_target_options){0}, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "img_size"));
    assert_null(target);
    nca_image_destroy(image);
    assert_int_equal(unlink(path), 0);
    scratch_remove(&folder);
}

/* ---- The phantom -----------------------------------------------------------------------------*/

static const uint8_t *pixel_at(const nca_image *image, double x, double y)
{
    size_t column = (size_t)((x + 1.0) / 2.0 * (double)image->width);
    size_t row = (size_t)((1.0 - y) / 2.0 * (double)image->height);
    return image->pixels + (row * image->width + column) * 4;
}

static void the_phantom_has_the_grey_levels_of_the_table(void **unused)
{
    (void)unused;
    static const struct {
        const char *what;
        double x, y;
        int grey, alpha;
    } places[] = {
        {"outside", -0.75, 0.0, 0, 0},
        {"corner", 0.99, 0.99, 0, 0},
        {"skull above", 0.0, 0.885, 255, 255},
        {"skull on the left", -0.675, 0.0, 255, 255},
        {"brain", 0.5, -0.2, 51, 255},
        {"right ventricle", 0.22, 0.0, 0, 255},
        {"right ventricle leans outwards", 0.28, 0.2, 0, 255},
        {"left ventricle", -0.22, 0.0, 0, 255},
        {"left ventricle leans outwards", -0.3, 0.3, 0, 255},
        {"large tumour", 0.0, 0.4, 77, 255}, /* 0.3 is 76.5 */
        {"two tumours over each other", 0.0, 0.12, 102, 255},
        {"tumour", 0.0, -0.1, 77, 255},
        {"small tumour", -0.08, -0.605, 77, 255},
        {"smallest tumour", 0.0, -0.606, 77, 255},
        {"upright tumour", 0.06, -0.605, 77, 255},
    };
    nca_image *image = NULL;
    assert_int_equal(nca_phantom(&image, 512, NULL), NCA_OK);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const uint8_t *found = pixel_at(image, places[i].x, places[i].y);
        if (found[0] != places[i].grey || found[1] != found[0] || found[2] != found[0] ||
            found[3] != places[i].alpha) {
            fail_msg("%s: expected grey %d alpha %d, found %d,%d,%d alpha %d", places[i].what,
                     places[i].grey, places[i].alpha, found[0], found[1], found[2], found[3]);
        }
    }
    nca_image_destroy(image);
}

/* The area of the head is pi * 0.69 * 0.92 of the square's area 4, for any size. */
static void the_outline_is_antialiased(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {28, 40, 71, 256};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i], partial = 0;
        nca_image *image = NULL;
        assert_int_equal(nca_phantom(&image, size, NULL), NCA_OK);
        double area = 0.0;
        for (size_t p = 0; p < size * size; p++) {
            area += image->pixels[p * 4 + 3] / 255.0;
            partial += image->pixels[p * 4 + 3] % 255 != 0;
            size_t mirrored = p / size * size + size - 1 - p % size;
            assert_int_equal(image->pixels[p * 4 + 3], image->pixels[mirrored * 4 + 3]);
        }
        double expected = 3.14159265 * 0.69 * 0.92 / 4.0 * (double)(size * size);
        assert_true(area > expected * 0.999 && area < expected * 1.001);
        assert_true(partial > size && partial < 5 * size);
        nca_image_destroy(image);
    }
}

/* The pixels must not change, because a random seed should reproduce a run. */
static void the_phantom_has_the_same_bits_for_ever(void **unused)
{
    (void)unused;
    static const struct {
        size_t size;
        uint32_t checksum;
    } cases[] = {{1, 0x776efad7u},
                 {2, 0xd0b5985au},
                 {28, 0xff2a1d54u},
                 {40, 0xfa14f193u},
                 {101, 0x82f02077u}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_image *image = NULL;
        assert_int_equal(nca_phantom(&image, cases[i].size, NULL), NCA_OK);
        uint32_t found = crc32_of(image->pixels, cases[i].size * cases[i].size * 4);
        if (found != cases[i].checksum) {
            fail_msg("size %zu: expected 0x%08x, found 0x%08x", cases[i].size, cases[i].checksum,
                     found);
        }
        nca_image_destroy(image);
    }
    nca_image *image = NULL;
    assert_int_equal(nca_phantom(&image, 0, NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_phantom(&image, 40000, NULL), NCA_LIMIT);
    assert_null(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_keeps_its_own_pixels_at_its_own_size),
        cmocka_unit_test(every_colour_and_alpha_is_rounded_once),
        cmocka_unit_test(padding_is_empty_cells_around),
        cmocka_unit_test(the_aspect_is_kept_unless_stretched),
        cmocka_unit_test(nothing_to_grow_is_refused),
        cmocka_unit_test(grids_over_the_limit_are_refused),
        cmocka_unit_test(a_target_comes_from_a_file_or_by_name),
        cmocka_unit_test(the_phantom_has_the_grey_levels_of_the_table),
        cmocka_unit_test(the_outline_is_antialiased),
        cmocka_unit_test(the_phantom_has_the_same_bits_for_ever),
    };
    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
