/* The accuracy against the strength of the corruptions as a plot. */
#include <math.h>

#include "base/error.h"
#include "nca/plot.h"
#include "nca/robustness.h"

enum {
    POINTS = NCA_CORRUPTION_STRENGTHS + 1
};

_Static_assert((int)NCA_CORRUPTION_COUNT <= (int)NCA_PLOT_MAX_CURVES, "a curve per corruption");

typedef struct curves {
    nca_spread values[NCA_CORRUPTION_COUNT][POINTS];
    nca_curve curve[NCA_CORRUPTION_COUNT];
    nca_curve_plot plot;
} curves;

/* Strength 0 is the accuracy of the images as they are. */
static nca_status fill(curves *out, const nca_robustness *r, const char *title, nca_error *error)
{
    size_t found = 0;
    for (size_t i = 0; i < r->row_count; i++) {
        const nca_robustness_row *row = &r->rows[i];
        for (size_t kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
            if (row->part == NCA_ROBUSTNESS_NONE) {
                out->values[kind][0] = (nca_spread){row->accuracy, NAN};
            } else if (row->part == NCA_ROBUSTNESS_CORRUPTION && row->corruption == kind) {
                out->values[kind][row->strength] = (nca_spread){row->accuracy, NAN};
                found++;
            }
        }
    }
    if (found != NCA_CORRUPTION_COUNT * NCA_CORRUPTION_STRENGTHS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "nothing to plot: expected the scores of all corruptions, found %zu rows "
                         "of them; evaluate with corruptions",
                         found);
    }
    for (size_t kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        out->curve[kind] = (nca_curve){.name = nca_corruption_describe((nca_corruption)kind)->name,
                                       .values = out->values[kind],
                                       .count = POINTS};
    }
    nca_curve_plot_default(&out->plot);
    out->plot.title = title;
    out->plot.x_name = "strength of the corruption";
    out->plot.y_name = "accuracy";
    out->plot.y_linear = true;
    out->plot.curves = out->curve;
    out->plot.curve_count = NCA_CORRUPTION_COUNT;
    return NCA_OK;
}

nca_status nca_robustness_plot(const nca_robustness *robustness, const char *title,
                               const char *path, nca_error *error)
{
    curves c = {0};
    const nca_status status = fill(&c, robustness, title, error);
    return status == NCA_OK ? nca_plot_curves(&c.plot, path, error) : status;
}

nca_status nca_robustness_plot_svg(char **out_svg, const nca_robustness *robustness,
                                   const char *title, nca_error *error)
{
    curves c = {0};
    const nca_status status = fill(&c, robustness, title, error);
    return status == NCA_OK ? nca_plot_curves_svg(out_svg, &c.plot, error) : status;
}
