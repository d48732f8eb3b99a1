/* Plots over iterations and steps, with the quality needed for a paper. */
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
    size_t first_iteration;          /* iteration of losses[0], usually 1 */
    size_t window;                   /* length of the moving average; 0: 50 */
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_loss_plot;

/* No losses, first iteration 1, window 50. */
NCA_API void nca_loss_plot_default(nca_loss_plot *out);

/* Draws the raw losses as a light line and their moving average as a dark one, with a logarithmic y
 * axis, a grid, labels, and the final average as text. The path's extension selects PNG or SVG.
 * Errors: NCA_INVALID_ARGUMENT (no losses, another extension), NCA_UNSUPPORTED (cairo is not
 * installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_loss(const nca_loss_plot *plot, const char *path, nca_error *error);

enum {
    NCA_PLOT_MAX_CURVES = 6
};

/* A curve: means over steps, with their standard deviation as a band around it. */
typedef struct nca_curve {
    const char *name;    /* in the legend; NULL: not in the legend */
    const size_t *steps; /* (count) in ascending order; NULL: first_step, first_step + 1, ... */
    size_t first_step;
    const nca_spread *values; /* (count) */
    size_t count;
} nca_curve;

/* A dashed line at a step, with a text next to it. */
typedef struct nca_curve_mark {
    size_t step;
    const char *text;
} nca_curve_mark;

typedef struct nca_curve_plot {
    const char *title;
    const char *x_name; /* NULL: "steps" */
    bool x_log;         /* logarithmic step axis; a step below 1 is at its left end */
    bool y_linear;      /* linear y axis, e.g. of accuracies; otherwise logarithmic */
    const char *y_name; /* e.g. "L2 loss" */
    double y_max; /* values above are drawn at the upper edge; 0: the axis includes all values */
    const char *band_name;   /* legend, e.g. "standard deviation of 64 rollouts"; NULL: none */
    const nca_curve *curves; /* (curve_count), at most NCA_PLOT_MAX_CURVES; later ones on top */
    size_t curve_count;
    const nca_curve_mark *marks; /* (mark_count); marks outside the plot are ignored */
    size_t mark_count;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_curve_plot;

/* No curves and marks; linear steps, a logarithmic y axis that includes all values. */
NCA_API void nca_curve_plot_default(nca_curve_plot *out);

/* Draws curves over steps, linear or logarithmic, on a logarithmic or linear y axis. A mean that is
 * not finite is a gap. On a linear axis the band is mean +- deviation; on a logarithmic one it is
 * mean / (1 + r) to mean * (1 + r) with r = deviation / mean: for a
 * small r that is mean +- deviation, and for a large r, where mean - deviation has no logarithm,
 * the band stays inside the plot. The path's extension selects PNG or SVG.
 * Errors: NCA_INVALID_ARGUMENT (nothing to plot, too many curves, another extension),
 * NCA_UNSUPPORTED (cairo is not installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_curves(const nca_curve_plot *plot, const char *path, nca_error *error);

/* The same plots as an <svg> element of a few kB for use inside an HTML page, such as nca/report.h
 * writes. Text is real text. Colours come from the page's stylesheet, so they can follow a dark
 * theme (classes: plot, grid, axis, c0 to c5, raw, band, mark). The title is the accessible name.
 * free() the result.
 * Errors: NCA_INVALID_ARGUMENT (nothing to plot, too many curves), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_loss_svg(char **out_svg, const nca_loss_plot *plot, nca_error *error);
/* Errors as above. */
NCA_API nca_status nca_plot_curves_svg(char **out_svg, const nca_curve_plot *plot,
                                       nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
