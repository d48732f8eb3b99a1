/* Scores of predictions, computed by hand; refused input; many images. */
#include "nca/scores.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "says.h"

static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-15)) {
        fail_msg("found %.17g, expected %.17g", found, expected);
    }
}

static double area(const double *scores, const uint8_t *positive, size_t count)
{
    double out = -1;
    assert_int_equal(nca_auc_binary(&out, scores, positive, count, NULL), NCA_OK);
    return out;
}

static void the_area_counts_pairs_and_equal_scores_half(void **state)
{
    (void)state;
    const double scores[] = {0.1, 0.4, 0.4, 0.8};
    assert_true(area(scores, (const uint8_t[]){0, 0, 1, 1}, 4) == 3.5 / 4);
    assert_true(area(scores, (const uint8_t[]){0, 0, 0, 1}, 4) == 1.0);
    assert_true(area(scores, (const uint8_t[]){1, 0, 0, 0}, 4) == 0.0);
    assert_true(area((const double[]){3, 3, 3, 3}, (const uint8_t[]){1, 0, 1, 0}, 4) == 0.5);
    /* Zeros are equal whatever their sign; scores may have any size. */
    assert_true(area((const double[]){-0.0, 0.0}, (const uint8_t[]){1, 0}, 2) == 0.5);
    assert_true(area((const double[]){-1e308, 1e308}, (const uint8_t[]){0, 1}, 2) == 1.0);
}

static void the_area_of_one_kind_alone_is_no_number(void **state)
{
    (void)state;
    const double scores[] = {0.1, 0.4};
    assert_true(isnan(area(scores, (const uint8_t[]){1, 1}, 2)));
    assert_true(isnan(area(scores, (const uint8_t[]){0, 0}, 2)));
    assert_true(isnan(area(scores, (const uint8_t[]){1}, 1)));
}

/* Three classes, five images; class 2 never occurs, class 1 is hit once of three. */
static const double three[] = {0.7, 0.2, 0.1, //
                               0.4, 0.4, 0.2, // the first of equals
                               0.1, 0.8, 0.1, //
                               0.2, 0.3, 0.5, //
                               0.6, 0.3, 0.1};
static const uint8_t three_labels[] = {0, 1, 1, 1, 0};

static void classes_are_scored_as_computed_by_hand(void **state)
{
    (void)state;
    const nca_predictions p = {NCA_LABELS_MULTI_CLASS, 5, 3, three, three_labels};
    static const size_t confusion[] = {2, 0, 0, 1, 1, 1, 0, 0, 0};
    nca_scores s;
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.classes, 3);
    assert_memory_equal(s.confusion, confusion, sizeof confusion);
    assert_true(s.accuracy == 3.0 / 5);
    assert_near(s.balanced_accuracy, (1.0 + 1.0 / 3) / 2);
    assert_true(s.recall[0] == 1.0 && s.recall[1] == 1.0 / 3 && isnan(s.recall[2]));
    assert_true(s.precision[0] == 2.0 / 3 && s.precision[1] == 1.0 && s.precision[2] == 0.0);
    assert_int_equal(s.occurs[0], 2);
    assert_int_equal(s.occurs[1], 3);
    assert_int_equal(s.occurs[2], 0);
    assert_true(s.class_auc[0] == 1.0);
    assert_true(s.class_auc[1] == (1 + 1 + 1 + 1 + 1 + 0.5) / 6);
    assert_true(isnan(s.class_auc[2]));
    assert_true(isnan(s.auc)); /* one class has no AUC */
    assert_near(s.log_loss, -(log(0.7) + log(0.4) + log(0.8) + log(0.3) + log(0.6)) / 5);
    assert_near(s.brier, (0.14 + 0.56 + 0.06 + 0.78 + 0.26) / 5);
    /* Bins (0.333,0.4], (0.467,0.533], (0.533,0.6], (0.667,0.733] and (0.733,0.8]. */
    assert_near(s.ece, (0.4 + 0.5 + 0.4 + 0.3 + 0.2) / 5);
    assert_int_equal(s.calibration[5].count, 1);
    assert_true(s.calibration[5].confidence == 0.4 && s.calibration[5].accuracy == 0.0);
    assert_int_equal(s.calibration[11].count, 1);
    assert_int_equal(s.calibration[12].count, 0);
    assert_true(isnan(s.calibration[12].confidence) && isnan(s.calibration[12].accuracy));
    nca_scores_free(&s);
    assert_null(s.confusion);
    nca_scores_free(&s);
}

