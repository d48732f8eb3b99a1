/* See class_plots.h. The drawing is in render/; here are the curves. */
#include "nca/class_plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "measure/predictions.h"
#include "nca/plot.h"
#include "nca/predict.h"
#include "render/class_colour.h"
#include "render/plot_confusion.h"
#include "render/plot_points.h"
#include "render/plot_reliability.h"

enum {
    GRID = 201,     /* points of a mean curve */
    COVERAGES = 96, /* 5 to 100 % of the images */
    CURVES = NCA_MAX_CLASSES + 1
};

static const double nearby = 0.003; /* points of a curve that are closer are left out */

static const char *const plot_names[] = {"roc", "precision-recall", "confusion", "reliability",
                                         "risk-coverage"};

const char *nca_class_plot_name(nca_class_plot_kind kind)
{
    return (unsigned)kind < NCA_CLASS_PLOT_COUNT ? plot_names[kind] : NULL;
}

void nca_class_plot_default(nca_class_plot *out)
{
    *out = (nca_class_plot){.temperature = 1.0};
}

nca_colour nca_class_colour(size_t class_index)
{
    const unsigned rgb = nca__class_colour(class_index);
    return (nca_colour){(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb};
}

/* Where a drawing goes: a file, or the text of an element. */
typedef struct place {
    const char *path;
    char **out_svg;
} place;

static nca_status put(place to, const nca__drawing *drawing, nca_error *error)
{
    return to.path != NULL ? nca__pen_save(drawing, to.path, error)
                           : nca__pen_print(to.out_svg, drawing, error);
}

/* An <svg> has an accessible name even without a title. */
static const char *title_of(const nca_class_plot *plot, place to, const char *otherwise)
{
    const bool titled = plot->title != NULL && plot->title[0] != 0;
    return titled || to.path != NULL ? plot->title : otherwise;
}

/* The names of the classes, with numbers for those that have none. */
typedef struct class_names {
    char numbers[NCA_MAX_CLASSES][24];
    const char *names[NCA_MAX_CLASSES];
} class_names;

static void find_names(class_names *out, const nca_class_plot *plot)
{
    for (size_t k = 0; k < plot->predictions.classes; k++) {
        snprintf(out->numbers[k], sizeof out->numbers[k], "%zu", k);
        out->names[k] = plot->class_names != NULL && plot->class_names[k][0] != 0
                            ? plot->class_names[k]
                            : out->numbers[k];
    }
}

/* ---- Curves over thresholds ------------------------------------------------------------------*/

typedef struct curves {
    nca__point_curve curve[CURVES];
    size_t count;
    double mean[2 * GRID + 2]; /* with a first point for ROC curves */
    bool complete;             /* whether every class has a curve */
    double *drawn[CURVES];     /* the points of each curve; NULL: none of its own */
    double *column;
    uint8_t *positive;
} curves;

static void free_curves(curves *c)
{
    for (size_t i = 0; i < CURVES; i++) {
        free(c->drawn[i]);
    }
    free(c->column);
    free(c->positive);
    free(c);
}

/* Takes the scores and the labels of a class apart; whether both kinds of images occur. */
static bool take_class(curves *c, const nca_predictions *p, size_t class)
{
    size_t positives = 0;
    for (size_t i = 0; i < p->count; i++) {
        c->column[i] = p->probabilities[i * p->classes + class];
        c->positive[i] = p->kind == NCA_LABELS_MULTI_LABEL ? p->labels[i * p->classes + class]
                                                           : p->labels[i] == class;
        positives += c->positive[i];
    }
    return positives > 0 && positives < p->count;
}

/* The sum over the steps of a precision-recall curve: the average precision. */
static double average_precision(const nca_curve_point *points, size_t count)
{
    double sum = 0.0, before = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += (points[i].x - before) * points[i].y;
        before = points[i].x;
    }
    return sum;
}

/* Adds the value of the curve at each x of the grid. */
static void add_to_mean(double *mean, const nca_curve_point *points, size_t count, bool steps)
{
    size_t at = 0;
    for (size_t i = 0; i < GRID; i++) {
        const double x = (double)i / (GRID - 1);
        /* A ROC curve rises at one x: its upper end is taken, except at 0. */
        while (at + 1 < count && (steps ? points[at].x < x : points[at + 1].x <= x)) {
            at++;
        }
        double y = points[at].y;
        if (!steps && at + 1 < count && points[at].x < x) {
            const double share = (x - points[at].x) / (points[at + 1].x - points[at].x);
            y += share * (points[at + 1].y - points[at].y);
        }
        mean[2 * i] = x;
        mean[2 * i + 1] += y;
    }
}

