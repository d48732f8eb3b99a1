/* The plot of scores on several sets: size, colours, positions, and errors. */
#include "render/scene.h"

#include "nca/score_plot.h"

enum {
    OWN = 0x0b4f9e, /* the colour of the first own series */
    ROW = 72        /* pixels */
};

static const char *const names[] = {"BreastMNIST", "PathMNIST", "ChestMNIST"};

static nca_score_plot plot_of(size_t rows, const nca_score_series *series, size_t count)
{
    nca_score_plot plot;
    nca_score_plot_default(&plot);
    plot.title = "a title";
    plot.rows = names;
    plot.row_count = rows;
    plot.series = series;
    plot.series_count = count;
    return plot;
}

static nca_image *draw(const nca_score_plot *plot)
{
    nca_image *image = NULL;
    assert_ok(nca_plot_scores(plot, in_folder("scores.png"), &failure));
    assert_ok(nca_image_load(&image, in_folder("scores.png"), &failure));
    return image;
}

static void a_row_more_makes_the_plot_taller(void **state)
{
    (void)state;
    const nca_spread values[] = {{0.9, 0.02}, {0.8, 0.03}, {0.7, NAN},
                                 {0.6, NAN},  {0.5, 0.1},  {0.4, 0.1}};
    const nca_score_series own = {"nca", true, values};
    size_t heights[3];
    for (size_t rows = 1; rows <= 3; rows++) {
        const nca_score_plot plot = plot_of(rows, &own, 1);
        nca_image *image = draw(&plot);
        heights[rows - 1] = image->height;
        assert_true(count_colour(image, OWN) > 100 * rows);
        nca_image_destroy(image);
    }
    assert_int_equal(heights[1] - heights[0], ROW);
    assert_int_equal(heights[2] - heights[1], ROW);
}

static void a_deviation_is_a_bar(void **state)
{
    (void)state;
    const nca_spread with[] = {{0.9, 0.05}, {0.8, 0.05}}, without[] = {{0.9, NAN}, {0.8, NAN}};
    size_t pixels[2];
    for (size_t i = 0; i < 2; i++) {
        const nca_score_series own = {"nca", true, i == 0 ? without : with};
        const nca_score_plot plot = plot_of(1, &own, 1);
        nca_image *image = draw(&plot);
        pixels[i] = count_colour(image, OWN);
        nca_image_destroy(image);
    }
    assert_true(pixels[1] > pixels[0] + 500);
}

static void a_series_without_values_is_not_in_the_legend(void **state)
{
    (void)state;
    const nca_spread some[] = {{0.9, NAN}, {NAN, NAN}}, none[] = {{NAN, NAN}, {NAN, INFINITY}};
    const nca_score_series series[] = {
        {"one", false, some}, {"two", false, none}, {"three", false, none}, {"four", true, none}};
    size_t heights[2], dark[2];
    for (size_t i = 0; i < 2; i++) {
        const nca_score_plot plot = plot_of(1, series, i == 0 ? 1 : 4);
        nca_image *image = draw(&plot);
        heights[i] = image->height;
        dark[i] = count_dark(image, 0, 0, image->width, image->height, 100);
        assert_int_equal(count_colour(image, OWN), 0);
        nca_image_destroy(image);
    }
    assert_int_equal(heights[0], heights[1]);
    assert_int_equal(dark[0], dark[1]);
}

static void unusual_values_do_no_harm(void **state)
{
    (void)state;
    const nca_spread values[] = {{1e300, 1e300}, {-1e300, INFINITY}, {0.0, 0.0}, {1.0, -1.0}};
    const nca_score_series series[] = {{NULL, true, values}, {"\x01", false, values}};
    const nca_score_plot plot = plot_of(2, series, 2);
    assert_ok(nca_plot_scores(&plot, in_folder("scores.svg"), &failure));
    const nca_score_plot empty = plot_of(1, NULL, 0);
    assert_ok(nca_plot_scores(&empty, in_folder("scores.svg"), &failure));
}

static void what_cannot_be_plotted_is_refused(void **state)
{
    (void)state;
    nca_score_plot plot = plot_of(0, NULL, 0);
    assert_int_equal(nca_plot_scores(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    plot.row_count = NCA_SCORE_MAX_ROWS + 1;
    assert_int_equal(nca_plot_scores(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    plot.row_count = 1;
    plot.series_count = NCA_SCORE_MAX_SERIES + 1;
    assert_int_equal(nca_plot_scores(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    plot.series_count = 0;
    assert_int_equal(nca_plot_scores(&plot, in_folder("no.gif"), &failure), NCA_INVALID_ARGUMENT);
    plot.reserved[0] = 1;
    assert_int_equal(nca_plot_scores(&plot, in_folder("no.png"), &failure), NCA_INVALID_ARGUMENT);
    assert_true(access(in_folder("no.png"), F_OK) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_more_makes_the_plot_taller),
        cmocka_unit_test(a_deviation_is_a_bar),
        cmocka_unit_test(a_series_without_values_is_not_in_the_legend),
        cmocka_unit_test(unusual_values_do_no_harm),
        cmocka_unit_test(what_cannot_be_plotted_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
