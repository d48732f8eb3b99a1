/* Internal: the axes of a plot: along x linear or logarithmic, along y logarithmic or linear. */
#ifndef NCA_RENDER_AXES_H
#define NCA_RENDER_AXES_H

#include <stdbool.h>
#include <stddef.h>

#include "render/cairo_library.h"
#include "render/chart.h"

/* The size of every plot of losses in units; a PNG has NCA__PLOT_DENSITY pixels per unit. */
enum {
    NCA__PLOT_WIDTH = 800,
    NCA__PLOT_HEIGHT = 500,
    NCA__PLOT_DENSITY = 2
};

/* The mapping of values to the page. */
typedef struct nca__axes {
    double left, right, top, bottom;
    double first, last;
    double low, high; /* along y; natural logarithms unless y_linear */
    bool x_log;       /* in this case first is at least 1 */
    bool x_real;      /* values along x are not only integers; not with x_log */
    bool y_linear;
} nca__axes;

extern const nca__font nca__tick_font, nca__axis_font;

/* A square with both axes from 0 to 1, linear. */
nca__axes nca__axes_unit(double left, double top, double side);

/* On a logarithmic axis, values below first are at the left end. */
double nca__axes_x(const nca__axes *axes, double value);
/* Values beyond the ends are drawn at the edges, as is one without a logarithm. */
double nca__axes_y(const nca__axes *axes, double value);

/* Sets first and last so that they differ, whatever their magnitude: a single value is extended by
 * 1 on either side, or by the smallest amount that a double can represent. Uses x_log. */
void nca__axes_span(nca__axes *axes, double first, double last);

/* Sets low and high: the range of the values, slightly extended. On a logarithmic axis these are
 * the positive ones, and three decades below 1 if there are none; on a linear axis the finite ones,
 * and 0 to 1 if there are none. */
void nca__axes_fit(nca__axes *axes, const double *values, size_t count);

/* The y of the upper end of the axes for this title: without a title the axes are taller. */
double nca__axes_top(const char *title);

/* The ticks along x; minor ticks get no line across the plot. */
void nca__axes_ticks_x(nca__ticks *ticks, const nca__axes *axes);
void nca__axes_ticks_y(nca__ticks *ticks, const nca__axes *axes);

void nca__axes_draw_x(cairo_t *cairo, const nca__axes *axes, const char *name);
void nca__axes_draw_y(cairo_t *cairo, const nca__axes *axes, const char *name);
void nca__axes_draw_edges(cairo_t *cairo, const nca__axes *axes);
/* Above the axes. */
void nca__axes_draw_title(cairo_t *cairo, const nca__axes *axes, const char *title);

/* Adds a circle around a point to the path. */
void nca__dot(cairo_t *cairo, double x, double y, double radius);
/* Marks the last point of a line and writes its value next to it, with words below the value. */
void nca__axes_draw_end(cairo_t *cairo, const nca__axes *axes, double x, double value,
                        unsigned colour, const char *words);

#endif
