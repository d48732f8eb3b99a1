/* Internal: the meaning of the colours of a picture, drawn below it. */
#ifndef NCA_RENDER_LEGEND_H
#define NCA_RENDER_LEGEND_H

#include "nca/picture.h"
#include "render/chart.h"

/* The size of a legend with the width `limit`; it is wider only if a single line does not fit. */
void nca__legend_size(double *out_width, double *out_height, cairo_t *cairo,
                      const nca_legend *legend, nca__font font, double limit);
/* Draws it with its upper left corner at (x, y). */
void nca__legend_draw(cairo_t *cairo, double x, double y, const nca_legend *legend, nca__font font,
                      double limit);

#endif
