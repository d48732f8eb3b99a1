/* Curves over thresholds, accuracy without the uncertain images, temperature and probabilities:
 * small cases by hand, refused input. tests/measure/test_scores_fixture.c has many cases. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/scores.h"
#include "says.h"

static void assert_point(nca_curve_point found, double x, double y, double threshold)
{
    if (found.x != x || found.y != y || found.threshold != threshold) {
        fail_msg("found (%g, %g) at %g, expected (%g, %g) at %g", found.x, found.y, found.threshold,
                 x, y, threshold);
    }
}

static const double column[] = {0.2, 0.9, 0.5, 0.5};
static const uint8_t positive[] = {0, 1, 1, 0};

static void curves_have_a_point_for_every_different_score(void **state)
{
    (void)state;
    nca_curve_point *points = NULL;
    size_t count = 0;
    assert_int_equal(nca_roc_curve(&points, &count, column, positive, 4, NULL), NCA_OK);
    assert_int_equal(count, 4);
    assert_point(points[0], 0, 0, INFINITY);
    assert_point(points[1], 0, 0.5, 0.9);
    assert_point(points[2], 0.5, 1, 0.5);
    assert_point(points[3], 1, 1, 0.2);
    free(points);
    assert_int_equal(nca_precision_recall_curve(&points, &count, column, positive, 4, NULL),
                     NCA_OK);
    assert_int_equal(count, 3);
    assert_point(points[0], 0.5, 1, 0.9);
    assert_point(points[1], 1, 2.0 / 3, 0.5);
    assert_point(points[2], 1, 0.5, 0.2);
    free(points);
}

static void a_curve_needs_positives_and_negatives(void **state)
{
    (void)state;
    nca_curve_point *points = NULL;
    size_t count = 5;
    nca_error error = {0};
    static const uint8_t ones[] = {1, 1, 1, 1};
    assert_int_equal(nca_roc_curve(&points, &count, column, ones, 4, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "*positives and negatives*4 and 0*");
    assert_int_equal(nca_precision_recall_curve(&points, &count, column, ones, 4, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_roc_curve(&points, &count, column, positive, 0, &error),
                     NCA_INVALID_ARGUMENT);
    assert_null(points);
    assert_int_equal(count, 5);
}

/* ---- Uncertainty -----------------------------------------------------------------------------*/

static const double rows[] = {0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7};
static const uint8_t labels[] = {0, 0, 0, 1}; /* the second is wrong */
static const nca_predictions four = {NCA_LABELS_BINARY, 4, 2, rows, labels};

static void the_most_uncertain_images_are_left_out_first(void **state)
{
    (void)state;
    const double leave_out[] = {1, 0, 0.5, 0.25, 0.12, 0.13};
    double out[6];
    static const double uncertainty[] = {0.1, 0.5, 0.3, 0.9};
    assert_int_equal(nca_risk_coverage(out, leave_out, 6, &four, uncertainty, NULL), NCA_OK);
    assert_true(out[0] == 1.0); /* one image is kept */
    assert_true(out[1] == 0.75);
    assert_true(out[2] == 1.0);
    assert_true(out[3] == 2.0 / 3);
    assert_true(out[4] == 0.75); /* 0.48 images, rounded to none */
    assert_true(out[5] == 2.0 / 3);
    /* Of equals, the later images are left out first. */
    static const double equal[] = {0.5, 0.5, 0.5, 0.5};
    assert_int_equal(nca_risk_coverage(out, leave_out, 3, &four, equal, NULL), NCA_OK);
    assert_true(out[2] == 0.5);
    assert_int_equal(nca_risk_coverage(out, leave_out, 0, &four, equal, NULL), NCA_OK);
}

static void wrong_fractions_and_uncertainties_are_refused(void **state)
{
    (void)state;
    static const double bad[] = {-0.1, 1.1, NAN};
    double uncertainty[] = {0, 0, 0, NAN}, out = 5;
    nca_error error = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(nca_risk_coverage(&out, &bad[i], 1, &four, uncertainty, &error),
                         NCA_INVALID_ARGUMENT);
        assert_says(error.message, "*fraction*0 to 1*");
    }
    static const double half = 0.5;
    assert_int_equal(nca_risk_coverage(&out, &half, 1, &four, uncertainty, &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error.message, "*image 3*nan*");
    nca_predictions none = four;
    none.count = 0;
    assert_int_equal(nca_risk_coverage(&out, &half, 1, &none, uncertainty, &error),
                     NCA_INVALID_ARGUMENT);
    assert_true(out == 5);
}

static void entropy_is_from_0_to_1(void **state)
{
    (void)state;
    double equal[NCA_MAX_CLASSES];
    for (size_t classes = 2; classes <= NCA_MAX_CLASSES; classes++) {
        for (size_t c = 0; c < classes; c++) {
            equal[c] = 1.0 / (double)classes;
        }
        const double entropy = nca_entropy(equal, classes);
        assert_true(entropy <= 1.0 && entropy > 1.0 - 1e-14);
    }
    const double certain = nca_entropy((const double[]){0, 1, 0}, 3);
    assert_true(certain == 0.0 && !signbit(certain));
    assert_true(nca_entropy((const double[]){1}, 1) == 0.0);
    assert_true(isnan(nca_entropy((const double[]){NAN, 1}, 2)));
}

