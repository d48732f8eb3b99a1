/* Pictures for terminals: the output is read by small decoders. */
#include "render/scene.h"

#include "base/base64.h"
#include "nca/graphics.h"

static nca_image *picture_of(size_t width, size_t height, const uint8_t *rgb)
{
    nca_image *image = NULL;
    assert_ok(nca_image_create(&image, width, height, &failure));
    for (size_t i = 0; i < width * height; i++) {
        memcpy(image->pixels + 4 * i, rgb + 3 * i, 3);
        image->pixels[4 * i + 3] = 255;
    }
    return image;
}

/* Draws a sixel sequence; every pixel must be drawn exactly once. Percentages become bytes. */
static void decode_sixel(nca_image *out, const char *text)
{
    unsigned width, height;
    int used = 0;
    assert_int_equal(sscanf(text, "\033P0;1;0q\"1;1;%u;%u%n", &width, &height, &used), 2);
    assert_int_equal(width, out->width);
    assert_int_equal(height, out->height);
    uint8_t palette[256][3];
    unsigned colour = 0;
    size_t x = 0, top = 0;
    const char *at = text + used;
    while (*at != '\033') {
        unsigned count = 1, r, g, b;
        if (*at == '#') {
            assert_int_equal(sscanf(at, "#%u%n", &colour, &used), 1);
            assert_true(colour < 256);
            at += used;
            if (sscanf(at, ";2;%u;%u;%u%n", &r, &g, &b, &used) == 3) {
                palette[colour][0] = (uint8_t)(r * 255 / 100);
                palette[colour][1] = (uint8_t)(g * 255 / 100);
                palette[colour][2] = (uint8_t)(b * 255 / 100);
                at += used;
            }
            continue;
        }
        if (*at == '$' || *at == '-') {
            x = 0;
            top += *at == '-' ? 6 : 0;
            at++;
            continue;
        }
        if (*at == '!') {
            assert_int_equal(sscanf(at, "!%u%n", &count, &used), 1);
            at += used;
        }
        assert_in_range(*at, '?', '~');
        for (int bits = *at - '?'; count > 0; count--, x++) {
            for (size_t y = 0; y < 6; y++) {
                if ((bits >> y & 1) != 0) {
                    assert_true(x < width && top + y < height);
                    uint8_t *pixel = out->pixels + 4 * ((top + y) * width + x);
                    assert_int_equal(pixel[3], 0);
                    memcpy(pixel, palette[colour], 3);
                    pixel[3] = 255;
                }
            }
        }
        at++;
    }
    assert_string_equal(at, "\033\\");
}

static void a_sixel_of_two_pixels_is_known(void **state)
{
    (void)state;
    nca_image *image = picture_of(2, 1, (const uint8_t[]){255, 0, 0, 255, 0, 0});
    char *text = NULL;
    size_t size = 0;
    assert_ok(nca_image_encode_graphics(&text, &size, image, NCA_GRAPHICS_SIXEL, &failure));
    assert_string_equal(text, "\033P0;1;0q\"1;1;2;1#0;2;100;0;0#0@@$-\033\\");
    assert_int_equal(size, strlen(text));
    free(text);
    nca_image_destroy(image);
}

static void sixels_hold_every_pixel(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {3, 5}, {7, 6}, {16, 7}, {9, 12}, {33, 31}};
    static const uint8_t tones[] = {0, 51, 102, 153, 204, 255}; /* whole percents */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t width = sizes[i][0], height = sizes[i][1];
        uint8_t rgb[33 * 31 * 3];
        for (size_t k = 0; k < width * height; k++) {
            rgb[3 * k] = tones[k / 5 % 6]; /* runs, and single pixels */
            rgb[3 * k + 1] = tones[k * k % 6];
            rgb[3 * k + 2] = tones[k / width % 3];
        }
        nca_image *image = picture_of(width, height, rgb), *found = NULL;
        char *text = NULL;
        size_t size = 0;
        assert_ok(nca_image_encode_graphics(&text, &size, image, NCA_GRAPHICS_SIXEL, &failure));
        assert_ok(nca_image_create(&found, width, height, &failure));
        decode_sixel(found, text);
        assert_memory_equal(found->pixels, image->pixels, 4 * width * height);
        free(text);
        nca_image_destroy(found);
        nca_image_destroy(image);
    }
}

static void kittys_chunks_are_the_png(void **state)
{
    (void)state;
    nca_image *image = grow_image(160, 0.9, 3, 1);
    uint8_t *png = NULL;
    size_t png_size = 0, size = 0;
    char *text = NULL;
    assert_ok(nca_image_encode_png(&png, &png_size, image, &failure));
    assert_ok(nca_image_encode_graphics(&text, &size, image, NCA_GRAPHICS_KITTY, &failure));
    const size_t length = nca__base64_length(png_size);
    assert_true(length > 4096); /* otherwise there would be one chunk */
    char *expected = malloc(length + 1), *found = calloc(size + 1, 1);
    assert_non_null(expected);
    assert_non_null(found);
    nca__base64(expected, png, png_size);
    static const char first[] = "\033_Ga=T,f=100,i=1,p=1,q=2,m=1;", begin[] = "\033_Gm=";
    assert_memory_equal(text, first, sizeof first - 1);
    for (const char *at = text; *at != 0;) {
        assert_memory_equal(at, at == text ? first : begin, at == text ? 3 : sizeof begin - 1);
        const char *payload = strchr(at, ';') + 1, *end = strstr(payload, "\033\\");
        assert_non_null(end);
        assert_in_range(end - payload, 1, 4096);
        assert_int_equal(payload[-2], end[2] == 0 ? '0' : '1'); /* whether more chunks follow */
        strncat(found, payload, (size_t)(end - payload));
        at = end + 2;
    }
    assert_string_equal(found, expected);
    free(expected);
    free(found);
    free(text);
    free(png);
    nca_image_destroy(image);
}

static void what_is_no_protocol_is_refused(void **state)
{
    (void)state;
    nca_image *image = grow_image(4, 0.8, 3, 1);
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(nca_image_encode_graphics(&text, &size, image, NCA_GRAPHICS_COUNT, &failure),
                     NCA_INVALID_ARGUMENT);
    assert_null(text);
    assert_string_equal(nca_graphics_name(NCA_GRAPHICS_SIXEL), "sixel");
    assert_null(nca_graphics_name(NCA_GRAPHICS_COUNT));
    nca_image_destroy(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sixel_of_two_pixels_is_known),
        cmocka_unit_test(sixels_hold_every_pixel),
        cmocka_unit_test(kittys_chunks_are_the_png),
        cmocka_unit_test(what_is_no_protocol_is_refused),
    };
    return cmocka_run_group_tests_name("terminal_graphics", tests, make_folder, remove_folder);
}
