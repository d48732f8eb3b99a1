/* Views: pixels of small states, computed by hand. */
#include "render/scene.h"

#include "nca/colormap.h"
#include "nca/view.h"

static nca_automaton automaton_of(uint32_t channels)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = channels;
    return automaton;
}

static nca_view view_of(const char *text)
{
    nca_view view;
    nca_view_default(&view);
    assert_ok(nca_view_parse(&view, text, &failure));
    return view;
}

static uint32_t pixel_at(const nca_image *image, size_t x, size_t y)
{
    const uint8_t *pixel = image->pixels + 4 * (y * image->width + x);
    assert_int_equal(pixel[3], 255);
    return (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
}

static uint32_t viridis(uint8_t value)
{
    uint8_t rgb[3];
    nca_colormap_rgb(rgb, NCA_COLORMAP_VIRIDIS, value);
    return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

static uint32_t diverging(int value)
{
    uint8_t rgb[3];
    nca_colormap_diverging(rgb, value);
    return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

/* The end of the scale for a row of cells. */
static double measured(const nca_view *view, const nca_automaton *automaton, const float *cells,
                       const float *before, size_t width)
{
    nca_view_range range = {0};
    nca_view_measure(&range, view, automaton, cells, before, 1, width);
    return nca_view_range_end(&range);
}

static void names_are_read_and_others_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < NCA_VIEW_COUNT; kind++) {
        if (kind != NCA_VIEW_CHANNEL && kind != NCA_VIEW_FILTER) {
            assert_int_equal(view_of(nca_view_name((nca_view_kind)kind)).kind, kind);
        }
    }
    nca_view view = view_of("channel=12");
    assert_int_equal(view.kind, NCA_VIEW_CHANNEL);
    assert_int_equal(view.channel, 12);
    static const char *const bad[] = {
        "",           "RGB",      "channel",   "channel=",   "channel=-1",    "channel=x",
        "channel=1x", "alpha=1",  "hidden ",   "mosaics",    "channel=12345", "filter",
        "filter=",    "filter=x", "filter=1:", "filter=1:x", "filter=1:2:3",  "filter=12345"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(nca_view_parse(&view, bad[i], &failure), NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(failure.message, bad[i]));
        assert_int_equal(view.channel, 12);
    }
    view = view_of("filter=2");
    assert_int_equal(view.kind, NCA_VIEW_FILTER);
    assert_int_equal(view.filter, 2);
    assert_true(view.channel == NCA_VIEW_ALL_CHANNELS);
    view = view_of("filter=8:15");
    assert_int_equal(view.filter, 8);
    assert_int_equal(view.channel, 15);
    assert_null(nca_view_name(NCA_VIEW_COUNT));
}

static void what_an_automaton_lacks_is_refused(void **state)
{
    (void)state;
    const float cell[4] = {0};
    const nca_automaton four = automaton_of(4);
    nca_image *image = NULL;
    nca_view view = view_of("channel=4");
    assert_int_equal(nca_view_picture(&image, &view, &four, cell, NULL, 1, 1, &failure),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "channels 0 to 3"));
    view = view_of("hidden");
    assert_int_equal(nca_view_check(&view, &four, &failure), NCA_INVALID_ARGUMENT);
    view = view_of("mosaic");
    assert_ok(nca_view_check(&view, &four, &failure));
    view.end = 0.0;
    assert_int_equal(nca_view_check(&view, &four, &failure), NCA_INVALID_ARGUMENT);
    assert_null(image);
}

static void rgba_is_the_picture_of_the_first_four_channels(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(6);
    float cells[5 * 6], rgba[5 * 4];
    for (size_t i = 0; i < 5 * 6; i++) {
        cells[i] = i == 13 ? NAN : (float)i * 0.11f - 0.7f;
    }
    for (size_t cell = 0; cell < 5; cell++) {
        memcpy(rgba + 4 * cell, cells + 6 * cell, 4 * sizeof *rgba);
    }
    nca_view view = view_of("rgba");
    view.background = (nca_colour){10, 200, 77};
    nca_image *found = NULL, *expected = NULL;
    assert_ok(nca_view_picture(&found, &view, &automaton, cells, NULL, 1, 5, &failure));
    assert_ok(nca_picture_rgba(&expected, rgba, 1, 5, view.background, &failure));
    assert_memory_equal(found->pixels, expected->pixels, 5 * 4);
    nca_legend legend;
    assert_false(nca_view_legend(&legend, &view, &automaton));
    nca_image_destroy(found);
    nca_image_destroy(expected);
}