/* Points for drawing: without those that are near the one before; with `steps` the value holds from
 * the x before. NULL if out of memory. */
static double *draw_points(size_t *out_count, const nca_curve_point *points, size_t count,
                           bool steps)
{
    double *out = malloc((count + 1) * 4 * sizeof *out);
    size_t used = 0;
    for (size_t i = 0; i < count && out != NULL; i++) {
        const bool ends = i == 0 || i + 1 == count;
        if (!ends && fabs(points[i].x - out[2 * used - 2]) < nearby &&
            fabs(points[i].y - out[2 * used - 1]) < nearby) {
            continue;
        }
        if (steps) {
            out[2 * used] = used > 0 ? out[2 * used - 2] : 0.0;
            out[2 * used + 1] = points[i].y;
            used++;
        }
        out[2 * used] = points[i].x;
        out[2 * used + 1] = points[i].y;
        used++;
    }
    *out_count = used;
    return out;
}

static nca_status add_curve(curves *c, const nca_predictions *p, size_t class, bool steps,
                            const char *name, nca_error *error)
{
    double **drawn = &c->drawn[c->count];
    nca__point_curve *curve = &c->curve[c->count++];
    *curve = (nca__point_curve){.name = name, .value = NAN};
    if (!take_class(c, p, class)) {
        c->complete = false;
        return NCA_OK;
    }
    nca_curve_point *points = NULL;
    size_t count = 0;
    nca_status status = (steps ? nca_precision_recall_curve : nca_roc_curve)(
        &points, &count, c->column, c->positive, p->count, error);
    if (status != NCA_OK) {
        return status;
    }
    if (steps) {
        while (count > 1 && points[count - 2].x >= 1.0) {
            count--; /* nothing can be found any more */
        }
        curve->value = average_precision(points, count);
    } else {
        status = nca_auc_binary(&curve->value, c->column, c->positive, p->count, error);
    }
    add_to_mean(c->mean + 2, points, count, steps);
    *drawn = draw_points(&curve->count, points, count, steps);
    curve->points = *drawn;
    free(points);
    return status != NCA_OK ? status
           : *drawn != NULL ? NCA_OK
                            : nca__fail_memory(error, "a plot", count * 4 * sizeof **drawn);
}

/* A ROC curve begins at (0,0). */
static void add_mean(curves *c, bool recall)
{
    const size_t classes = c->count;
    double value = 0.0;
    for (size_t k = 0; k < classes; k++) {
        value += c->curve[k].value / (double)classes;
    }
    for (size_t i = 0; i < GRID; i++) {
        c->mean[2 * i + 3] /= (double)classes;
    }
    c->curve[c->count++] = (nca__point_curve){.name = "mean of the classes",
                                              .points = c->mean + (recall ? 2 : 0),
                                              .count = !c->complete ? 0
                                                       : recall     ? GRID
                                                                    : GRID + 1,
                                              .value = c->complete ? value : NAN,
                                              .strong = true};
}

static nca_status plot_thresholds(bool recall, const nca_class_plot *plot, const class_names *names,
                                  place to, nca_error *error)
{
    const nca_predictions *p = &plot->predictions;
    curves *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->complete = true;
        c->column = malloc(p->count * sizeof *c->column);
        c->positive = malloc(p->count);
    }
    nca_status status = NCA_OK;
    if (c == NULL || c->column == NULL || c->positive == NULL) {
        status = nca__fail_memory(error, "a plot", p->count * sizeof(double));
    }
    const size_t first = p->kind == NCA_LABELS_BINARY ? 1 : 0; /* the benchmark's AUC: of class 1 */
    for (size_t k = first; k < p->classes && status == NCA_OK; k++) {
        status = add_curve(c, p, k, recall, names->names[k], error);
    }
    if (status == NCA_OK) {
        double share = NAN;
        if (c->count > 1) {
            add_mean(c, recall);
        } else if (recall && c->complete) {
            size_t positives = 0;
            for (size_t i = 0; i < p->count; i++) {
                positives += c->positive[i];
            }
            share = (double)positives / (double)p->count;
        }
        const nca__point_plot drawn = {.x_name = recall ? "recall" : "false positive rate",
                                       .y_name = recall ? "precision" : "true positive rate",
                                       .value_name = recall ? "AP" : "AUC",
                                       .curves = c->curve,
                                       .count = c->count,
                                       .diagonal = !recall,
                                       .baseline = share,
                                       .baseline_name = "share of the images",
                                       .note = c->complete ? NULL : "\xe2\x80\x93: not defined"};
        status = put(
            to,
            &(nca__drawing){NCA__POINTS_WIDTH, NCA__POINTS_HEIGHT,
                            title_of(plot, to, recall ? "Precision-recall curves" : "ROC curves"),
                            nca__points_draw, &drawn},
            error);
    }
    if (c != NULL) {
        free_curves(c);
    }
    return status;
}

