/* Curves with a band: positions of lines and bands, gaps, marks, and errors. */
#include "render/scene.h"

#include "nca/plot.h"

enum {
    FIRST = 0x0b4f9e, /* colours of the lines */
    SECOND = 0xd55e00,
    BAND = 0xd3dfed, /* the first colour, thin, on white */
    LEFT = 156,      /* pixels of the axes if there is one curve */
    RIGHT = 1364,
    TOP = 148,
    BOTTOM = 880
};

static nca_image *draw(const nca_curve_plot *plot)
{
    nca_image *image = NULL;
    assert_ok(nca_plot_curves(plot, in_folder("curves.png"), &failure));
    assert_ok(nca_image_load(&image, in_folder("curves.png"), &failure));
    assert_int_equal(image->width, 1600);
    assert_int_equal(image->height, 1000);
    return image;
}

static nca_curve_plot plot_of(const nca_curve *curves, size_t count)
{
    return (nca_curve_plot){
        .title = "a title", .y_name = "L2 loss", .curves = curves, .curve_count = count};
}

static bool near_colour(const nca_image *image, size_t x, size_t y, uint32_t rgb)
{
    const uint8_t *p = image->pixels + 4 * (y * image->width + x);
    return abs(p[0] - (int)(rgb >> 16)) <= 3 && abs(p[1] - (int)(rgb >> 8 & 255)) <= 3 &&
           abs(p[2] - (int)(rgb & 255)) <= 3;
}

/* First and last row inside the axes with the colour in column x; rows of other colours between
 * them (the line within its band) are allowed. */
static size_t rows_of(const nca_image *image, size_t x, uint32_t rgb, size_t *out_first,
                      size_t *out_last)
{
    size_t count = 0;
    for (size_t y = TOP; y < BOTTOM; y++) {
        if (near_colour(image, x, y, rgb)) {
            *out_first = count == 0 ? y : *out_first;
            *out_last = y;
            count++;
        }
    }
    return count;
}

static void a_band_lies_evenly_around_its_line(void **state)
{
    static const size_t steps[] = {0, 100, 400};
    const nca_spread values[] = {{0.1, 0.02}, {0.1, 0.02}, {0.1, 0.4}};
    const nca_curve curve = {.name = "mean", .steps = steps, .values = values, .count = 3};
    nca_curve_plot plot = plot_of(&curve, 1);
    nca_image *image = draw(&plot);
    (void)state;
    size_t narrow = 0;
    for (int i = 0; i < 2; i++) {
        /* Between steps 0 and 100, then near 400, where mean - deviation is far below 0. */
        size_t x = i == 0 ? LEFT + 60 : RIGHT - 20, top = 0, bottom = 0, first = 0, last = 0;
        assert_true(rows_of(image, x, BAND, &top, &bottom) > 20);
        assert_true(rows_of(image, x, FIRST, &first, &last) >= 3);
        double above = (double)(first + last) / 2 - (double)top;
        double below = (double)bottom - (double)(first + last) / 2;
        assert_true(fabs(above - below) < 3.0);
        assert_true(i == 0 || bottom - top > 4 * narrow);
        narrow = bottom - top;
    }
    nca_image_destroy(image);
}

static void several_curves_have_colours_of_their_own(void **state)
{
    const nca_spread low[] = {{0.01, NAN}, {0.01, NAN}, {NAN, NAN}, {0.01, NAN}, {0.01, NAN}};
    const nca_spread high[] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}};
    const nca_curve curves[] = {{.name = "low", .first_step = 10, .values = low, .count = 5},
                                {.name = "high", .first_step = 10, .values = high, .count = 5}};
    nca_curve_plot plot = plot_of(curves, 2);
    nca_image *image = draw(&plot);
    (void)state;
    size_t middle = (LEFT + 1540) / 2, first = 0, last = 0, above = 0, below = 0;
    assert_true(rows_of(image, LEFT + 100, SECOND, &above, &below) >= 3);
    assert_true(rows_of(image, LEFT + 100, FIRST, &first, &last) >= 3);
    assert_true(below < first);
    /* A value that is not finite is a gap, and a missing deviation gives no band. */
    assert_int_equal(rows_of(image, middle, FIRST, &first, &last), 0);
    assert_true(rows_of(image, middle, SECOND, &first, &last) >= 3);
    assert_true(count_colour(image, BAND) < 50);
    nca_image_destroy(image);
}

