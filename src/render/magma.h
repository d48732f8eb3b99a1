/* Internal: numbers to colours. */
#ifndef NCA_RENDER_MAGMA_H
#define NCA_RENDER_MAGMA_H

#include "nca/picture.h"

/* The perceptually uniform colormap "magma" at `position` in [0, 1] (clamped; NaN gives grey). */
nca_colour nca__magma(double position);

#endif
