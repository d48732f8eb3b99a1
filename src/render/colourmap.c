/* The colour map "magma", interpolated from eleven of its published values. Knows nothing else.
 *
 * Source: S. van der Walt and N. Smith, "A Better Default Colormap for Matplotlib", SciPy 2015;
 * the map's values were released under CC0. */
#include "render/colourmap.h"

#include <math.h>

static const unsigned char anchors[][3] = {
    {0x00, 0x00, 0x04}, {0x14, 0x0e, 0x36}, {0x3b, 0x0f, 0x70}, {0x64, 0x1a, 0x80},
    {0x8c, 0x29, 0x81}, {0xb6, 0x36, 0x79}, {0xde, 0x49, 0x68}, {0xf7, 0x6f, 0x5c},
    {0xfe, 0x9f, 0x6d}, {0xfe, 0xce, 0x91}, {0xfc, 0xfd, 0xbf},
};

nca_colour nca__magma(double position)
{
    const size_t steps = sizeof anchors / sizeof *anchors - 1;
    if (isnan(position)) {
        return (nca_colour){128, 128, 128};
    }
    double along = fmin(fmax(position, 0.0), 1.0) * (double)steps;
    size_t left = along < (double)steps ? (size_t)along : steps - 1;
    double part = along - (double)left;
    unsigned char mixed[3];
    for (size_t c = 0; c < 3; c++) {
        double from = anchors[left][c];
        double to = anchors[left + 1][c];
        mixed[c] = (unsigned char)(from + part * (to - from) + 0.5);
    }
    return (nca_colour){mixed[0], mixed[1], mixed[2]};
}
