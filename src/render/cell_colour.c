/* The colours of single cells. */
#include "render/cell_colour.h"

#include <math.h>

#include "nca/colormap.h"

static float clamp01(float value)
{
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
}

static uint8_t to_byte(float value)
{
    return (uint8_t)(clamp01(value) * 255.0f + 0.5f);
}

void nca__cell_rgba(uint8_t pixel[4], const float *cell, nca_colour background)
{
    const float behind[3] = {(float)background.r / 255.0f, (float)background.g / 255.0f,
                             (float)background.b / 255.0f};
    bool number = !isnan(cell[0]) && !isnan(cell[1]) && !isnan(cell[2]) && !isnan(cell[3]);
    float through = number ? 1.0f - clamp01(cell[3]) : 1.0f;
    for (size_t c = 0; c < 3; c++) {
        pixel[c] = to_byte(through * behind[c] + (number ? cell[c] : 0.0f));
    }
    pixel[3] = 255;
}

nca_colour nca__cell_colour(double value, double end, bool is_signed)
{
    if (isnan(value)) {
        return (nca_colour){128, 128, 128};
    }
    uint8_t rgb[3];
    double share = fmin(fmax(value / end, -1.0), 1.0);
    if (is_signed) {
        nca_colormap_diverging(rgb, (int)lround(share * 127.0));
    } else {
        nca_colormap_rgb(rgb, NCA_COLORMAP_VIRIDIS, (uint8_t)lround(fmax(share, 0.0) * 255.0));
    }
    return (nca_colour){rgb[0], rgb[1], rgb[2]};
}

nca_colour nca__alive_colour(unsigned level)
{
    return nca__cell_colour((double)level, 2.0, false);
}
