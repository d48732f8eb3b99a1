/* Scores against scikit-learn and the rules of MedMNIST's evaluator: tests/fixtures/make_scores.py
 * describes the records. An argument names another file of such records, and more of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "nca/scores.h"

enum {
    OWN = 6,       /* scores of a record before those of the classes */
    PER_CLASS = 5, /* AUC of scikit-learn, exact AUC, recall, precision, occurs */
    CUTS = 5,
    POINT = 3
};

static const char *path = NCA_FIXTURES "/scores.bin";

/* A record, in the order of the file; everything but `labels` points into it. */
typedef struct record {
    uint32_t kind, count, classes;
    const double *probabilities, *scores, *per_class, *confusion, *bins;
    const double *uncertainty, *leave_out, *rest, *entropies;
    const double *temperature, *logits, *scaled;
    uint8_t *labels;
    size_t confusion_size;
} record;

typedef struct reader {
    const uint8_t *at, *end;
} reader;

static uint32_t read_u32(reader *from)
{
    uint32_t value;
    assert_true((size_t)(from->end - from->at) >= sizeof value);
    memcpy(&value, from->at, sizeof value);
    from->at += sizeof value;
    return value;
}

/* A copy, because the file's doubles are not aligned; free() it. */
static double *read_doubles(reader *from, size_t count)
{
    assert_true((size_t)(from->end - from->at) / sizeof(double) >= count);
    double *values = calloc(count + 1, sizeof *values);
    assert_non_null(values);
    memcpy(values, from->at, count * sizeof *values);
    from->at += count * sizeof *values;
    return values;
}

static record read_record(reader *from, double **out_values)
{
    record r = {.kind = read_u32(from)};
    r.count = read_u32(from);
    r.classes = read_u32(from);
    const bool several = r.kind == NCA_LABELS_MULTI_LABEL;
    const size_t cells = (size_t)r.count * r.classes, labels = several ? cells : r.count;
    r.confusion_size = (size_t)r.classes * (several ? 4 : r.classes);
    const size_t sizes[] = {cells,
                            labels,
                            OWN,
                            PER_CLASS * r.classes,
                            r.confusion_size,
                            3 * NCA_CALIBRATION_BINS,
                            r.count,
                            CUTS,
                            CUTS,
                            r.count,
                            1,
                            cells,
                            cells};
    const double *label_values = NULL;
    const double **places[] = {&r.probabilities, &label_values, &r.scores,      &r.per_class,
                               &r.confusion,     &r.bins,       &r.uncertainty, &r.leave_out,
                               &r.rest,          &r.entropies,  &r.temperature, &r.logits,
                               &r.scaled};
    size_t total = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        total += sizes[i];
    }
    const double *at = *out_values = read_doubles(from, total);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *places[i] = at;
        at += sizes[i];
    }
    r.labels = calloc(labels, 1);
    assert_non_null(r.labels);
    for (size_t i = 0; i < labels; i++) {
        r.labels[i] = (uint8_t)label_values[i];
    }
    return r;
}

/* NaN equals NaN; tolerance 0 means the same value. */
static void check_near(const char *what, size_t index, double found, double expected,
                       double tolerance)
{
    const bool same = isnan(expected) ? isnan(found) : fabs(found - expected) <= tolerance;
    if (!same) {
        fail_msg("%s %zu: found %.17g, expected %.17g", what, index, found, expected);
    }
}

static void check_classes(const nca_scores *s, const record *r)
{
    const double *expected = r->per_class;
    for (size_t c = 0; c < r->classes; c++) {
        check_near("AUC", c, s->class_auc[c], expected[c], 1e-15);
        check_near("exact AUC", c, s->class_auc[c], expected[r->classes + c], 0);
        check_near("recall", c, s->recall[c], expected[2 * r->classes + c], 0);
        check_near("precision", c, s->precision[c], expected[3 * r->classes + c], 0);
        check_near("occurs", c, (double)s->occurs[c], expected[4 * r->classes + c], 0);
    }
    for (size_t i = 0; i < r->confusion_size; i++) {
        check_near("confusion", i, (double)s->confusion[i], r->confusion[i], 0);
    }
}

static void check_scores(const record *r, const nca_predictions *p)
{
    nca_scores s;
    /* NumPy adds in another order. */
    const double rounding = 1e-16 * (100.0 + (double)r->count * r->classes);
    assert_int_equal(nca_scores_compute(&s, p, NULL), NCA_OK);
    assert_int_equal(s.count, r->count);
    assert_int_equal(s.classes, r->classes);
    check_near("mean AUC", 0, s.auc, r->scores[0], 1e-15);
    check_near("accuracy", 0, s.accuracy, r->scores[1], 0);
    check_near("balanced accuracy", 0, s.balanced_accuracy, r->scores[2], 1e-15);
    check_near("log loss", 0, s.log_loss, r->scores[3], rounding * (1 + r->scores[3]));
    check_near("Brier score", 0, s.brier, r->scores[4], rounding);
    check_near("ECE", 0, s.ece, r->scores[5], rounding);
    check_classes(&s, r);
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        const double *expected = r->bins + b;
        check_near("bin count", b, (double)s.calibration[b].count, expected[0], 0);
        check_near("bin confidence", b, s.calibration[b].confidence, expected[NCA_CALIBRATION_BINS],
                   rounding);
        check_near("bin accuracy", b, s.calibration[b].accuracy, expected[2 * NCA_CALIBRATION_BINS],
                   1e-15);
    }
    nca_scores_free(&s);
    assert_null(s.confusion);
}