static void the_seed_is_seen_on_every_background(void **state)
{
    (void)state;
    enum {
        SIDE = 7,
        CHANNELS = 6
    };
    const nca_automaton automaton = automaton_of(CHANNELS);
    float seed[SIDE * SIDE * CHANNELS];
    nca_seed(seed, SIDE, SIDE, CHANNELS);
    for (unsigned grey = 0; grey < 256; grey += 51) {
        nca_view view = view_of("rgba");
        const uint8_t byte = (uint8_t)grey;
        view.background = (nca_colour){byte, byte, byte};
        nca_image *image = NULL;
        assert_ok(nca_view_picture(&image, &view, &automaton, seed, NULL, SIDE, SIDE, &failure));
        /* The cell itself is black; if it would be invisible, it has an outline of eight cells. */
        const uint32_t outline = 0x969696, background = grey * 0x010101u;
        assert_int_equal(pixel_at(image, 3, 3), 0);
        assert_int_equal(pixel_at(image, 2, 2), grey == 0 ? outline : background);
        assert_int_equal(count_colour(image, outline), grey == 0 ? 8 : 0);
        assert_int_equal(count_colour(image, background), SIDE * SIDE - (grey == 0 ? 8 : 1));
        nca_image_destroy(image);
    }
    /* If anything is visible, or nothing lives, there is no outline. */
    nca_view view = view_of("rgba");
    view.background = (nca_colour){0, 0, 0};
    nca_image *image = NULL;
    seed[(5 * SIDE + 5) * CHANNELS] = 0.5f;
    assert_ok(nca_view_picture(&image, &view, &automaton, seed, NULL, SIDE, SIDE, &failure));
    assert_int_equal(pixel_at(image, 2, 2), 0);
    nca_image_destroy(image);
    memset(seed, 0, sizeof seed);
    assert_ok(nca_view_picture(&image, &view, &automaton, seed, NULL, SIDE, SIDE, &failure));
    assert_int_equal(count_colour(image, 0), SIDE * SIDE);
    nca_image_destroy(image);
}

static void alpha_runs_from_0_to_1_whatever_the_end(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(4);
    const float cells[4 * 4] = {9, 9, 9, 0, 9, 9, 9, 0.5f, 9, 9, 9, 2, 9, 9, 9, -1};
    nca_view view = view_of("alpha");
    view.end = 100.0;
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 1, 4, &failure));
    assert_int_equal(pixel_at(image, 0, 0), viridis(0));
    assert_int_equal(pixel_at(image, 1, 0), viridis(128)); /* 127.5 rounds away from 0 */
    assert_int_equal(pixel_at(image, 2, 0), viridis(255));
    assert_int_equal(pixel_at(image, 3, 0), viridis(0));
    assert_true(measured(&view, &automaton, cells, NULL, 4) == 1e-3);
    nca_image_destroy(image);
}

static void alive_brightens_the_cells_over_the_threshold(void **state)
{
    (void)state;
    nca_automaton automaton = automaton_of(4);
    float cells[5 * 5 * 4] = {0};
    cells[(0 * 5 + 1) * 4 + 3] = 0.2f; /* over 0.1, in the upper row */
    cells[(3 * 5 + 4) * 4 + 3] = 0.1f; /* not over it */
    cells[(2 * 5 + 2) * 4 + 3] = NAN;  /* not either */
    const nca_view view = view_of("alive");
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    for (size_t y = 0; y < 5; y++) {
        for (size_t x = 0; x < 5; x++) {
            bool itself = x == 1 && y == 0, near = x <= 2 && y <= 1;
            assert_int_equal(pixel_at(image, x, y), viridis(itself ? 255 : near ? 128 : 0));
        }
    }
    nca_image_destroy(image);

    /* On a torus the lower row is also a neighbour; without a mask everything lives. */
    automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    assert_int_equal(pixel_at(image, 0, 4), viridis(128));
    assert_int_equal(pixel_at(image, 2, 4), viridis(128));
    assert_int_equal(pixel_at(image, 3, 4), viridis(0));
    assert_int_equal(pixel_at(image, 4, 0), viridis(0));
    nca_image_destroy(image);
    /* Copies of cells beyond the edge do not make other cells alive; under a negative threshold the
     * 0 beyond a zero boundary does. */
    automaton.boundary = NCA_BOUNDARY_REFLECT;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    assert_int_equal(count_colour(image, viridis(128)), 5);
    nca_image_destroy(image);
    for (size_t cell = 0; cell < 25; cell++) {
        cells[cell * 4 + 3] = -1.0f;
    }
    automaton.alive_threshold = -0.5f;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    assert_int_equal(count_colour(image, viridis(0)), 25);
    nca_image_destroy(image);
    automaton.boundary = NCA_BOUNDARY_ZERO;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    assert_int_equal(count_colour(image, viridis(128)), 16);
    nca_image_destroy(image);
    automaton.alive_channel = -1;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 5, 5, &failure));
    assert_int_equal(count_colour(image, viridis(255)), 25);
    nca_image_destroy(image);
}