/* ---- Coverage --------------------------------------------------------------------------------*/

/* From 0 to 1; each class has a probability of its own only with labels. */
static double uncertainty_of(const nca_class_plot *plot, size_t image)
{
    const nca_predictions *p = &plot->predictions;
    const nca_classifier c = {.kind = p->kind, .classes = (uint32_t)p->classes};
    return plot->uncertainty != NULL
               ? plot->uncertainty[image]
               : nca_prediction_entropy(&c, p->probabilities + image * p->classes);
}

static double deviation_of(const nca_class_plot *plot, size_t image)
{
    double sum = 0.0;
    for (size_t k = 0; k < plot->predictions.classes; k++) {
        sum += plot->deviations[image * plot->predictions.classes + k];
    }
    return sum / (double)plot->predictions.classes;
}

/* points (COVERAGES,2) and the accuracy of the half that is most certain. */
static nca_status cover(double *points, double *out_half, const nca_class_plot *plot,
                        const double *uncertainty, nca_error *error)
{
    double leave_out[COVERAGES], accuracy[COVERAGES];
    for (size_t i = 0; i < COVERAGES; i++) {
        leave_out[i] = (double)(COVERAGES - 1 - i) / 100.0;
    }
    nca_status status =
        nca_risk_coverage(accuracy, leave_out, COVERAGES, &plot->predictions, uncertainty, error);
    for (size_t i = 0; i < COVERAGES && status == NCA_OK; i++) {
        points[2 * i] = 1.0 - leave_out[i];
        points[2 * i + 1] = accuracy[i];
        *out_half = COVERAGES - 1 - i == 50 ? accuracy[i] : *out_half;
    }
    return status;
}

static nca_status plot_coverage(const nca_class_plot *plot, place to, nca_error *error)
{
    const nca_predictions *p = &plot->predictions;
    double points[2][2 * COVERAGES], halves[2] = {NAN, NAN};
    double *uncertainty = malloc(p->count * sizeof *uncertainty);
    if (uncertainty == NULL) {
        return nca__fail_memory(error, "a plot", p->count * sizeof *uncertainty);
    }
    for (size_t i = 0; i < p->count; i++) {
        uncertainty[i] = uncertainty_of(plot, i);
    }
    nca_status status = cover(points[0], &halves[0], plot, uncertainty, error);
    size_t count = 1;
    if (status == NCA_OK && plot->deviations != NULL) {
        double most = 0.0;
        for (size_t i = 0; i < p->count; i++) {
            uncertainty[i] = deviation_of(plot, i);
            most = fmax(most, uncertainty[i]);
        }
        if (most > 0.0) {
            status = cover(points[1], &halves[1], plot, uncertainty, error);
            count = 2;
        }
    }
    free(uncertainty);
    if (status != NCA_OK) {
        return status;
    }
    const nca__point_curve lines[] = {
        {"by entropy", points[0], COVERAGES, halves[0], false},
        {"by spread of rollouts", points[1], COVERAGES, halves[1], false}};
    const nca__point_plot drawn = {.x_name = "coverage: share of the images that are kept",
                                   .y_name = "accuracy of these images",
                                   .value_name = "at 50\xc2\xa0%",
                                   .curves = lines,
                                   .count = count,
                                   .baseline = points[0][2 * COVERAGES - 1],
                                   .baseline_name = "all images",
                                   .fit = true};
    return put(to,
               &(nca__drawing){NCA__POINTS_WIDTH, NCA__POINTS_HEIGHT,
                               title_of(plot, to, "Accuracy over coverage"), nca__points_draw,
                               &drawn},
               error);
}

