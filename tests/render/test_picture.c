/* States as pixels, filmstrips and comparisons. */
#include "render/scene.h"

#include "nca/target.h"
#include "render/magma.h"

static const nca_colour on_white = {255, 255, 255};

static void colours_have_names_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        nca_colour expected;
    } cases[] = {
        {"white", {255, 255, 255}},      {"Black", {0, 0, 0}},     {"grey", {128, 128, 128}},
        {"#1a2B3c", {0x1a, 0x2b, 0x3c}}, {"#fa3", {255, 170, 51}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_colour colour = {1, 2, 3};
        assert_ok(nca_colour_parse(&colour, cases[i].text, &failure));
        assert_memory_equal(&colour, &cases[i].expected, sizeof colour);
    }
}

static void what_is_no_colour_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",        "#",   "#12",    "#12345", "#1234567",
                                        "#12345g", "red", "123456", "#ff ff0"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_colour colour = {1, 2, 3};
        nca_error error = {0};
        assert_int_equal(nca_colour_parse(&colour, cases[i], &error), NCA_INVALID_ARGUMENT);
        assert_int_equal(colour.g, 2);
        assert_non_null(strstr(error.message, "#RRGGBB"));
    }
}

static void pixels_follow_the_article(void **state)
{
    (void)state;
    const float cells[][4] = {
        {0.0f, 0.0f, 0.0f, 0.0f},  {0.5f, 0.25f, 0.0f, 0.5f},         {1.0f, 0.0f, 0.0f, 1.0f},
        {2.0f, -3.0f, 0.5f, 7.0f}, {0.1f, 0.1f, 0.1f, -4.0f},         {NAN, 0.0f, 0.0f, 1.0f},
        {0.0f, 0.0f, 0.0f, NAN},   {INFINITY, -INFINITY, 0.0f, 1.0f},
    };
    const uint8_t expected_on_white[][3] = {{255, 255, 255}, {255, 191, 128}, {255, 0, 0},
                                            {255, 0, 128},   {255, 255, 255}, {255, 255, 255},
                                            {255, 255, 255}, {255, 0, 0}};
    const uint8_t on_black[][3] = {{0, 0, 0},    {128, 64, 0}, {255, 0, 0}, {255, 0, 128},
                                   {26, 26, 26}, {0, 0, 0},    {0, 0, 0},   {255, 0, 0}};
    nca_image *white = NULL;
    nca_image *black = NULL;
    assert_ok(nca_picture_rgba(&white, cells[0], 2, 4, (nca_colour){255, 255, 255}, &failure));
    assert_ok(nca_picture_rgba(&black, cells[0], 2, 4, (nca_colour){0, 0, 0}, &failure));
    assert_int_equal(white->width, 4);
    assert_int_equal(white->height, 2);
    for (size_t i = 0; i < 8; i++) {
        assert_memory_equal(white->pixels + 4 * i, expected_on_white[i], 3);
        assert_memory_equal(black->pixels + 4 * i, on_black[i], 3);
        assert_int_equal(white->pixels[4 * i + 3], 255);
    }
    nca_image_destroy(white);
    nca_image_destroy(black);
}