static void marks_are_dashed_lines_with_their_text(void **state)
{
    const nca_spread values[] = {{1, NAN}, {0.1, NAN}};
    static const size_t steps[] = {0, 1000};
    const nca_curve curve = {.steps = steps, .values = values, .count = 2};
    const nca_curve_mark marks[] = {{500, "half"}, {990, "near the edge"}, {2000, "beyond"}};
    nca_curve_plot plot = plot_of(&curve, 1);
    nca_image *bare = draw(&plot);
    plot.marks = marks;
    plot.mark_count = 3;
    nca_image *marked = draw(&plot);
    (void)state;
    size_t middle = (LEFT + RIGHT) / 2, dark = 0, light = 0;
    for (size_t y = 300; y < BOTTOM; y++) {
        bool drawn = near_colour(marked, middle - 1, y, 0x59636e) ||
                     near_colour(marked, middle, y, 0x59636e);
        dark += drawn;
        light += !drawn;
    }
    assert_true(dark > 200 && light > 150);
    assert_true(count_dark(marked, middle + 5, TOP, middle + 120, TOP + 40, 0x90) >
                count_dark(bare, middle + 5, TOP, middle + 120, TOP + 40, 0x90) + 50);
    /* On the left of its line, because there is no room on the right. */
    assert_true(count_dark(marked, RIGHT - 200, TOP + 30, RIGHT - 20, TOP + 70, 0x90) >
                count_dark(bare, RIGHT - 200, TOP + 30, RIGHT - 20, TOP + 70, 0x90) + 50);
    nca_image_destroy(bare);
    nca_image_destroy(marked);
}

/* A mark shows the position of a step. */
static void a_logarithmic_axis_gives_every_decade_the_same_room(void **state)
{
    static const size_t steps[] = {1, 10000};
    const nca_spread values[] = {{1, NAN}, {0.1, NAN}};
    const nca_curve curve = {.steps = steps, .values = values, .count = 2};
    (void)state;
    for (size_t i = 1; i < 4; i++) {
        static const size_t powers[] = {1, 10, 100, 1000};
        const nca_curve_mark mark = {powers[i], ""};
        nca_curve_plot plot = plot_of(&curve, 1);
        plot.marks = &mark;
        plot.mark_count = 1;
        plot.x_log = true;
        nca_image *image = draw(&plot);
        const size_t x = LEFT + i * (RIGHT - LEFT) / 4;
        size_t first = 0, last = 0;
        assert_true(rows_of(image, x - 1, 0x59636e, &first, &last) +
                        rows_of(image, x, 0x59636e, &first, &last) >
                    200);
        nca_image_destroy(image);
    }
    char *svg = NULL;
    nca_curve_plot plot = plot_of(&curve, 1);
    plot.x_log = true;
    assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
    static const char *const labels[] = {">1</text>", ">10</text>", ">100</text>", ">1,000</text>",
                                         ">10,000</text>"};
    for (size_t i = 0; i < 5; i++) {
        assert_non_null(strstr(svg, labels[i]));
    }
    assert_null(strstr(svg, ">2,000</text>"));
    free(svg);
}

/* 50,000 is not a power of ten, but the end of the axis. */
static void the_end_of_a_logarithmic_axis_has_its_number(void **state)
{
    static const size_t steps[][2] = {{1, 50000}, {0, 20000}, {5, 40}, {7, 8}, {0, 0}};
    static const char *const labels[] = {">50,000</text>", ">10,000</text>", ">10</text>",
                                         ">7</text>", ">1</text>"};
    const nca_spread values[] = {{1, NAN}, {0.1, NAN}};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const nca_curve curve = {.steps = steps[i], .values = values, .count = i == 4 ? 1 : 2};
        nca_curve_plot plot = plot_of(&curve, 1);
        char *svg = NULL;
        plot.x_log = true;
        assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
        assert_non_null(strstr(svg, labels[i]));
        assert_null(strstr(svg, "nan"));
        assert_null(strstr(svg, ">20,000</text>"));
        free(svg);
        nca_image_destroy(draw(&plot));
    }
}

static void what_is_above_the_most_lies_on_the_upper_edge(void **state)
{
    const nca_spread values[] = {{0.01, NAN}, {1e70, NAN}, {1e70, 1e69}};
    const nca_curve curve = {.values = values, .count = 3};
    nca_curve_plot plot = plot_of(&curve, 1);
    char *svg = NULL;
    (void)state;
    plot.y_max = 10;
    nca_image *image = draw(&plot);
    size_t first = 0, last = 0;
    assert_true(rows_of(image, RIGHT - 100, FIRST, &first, &last) >= 2);
    assert_true(last < TOP + 40);
    nca_image_destroy(image);
    assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
    assert_non_null(strstr(svg, "\">1</text>")); /* a tick, because the axis has few decades */
    free(svg);
}

