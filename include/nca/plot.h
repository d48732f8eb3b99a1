/* Plots of losses, good enough for a paper. */
#ifndef NCA_PLOT_H
#define NCA_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/spread.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_loss_plot {
    const char *title;     /* e.g. "phantom, distill, regenerating" */
    const char *loss_name; /* "L2" ...: the y axis says "L2 loss (mean over the batch)" */
    const double *losses;  /* (count), one per iteration; values that are not finite are gaps */
    size_t count;
    size_t first_iteration;          /* the iteration of losses[0], usually 1 */
    size_t window;                   /* of the moving average; 0: 50 */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_loss_plot;

/* No losses, the first iteration 1, window 50. */
NCA_API void nca_loss_plot_default(nca_loss_plot *out);

/* Raw losses in a light line, their moving average in a strong one, logarithmic y axis, grid,
 * labels, the final average written out. PNG or SVG by the path's ending.
 * Errors: NCA_INVALID_ARGUMENT (no losses, another ending), NCA_UNSUPPORTED (cairo is not
 * installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_loss(const nca_loss_plot *plot, const char *path, nca_error *error);

enum {
    NCA_PLOT_MAX_CURVES = 6
};

/* One line: means over steps, with their spread as a band around it. */
typedef struct nca_curve {
    const char *name;    /* in the legend; NULL: not in it */
    const size_t *steps; /* (count) rising; NULL: first_step, first_step + 1, ... */
    size_t first_step;
    const nca_spread *values; /* (count) */
    size_t count;
} nca_curve;

/* A step that something happens at: a dashed line with a text beside it. */
typedef struct nca_curve_mark {
    size_t step;
    const char *text;
} nca_curve_mark;

typedef struct nca_curve_plot {
    const char *title;
    const char *x_name;    /* NULL: "steps" */
    bool x_log;            /* a logarithmic axis of steps; a step below 1 lies at its left end */
    const char *y_name;    /* e.g. "L2 loss" */
    double y_max;          /* what is above lies on the upper edge; 0: the axis holds every value */
    const char *band_name; /* in the legend, e.g. "standard deviation of 64 rollouts"; NULL: not */
    const nca_curve *curves; /* (curve_count), at most NCA_PLOT_MAX_CURVES; later ones on top */
    size_t curve_count;
    const nca_curve_mark *marks; /* (mark_count); those outside the plot are left out */
    size_t mark_count;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_curve_plot;

/* No curves and marks; linear steps, a y axis that holds every value. */
NCA_API void nca_curve_plot_default(nca_curve_plot *out);

/* Curves over steps, linear or logarithmic, on a logarithmic y axis. A mean that is not finite is a
 * gap. The band reaches from mean / (1 + r) to mean * (1 + r) with r = deviation / mean: for a
 * small r that is the mean plus and minus the deviation, and for a large one, where mean -
 * deviation has no logarithm, it stays on the page. PNG or SVG by the path's ending.
 * NCA_INVALID_ARGUMENT when there is nothing to plot or too many curves.
 * Other errors: NCA_INVALID_ARGUMENT (another ending), NCA_UNSUPPORTED (cairo is not installed),
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_curves(const nca_curve_plot *plot, const char *path, nca_error *error);

/* The same plots as an <svg> element for the middle of an HTML page, a few kB each: nca/report.h
 * takes it. Text is text; colours come from the page's style, so that they can follow a dark theme
 * (classes: plot, grid, axis, c0 to c5, raw, band, mark). The title is its accessible name. free()
 * the text.
 * Errors: NCA_INVALID_ARGUMENT (nothing to plot, too many curves), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_loss_svg(char **out_svg, const nca_loss_plot *plot, nca_error *error);
/* Errors as above. */
NCA_API nca_status nca_plot_curves_svg(char **out_svg, const nca_curve_plot *plot,
                                       nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
