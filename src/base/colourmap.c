/* Colormaps as tables. */
#include "nca/colourmap.h"

#include <string.h>

#include "base/colourmap_tables.inc"

static const struct {
    const char *name;
    const uint8_t (*table)[3]; /* NULL: grey, the value itself */
} maps[NCA_COLOURMAP_COUNT] = {
    [NCA_COLOURMAP_GREY] = {"grey", NULL},
    [NCA_COLOURMAP_VIRIDIS] = {"viridis", viridis_table},
    [NCA_COLOURMAP_MAGMA] = {"magma", magma_table},
    [NCA_COLOURMAP_INFERNO] = {"inferno", inferno_table},
};

const char *nca_colourmap_name(nca_colourmap map)
{
    return (unsigned)map < NCA_COLOURMAP_COUNT ? maps[map].name : NULL;
}

void nca_colourmap_rgb(uint8_t out_rgb[3], nca_colourmap map, uint8_t value)
{
    if ((unsigned)map < NCA_COLOURMAP_COUNT && maps[map].table != NULL) {
        memcpy(out_rgb, maps[map].table[value], 3);
    } else {
        memset(out_rgb, value, 3);
    }
}

void nca_colourmap_diverging(uint8_t out_rgb[3], int value)
{
    enum {
        END = 127
    };
    int kept = value < -END ? -END : value > END ? END : value;
    memcpy(out_rgb, diverging_table[kept + END], 3);
}

void nca_colourmap_apply(uint8_t *out_rgba, nca_colourmap map, const uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nca_colourmap_rgb(out_rgba + i * 4, map, values[i]);
        out_rgba[i * 4 + 3] = 255;
    }
}
