/* Plots of predictions: sizes, positions and values of every kind, with classes that do not occur,
 * long names and 64 classes; elements for pages; and calls that are refused. */
#include "render/scene.h"

#include "nca/class_plots.h"
#include "nca/plot.h"
#include "nca/predict.h"

enum {
    IMAGES = 120,
    BLUE = 0x0b4f9e,
    ORANGE = 0xd55e00
};

typedef struct made {
    double probabilities[IMAGES * NCA_MAX_CLASSES];
    double deviations[IMAGES * NCA_MAX_CLASSES];
    uint8_t labels[IMAGES * NCA_MAX_CLASSES];
    char names[NCA_MAX_CLASSES][NCA_CLASS_NAME];
    nca_class_plot plot;
} made;

static made m;

static double next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (double)(*random >> 11) / 9007199254740992.0;
}

/* Predictions that are usually right; no image is of class `missing`. */
static void make(nca_label_kind kind, size_t classes, size_t missing)
{
    const bool several = kind == NCA_LABELS_MULTI_LABEL;
    uint64_t random = 5;
    memset(&m, 0, sizeof m);
    for (size_t i = 0; i < IMAGES; i++) {
        const size_t class = i % classes == missing ? (missing + 1) % classes : i % classes;
        double sum = 0;
        if (!several) {
            m.labels[i] = (uint8_t) class;
        }
        for (size_t k = 0; k < classes; k++) {
            const bool on = several ? k != missing && (i + k) % 4 == 0 : k == class;
            double *p = &m.probabilities[i * classes + k];
            *p = 0.01 + 0.5 * next_random(&random) + (on ? 0.4 : 0);
            sum += *p;
            if (several) {
                m.labels[i * classes + k] = on;
            }
            m.deviations[i * classes + k] = 0.1 * next_random(&random);
        }
        for (size_t k = 0; k < classes && !several; k++) {
            m.probabilities[i * classes + k] /= sum;
        }
    }
    for (size_t k = 0; k < classes; k++) {
        snprintf(m.names[k], NCA_CLASS_NAME, "class %zu <%s&\xc3\xa9>", k,
                 k == 1 ? "with a very long name that does not fit into any legend of a plot"
                        : "x");
    }
    nca_class_plot_default(&m.plot);
    m.plot.title = "a title";
    m.plot.predictions = (nca_predictions){kind, IMAGES, classes, m.probabilities, m.labels};
    m.plot.class_names = (const char(*)[NCA_CLASS_NAME])m.names;
    m.plot.deviations = m.deviations;
}

static nca_image *draw(nca_class_plot_kind kind)
{
    nca_image *image = NULL;
    assert_ok(nca_plot_classes(kind, &m.plot, in_folder("plot.png"), &failure));
    assert_ok(nca_image_load(&image, in_folder("plot.png"), &failure));
    return image;
}

static char *element(nca_class_plot_kind kind)
{
    char *svg = NULL;
    assert_ok(nca_plot_classes_svg(&svg, kind, &m.plot, &failure));
    return svg;
}

static size_t count_text(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        count++;
    }
    return count;
}

/* Whether every element that opens is closed, and no attribute or text breaks the markup. */
static void assert_well_formed(const char *svg)
{
    size_t open = 0;
    for (const char *at = svg; *at != 0; at++) {
        assert_true(*at != '&' || strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&lt;", 4) == 0 ||
                    strncmp(at, "&gt;", 4) == 0 || strncmp(at, "&quot;", 6) == 0);
        if (*at != '<') {
            continue;
        }
        const char *end = strchr(at, '>');
        assert_non_null(end);
        size_t quotes = 0;
        for (const char *c = at + 1; c < end; c++) {
            assert_true(*c != '<');
            quotes += *c == '"';
        }
        assert_true(quotes % 2 == 0);
        open += at[1] == '/' ? (size_t)-1 : end[-1] == '/' ? 0 : 1;
        at = end;
    }
    assert_int_equal(open, 0);
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf"));
}

