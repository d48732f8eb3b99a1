/* The loss plot, its numbers and ticks; PNGs are decoded, SVGs are checked tag by tag. */
#include "render/scene.h"

#include <ctype.h>
#include <math.h>
#include <unistd.h>

#include "nca/plot.h"
#include "render/ticks.h"

enum {
    RAW = 0xa9c7e4,
    AVERAGE = 0x0b4f9e,
    WHITE = 0xffffff
};

static nca_loss_plot plot_of(const double *losses, size_t count)
{
    return (nca_loss_plot){.title = "phantom, distill & <regenerating>",
                           .loss_name = "L2",
                           .losses = losses,
                           .count = count,
                           .first_iteration = 1};
}

/* Draws a plot, decodes it, makes the checks that hold for all plots, and returns the image. */
static nca_image *draw(const nca_loss_plot *plot)
{
    nca_image *image = NULL;
    assert_ok(nca_plot_loss(plot, in_folder("loss.png"), &failure));
    assert_ok(nca_image_load(&image, in_folder("loss.png"), &failure));
    assert_int_equal(image->width, 1600);
    assert_int_equal(image->height, 1000);
    assert_true(count_colour(image, WHITE) > (size_t)1600 * 1000 / 2);
    assert_true(count_dark(image, 150, 30, 900, 80, 0x50) > 400);    /* the title */
    assert_true(count_dark(image, 700, 950, 1000, 980, 0x60) > 100); /* "iteration" */
    assert_true(count_dark(image, 10, 150, 60, 900, 0x60) > 400);    /* the loss's name */
    assert_true(count_dark(image, 60, 150, 140, 890, 0x80) > 30);    /* ticks' numbers */
    assert_true(count_colour(image, 0xd1d9e0) > 500);                /* the grid */
    return image;
}