static void update_is_the_norm_of_the_difference(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(4);
    const float before[3 * 4] = {1, 1, 1, 1, 0, 0, 0, 0, 5, 5, 5, 5};
    const float after[3 * 4] = {4, 1, 5, 1, 0, 0, 2.5f, 0, 5, 5, 5, 5}; /* 5, 2.5 and 0 */
    nca_view view = view_of("update");
    view.end = measured(&view, &automaton, after, before, 3);
    assert_true(fabs(view.end - 5.0) < 1e-9);
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, after, before, 1, 3, &failure));
    assert_int_equal(pixel_at(image, 0, 0), viridis(255));
    assert_int_equal(pixel_at(image, 1, 0), viridis(128));
    assert_int_equal(pixel_at(image, 2, 0), viridis(0));
    nca_image_destroy(image);
    /* Before the first step nothing has changed. */
    assert_true(measured(&view, &automaton, after, NULL, 3) == 1e-3);
    assert_ok(nca_view_picture(&image, &view, &automaton, after, NULL, 1, 3, &failure));
    assert_int_equal(count_colour(image, viridis(0)), 3);
    nca_image_destroy(image);
}

static void a_channel_is_signed_and_its_zero_is_white(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(5);
    float cells[5 * 5] = {0};
    const float values[5] = {0, -2, 1, NAN, INFINITY};
    for (size_t i = 0; i < 5; i++) {
        cells[i * 5 + 4] = values[i];
        cells[i * 5 + 3] = 77; /* another channel, which is ignored */
    }
    nca_view view = view_of("channel=4");
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 5) - 2.0) < 1e-9);
    view.end = 2.0;
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 1, 5, &failure));
    assert_int_equal(pixel_at(image, 0, 0), 0xf7f7f7);
    assert_int_equal(pixel_at(image, 1, 0), diverging(-127));
    assert_int_equal(pixel_at(image, 2, 0), diverging(64)); /* 63.5 */
    assert_int_equal(pixel_at(image, 3, 0), 0x808080);
    assert_int_equal(pixel_at(image, 4, 0), diverging(127));
    nca_image_destroy(image);
}

static void a_mosaic_has_a_tile_for_each_channel(void **state)
{
    (void)state;
    enum {
        H = 2,
        W = 3,
        C = 7
    };
    const nca_automaton automaton = automaton_of(C);
    float cells[H * W * C];
    for (size_t i = 0; i < H * W * C; i++) {
        cells[i] = (float)i;
    }
    size_t height, width;
    nca_view view = view_of("mosaic");
    view.end = 127.0; /* so that a value is its own colour index */
    nca_view_size(&height, &width, &view, &automaton, H, W);
    assert_int_equal(height, 3 * H + 2); /* 7 tiles in 3 x 3 places */
    assert_int_equal(width, 3 * W + 2);
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, H, W, &failure));
    assert_int_equal(image->height, height);
    assert_int_equal(image->width, width);
    for (size_t c = 0; c < C; c++) {
        for (size_t i = 0; i < H * W; i++) {
            size_t x = c % 3 * (W + 1) + i % W, y = c / 3 * (H + 1) + i / W;
            assert_int_equal(pixel_at(image, x, y), diverging((int)(i * C + c)));
        }
    }
    /* The lines: two rows, two columns, and two empty places. */
    assert_int_equal(count_colour(image, 0x8c8c8c), height * width - C * H * W);
    nca_image_destroy(image);

    view.kind = NCA_VIEW_HIDDEN; /* channels 4 to 6 in 2 x 2 places */
    nca_view_size(&height, &width, &view, &automaton, H, W);
    assert_int_equal(height, 2 * H + 1);
    assert_int_equal(width, 2 * W + 1);
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, H, W, &failure));
    assert_int_equal(pixel_at(image, 0, 0), diverging(4));
    assert_int_equal(pixel_at(image, W + 1, 0), diverging(5));
    assert_int_equal(pixel_at(image, 0, H + 1), diverging(6));
    nca_image_destroy(image);
}

static void check_refuses(nca_view view, const nca_automaton *automaton, const char *part)
{
    assert_int_equal(nca_view_check(&view, automaton, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, part));
}