static const nca_label_kind kinds[] = {NCA_LABELS_MULTI_LABEL, NCA_LABELS_BINARY,
                                       NCA_LABELS_MULTI_CLASS, NCA_LABELS_MULTI_LABEL,
                                       NCA_LABELS_ORDINAL};
static const size_t sizes[] = {1, 2, 7, 14, NCA_MAX_CLASSES};

static void every_plot_of_1_to_64_classes_is_drawn_and_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make(kinds[i], sizes[i], sizes[i] > 2 ? 3 : NCA_MAX_CLASSES);
        for (int kind = 0; kind < NCA_CLASS_PLOT_COUNT; kind++) {
            nca_image *image = draw((nca_class_plot_kind)kind);
            assert_true(image->width >= 1600 && image->width < 2000);
            assert_true(image->height > 300 && image->height < 2400);
            assert_true(count_dark(image, 0, 0, image->width, image->height, 0x60) > 500);
            nca_image_destroy(image);
            char *svg = element((nca_class_plot_kind)kind);
            assert_well_formed(svg);
            assert_non_null(strstr(svg, "<svg class=\"plot\" viewBox=\"0 0 "));
            assert_non_null(strstr(svg, "aria-label=\"a title\""));
            free(svg);
        }
    }
}

static void a_curve_has_its_area_in_the_legend(void **state)
{
    (void)state;
    make(NCA_LABELS_BINARY, 2, NCA_MAX_CLASSES);
    nca_scores scores;
    assert_ok(nca_scores_compute(&scores, &m.plot.predictions, &failure));
    char wanted[32];
    snprintf(wanted, sizeof wanted, ">%.3f<", scores.auc);
    char *svg = element(NCA_CLASS_PLOT_ROC);
    assert_non_null(strstr(svg, wanted));
    assert_int_equal(count_text(svg, "class=\"line c0\""), 2); /* the curve and its sample */
    assert_null(strstr(svg, "mean of the classes"));
    free(svg);
    nca_scores_free(&scores);
}

/* One image of each class is right with certainty: every area is 1. */
static void perfect_predictions_have_an_area_of_1(void **state)
{
    (void)state;
    make(NCA_LABELS_MULTI_CLASS, 3, NCA_MAX_CLASSES);
    for (size_t i = 0; i < IMAGES * 3; i++) {
        m.probabilities[i] = m.labels[i / 3] == i % 3 ? 0.8 : 0.1;
    }
    for (int kind = NCA_CLASS_PLOT_ROC; kind <= NCA_CLASS_PLOT_PRECISION_RECALL; kind++) {
        char *svg = element((nca_class_plot_kind)kind);
        assert_int_equal(count_text(svg, ">1.000</text>"), 4); /* three classes and the mean */
        free(svg);
    }
}

static void a_class_without_images_has_no_curve_and_no_mean(void **state)
{
    (void)state;
    make(NCA_LABELS_MULTI_CLASS, 4, 2);
    char *svg = element(NCA_CLASS_PLOT_ROC);
    assert_int_equal(count_text(svg, "class=\"line c1\""), 2);
    assert_int_equal(count_text(svg, "class=\"line c2\""), 1); /* only the sample */
    assert_int_equal(count_text(svg, "class=\"line strong\""), 1);
    assert_int_equal(count_text(svg, ">\xe2\x80\x93</text>"), 2);
    free(svg);
}

