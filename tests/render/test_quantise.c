/* Many colours to at most 256. */
#include "render/scene.h"

#include "render/quantise.h"

typedef struct errors {
    double mean; /* absolute, over all channels, in levels of 255 */
    int most;
} errors;

static errors measure(const uint32_t *pixels, const uint8_t *indices, const nca__palette *palette,
                      size_t count)
{
    errors result = {0.0, 0};
    for (size_t i = 0; i < count; i++) {
        assert_in_range(indices[i], 0, palette->count - 1);
        for (unsigned c = 0; c < 3; c++) {
            int apart =
                abs((int)(pixels[i] >> (16 - 8 * c) & 255) - palette->colour[indices[i]][c]);
            result.mean += apart;
            result.most = apart > result.most ? apart : result.most;
        }
    }
    result.mean /= 3.0 * (double)count;
    return result;
}

static uint32_t *pixels_of(const nca_image *image)
{
    size_t count = image->width * image->height;
    uint32_t *pixels = calloc(count, sizeof *pixels);
    assert_non_null(pixels);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        pixels[i] = (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
    }
    return pixels;
}

static void few_colours_stay_exact(void **state)
{
    (void)state;
    enum {
        COUNT = 3000
    };
    static uint32_t pixels[COUNT];
    static uint8_t indices[COUNT];
    for (size_t most = 1; most <= 256; most += 51) {
        for (size_t i = 0; i < COUNT; i++) {
            pixels[i] = (uint32_t)(i * i % most) * 64013u % 0x1000000u;
        }
        nca__palette palette;
        assert_ok(nca__quantise(indices, &palette, pixels, COUNT, most, &failure));
        errors found = measure(pixels, indices, &palette, COUNT);
        assert_true(palette.count <= most);
        assert_int_equal(found.most, 0);
    }
}

static void a_smooth_growing_grid_shows_no_bands(void **state)
{
    (void)state;
    for (double radius = 0.4; radius < 1.3; radius += 0.4) {
        nca_image *image = grow_image(72, radius, 7, 1);
        uint32_t *pixels = pixels_of(image);
        uint8_t indices[72 * 72];
        nca__palette palette;
        assert_ok(nca__quantise(indices, &palette, pixels, 72 * 72, 256, &failure));
        errors found = measure(pixels, indices, &palette, 72 * 72);
        print_message("radius %.1f: mean error %.3f, greatest %d of 255\n", radius, found.mean,
                      found.most);
        /* The last one fills the grid with almost all hues. */
        assert_true(found.mean < (radius < 1.0 ? 1.3 : 4.2));
        assert_true(found.most <= (radius < 1.0 ? 16 : 30));
        free(pixels);
        nca_image_destroy(image);
    }
}

static void every_number_of_colours_is_kept_to(void **state)
{
    (void)state;
    nca_image *image = grow_image(48, 1.0, 3, 1);
    uint32_t *pixels = pixels_of(image);
    uint8_t indices[48 * 48];
    double before = INFINITY;
    for (size_t most = 1; most <= 256; most *= 2) {
        nca__palette palette;
        assert_ok(nca__quantise(indices, &palette, pixels, 48 * 48, most, &failure));
        errors found = measure(pixels, indices, &palette, 48 * 48);
        assert_int_equal(palette.count, most);
        assert_true(found.mean < before);
        before = found.mean;
    }
    free(pixels);
    nca_image_destroy(image);
}

static void a_rare_colour_is_not_lost_to_a_common_one(void **state)
{
    (void)state;
    /* A large white area, a smooth ramp, and one red cell: the red stays red. */
    enum {
        COUNT = 100000
    };
    uint32_t *pixels = calloc(COUNT, sizeof *pixels);
    uint8_t *indices = calloc(COUNT, 1);
    assert_non_null(pixels);
    assert_non_null(indices);
    for (uint32_t i = 0; i < COUNT; i++) {
        pixels[i] = i < 5000 ? (i / 20) << 16 | (i % 250) << 8 | (i % 97) : 0xffffff;
    }
    pixels[COUNT - 1] = 0xff0000;
    nca__palette palette;
    assert_ok(nca__quantise(indices, &palette, pixels, COUNT, 256, &failure));
    const uint8_t *red = palette.colour[indices[COUNT - 1]];
    assert_true(red[0] > 225 && red[1] < 30 && red[2] < 30);
    const uint8_t *white = palette.colour[indices[COUNT - 2]];
    assert_memory_equal(white, ((const uint8_t[]){255, 255, 255}), 3);
    free(pixels);
    free(indices);
}

static void random_noise_with_very_many_colours_is_managed(void **state)
{
    (void)state;
    enum {
        COUNT = 200000
    };
    uint32_t *pixels = calloc(COUNT, sizeof *pixels);
    uint8_t *indices = calloc(COUNT, 1);
    assert_non_null(pixels);
    assert_non_null(indices);
    uint64_t random = 5;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        pixels[i] = (uint32_t)(random >> 40);
    }
    nca__palette palette;
    assert_ok(nca__quantise(indices, &palette, pixels, COUNT, 256, &failure));
    errors found = measure(pixels, indices, &palette, COUNT);
    assert_int_equal(palette.count, 256);
    /* 256 even boxes of the colour cube would be 40 levels wide: a mean error of 10. */
    assert_true(found.mean < 14.0);
    free(pixels);
    free(indices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_colours_stay_exact),
        cmocka_unit_test(a_smooth_growing_grid_shows_no_bands),
        cmocka_unit_test(every_number_of_colours_is_kept_to),
        cmocka_unit_test(a_rare_colour_is_not_lost_to_a_common_one),
        cmocka_unit_test(random_noise_with_very_many_colours_is_managed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
