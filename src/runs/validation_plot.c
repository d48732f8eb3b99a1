/* The scores of the validations of a training as a plot. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "nca/plot.h"
#include "nca/run_rows.h"

enum {
    AUC,
    ACCURACY,
    BALANCED,
    CURVES
};

/* Either a file or the text of an element. */
static nca_status draw(const nca_curve *curves, const char *title, const char *path, char **out_svg,
                       nca_error *error)
{
    nca_curve_plot plot;
    nca_curve_plot_default(&plot);
    plot.title = title;
    plot.x_name = "iterations";
    plot.y_name = "score of the validation";
    plot.y_linear = true;
    plot.curves = curves;
    plot.curve_count = CURVES;
    return path != NULL ? nca_plot_curves(&plot, path, error)
                        : nca_plot_curves_svg(out_svg, &plot, error);
}

static nca_status plot_rows(const nca_validation_row *rows, size_t count, const char *title,
                            const char *path, char **out_svg, nca_error *error)
{
    static const char *const names[CURVES] = {"AUC", "accuracy", "balanced accuracy"};
    size_t *iterations = calloc(count, sizeof *iterations);
    nca_spread *values = calloc(CURVES * count, sizeof *values);
    nca_curve curves[CURVES];
    nca_status status = NCA_OK;
    if (count > 0 && (iterations == NULL || values == NULL)) {
        status = nca__fail_memory(error, "a plot", CURVES * count * sizeof *values);
    }
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        iterations[i] = (size_t)rows[i].iteration;
        values[AUC * count + i] = (nca_spread){rows[i].auc, NAN};
        values[ACCURACY * count + i] = (nca_spread){rows[i].accuracy, NAN};
        values[BALANCED * count + i] = (nca_spread){rows[i].balanced_accuracy, NAN};
    }
    if (status == NCA_OK) {
        for (size_t k = 0; k < CURVES; k++) {
            curves[k] = (nca_curve){.name = names[k],
                                    .steps = iterations,
                                    .values = values + k * count,
                                    .count = count};
        }
        status = draw(curves, title, path, out_svg, error);
    }
    free(iterations);
    free(values);
    return status;
}

nca_status nca_validations_plot(const nca_validation_row *rows, size_t count, const char *title,
                                const char *path, nca_error *error)
{
    return plot_rows(rows, count, title, path, NULL, error);
}

nca_status nca_validations_plot_svg(char **out_svg, const nca_validation_row *rows, size_t count,
                                    const char *title, nca_error *error)
{
    return plot_rows(rows, count, title, NULL, out_svg, error);
}