static void a_filter_that_is_not_there_is_refused(void **state)
{
    (void)state;
    nca_automaton automaton = automaton_of(4);
    check_refuses(view_of("filter=0"), &automaton, "from 1 to 2");
    check_refuses(view_of("filter=3"), &automaton, "from 1 to 2");
    check_refuses(view_of("filter=1:4"), &automaton, "channels 0 to 3");
    automaton.filter = NCA_FILTER_LEARNED;
    automaton.filter_count = 5;
    check_refuses(view_of("filter=6"), &automaton, "from 1 to 5");
    check_refuses(view_of("filter=5"), &automaton, "nca_view.parameters");
}

/* 2 x 3 cells; channel 1 is 1 ... 6, channel 2 is 10 at the last cell. */
static void a_filter_shows_what_cells_perceive_of_a_channel(void **state)
{
    (void)state;
    nca_automaton automaton = automaton_of(4);
    float cells[6 * 4] = {0};
    for (size_t i = 0; i < 6; i++) {
        cells[i * 4 + 1] = (float)i + 1;
    }
    cells[5 * 4 + 2] = 10;
    /* Sobel x at the middle cell of the first row: (2 (3 - 1) + (6 - 4)) / 8. */
    nca_view view = view_of("filter=1:1");
    view.end = 1.5;
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 2, 3, &failure));
    assert_int_equal(image->width, 3);
    assert_int_equal(image->height, 2);
    assert_int_equal(pixel_at(image, 1, 0), diverging(64)); /* 0.75 of 1.5 */
    nca_image_destroy(image);
    /* Sobel y at this cell: (4 + 2 * 5 + 6) / 8 of channel 1, 10 / 8 of channel 2. */
    view = view_of("filter=2");
    view.end = hypot(2.5, 1.25);
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 2, 3, &failure));
    assert_int_equal(pixel_at(image, 1, 0), viridis(255));
    nca_image_destroy(image);
    nca_legend legend;
    assert_true(nca_view_legend(&legend, &view, &automaton));
    assert_string_equal(legend.label, "sobel y, L2 norm over channels");
    assert_false(legend.is_signed);
}

static void a_learned_filter_shows_its_own_taps_and_the_boundary(void **state)
{
    (void)state;
    nca_automaton automaton = automaton_of(4);
    automaton.filter = NCA_FILTER_LEARNED;
    automaton.filter_count = 2;
    automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    const size_t count = nca_parameter_count(&automaton);
    float *parameters = calloc(count, sizeof *parameters);
    assert_non_null(parameters);
    float *taps = nca_parameters_view(parameters, &automaton).taps;
    taps[(9 + 3) * 4 + 2] = -2; /* filter 2, the neighbour on the left, channel 2 */
    float cells[3 * 4] = {0};
    cells[2 * 4 + 2] = 0.25f;
    cells[2 * 4 + 1] = 7; /* a channel without taps */
    nca_view view = view_of("filter=2:2");
    view.parameters = parameters;
    view.end = 1;
    nca_image *image = NULL;
    assert_ok(nca_view_picture(&image, &view, &automaton, cells, NULL, 1, 3, &failure));
    assert_int_equal(pixel_at(image, 0, 0), diverging(-64)); /* across the edge */
    assert_int_equal(pixel_at(image, 1, 0), diverging(0));
    nca_image_destroy(image);
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 3) - 0.5) < 1e-9);
    view.channel = NCA_VIEW_ALL_CHANNELS;
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 3) - 0.5) < 1e-9);
    view.filter = 1;
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 3) - 0.001) < 1e-9);
    nca_legend legend;
    view.channel = 3;
    assert_true(nca_view_legend(&legend, &view, &automaton));
    assert_string_equal(legend.label, "learned filter 1 of channel 3");
    assert_true(legend.is_signed);
    free(parameters);
}

static void ends_of_scales_are_round(void **state)
{
    (void)state;
    static const double cases[][2] = {
        {0, 1e-3}, {1e-9, 1e-3}, {-0.0011, 0.002}, {0.3, 0.5},  {0.51, 1},   {-1, 1},    {1.01, 2},
        {2, 2},    {4.9, 5},     {7, 10},          {501, 1000}, {1e30, 1e6}, {NAN, 1e-3}};
    const nca_automaton automaton = automaton_of(4);
    const nca_view view = view_of("channel=2");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const float cell[4] = {99, 99, (float)cases[i][0], 99};
        double found = measured(&view, &automaton, cell, NULL, 1);
        assert_true(fabs(found - cases[i][1]) <= 1e-9 * cases[i][1]);
    }
}

