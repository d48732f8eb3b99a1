/* Internal: shared by the plots of curves, for cairo and SVG elements. */
#ifndef NCA_RENDER_CURVES_H
#define NCA_RENDER_CURVES_H

#include "nca/plot.h"
#include "render/axes.h"

double nca__curve_step(const nca_curve *curve, size_t index);

/* The edges of the band; both are the mean if there is no deviation. */
double nca__band_upper(nca_spread value, bool linear);
double nca__band_lower(nca_spread value, bool linear);

/* Sets the ranges of the axes to those of the curves and their bands. NCA_INVALID_ARGUMENT, with a
 * message that begins with `path`, if there is nothing to plot or too many curves. */
nca_status nca__curves_fit(nca__axes *axes, const nca_curve_plot *plot, const char *path,
                           nca_error *error);

#endif
