/* Colormaps as tables. */
#include "nca/colormap.h"

#include <string.h>

#include "base/colormap_tables.inc"

static const struct {
    const char *name;
    const uint8_t (*table)[3]; /* NULL: grey, the value itself */
} maps[NCA_COLORMAP_COUNT] = {
    [NCA_COLORMAP_GREY] = {"grey", NULL},
    [NCA_COLORMAP_VIRIDIS] = {"viridis", viridis_table},
    [NCA_COLORMAP_MAGMA] = {"magma", magma_table},
    [NCA_COLORMAP_INFERNO] = {"inferno", inferno_table},
};

const char *nca_colormap_name(nca_colormap map)
{
    return (unsigned)map < NCA_COLORMAP_COUNT ? maps[map].name : NULL;
}

void nca_colormap_rgb(uint8_t out_rgb[3], nca_colormap map, uint8_t value)
{
    if ((unsigned)map < NCA_COLORMAP_COUNT && maps[map].table != NULL) {
        memcpy(out_rgb, maps[map].table[value], 3);
    } else {
        memset(out_rgb, value, 3);
    }
}

void nca_colormap_diverging(uint8_t out_rgb[3], int value)
{
    enum {
        END = 127
    };
    int kept = value < -END ? -END : value > END ? END : value;
    memcpy(out_rgb, diverging_table[kept + END], 3);
}

void nca_colormap_apply(uint8_t *out_rgba, nca_colormap map, const uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nca_colormap_rgb(out_rgba + i * 4, map, values[i]);
        out_rgba[i * 4 + 3] = 255;
    }
}