static void the_matrix_has_counts_and_percents(void **state)
{
    (void)state;
    make(NCA_LABELS_BINARY, 2, NCA_MAX_CLASSES);
    for (size_t i = 0; i < IMAGES; i++) { /* of 60 images of class 0, 15 are taken for class 1 */
        const bool wrong = m.labels[i] == 0 && i < 30;
        m.probabilities[2 * i + 1] = m.labels[i] != wrong ? 0.9 : 0.2;
        m.probabilities[2 * i] = 1 - m.probabilities[2 * i + 1];
    }
    char *svg = element(NCA_CLASS_PLOT_CONFUSION);
    assert_non_null(strstr(svg, ">45</text>"));
    assert_non_null(strstr(svg, ">15</text>"));
    assert_non_null(strstr(svg, ">75\xc2\xa0%</text>"));
    assert_non_null(strstr(svg, ">25\xc2\xa0%</text>"));
    assert_non_null(strstr(svg, ">60</text>"));
    assert_non_null(strstr(svg, ">0</text>"));
    assert_int_equal(count_text(svg, " (60)</text>"), 2);
    assert_non_null(strstr(svg, "area c0\" fill-opacity=\".75\""));
    assert_non_null(strstr(svg, "area c1\" fill-opacity=\".25\""));
    free(svg);
    nca_image *image = draw(NCA_CLASS_PLOT_CONFUSION);
    assert_true(count_colour(image, BLUE) > 10000); /* 100 % of class 1 */
    nca_image_destroy(image);
}

static void labels_have_a_table_of_decisions(void **state)
{
    (void)state;
    make(NCA_LABELS_MULTI_LABEL, 2, 1);
    for (size_t i = 0; i < IMAGES; i++) { /* 30 images have label 0; 10 are missed, 5 are alarms */
        m.probabilities[2 * i] = m.labels[2 * i] != 0 ? (i < 40 ? 0.3 : 0.8) : (i < 6 ? 0.7 : 0.1);
        m.probabilities[2 * i + 1] = 0.2;
    }
    nca_scores scores;
    assert_ok(nca_scores_compute(&scores, &m.plot.predictions, &failure));
    char *svg = element(NCA_CLASS_PLOT_CONFUSION);
    for (size_t i = 0; i < 8; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, ">%zu</text>", scores.confusion[i]);
        assert_non_null(strstr(svg, wanted));
    }
    assert_int_equal(scores.confusion[2], 10);
    assert_non_null(strstr(svg, ">0.667</text>"));                /* recall of label 0 */
    assert_int_equal(count_text(svg, ">\xe2\x80\x93</text>"), 2); /* recall, precision of label 1 */
    free(svg);
    nca_scores_free(&scores);
}

static void the_reliability_has_a_bar_for_each_bin_and_both_errors(void **state)
{
    (void)state;
    make(NCA_LABELS_BINARY, 2, NCA_MAX_CLASSES);
    nca_scores scores;
    assert_ok(nca_scores_compute(&scores, &m.plot.predictions, &failure));
    size_t bins = 0;
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        bins += scores.calibration[b].count > 0;
    }
    char *one = element(NCA_CLASS_PLOT_RELIABILITY);
    nca_scores other = scores;
    other.ece = 0.123;
    m.plot.uncalibrated = &other;
    m.plot.temperature = 1.5;
    char *two = element(NCA_CLASS_PLOT_RELIABILITY);
    char wanted[32];
    snprintf(wanted, sizeof wanted, ">%.3f<", scores.ece);
    assert_int_equal(count_text(one, "area c0\" fill-opacity=\".35\""), bins);
    assert_int_equal(count_text(one, "dot c0"), bins);
    assert_int_equal(count_text(two, "dot c1"), bins);
    assert_non_null(strstr(one, wanted));
    assert_non_null(strstr(two, ">0.123<"));
    assert_non_null(strstr(two, "with temperature 1.50"));
    assert_null(strstr(one, "temperature"));
    free(one);
    free(two);
    nca_scores_free(&scores);
}

static void coverage_has_a_curve_for_each_measure(void **state)
{
    (void)state;
    make(NCA_LABELS_MULTI_CLASS, 3, NCA_MAX_CLASSES);
    char *two = element(NCA_CLASS_PLOT_RISK_COVERAGE);
    memset(m.deviations, 0, sizeof m.deviations); /* one rollout */
    char *one = element(NCA_CLASS_PLOT_RISK_COVERAGE);
    assert_int_equal(count_text(two, "class=\"line c1\""), 2);
    assert_int_equal(count_text(one, "class=\"line c1\""), 0);
    assert_int_equal(count_text(one, "class=\"line c0\""), 2);
    free(one);
    free(two);
}

