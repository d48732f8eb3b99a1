/* See class_figures.h. */
#include "cli/model/class_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char steps_name[] = "accuracy-over-steps";

nca_status class_figure(const nca_class_report *report, nca_class_plot_kind kind, const char *title,
                        evaluation_plot_place place, nca_error *error)
{
    const nca_class_evaluation *e = report->evaluation;
    nca_class_plot plot;
    nca_class_plot_default(&plot);
    plot.title = title;
    plot.predictions = (nca_predictions){.kind = report->kind,
                                         .count = report->count,
                                         .classes = report->classes,
                                         .probabilities = e->probabilities,
                                         .labels = report->labels};
    plot.class_names = (const char(*)[NCA_CLASS_NAME])report->class_names;
    plot.scores = &e->scores;
    plot.uncertainty = report->entropy;
    plot.deviations = e->deviations;
    if (kind == NCA_CLASS_PLOT_RELIABILITY && report->calibrated.count > 0) {
        plot.scores = &report->calibrated;
        plot.uncalibrated = &e->scores;
        plot.temperature = report->temperature;
    }
    return place.path != NULL ? nca_plot_classes(kind, &plot, place.path, error)
                              : nca_plot_classes_svg(place.out_svg, kind, &plot, error);
}

/* ---- Over steps ------------------------------------------------------------------------------*/

static nca_status draw_steps(const nca_class_report *report, const nca_curve curves[2],
                             const char *title, evaluation_plot_place place, nca_error *error)
{
    char mark[64];
    snprintf(mark, sizeof mark, "read at step %zu", report->steps);
    const nca_curve_mark marks[] = {{report->steps, mark}};
    nca_curve_plot plot;
    nca_curve_plot_default(&plot);
    plot.title = title;
    plot.x_log = true;
    plot.y_linear = true;
    plot.y_name = "AUC and accuracy";
    plot.curves = curves;
    plot.curve_count = 2;
    plot.marks = marks;
    plot.mark_count = 1;
    return place.path != NULL ? nca_plot_curves(&plot, place.path, error)
                              : nca_plot_curves_svg(place.out_svg, &plot, error);
}

nca_status class_figure_steps(const nca_class_report *report, const char *title,
                              evaluation_plot_place place, nca_error *error)
{
    const size_t count = report->step_count;
    size_t *steps = calloc(count, sizeof *steps);
    nca_spread *values = calloc(2 * count, sizeof *values);
    nca_status status = NCA_OUT_OF_MEMORY;
    if (steps != NULL && values != NULL) {
        for (size_t i = 0; i < count; i++) {
            const nca_class_row *row = &report->over_steps[i];
            steps[i] = row->steps;
            values[i] = (nca_spread){row->auc, NAN};
            values[count + i] = (nca_spread){row->accuracy, NAN};
        }
        const nca_curve curves[2] = {
            {.name = "AUC", .steps = steps, .values = values, .count = count},
            {.name = "accuracy", .steps = steps, .values = values + count, .count = count}};
        status = draw_steps(report, curves, title, place, error);
    } else {
        error->status = status;
        snprintf(error->message, sizeof error->message, "out of memory for a plot");
    }
    free(steps);
    free(values);
    return status;
}

/* ---- Files -----------------------------------------------------------------------------------*/

static nca_status save(const nca_class_report *report, int kind, const char *title,
                       const char *folder, const char *ending, nca_error *error)
{
    const bool steps = kind == NCA_CLASS_PLOT_COUNT;
    char name[64];
    nca_run_path path;
    snprintf(name, sizeof name, "%s%s",
             steps ? steps_name : nca_class_plot_name((nca_class_plot_kind)kind), ending);
    const evaluation_plot_place place = {.path = nca_run_file(&path, folder, name)};
    return steps ? class_figure_steps(report, title, place, error)
                 : class_figure(report, (nca_class_plot_kind)kind, title, place, error);
}

nca_status class_figures_save(const nca_class_report *report, const char *title, const char *folder,
                              nca_error *error)
{
    nca_status status = nca_folder_create(folder, error);
    for (int kind = 0; kind <= NCA_CLASS_PLOT_COUNT && status == NCA_OK; kind++) {
        if (kind < NCA_CLASS_PLOT_COUNT || report->step_count > 0) {
            status = save(report, kind, title, folder, ".png", error);
            if (status == NCA_OK) {
                status = save(report, kind, title, folder, ".svg", error);
            }
        }
    }
    return status;
}