static void a_binary_set_needs_more_than_one_half(void **state)
{
    (void)state;
    const double rows[] = {0.5, 0.5, 0.4, 0.6, 0.9, 0.1};
    const nca_predictions p = {NCA_LABELS_BINARY, 3, 2, rows, (const uint8_t[]){1, 1, 0}};
    nca_scores s;
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    assert_true(s.accuracy == 2.0 / 3);
    assert_true(s.auc == 1.0);
    assert_int_equal(s.confusion[2], 1); /* class 1, predicted as 0 */
    nca_scores_free(&s);
}

static void every_label_is_a_decision(void **state)
{
    (void)state;
    const double rows[] = {0.9, 0.5, //
                           0.6, 0.2, //
                           0.1, 0.7};
    const uint8_t labels[] = {1, 1, 0, 0, 0, 0};
    static const size_t confusion[] = {1, 1, 0, 1, 1, 1, 1, 0};
    const nca_predictions p = {NCA_LABELS_MULTI_LABEL, 3, 2, rows, labels};
    nca_scores s;
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    assert_memory_equal(s.confusion, confusion, sizeof confusion);
    assert_near(s.accuracy, (2.0 / 3 + 1.0 / 3) / 2);
    assert_near(s.balanced_accuracy, ((1.0 + 0.5) / 2 + (0.0 + 0.5) / 2) / 2);
    assert_true(s.recall[0] == 1.0 && s.recall[1] == 0.0);
    assert_true(s.precision[0] == 0.5 && s.precision[1] == 0.0);
    assert_true(s.class_auc[0] == 1.0 && s.class_auc[1] == 0.5 && s.auc == 0.75);
    assert_near(s.brier, (0.01 + 0.25 + 0.36 + 0.04 + 0.01 + 0.49) / 6);
    assert_near(s.log_loss, -(log(0.9) + log(0.5) + log(0.4) + log(0.8) + log(0.9) + log(0.3)) / 6);
    assert_near(s.ece, (2 * 0.1 + 0.5 + 0.6 + 0.2 + 0.7) / 6);
    nca_scores_free(&s);
}

static void a_certain_error_costs_a_finite_loss(void **state)
{
    (void)state;
    const double rows[] = {1, 0, 1, 0};
    const nca_predictions p = {NCA_LABELS_MULTI_CLASS, 2, 2, rows, (const uint8_t[]){0, 1}};
    nca_scores s;
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    assert_near(s.log_loss, -log(1e-15) / 2);
    assert_true(s.ece == 0.5);
    nca_scores_free(&s);
}

/* ---- Refused ---------------------------------------------------------------------------------*/

static void refuse(nca_predictions p, nca_status expected, const char *message)
{
    nca_error error = {0};
    nca_scores s, before;
    memset(&s, 7, sizeof s);
    memcpy(&before, &s, sizeof s);
    assert_int_equal(nca_scores_compute(&s, &p, &error), expected);
    assert_says(error.message, message);
    assert_memory_equal(&s, &before, sizeof s);
    assert_int_equal(nca_scores_compute(&s, &p, NULL), expected);
}