static void coverage_uses_the_uncertainties_that_are_given(void **state)
{
    (void)state;
    static double own[IMAGES], usual[IMAGES];
    make(NCA_LABELS_MULTI_CLASS, 3, NCA_MAX_CLASSES);
    m.plot.deviations = NULL;
    nca_classifier c = {.kind = NCA_LABELS_MULTI_CLASS, .classes = 3};
    for (size_t i = 0; i < IMAGES; i++) {
        usual[i] = nca_prediction_entropy(&c, &m.probabilities[3 * i]);
        own[i] = -usual[i];
    }
    const double half = 0.5;
    double accuracy;
    assert_ok(nca_risk_coverage(&accuracy, &half, 1, &m.plot.predictions, own, &failure));
    char *without = element(NCA_CLASS_PLOT_RISK_COVERAGE);
    m.plot.uncertainty = usual;
    char *same = element(NCA_CLASS_PLOT_RISK_COVERAGE);
    m.plot.uncertainty = own;
    char *other = element(NCA_CLASS_PLOT_RISK_COVERAGE), wanted[32];
    snprintf(wanted, sizeof wanted, ">%.3f<", accuracy);
    assert_string_equal(without, same);
    assert_non_null(strstr(other, wanted));
    assert_string_not_equal(without, other);
    free(without);
    free(same);
    free(other);
}

static void files_are_png_or_svg_and_a_title_makes_them_taller(void **state)
{
    (void)state;
    make(NCA_LABELS_MULTI_CLASS, 3, NCA_MAX_CLASSES);
    nca_image *titled = draw(NCA_CLASS_PLOT_ROC);
    m.plot.title = NULL;
    nca_image *bare = draw(NCA_CLASS_PLOT_ROC);
    assert_int_equal(titled->height, bare->height + 88);
    nca_image_destroy(titled);
    nca_image_destroy(bare);
    char *svg = element(NCA_CLASS_PLOT_ROC);
    assert_non_null(strstr(svg, "aria-label=\"ROC curves\""));
    free(svg);
    for (int kind = 0; kind < NCA_CLASS_PLOT_COUNT; kind++) {
        char name[64];
        snprintf(name, sizeof name, "%s.svg", nca_class_plot_name((nca_class_plot_kind)kind));
        assert_ok(nca_plot_classes((nca_class_plot_kind)kind, &m.plot, in_folder(name), &failure));
    }
}

