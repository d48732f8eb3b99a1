/* Internal: what the colours of a picture mean, drawn under it. */
#ifndef NCA_RENDER_LEGEND_H
#define NCA_RENDER_LEGEND_H

#include "nca/picture.h"
#include "render/chart.h"

/* The room that a legend takes when it may be `limit` wide; a wider one than that only when a
 * single line of it is wider. */
void nca__legend_size(double *out_width, double *out_height, cairo_t *cairo,
                      const nca_legend *legend, nca__font font, double limit);
/* Draws it with its upper left corner at (x, y). */
void nca__legend_draw(cairo_t *cairo, double x, double y, const nca_legend *legend, nca__font font,
                      double limit);

#endif
