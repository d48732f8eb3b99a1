/* Internal: curves over a quantity from 0 to 1, with a legend on the right: ROC, precision-recall
 * and risk-coverage curves. */
#ifndef NCA_RENDER_PLOT_POINTS_H
#define NCA_RENDER_PLOT_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "render/pen.h"

typedef struct nca__point_curve {
    const char *name;
    const double *points; /* (count,2): x, y; not finite: a gap */
    size_t count;         /* 0: only in the legend */
    double value;         /* next to its name; NaN: a dash */
    bool strong;          /* a mean: thick, in the colour of text */
} nca__point_curve;

typedef struct nca__point_plot {
    const char *x_name, *y_name;
    const char *value_name; /* above the values of the legend; NULL: the legend has no values */
    const nca__point_curve *curves;
    size_t count;
    bool diagonal;
    double baseline; /* a dashed line at this y; NaN: none */
    const char *baseline_name;
    bool fit;         /* the y axis has the range of the values; else 0 to 1 */
    const char *note; /* below the legend, lines separated by '\n'; or NULL */
} nca__point_plot;

/* The draw function and the size of a drawing of it. */
void nca__points_draw(const nca__pen *pen, double top, const void *data);
enum {
    NCA__POINTS_WIDTH = 800,
    NCA__POINTS_HEIGHT = 436
};

/* The text in lines, each at most `limit` wide; returns the y of the line after the last. */
double nca__pen_lines(const nca__pen *pen, double x, double y, double pitch, nca__script script,
                      const char *text, double limit);

#endif