static void every_background_comes_through_unchanged(void **state)
{
    (void)state;
    const float nothing[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (unsigned level = 0; level < 256; level++) {
        nca_image *image = NULL;
        uint8_t grey = (uint8_t)level;
        assert_ok(
            nca_picture_rgba(&image, nothing, 1, 1, (nca_colour){grey, grey, grey}, &failure));
        assert_int_equal(image->pixels[0], level);
        nca_image_destroy(image);
    }
}

static void grids_are_shown_about_250_pixels_wide(void **state)
{
    (void)state;
    assert_int_equal(nca_picture_scale(28, 28), 9);
    assert_int_equal(nca_picture_scale(72, 72), 3);
    assert_int_equal(nca_picture_scale(28, 64), 4);
    assert_int_equal(nca_picture_scale(1, 1), 250);
    assert_int_equal(nca_picture_scale(4000, 3), 1);
    assert_int_equal(nca_picture_scale(0, 0), 1);
}

static void the_colour_map_runs_from_dark_to_light(void **state)
{
    (void)state;
    nca_colour first = nca__magma(0.0);
    nca_colour last = nca__magma(1.0);
    assert_memory_equal(&first, (&(nca_colour){0, 0, 4}), sizeof first);
    assert_memory_equal(&last, (&(nca_colour){0xfc, 0xfd, 0xbf}), sizeof last);
    double before = -1.0;
    for (int i = 0; i <= 85; i++) { /* every third of the 256 colours */
        nca_colour colour = nca__magma(i / 85.0);
        double light = 0.2126 * colour.r + 0.7152 * colour.g + 0.0722 * colour.b;
        assert_true(light > before);
        before = light;
    }
    nca_colour above = nca__magma(INFINITY);
    nca_colour none = nca__magma(NAN);
    assert_memory_equal(&above, &last, sizeof above);
    assert_true(none.r == none.g && none.g == none.b);
}

static void a_filmstrip_shows_every_frame_with_its_label(void **state)
{
    (void)state;
    enum {
        COUNT = 11,
        SIDE = 28,
        SCALE = 5
    };
    nca_image *frames[COUNT];
    const char *labels[COUNT];
    /* Each frame has a single unique colour, so that it can be found. */
    for (size_t i = 0; i < COUNT; i++) {
        assert_ok(nca_image_create(&frames[i], SIDE, SIDE, &failure));
        for (size_t p = 0; p < SIDE * SIDE; p++) {
            memcpy(frames[i]->pixels + 4 * p, (const uint8_t[]){(uint8_t)(20 * i), 200, 99, 255},
                   4);
        }
        labels[i] = "step 80";
    }
    const nca_image *const *borrowed = (const nca_image *const *)frames;
    assert_ok(nca_picture_filmstrip(in_folder("strip.png"), borrowed, labels, COUNT, SCALE,
                                    "a title", &failure));
    assert_ok(
        nca_picture_filmstrip(in_folder("bare.png"), borrowed, NULL, COUNT, SCALE, NULL, &failure));
    nca_image *strip = NULL;
    nca_image *bare = NULL;
    assert_ok(nca_image_load(&strip, in_folder("strip.png"), &failure));
    assert_ok(nca_image_load(&bare, in_folder("bare.png"), &failure));
    for (size_t i = 0; i < COUNT; i++) {
        uint32_t colour = (uint32_t)(20 * i) << 16 | 200 << 8 | 99;
        assert_int_equal(count_colour(strip, colour), SIDE * SIDE * SCALE * SCALE);
        assert_int_equal(count_colour(bare, colour), SIDE * SIDE * SCALE * SCALE);
    }
    /* 11 frames are in rows of 6 and 5. */
    assert_true(strip->width > 6 * SIDE * SCALE && strip->width < 7 * SIDE * SCALE);
    assert_true(strip->height > bare->height);
    assert_memory_equal(strip->pixels, ((const uint8_t[]){255, 255, 255, 255}), 4);
    assert_true(count_dark(strip, 0, 0, strip->width, 40, 0x60) > 50);
    assert_int_equal(count_dark(bare, 0, 0, bare->width, bare->height, 0x60), 0);
    nca_image_destroy(strip);
    nca_image_destroy(bare);
    for (size_t i = 0; i < COUNT; i++) {
        nca_image_destroy(frames[i]);
    }
}

static void a_filmstrip_that_cannot_be_is_refused(void **state)
{
    (void)state;
    nca_image *small = grow_image(8, 0.5, 1, 1);
    nca_image *large = grow_image(9, 0.5, 1, 1);
    const nca_image *const both[] = {small, large};
    const char *const labels[] = {"a", "b"};
    nca_error error = {0};
    const char *path = in_folder("none.png");
    assert_int_equal(nca_picture_filmstrip(path, both, labels, 2, 1, "", &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "9 x 9"));
    assert_int_equal(nca_picture_filmstrip(path, both, labels, 0, 1, "", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_filmstrip(path, both, labels, 1, 0, "", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_filmstrip(path, both, labels, 1, 100000, "", &error), NCA_LIMIT);
    assert_int_equal(nca_picture_filmstrip(in_folder("none.jpg"), both, labels, 1, 1, "", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_picture_filmstrip("/nowhere/at/all.png", both, labels, 1, 1, "", &error),
                     NCA_NOT_FOUND);
    nca_image_destroy(small);
    nca_image_destroy(large);
}

/* The number of pixels of columns from..to in the last 50 rows that are darker than the page. */
static size_t ink_below(const nca_image *page, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t y = page->height - 50; y < page->height; y++) {
        for (size_t x = from; x < to; x++) {
            count += page->pixels[4 * (y * page->width + x)] < 128;
        }
    }
    return count;
}

static void a_comparison_shows_both_sides_and_the_difference(void **state)
{
    (void)state;
    enum {
        SIDE = 28
    };
    float *target = calloc(SIDE * SIDE, 4 * sizeof *target);
    float *grown = calloc(SIDE * SIDE, 4 * sizeof *grown);
    assert_non_null(target);
    assert_non_null(grown);
    for (size_t cell = 0; cell < SIDE * SIDE; cell++) {
        memcpy(target + 4 * cell, (const float[]){0.0f, 1.0f, 0.0f, 1.0f}, 16);
        memcpy(grown + 4 * cell, (const float[]){0.0f, 0.2f, 0.0f, 1.0f}, 16);
    }
    grown[0] = NAN;
    assert_ok(nca_picture_comparison(in_folder("comparison.png"), target, grown, SIDE, SIDE,
                                     on_white, "L2 loss 0.16", &failure));
    nca_image *page = NULL;
    assert_ok(nca_image_load(&page, in_folder("comparison.png"), &failure));
    size_t panel = (480 / SIDE) * (480 / SIDE) * SIDE * SIDE;
    assert_true(count_colour(page, 0x00ff00) >= panel);
    assert_true(count_colour(page, 0x003300) > panel * 9 / 10);
    /* The mean difference 0.2 is the bar's upper end; the cell with NaN is grey. */
    nca_colour top = nca__magma(1.0);
    assert_true(count_colour(page, (uint32_t)(top.r << 16 | top.g << 8 | top.b)) > panel * 9 / 10);
    assert_int_equal(count_colour(page, 0x808080) >= (480 / SIDE) * (480 / SIDE), 1);
    assert_true(page->width > 3 * page->height / 2);
    /* The caption is below the grown picture, and there is nothing below the target. */
    const size_t column = 480 / SIDE * SIDE, middle = 36 + column + 16;
    assert_int_equal(ink_below(page, 0, middle), 0);
    assert_true(ink_below(page, middle, middle + column + 16) > 0);
    nca_image_destroy(page);
    free(target);
    free(grown);
}

static void equal_and_odd_sized_grids_can_be_compared(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {1, 40}, {40, 1}, {72, 72}, {600, 5}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        float *cells = calloc(sizes[i][0] * sizes[i][1], 16);
        assert_non_null(cells);
        assert_ok(nca_picture_comparison(in_folder("same.png"), cells, cells, sizes[i][0],
                                         sizes[i][1], on_white, NULL, &failure));
        free(cells);
    }
    nca_error error = {0};
    float none[4] = {0};
    assert_int_equal(
        nca_picture_comparison(in_folder("same.png"), none, none, 0, 1, on_white, "", &error),
        NCA_INVALID_ARGUMENT);
}

static void a_target_with_a_bright_rim_is_shown_on_black(void **state)
{
    (void)state;
    enum {
        N = 5
    };
    float target[N * N * 4] = {0};
    for (size_t row = 1; row < 4; row++) {
        for (size_t column = 1; column < 4; column++) {
            float *cell = target + (row * N + column) * 4;
            cell[0] = cell[1] = cell[2] = row == 2 && column == 2 ? 0.0f : 0.95f;
            cell[3] = 1.0f;
        }
    }
    assert_int_equal(nca_picture_background(target, N, N).r, 0);
    /* A dark border around a bright centre is visible on white; so is an empty target. */
    for (size_t i = 0; i < N * N; i++) {
        for (size_t c = 0; c < 3; c++) {
            target[4 * i + c] = 0.0f;
        }
    }
    target[(2 * N + 2) * 4] = 1.0f;
    assert_int_equal(nca_picture_background(target, N, N).g, 255);
    assert_int_equal(nca_picture_background(target, 1, 1).b, 255);
}

static void the_phantom_is_shown_on_black_at_every_size(void **state)
{
    (void)state;
    for (size_t size = 12; size <= 64; size += size < 40 ? 1 : 8) {
        for (size_t padding = 0; padding <= 8; padding += 4) {
            nca_target *target = NULL;
            const nca_target_options options = {.size = size, .padding = padding};
            assert_ok(nca_target_create(&target, "phantom", &options, &failure));
            if (nca_picture_background(target->rgba, target->height, target->width).r != 0) {
                fail_msg("phantom of %zu cells, padding %zu: white", size, padding);
            }
            nca_target_destroy(target);
        }
    }
}

/* A target that is opaque everywhere, or has a transparent border of one cell. */
static void fill_target(float *rgba, size_t side, float brightness, bool opaque)
{
    for (size_t i = 0; i < side * side; i++) {
        const size_t y = i / side, x = i % side;
        const bool inside = opaque || (y > 0 && x > 0 && y + 1 < side && x + 1 < side);
        rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = inside ? brightness : 0.0f;
        rgba[4 * i + 3] = inside ? 1.0f : 0.0f;
    }
}

static void pictures_of_one_figure_have_one_background(void **state)
{
    (void)state;
    enum {
        SIDE = 5,
        BRIGHT = 0, /* opaque */
        DARK,
        BRIGHT_CUT, /* with a transparent rim */
        DARK_CUT,
        KINDS
    };
    static float rgba[KINDS][SIDE * SIDE * 4];
    nca_picture_target kinds[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        fill_target(rgba[i], SIDE, i == BRIGHT || i == BRIGHT_CUT ? 0.9f : 0.1f, i < BRIGHT_CUT);
        kinds[i] = (nca_picture_target){rgba[i], SIDE, SIDE};
    }
    static const struct {
        size_t count, kinds[3];
        uint8_t expected;
    } cases[] = {
        {0, {0}, 255},
        {1, {BRIGHT}, 0},
        {1, {DARK_CUT}, 255},
        {2, {BRIGHT, BRIGHT_CUT}, 0},
        {2, {BRIGHT, DARK}, 255},
        {3, {BRIGHT, DARK, BRIGHT_CUT}, 0},
        {2, {BRIGHT, DARK_CUT}, 255},
        {3, {DARK_CUT, DARK, BRIGHT_CUT}, 128},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_picture_target targets[3];
        for (size_t k = 0; k < cases[i].count; k++) {
            targets[k] = kinds[cases[i].kinds[k]];
        }
        assert_int_equal(nca_picture_background_of(targets, cases[i].count).r, cases[i].expected);
    }
}

static void text_that_is_not_utf8_does_no_harm(void **state)
{
    (void)state;
    nca_image *frame = grow_image(28, 0.5, 1, 1);
    const nca_image *const frames[] = {frame};
    char long_text[5000];
    memset(long_text, 'w', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    const char *const texts[] = {"\xff\xfe",          "cut \xe2\x88",
                                 "\xc0\x80 overlong", "\xed\xa0\x80",
                                 "tab\tand\nline",    "caf\xc3\xa9 \xe2\x88\x92 \xf0\x9f\xa6\x8e",
                                 long_text,           ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_ok(nca_picture_filmstrip(in_folder("text.png"), frames, &texts[i], 1, 9, texts[i],
                                        &failure));
    }
    nca_image_destroy(frame);
}

static void the_same_picture_has_the_same_bytes(void **state)
{
    (void)state;
    nca_image *frame = grow_image(28, 0.7, 3, 1);
    const nca_image *const frames[] = {frame, frame};
    const char *const labels[] = {"step 1", "step 2"};
    assert_ok(nca_picture_filmstrip(in_folder("one.png"), frames, labels, 2, 3, "title", &failure));
    assert_ok(nca_picture_filmstrip(in_folder("two.png"), frames, labels, 2, 3, "title", &failure));
    assert_same_file("one.png", "two.png");
    nca_image_destroy(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_have_names_and_numbers),
        cmocka_unit_test(what_is_no_colour_is_refused),
        cmocka_unit_test(pixels_follow_the_article),
        cmocka_unit_test(every_background_comes_through_unchanged),
        cmocka_unit_test(grids_are_shown_about_250_pixels_wide),
        cmocka_unit_test(the_colour_map_runs_from_dark_to_light),
        cmocka_unit_test(a_filmstrip_shows_every_frame_with_its_label),
        cmocka_unit_test(a_filmstrip_that_cannot_be_is_refused),
        cmocka_unit_test(a_comparison_shows_both_sides_and_the_difference),
        cmocka_unit_test(equal_and_odd_sized_grids_can_be_compared),
        cmocka_unit_test(a_target_with_a_bright_rim_is_shown_on_black),
        cmocka_unit_test(the_phantom_is_shown_on_black_at_every_size),
        cmocka_unit_test(pictures_of_one_figure_have_one_background),
        cmocka_unit_test(text_that_is_not_utf8_does_no_harm),
        cmocka_unit_test(the_same_picture_has_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