static void calls_that_cannot_be_drawn_are_refused(void **state)
{
    (void)state;
    nca_error error;
    make(NCA_LABELS_MULTI_CLASS, 3, NCA_MAX_CLASSES);
    const size_t before = count_files();
    assert_null(nca_class_plot_name(NCA_CLASS_PLOT_COUNT));
    assert_int_equal(nca_plot_classes(NCA_CLASS_PLOT_COUNT, &m.plot, in_folder("a.png"), &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_plot_classes(NCA_CLASS_PLOT_ROC, &m.plot, in_folder("a.jpg"), &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_plot_classes(NCA_CLASS_PLOT_ROC, &m.plot, in_folder("no/a.png"), &error),
                     NCA_NOT_FOUND);
    /* Also if the scores are given. */
    const nca_scores scores = {.count = IMAGES};
    m.plot.scores = &scores;
    m.plot.predictions.classes = NCA_MAX_CLASSES + 1;
    for (int kind = 0; kind < NCA_CLASS_PLOT_COUNT; kind++) {
        assert_int_equal(
            nca_plot_classes((nca_class_plot_kind)kind, &m.plot, in_folder("a.png"), &error),
            NCA_INVALID_ARGUMENT);
    }
    m.plot.predictions.classes = 3;
    m.plot.scores = NULL;
    m.probabilities[4] = NAN;
    for (int kind = 0; kind < NCA_CLASS_PLOT_COUNT; kind++) {
        char *svg = NULL;
        assert_int_equal(nca_plot_classes_svg(&svg, (nca_class_plot_kind)kind, &m.plot, &error),
                         NCA_INVALID_ARGUMENT);
        assert_null(svg);
    }
    m.probabilities[4] = 0.5;
    m.labels[7] = 3;
    assert_int_equal(nca_plot_classes(NCA_CLASS_PLOT_ROC, &m.plot, in_folder("a.png"), &error),
                     NCA_INVALID_ARGUMENT);
    m.labels[7] = 1;
    m.plot.reserved[0] = 1;
    assert_int_equal(nca_plot_classes(NCA_CLASS_PLOT_ROC, &m.plot, in_folder("a.png"), &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(count_files(), before);
}

static void the_first_colours_of_classes_are_those_of_curves(void **state)
{
    (void)state;
    const nca_colour first = nca_class_colour(0), second = nca_class_colour(1);
    assert_int_equal(first.r << 16 | first.g << 8 | first.b, BLUE);
    assert_int_equal(second.r << 16 | second.g << 8 | second.b, ORANGE);
    for (size_t i = 0; i < 14; i++) {
        for (size_t k = 0; k < i; k++) {
            const nca_colour a = nca_class_colour(i), b = nca_class_colour(k);
            assert_true(abs(a.r - b.r) + abs(a.g - b.g) + abs(a.b - b.b) > 50);
        }
    }
    const nca_colour again = nca_class_colour(14);
    assert_memory_equal(&again, &first, sizeof first);
}

/* Accuracies over steps: equal differences have equal heights, and the band is even. */
static void a_linear_axis_shows_accuracies_over_steps(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 10, 100};
    const nca_spread values[] = {{0.5, NAN}, {0.7, NAN}, {0.9, NAN}};
    const nca_curve curve = {.name = "accuracy", .steps = steps, .values = values, .count = 3};
    nca_curve_plot plot;
    nca_curve_plot_default(&plot);
    plot.title = "accuracy";
    plot.y_name = "accuracy";
    plot.x_log = plot.y_linear = true;
    plot.curves = &curve;
    plot.curve_count = 1;
    char *svg = NULL;
    assert_ok(nca_plot_curves_svg(&svg, &plot, &failure));
    const char *line = strstr(svg, "class=\"line c0\" d=\"M66 ");
    assert_non_null(line);
    double x[3], y[3];
    assert_int_equal(sscanf(line, "class=\"line c0\" d=\"M%lf %lfL%lf %lfL%lf %lf\"", &x[0], &y[0],
                            &x[1], &y[1], &x[2], &y[2]),
                     6);
    assert_true(fabs((y[0] - y[1]) - (y[1] - y[2])) < 0.25);
    assert_true(fabs((x[1] - x[0]) - (x[2] - x[1])) < 0.25);
    assert_well_formed(svg);
    free(svg);
    const nca_spread none[] = {{NAN, NAN}, {0.0, 0.1}, {NAN, NAN}};
    const nca_curve gaps = {.steps = steps, .values = none, .count = 3};
    plot.curves = &gaps;
    assert_ok(nca_plot_curves(&plot, in_folder("gaps.png"), &failure));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plot_of_1_to_64_classes_is_drawn_and_well_formed),
        cmocka_unit_test(a_curve_has_its_area_in_the_legend),
        cmocka_unit_test(perfect_predictions_have_an_area_of_1),
        cmocka_unit_test(a_class_without_images_has_no_curve_and_no_mean),
        cmocka_unit_test(the_matrix_has_counts_and_percents),
        cmocka_unit_test(labels_have_a_table_of_decisions),
        cmocka_unit_test(the_reliability_has_a_bar_for_each_bin_and_both_errors),
        cmocka_unit_test(coverage_has_a_curve_for_each_measure),
        cmocka_unit_test(coverage_uses_the_uncertainties_that_are_given),
        cmocka_unit_test(files_are_png_or_svg_and_a_title_makes_them_taller),
        cmocka_unit_test(calls_that_cannot_be_drawn_are_refused),
        cmocka_unit_test(the_first_colours_of_classes_are_those_of_curves),
        cmocka_unit_test(a_linear_axis_shows_accuracies_over_steps),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