static void check_uncertainty(const record *r, const nca_predictions *p)
{
    double rest[CUTS];
    assert_int_equal(nca_risk_coverage(rest, r->leave_out, CUTS, p, r->uncertainty, NULL), NCA_OK);
    for (size_t i = 0; i < CUTS; i++) {
        check_near("accuracy of the rest", i, rest[i], r->rest[i], 0);
    }
    for (size_t i = 0; i < r->count; i++) {
        check_near("entropy", i, nca_entropy(r->probabilities + i * r->classes, r->classes),
                   r->entropies[i], 1e-14);
    }
}

static void check_temperature(const record *r)
{
    double found = 0;
    assert_int_equal(nca_temperature_fit(&found, (nca_label_kind)r->kind, r->logits, r->labels,
                                         r->count, r->classes, NULL),
                     NCA_OK);
    const double expected = *r->temperature;
    if (!isnan(expected)) {
        check_near("log of the temperature", 0, log(found), log(expected), 1e-5);
    }
    const size_t cells = (size_t)r->count * r->classes;
    double *out = calloc(cells, sizeof *out);
    assert_non_null(out);
    memcpy(out, r->logits, cells * sizeof *out); /* in place */
    nca_probabilities(out, (nca_label_kind)r->kind, out, r->count, r->classes,
                      isnan(expected) ? 1.0 : expected);
    for (size_t i = 0; i < cells; i++) {
        check_near("probability", i, out[i], r->scaled[i], 1e-15);
    }
    free(out);
}

typedef nca_status make_curve(nca_curve_point **out, size_t *out_count, const double *scores,
                              const uint8_t *positive, size_t count, nca_error *error);

static void check_curve(reader *from, make_curve *make, const double *column,
                        const uint8_t *positive, size_t count)
{
    nca_curve_point *points = NULL;
    size_t found = 0;
    const size_t expected = read_u32(from);
    double *values = read_doubles(from, expected * POINT);
    const nca_status status = make(&points, &found, column, positive, count, NULL);
    assert_int_equal(status, expected == 0 ? NCA_INVALID_ARGUMENT : NCA_OK);
    assert_int_equal(found, expected);
    for (size_t i = 0; i < found; i++) {
        check_near("x", i, points[i].x, values[i * POINT], 0);
        check_near("y", i, points[i].y, values[i * POINT + 1], 0);
        if (!isinf(values[i * POINT + 2])) {
            check_near("threshold", i, points[i].threshold, values[i * POINT + 2], 0);
        } else {
            assert_true(points[i].threshold == INFINITY);
        }
    }
    free(values);
    free(points);
}

/* The first column: class 0 or label 0 against the others. */
static void check_curves(reader *from, const record *r)
{
    double *column = calloc(r->count, sizeof *column);
    uint8_t *positive = calloc(r->count, 1);
    assert_non_null(column);
    assert_non_null(positive);
    for (size_t i = 0; i < r->count; i++) {
        column[i] = r->probabilities[i * r->classes];
        positive[i] =
            r->kind == NCA_LABELS_MULTI_LABEL ? r->labels[i * r->classes] : r->labels[i] == 0;
    }
    double area = 0;
    assert_int_equal(nca_auc_binary(&area, column, positive, r->count, NULL), NCA_OK);
    check_near("area", 0, area, r->per_class[r->classes], 0);
    check_curve(from, nca_roc_curve, column, positive, r->count);
    check_curve(from, nca_precision_recall_curve, column, positive, r->count);
    free(column);
    free(positive);
}

static void scores_are_those_of_scikit_learn(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0, records = 0;
    assert_int_equal(nca__file_read(&bytes, &size, path, (size_t)1 << 30, NULL), NCA_OK);
    reader from = {bytes, bytes + size};
    for (; from.at < from.end; records++) {
        double *values = NULL;
        record r = read_record(&from, &values);
        const nca_predictions p = {(nca_label_kind)r.kind, r.count, r.classes, r.probabilities,
                                   r.labels};
        check_scores(&r, &p);
        check_uncertainty(&r, &p);
        check_temperature(&r);
        check_curves(&from, &r);
        free(values);
        free(r.labels);
    }
    assert_true(records >= 30);
    print_message("%zu cases\n", records);
    free(bytes);
}

int main(int argc, char **argv)
{
    path = argc > 1 ? argv[1] : path;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_scikit_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
