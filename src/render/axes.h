/* Internal: the axes of a plot of losses: linear or logarithmic, in whole numbers, along x, and
 * logarithmic along y. */
#ifndef NCA_RENDER_AXES_H
#define NCA_RENDER_AXES_H

#include <stdbool.h>
#include <stddef.h>

#include "render/cairo_library.h"
#include "render/chart.h"

/* The page that every plot of losses has, in units; a PNG has NCA__PLOT_DENSITY pixels for each. */
enum {
    NCA__PLOT_WIDTH = 800,
    NCA__PLOT_HEIGHT = 500,
    NCA__PLOT_DENSITY = 2
};

/* Where values go on the page; low and high are natural logarithms on y. */
typedef struct nca__axes {
    double left, right, top, bottom;
    double first, last;
    double low, high;
    bool x_log; /* then first is at least 1 */
} nca__axes;

extern const nca__font nca__tick_font, nca__axis_font;

/* On a logarithmic axis what is below first lies at the left end. */
double nca__axes_x(const nca__axes *axes, double value);
/* A value that is not positive has no logarithm: it lies on the lower edge. */
double nca__axes_y(const nca__axes *axes, double value);

/* Sets first and last so that they differ, however large or small they are: with a single value,
 * one more on either side, or what a double can tell apart. Looks at x_log. */
void nca__axes_span(nca__axes *axes, double first, double last);

/* Sets low and high: the range of the positive values, widened a little; a decade around 1e-2
 * without any. */
void nca__axes_fit(nca__axes *axes, const double *values, size_t count);

/* The y of the axes' upper end on a page with this title: without one the axes are higher. */
double nca__axes_top(const char *title);

/* The ticks along x; those that are not major get no line across the plot. */
void nca__axes_ticks_x(nca__ticks *ticks, const nca__axes *axes);

void nca__axes_draw_x(cairo_t *cairo, const nca__axes *axes, const char *name);
void nca__axes_draw_y(cairo_t *cairo, const nca__axes *axes, const char *name);
void nca__axes_draw_edges(cairo_t *cairo, const nca__axes *axes);
/* Above the axes. */
void nca__axes_draw_title(cairo_t *cairo, const nca__axes *axes, const char *title);

/* A path around a point. */
void nca__dot(cairo_t *cairo, double x, double y, double radius);
/* Marks a line's last point and writes its value beside it, words below the value. */
void nca__axes_draw_end(cairo_t *cairo, const nca__axes *axes, double x, double value,
                        unsigned colour, const char *words);

#endif