static void wrong_predictions_are_refused(void **state)
{
    (void)state;
    double rows[15];
    memcpy(rows, three, sizeof rows);
    const nca_predictions good = {NCA_LABELS_MULTI_CLASS, 5, 3, rows, three_labels};
    nca_predictions p = good;
    p.count = 0;
    refuse(p, NCA_INVALID_ARGUMENT, "*at least one*");
    p.count = (size_t)1 << 32;
    refuse(p, NCA_LIMIT, "*2^32 - 1*4294967296*");
    p = good, p.classes = 1;
    refuse(p, NCA_INVALID_ARGUMENT, "*2 to 64 classes*found 1*");
    p.classes = NCA_MAX_CLASSES + 1;
    refuse(p, NCA_INVALID_ARGUMENT, "*found 65*");
    p = good, p.kind = NCA_LABELS_BINARY;
    refuse(p, NCA_INVALID_ARGUMENT, "*expected 2 classes*found 3*");
    p = good, p.kind = NCA_LABEL_KINDS;
    refuse(p, NCA_INVALID_ARGUMENT, "*kind*4*");
    p = good, p.labels = (const uint8_t[]){0, 1, 1, 3, 0};
    refuse(p, NCA_INVALID_ARGUMENT, "*image 3*0 to 2*found 3*");
    p = (nca_predictions){NCA_LABELS_MULTI_LABEL, 2, 3, rows, (const uint8_t[]){0, 1, 1, 0, 2, 0}};
    refuse(p, NCA_INVALID_ARGUMENT, "*image 1*0 to 1*found 2*");
    static const double bad[] = {NAN, INFINITY, -INFINITY, -1e-300, 1.0000000000000002};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rows[7] = bad[i];
        refuse(good, NCA_INVALID_ARGUMENT, "*image 2, class 1*0 to 1*");
    }
}

static void wrong_columns_are_refused(void **state)
{
    (void)state;
    double area = 9, scores[] = {0.5, 0.25};
    uint8_t positive[] = {0, 1};
    nca_error error = {0};
    assert_int_equal(nca_auc_binary(&area, scores, positive, 0, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_auc_binary(&area, scores, positive, (size_t)1 << 32, &error), NCA_LIMIT);
    positive[1] = 2;
    assert_int_equal(nca_auc_binary(&area, scores, positive, 2, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "*score 1*");
    positive[1] = 1;
    scores[0] = NAN;
    assert_int_equal(nca_auc_binary(&area, scores, positive, 2, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "*score 0*nan*");
    scores[0] = INFINITY;
    assert_int_equal(nca_auc_binary(&area, scores, positive, 2, &error), NCA_INVALID_ARGUMENT);
    assert_true(area == 9);
}

/* ---- Many images -----------------------------------------------------------------------------*/

/* A quadratic count of pairs would take minutes. */
static void many_images_are_scored_quickly(void **state)
{
    (void)state;
    enum {
        COUNT = 100000,
        CLASSES = 11
    };
    double *rows = calloc((size_t)COUNT * CLASSES, sizeof *rows);
    uint8_t *labels = calloc(COUNT, 1);
    assert_non_null(rows);
    assert_non_null(labels);
    uint32_t random = 1;
    for (size_t i = 0; i < (size_t)COUNT * CLASSES; i++) {
        random = random * 1664525 + 1013904223;
        rows[i] = (double)(random >> 8) / (1 << 24);
    }
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % CLASSES);
        rows[i * CLASSES + labels[i]] = 1.0 - 0.5 * rows[i * CLASSES + labels[i]];
    }
    const nca_predictions p = {NCA_LABELS_ORDINAL, COUNT, CLASSES, rows, labels};
    nca_scores s;
    const clock_t begin = clock();
    assert_int_equal(nca_scores_compute(&s, &p, NULL), NCA_OK);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    assert_true(seconds < 30); /* on a slow machine, with sanitizers */
    /* A uniform number against one that is uniform above one half. */
    assert_true(fabs(s.auc - 0.75) < 0.01);
    size_t total = 0;
    for (size_t i = 0; i < CLASSES * CLASSES; i++) {
        total += s.confusion[i];
    }
    assert_int_equal(total, COUNT);
    nca_scores_free(&s);
    free(rows);
    free(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_counts_pairs_and_equal_scores_half),
        cmocka_unit_test(the_area_of_one_kind_alone_is_no_number),
        cmocka_unit_test(classes_are_scored_as_computed_by_hand),
        cmocka_unit_test(a_binary_set_needs_more_than_one_half),
        cmocka_unit_test(every_label_is_a_decision),
        cmocka_unit_test(a_certain_error_costs_a_finite_loss),
        cmocka_unit_test(wrong_predictions_are_refused),
        cmocka_unit_test(wrong_columns_are_refused),
        cmocka_unit_test(many_images_are_scored_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