/* ---- Decisions -------------------------------------------------------------------------------*/

static nca_status plot_confusion(const nca_class_plot *plot, const nca_scores *scores,
                                 const class_names *names, place to, nca_error *error)
{
    const nca__confusion_plot drawn = {scores->confusion, plot->predictions.classes,
                                       plot->predictions.kind == NCA_LABELS_MULTI_LABEL,
                                       names->names};
    nca__drawing drawing = {.title = title_of(plot, to, "Confusion matrix"),
                            .draw = nca__confusion_draw,
                            .data = &drawn};
    nca__confusion_size(&drawing.width, &drawing.height, &drawn);
    return put(to, &drawing, error);
}

static void take_bins(nca__reliability_bin *out, const nca_scores *scores)
{
    for (size_t b = 0; b < NCA_CALIBRATION_BINS; b++) {
        const nca_calibration_bin *bin = &scores->calibration[b];
        out[b] = (nca__reliability_bin){bin->count, bin->confidence, bin->accuracy};
    }
}

static nca_status plot_reliability(const nca_class_plot *plot, const nca_scores *scores, place to,
                                   nca_error *error)
{
    nca__reliability_bin bins[2][NCA_CALIBRATION_BINS];
    const bool two = plot->uncalibrated != NULL;
    char name[64] = "predictions";
    take_bins(bins[0], scores);
    if (two) {
        const long hundredths = lround(fmin(fabs(plot->temperature), 1e6) * 100.0);
        snprintf(name, sizeof name, "with temperature %ld.%02ld", hundredths / 100,
                 hundredths % 100);
        take_bins(bins[1], plot->uncalibrated);
    }
    const nca__reliability_series series[] = {
        {name, bins[0], scores->ece},
        {"without temperature", bins[1], two ? plot->uncalibrated->ece : NAN}};
    const nca__reliability_plot drawn = {series, two ? 2 : 1, NCA_CALIBRATION_BINS};
    return put(to,
               &(nca__drawing){NCA__RELIABILITY_WIDTH, NCA__RELIABILITY_HEIGHT,
                               title_of(plot, to, "Reliability diagram"), nca__reliability_draw,
                               &drawn},
               error);
}

/* ---- All -------------------------------------------------------------------------------------*/

static nca_status plot_to(place to, nca_class_plot_kind kind, const nca_class_plot *plot,
                          nca_error *error)
{
    nca_status status = nca__check_reserved(plot->reserved, NCA_RESERVED, "nca_class_plot", error);
    if (status != NCA_OK) {
        return status;
    }
    if (nca_class_plot_name(kind) == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected a kind of plot from 0 to %d, found %d", NCA_CLASS_PLOT_COUNT - 1,
                         (int)kind);
    }
    nca_scores own = {0};
    status = nca__check_predictions(&plot->predictions, error);
    if (status == NCA_OK && plot->scores == NULL) {
        status = nca_scores_compute(&own, &plot->predictions, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const nca_scores *scores = plot->scores != NULL ? plot->scores : &own;
    class_names names;
    find_names(&names, plot);
    if (kind == NCA_CLASS_PLOT_CONFUSION) {
        status = plot_confusion(plot, scores, &names, to, error);
    } else if (kind == NCA_CLASS_PLOT_RELIABILITY) {
        status = plot_reliability(plot, scores, to, error);
    } else if (kind == NCA_CLASS_PLOT_RISK_COVERAGE) {
        status = plot_coverage(plot, to, error);
    } else {
        const bool recall = kind == NCA_CLASS_PLOT_PRECISION_RECALL;
        status = plot_thresholds(recall, plot, &names, to, error);
    }
    nca_scores_free(&own);
    return status;
}

nca_status nca_plot_classes(nca_class_plot_kind kind, const nca_class_plot *plot, const char *path,
                            nca_error *error)
{
    return plot_to((place){.path = path}, kind, plot, error);
}

nca_status nca_plot_classes_svg(char **out_svg, nca_class_plot_kind kind,
                                const nca_class_plot *plot, nca_error *error)
{
    return plot_to((place){.out_svg = out_svg}, kind, plot, error);
}