static void two_values_of_a_hundred_may_lie_beyond_the_end(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(4);
    const nca_view view = view_of("channel=0");
    float cells[300 * 4] = {0}; /* two hundred zeros, which are not counted */
    for (size_t i = 0; i < 100; i++) {
        cells[i * 4] = i < 2 ? -70.0f : 0.2f;
    }
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 300) - 0.2) < 1e-9);
    cells[99 * 4] = 70.0f;
    assert_true(fabs(measured(&view, &automaton, cells, NULL, 300) - 100.0) < 1e-9);
}

static void a_legend_is_drawn_under_a_sheet(void **state)
{
    (void)state;
    const nca_automaton automaton = automaton_of(16);
    nca_image *cell = grow_image(20, 0.8, 1, 8), *plain = NULL, *image = NULL;
    const nca_image *cells[2] = {cell, cell};
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.rows = 1;
    sheet.columns = 2;
    sheet.cells = cells;
    sheet.scale = 1;
    assert_ok(nca_picture_sheet_image(&plain, &sheet, &failure));
    static const char *const views[] = {"update", "hidden", "alive"};
    static const uint32_t ends[][2] = {
        {0x440154, 0xfde725}, {0x053061, 0x67001f}, {0x440154, 0xfde725}};
    for (size_t i = 0; i < 3; i++) {
        nca_view view = view_of(views[i]);
        view.end = 0.5;
        nca_legend legend;
        assert_true(nca_view_legend(&legend, &view, &automaton));
        sheet.legend = &legend;
        assert_ok(nca_picture_sheet_image(&image, &sheet, &failure));
        assert_true(image->height > plain->height + 10);
        for (size_t k = 0; k < 2; k++) {
            assert_true(count_colour(image, ends[i][k]) >= 8);
            assert_int_equal(count_colour(plain, ends[i][k]), 0);
        }
        assert_true(count_dark(image, 0, plain->height, image->width, image->height, 160) > 50);
        nca_image_destroy(image);
    }
    nca_image_destroy(plain);
    nca_image_destroy(cell);
}

/* How many numbers a signed legend has: ticks in the third row below its bar. */
static size_t numbers_of_legend(double end)
{
    nca_image *cell = grow_image(60, 0.8, 1, 8), *image = NULL;
    const nca_image *cells[1] = {cell};
    const nca_legend legend = {.is_signed = true, .end = end};
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.rows = 1;
    sheet.columns = 1;
    sheet.cells = cells;
    sheet.scale = 1;
    sheet.legend = &legend;
    assert_ok(nca_picture_sheet_image(&image, &sheet, &failure));
    size_t row = image->height, count = 0;
    nca_image line = *image;
    line.height = 1;
    do {
        assert_true(row-- > 0);
        line.pixels = image->pixels + 4 * row * image->width;
    } while (count_colour(&line, 0x053061) == 0); /* the left end of the bar */
    bool before = false;
    for (size_t x = 0; x < image->width; x++) {
        const bool now = count_dark(image, x, row + 3, x + 1, row + 4, 160) > 0;
        count += now && !before;
        before = now;
    }
    nca_image_destroy(image);
    nca_image_destroy(cell);
    return count;
}

static void numbers_of_a_legend_leave_room_for_their_exponents(void **state)
{
    (void)state;
    assert_int_equal(numbers_of_legend(0.002), 5);
    assert_int_equal(numbers_of_legend(2e-115), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_and_others_refused),
        cmocka_unit_test(what_an_automaton_lacks_is_refused),
        cmocka_unit_test(rgba_is_the_picture_of_the_first_four_channels),
        cmocka_unit_test(the_seed_is_seen_on_every_background),
        cmocka_unit_test(alpha_runs_from_0_to_1_whatever_the_end),
        cmocka_unit_test(alive_brightens_the_cells_over_the_threshold),
        cmocka_unit_test(update_is_the_norm_of_the_difference),
        cmocka_unit_test(a_channel_is_signed_and_its_zero_is_white),
        cmocka_unit_test(a_mosaic_has_a_tile_for_each_channel),
        cmocka_unit_test(a_filter_that_is_not_there_is_refused),
        cmocka_unit_test(a_filter_shows_what_cells_perceive_of_a_channel),
        cmocka_unit_test(a_learned_filter_shows_its_own_taps_and_the_boundary),
        cmocka_unit_test(ends_of_scales_are_round),
        cmocka_unit_test(two_values_of_a_hundred_may_lie_beyond_the_end),
        cmocka_unit_test(a_legend_is_drawn_under_a_sheet),
        cmocka_unit_test(numbers_of_a_legend_leave_room_for_their_exponents),
    };
    return cmocka_run_group_tests_name("view", tests, make_folder, remove_folder);
}