static void unusual_values_do_no_harm(void **state)
{
    const nca_spread sets[][3] = {{{0, 0}, {0, 0}, {0, 0}},
                                  {{NAN, NAN}, {INFINITY, NAN}, {NAN, 0}},
                                  {{1e-320, 1e300}, {1e300, 1e308}, {1, INFINITY}},
                                  {{-1, 2}, {0, 3}, {5, 0}}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (size_t count = 1; count <= 3; count++) {
            const nca_curve curve = {.name = "\xff\n", .values = sets[i], .count = count};
            const nca_curve_mark mark = {0, NULL};
            nca_curve_plot plot = plot_of(&curve, 1);
            plot.title = NULL;
            plot.marks = &mark;
            plot.mark_count = 1;
            nca_image_destroy(draw(&plot));
            assert_ok(nca_plot_curves(&plot, in_folder("curves.svg"), &failure));
            plot.x_log = true;
            assert_ok(nca_plot_curves(&plot, in_folder("curves.svg"), &failure));
        }
    }
}

static void what_cannot_be_plotted_is_refused(void **state)
{
    const nca_spread value = {1, 0};
    nca_curve curves[NCA_PLOT_MAX_CURVES + 1];
    for (size_t i = 0; i <= NCA_PLOT_MAX_CURVES; i++) {
        curves[i] = (nca_curve){.values = &value, .count = 1};
    }
    nca_curve_plot plot = plot_of(curves, NCA_PLOT_MAX_CURVES + 1);
    (void)state;
    assert_int_equal(nca_plot_curves(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    plot.curve_count = 0;
    assert_int_equal(nca_plot_curves(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    plot.curve_count = 2;
    curves[1].count = 0;
    assert_int_equal(nca_plot_curves(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    curves[1].count = 1;
    assert_int_equal(nca_plot_curves(&plot, in_folder("no.gif"), &failure), NCA_INVALID_ARGUMENT);
    assert_true(access(in_folder("no.png"), F_OK) != 0);
}

static void curves_of_a_page_have_the_same_parts(void **state)
{
    static nca_spread values[500];
    const nca_curve curves[] = {{.name = "a", .values = values, .count = 500},
                                {.name = "b", .values = values, .count = 500}};
    const nca_curve_mark mark = {100, "trained"};
    nca_curve_plot plot = plot_of(curves, 2);
    char *svg = NULL;
    (void)state;
    for (size_t i = 0; i < 500; i++) {
        values[i] = (nca_spread){1.0 / (double)(i + 1), i == 3 ? NAN : 0.1};
    }
    plot.marks = &mark;
    plot.mark_count = 1;
    assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
    assert_true(strlen(svg) < 16000);
    assert_non_null(strstr(svg, "class=\"line c1\""));
    assert_non_null(strstr(svg, "class=\"band c0\""));
    assert_non_null(strstr(svg, "class=\"mark\""));
    assert_non_null(strstr(svg, ">trained</text>"));
    assert_non_null(strstr(svg, ">L2 loss</text>"));
    free(svg);
    plot.curve_count = 0;
    assert_int_equal(nca_plot_curves_svg(&svg, &plot, &failure), NCA_INVALID_ARGUMENT);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void a_long_legend_of_a_page_has_several_lines(void **state)
{
    const nca_spread values[] = {{1, NAN}, {0.1, NAN}};
    const nca_curve curve = {.name = "a half-plane", .values = values, .count = 2};
    const nca_curve curves[] = {curve, curve, curve, curve, curve, curve};
    (void)state;
    for (size_t count = 2; count <= 6; count += 4) {
        nca_curve_plot plot = plot_of(curves, count);
        char *svg = NULL;
        assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
        assert_int_equal(count_of(svg, ">a half-plane</text>"), count);
        assert_int_equal(count_of(svg, "y=\"20\">") + count_of(svg, "y=\"41\">"), 1 + count);
        assert_int_equal(count_of(svg, "y=\"41\">") > 0, count == 6);
        assert_non_null(strstr(svg, count == 6 ? "\"axis\" d=\"M66 57L" : "\"axis\" d=\"M66 36L"));
        free(svg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_lies_evenly_around_its_line),
        cmocka_unit_test(several_curves_have_colours_of_their_own),
        cmocka_unit_test(marks_are_dashed_lines_with_their_text),
        cmocka_unit_test(a_logarithmic_axis_gives_every_decade_the_same_room),
        cmocka_unit_test(the_end_of_a_logarithmic_axis_has_its_number),
        cmocka_unit_test(what_is_above_the_most_lies_on_the_upper_edge),
        cmocka_unit_test(unusual_values_do_no_harm),
        cmocka_unit_test(what_cannot_be_plotted_is_refused),
        cmocka_unit_test(curves_of_a_page_have_the_same_parts),
        cmocka_unit_test(a_long_legend_of_a_page_has_several_lines),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