/* ---- Temperature -----------------------------------------------------------------------------*/

static double fit(nca_label_kind kind, const double *scores, const uint8_t *truth, size_t count,
                  size_t classes)
{
    double out = -1;
    assert_int_equal(nca_temperature_fit(&out, kind, scores, truth, count, classes, NULL), NCA_OK);
    return out;
}

/* Three of four are right with a margin of m: the loss is least where the sigmoid of m / T is 3/4,
 * at T = m / log 3. */
static void the_temperature_is_the_one_that_can_be_computed(void **state)
{
    (void)state;
    const double two[] = {6, 0, 6, 0, 6, 0, 6, 0}, one[] = {6, 6, 6, -6};
    static const uint8_t truth[] = {0, 0, 1, 0}, hit[] = {1, 1, 0, 0};
    const double expected = 6 / log(3);
    assert_true(fabs(fit(NCA_LABELS_MULTI_CLASS, two, truth, 4, 2) - expected) < 1e-6);
    assert_true(fabs(fit(NCA_LABELS_BINARY, two, truth, 4, 2) - expected) < 1e-6);
    assert_true(fabs(fit(NCA_LABELS_MULTI_LABEL, one, hit, 4, 1) - expected) < 1e-6);
    /* Shifted scores and those far beyond exp give the same. */
    const double far[] = {1006, 1000, 1006, 1000, 1006, 1000, 1006, 1000};
    assert_true(fabs(fit(NCA_LABELS_MULTI_CLASS, far, truth, 4, 2) - expected) < 1e-6);
}

static void the_temperature_stays_in_its_range(void **state)
{
    (void)state;
    const double small[] = {0.01, 0, 0.01, 0}, large[] = {1e6, 0, 0, 1e6};
    static const uint8_t right[] = {0, 0}, wrong[] = {1, 1}, mixed[] = {1, 0};
    assert_true(fabs(fit(NCA_LABELS_MULTI_CLASS, small, right, 2, 2) - exp(-5)) < 1e-9);
    assert_true(fabs(fit(NCA_LABELS_MULTI_CLASS, large, mixed, 2, 2) - exp(5)) < 1e-6);
    assert_true(fabs(fit(NCA_LABELS_MULTI_CLASS, small, wrong, 2, 2) - exp(5)) < 1e-6);
    /* No temperature is better than 1: all losses are equal. */
    const double same[] = {2, 2, 2, 2};
    assert_true(fit(NCA_LABELS_MULTI_CLASS, same, right, 2, 2) == 1.0);
    const double huge[] = {1e308, -1e308, 1e308, -1e308};
    assert_true(fit(NCA_LABELS_MULTI_CLASS, huge, right, 2, 2) == 1.0);
}

static void wrong_scores_are_refused(void **state)
{
    (void)state;
    double scores[] = {1, 2, 3, 4}, out = 3;
    nca_error error = {0};
    const nca_label_kind kind = NCA_LABELS_MULTI_CLASS;
    static const uint8_t truth[] = {0, 1}, large[] = {0, 2};
    assert_int_equal(nca_temperature_fit(&out, kind, scores, truth, 0, 2, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_temperature_fit(&out, kind, scores, large, 2, 2, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_temperature_fit(&out, kind, scores, truth, (size_t)1 << 32, 2, &error),
                     NCA_LIMIT);
    scores[3] = INFINITY;
    assert_int_equal(nca_temperature_fit(&out, kind, scores, truth, 2, 2, &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error.message, "*image 1, class 1*inf*");
    assert_true(out == 3);
}

static void extreme_scores_give_probabilities(void **state)
{
    (void)state;
    const double scores[] = {1e308, -1e308, 0, 800, -800, 0};
    double out[6];
    nca_probabilities(out, NCA_LABELS_MULTI_CLASS, scores, 2, 3, 0.01);
    assert_true(out[0] == 1 && out[1] == 0 && out[2] == 0 && out[3] == 1 && out[4] == 0);
    nca_probabilities(out, NCA_LABELS_MULTI_LABEL, scores, 2, 3, 1);
    assert_true(out[0] == 1 && out[1] == 0 && out[2] == 0.5 && out[3] == 1 && out[4] == 0);
    const nca_predictions p = {NCA_LABELS_MULTI_LABEL, 2, 3, out, (const uint8_t[6]){0}};
    nca_scores s;
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    nca_scores_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_have_a_point_for_every_different_score),
        cmocka_unit_test(a_curve_needs_positives_and_negatives),
        cmocka_unit_test(the_most_uncertain_images_are_left_out_first),
        cmocka_unit_test(wrong_fractions_and_uncertainties_are_refused),
        cmocka_unit_test(entropy_is_from_0_to_1),
        cmocka_unit_test(the_temperature_is_the_one_that_can_be_computed),
        cmocka_unit_test(the_temperature_stays_in_its_range),
        cmocka_unit_test(wrong_scores_are_refused),
        cmocka_unit_test(extreme_scores_give_probabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