/* The lowest and highest row with the colour in columns [left, right). */
static void find_rows(const nca_image *image, uint32_t rgb, size_t left, size_t right,
                      size_t *out_top, size_t *out_bottom)
{
    *out_top = image->height;
    *out_bottom = 0;
    for (size_t y = 160; y < image->height; y++) {
        for (size_t x = left; x < right; x++) {
            const uint8_t *p = image->pixels + 4 * (y * image->width + x);
            if (((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) == rgb) {
                *out_top = y < *out_top ? y : *out_top;
                *out_bottom = y;
            }
        }
    }
}

static void a_falling_loss_is_a_falling_line(void **state)
{
    (void)state;
    enum {
        COUNT = 2000
    };
    static double losses[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        losses[i] = 0.1 * exp(-(double)i / 400.0) * (i % 2 == 0 ? 0.7 : 1.3);
    }
    nca_loss_plot plot = plot_of(losses, COUNT);
    nca_image *image = draw(&plot);
    assert_true(count_colour(image, RAW) > 2000);
    assert_true(count_colour(image, AVERAGE) > 2000);
    /* The exponential is a straight line on this axis: its centre is half way. */
    size_t top[3], bottom[3];
    const size_t columns[3] = {280, 760, 1240};
    for (size_t i = 0; i < 3; i++) {
        find_rows(image, AVERAGE, columns[i], columns[i] + 1, &top[i], &bottom[i]);
        assert_true(top[i] <= bottom[i]);
    }
    assert_true(top[0] + 100 < top[1] && top[1] + 100 < top[2]);
    assert_in_range(2 * top[1], top[0] + top[2] - 12, top[0] + top[2] + 12);
    nca_image_destroy(image);
}

static void unusual_losses_are_plotted_too(void **state)
{
    (void)state;
    static double losses[300];
    nca_loss_plot plot = plot_of(losses, 300);
    losses[0] = 0.02;
    plot.count = 1;
    nca_image *image = draw(&plot);
    assert_true(count_colour(image, AVERAGE) > 60); /* one dot */
    nca_image_destroy(image);
    plot.count = 300;
    for (size_t i = 0; i < 300; i++) {
        losses[i] = 0.0123;
    }
    size_t top, bottom;
    image = draw(&plot);
    find_rows(image, AVERAGE, 400, 1200, &top, &bottom);
    assert_true(bottom - top < 10 && top > 300 && bottom < 750); /* a horizontal line */
    nca_image_destroy(image);
    memset(losses, 0, sizeof losses);
    image = draw(&plot);
    find_rows(image, AVERAGE, 400, 1200, &top, &bottom);
    assert_true(top > 870); /* zero is at the lower edge */
    nca_image_destroy(image);
    for (size_t i = 0; i < 300; i++) {
        losses[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
    }
    image = draw(&plot);
    assert_int_equal(count_colour(image, RAW) > 1000, 0); /* only the legend */
    nca_image_destroy(image);
}

static void extreme_values_do_no_harm(void **state)
{
    (void)state;
    static const double pairs[][2] = {{1e-308, 1e308},    {5e-324, 5e-324}, {1.7e308, 1.7e308},
                                      {1.0, 1.0 + 1e-15}, {-5.0, 3.0},      {0.0, 1e-300},
                                      {0.999, 1.001},     {9.99, 10.01},    {1e-12, 1e12}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        nca_loss_plot plot = plot_of(pairs[i], 2);
        nca_image *image = NULL;
        plot.first_iteration = i % 2 == 0 ? 0 : (size_t)1 << 40;
        assert_ok(nca_plot_loss(&plot, in_folder("loss.png"), &failure));
        assert_ok(nca_image_load(&image, in_folder("loss.png"), &failure));
        assert_true(count_colour(image, AVERAGE) > 60);
        nca_image_destroy(image);
    }
}

/* Above 2^53 a double plus 1 is the same double; such a count once made the loop over the ticks
 * infinite. */
static void iterations_that_a_double_cannot_count_are_plotted(void **state)
{
    const size_t firsts[] = {9007199254740993u, SIZE_MAX - 2, SIZE_MAX};
    const double losses[] = {0.5, 0.25, 0.125};
    (void)state;
    alarm(60);
    for (size_t i = 0; i < 3; i++) {
        for (size_t count = 1; count <= 3; count += 2) {
            nca_loss_plot plot = plot_of(losses, count);
            plot.first_iteration = firsts[i];
            assert_ok(nca_plot_loss(&plot, in_folder("loss.png"), &failure));
        }
    }
    alarm(0);
}

static void without_a_title_the_axes_use_its_room(void **state)
{
    const double losses[] = {0.5, 0.25, 0.125};
    nca_loss_plot plot = plot_of(losses, 3);
    nca_image *image = NULL;
    (void)state;
    plot.title = NULL;
    assert_ok(nca_plot_loss(&plot, in_folder("loss.png"), &failure));
    assert_ok(nca_image_load(&image, in_folder("loss.png"), &failure));
    assert_true(count_dark(image, 150, 30, 900, 60, 0x80) > 50); /* the legend, no empty band */
    nca_image_destroy(image);
}

/* In a page: small for any number of losses, and all coordinates are valid. */
static void a_plot_of_a_page_is_small_and_well_formed(void **state)
{
    enum {
        MANY = 200000
    };
    static double losses[MANY];
    char *svg = NULL;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        losses[i] = i % 1000 == 7 ? NAN : i % 1000 == 8 ? INFINITY : 1.0 / (double)(1 + i % 97);
    }
    losses[5] = 1e308;
    nca_loss_plot plot = plot_of(losses, MANY);
    plot.title = "a <b> & \"c\"";
    assert_ok(nca_plot_loss_svg(&svg, &plot, &failure));
    assert_true(strlen(svg) < 20000);
    assert_non_null(strstr(svg, "aria-label=\"a &lt;b&gt; &amp; &quot;c&quot;\""));
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
    assert_non_null(strstr(svg, "class=\"line raw\" d=\"M"));
    assert_non_null(strstr(svg, ">iteration</text>"));
    assert_string_equal(svg + strlen(svg) - 7, "</svg>\n");
    free(svg);
    plot.count = 0;
    assert_int_equal(nca_plot_loss_svg(&svg, &plot, &failure), NCA_INVALID_ARGUMENT);
}

static void gaps_stay_open(void **state)
{
    (void)state;
    static double losses[1000];
    for (size_t i = 0; i < 1000; i++) {
        losses[i] = i >= 400 && i < 600 ? NAN : 0.01 + 0.00001 * (double)i;
    }
    nca_loss_plot plot = plot_of(losses, 1000);
    plot.window = 10;
    nca_image *image = draw(&plot);
    size_t top, bottom;
    find_rows(image, RAW, 156 + 1208 * 45 / 100, 156 + 1208 * 55 / 100, &top, &bottom);
    assert_true(bottom == 0);
    find_rows(image, AVERAGE, 156 + 1208 * 45 / 100, 156 + 1208 * 55 / 100, &top, &bottom);
    assert_true(bottom == 0);
    find_rows(image, AVERAGE, 156 + 1208 * 20 / 100, 156 + 1208 * 30 / 100, &top, &bottom);
    assert_true(bottom > 0);
    nca_image_destroy(image);
}

static void a_long_run_keeps_its_outliers(void **state)
{
    (void)state;
    enum {
        COUNT = 100000
    };
    double *losses = calloc(COUNT, sizeof *losses);
    assert_non_null(losses);
    for (size_t i = 0; i < COUNT; i++) {
        losses[i] = 0.001;
    }
    losses[50000] = 1.0; /* one value of 83 in its column */
    nca_loss_plot plot = plot_of(losses, COUNT);
    nca_image *image = draw(&plot);
    size_t high = 0;
    for (size_t y = 200; y < 400; y++) {
        for (size_t x = 740; x < 780; x++) {
            high += image->pixels[4 * (y * 1600 + x)] < 0xe8; /* bluish, possibly blended */
        }
    }
    assert_true(high > 150);
    nca_image_destroy(image);
    assert_ok(nca_plot_loss(&plot, in_folder("long.svg"), &failure));
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_ok(nca__file_read(&bytes, &size, in_folder("long.svg"), (size_t)1 << 24, &failure));
    assert_true(size < 400000); /* reduced to the visible points */
    free(bytes);
    free(losses);
}

static void a_huge_value_leaves_no_trace_in_later_means(void **state)
{
    (void)state;
    static double losses[400], calm[400];
    for (size_t i = 0; i < 400; i++) {
        calm[i] = losses[i] = 1e-3;
    }
    losses[100] = 1e18;
    calm[100] = 1.0;
    calm[0] = losses[0] = 1e18; /* the same range in both */
    nca_loss_plot first = plot_of(losses, 400);
    nca_loss_plot second = plot_of(calm, 400);
    nca_image *a = draw(&first);
    nca_image *b = draw(&second);
    size_t top[2], bottom[2];
    find_rows(a, AVERAGE, 900, 1300, &top[0], &bottom[0]);
    find_rows(b, AVERAGE, 900, 1300, &top[1], &bottom[1]);
    assert_int_equal(top[0], top[1]);
    assert_int_equal(bottom[0], bottom[1]);
    nca_image_destroy(a);
    nca_image_destroy(b);
}

/* Every opened tag is closed in order, and the text contains no bare & or <. */
static size_t check_well_formed(const char *text)
{
    char open[64][32];
    size_t depth = 0, elements = 0;
    for (const char *at = text; *at != '\0';) {
        if (*at == '&') {
            assert_non_null(strchr(at, ';'));
            assert_true(strchr(at, ';') - at < 8);
        }
        if (*at != '<') {
            at++;
            continue;
        }
        const char *end = strchr(at, '>');
        assert_non_null(end);
        size_t length = strcspn(at + 1, " />\n");
        if (at[1] == '/') {
            length = strcspn(at + 2, " >");
            assert_true(depth > 0);
            depth--;
            assert_int_equal(strlen(open[depth]), length);
            assert_memory_equal(open[depth], at + 2, length);
        } else if (at[1] != '?' && at[1] != '!') {
            elements++;
            assert_true(isalpha((unsigned char)at[1]));
            if (end[-1] != '/') {
                assert_true(depth < 64 && length < 32);
                memcpy(open[depth], at + 1, length);
                open[depth++][length] = '\0';
            }
        }
        at = end + 1;
    }
    assert_int_equal(depth, 0);
    return elements;
}

static void an_svg_is_well_formed_and_carries_its_title(void **state)
{
    (void)state;
    static double losses[500];
    for (size_t i = 0; i < 500; i++) {
        losses[i] = 1.0 / (double)(i + 1);
    }
    nca_loss_plot plot = plot_of(losses, 500);
    assert_ok(nca_plot_loss(&plot, in_folder("a.svg"), &failure));
    assert_ok(nca_plot_loss(&plot, in_folder("b.svg"), &failure));
    assert_same_file("a.svg", "b.svg");
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_ok(nca__file_read(&bytes, &size, in_folder("a.svg"), (size_t)1 << 24, &failure));
    const char *text = (const char *)bytes;
    assert_int_equal(strlen(text), size);
    assert_true(check_well_formed(text) > 100);
    assert_non_null(strstr(text, "<title>phantom, distill &amp; &lt;regenerating></title>"));
    /* Letters are outlines, each drawn by a <use> of its shape. */
    size_t letters = 0;
    for (const char *at = text; (at = strstr(at, "<use ")) != NULL; at++) {
        letters++;
    }
    assert_true(letters > 80);
    free(bytes);
}

static void a_plot_that_cannot_be_is_refused(void **state)
{
    (void)state;
    double loss = 1.0;
    nca_loss_plot plot = plot_of(&loss, 0);
    nca_error error = {0};
    assert_int_equal(nca_plot_loss(&plot, in_folder("none.png"), &error), NCA_INVALID_ARGUMENT);
    plot.count = 1;
    assert_int_equal(nca_plot_loss(&plot, in_folder("none.pdf"), &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, ".svg"));
    assert_int_equal(nca_plot_loss(&plot, in_folder("no/folder.png"), &error), NCA_NOT_FOUND);
    plot.title = NULL;
    plot.loss_name = NULL;
    assert_ok(nca_plot_loss(&plot, in_folder("bare.png"), &failure));
    assert_ok(nca_plot_loss(&plot, in_folder("bare.svg"), &failure));
}

static void numbers_are_written_for_readers(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        bool shorten;
        const char *text, *power;
    } cases[] = {
        {0.00152, 3, false, "0.00152", ""},
        {0.0015, 3, false, "0.00150", ""},
        {0.0015, 3, true, "0.0015", ""},
        {0.02, 1, true, "0.02", ""},
        {-12.5, 3, true,
         "\xe2\x88\x92"
         "12.5",
         ""},
        {100000.0, 1, true, "100000", ""},
        {99.96, 3, false, "100", ""},
        {1234567.0, 3, false,
         "1.23\xc3\x97"
         "10",
         "6"},
        {2e-7, 1, true,
         "2\xc3\x97"
         "10",
         "\xe2\x88\x92"
         "7"},
        {0.0, 3, false, "0", ""},
        {INFINITY, 3, false, "infinite", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca__label label = nca__number(cases[i].value, cases[i].digits, cases[i].shorten);
        assert_string_equal(label.text, cases[i].text);
        assert_string_equal(label.power, cases[i].power);
    }
    assert_string_equal(nca__integer(7).text, "7");
    assert_string_equal(nca__integer(1000).text, "1,000");
    assert_string_equal(nca__integer(123456789).text, "123,456,789");
}

static void ticks_are_round_and_inside(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 2000}, {1, 12}, {501, 800}, {0, 1}, {0, 99999}};
    nca__ticks ticks;
    const double none[][2] = {{1, 1}, {2, 1}, {NAN, 1}, {0, INFINITY}, {-INFINITY, INFINITY}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        nca__ticks_linear(&ticks, ranges[i][0], ranges[i][1], 6, true);
        assert_in_range(ticks.count, 2, 10);
        for (size_t t = 0; t < ticks.count; t++) {
            assert_true(ticks.tick[t].value >= ranges[i][0] && ticks.tick[t].value <= ranges[i][1]);
            assert_true(ticks.tick[t].value == floor(ticks.tick[t].value));
        }
    }
    static const double spans[][2] = {{1e-3, 1e-1},    {0.0123, 0.0124}, {0.02, 0.3},
                                      {1e-300, 1e300}, {0.9, 1.1},       {0.00099, 9.9}};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        nca__ticks_log(&ticks, spans[i][0], spans[i][1]);
        size_t labels = 0;
        for (size_t t = 0; t < ticks.count; t++) {
            assert_true(ticks.tick[t].value >= spans[i][0] * (1 - 1e-6));
            assert_true(ticks.tick[t].value <= spans[i][1] * (1 + 1e-6));
            labels += ticks.tick[t].label.text[0] != '\0';
        }
        assert_in_range(labels, 2, 10);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        nca__ticks_linear(&ticks, none[i][0], none[i][1], 6, true);
        assert_int_equal(ticks.count, 0);
        nca__ticks_log(&ticks, none[i][0], none[i][1]);
        assert_int_equal(ticks.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_falling_loss_is_a_falling_line),
        cmocka_unit_test(unusual_losses_are_plotted_too),
        cmocka_unit_test(extreme_values_do_no_harm),
        cmocka_unit_test(iterations_that_a_double_cannot_count_are_plotted),
        cmocka_unit_test(without_a_title_the_axes_use_its_room),
        cmocka_unit_test(a_plot_of_a_page_is_small_and_well_formed),
        cmocka_unit_test(gaps_stay_open),
        cmocka_unit_test(a_long_run_keeps_its_outliers),
        cmocka_unit_test(a_huge_value_leaves_no_trace_in_later_means),
        cmocka_unit_test(an_svg_is_well_formed_and_carries_its_title),
        cmocka_unit_test(a_plot_that_cannot_be_is_refused),
        cmocka_unit_test(numbers_are_written_for_readers),
        cmocka_unit_test(ticks_are_round_and_inside),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
