/* Real numbers coloured by the colormap "magma", for pictures of differences. */
#include "render/magma.h"

#include <math.h>

#include "nca/colormap.h"

nca_colour nca__magma(double position)
{
    if (isnan(position)) {
        return (nca_colour){128, 128, 128};
    }
    uint8_t rgb[3];
    double value = fmin(fmax(position, 0.0), 1.0) * 255.0;
    nca_colormap_rgb(rgb, NCA_COLORMAP_MAGMA, (uint8_t)(value + 0.5));
    return (nca_colour){rgb[0], rgb[1], rgb[2]};
}
