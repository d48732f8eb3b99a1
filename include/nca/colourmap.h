/* Colour maps: how single-channel images become colours. */
#ifndef NCA_COLOURMAP_H
#define NCA_COLOURMAP_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_colourmap {
    NCA_COLOURMAP_GREY,
    NCA_COLOURMAP_VIRIDIS,
    NCA_COLOURMAP_MAGMA,
    NCA_COLOURMAP_INFERNO,
    NCA_COLOURMAP_COUNT
} nca_colourmap;

/* "grey", "viridis", "magma", "inferno"; NULL for any other value. */
NCA_API const char *nca_colourmap_name(nca_colourmap map);

/* The red, green and blue of every value 0..255: matplotlib's own tables (S. van der Walt and
 * N. Smith, "A Better Default Colormap for Matplotlib", SciPy 2015), grey being the value itself.
 * An unknown map is grey. */
NCA_API void nca_colourmap_rgb(uint8_t out_rgb[3], nca_colourmap map, uint8_t value);

/* Signed values: blue at -127, nearly white at 0, red at 127; values beyond count as those. It is
 * ColorBrewer's RdBu (C. Brewer and M. Harrower, https://colorbrewer2.org), whose ends the
 * colour-blind tell apart too. */
NCA_API void nca_colourmap_diverging(uint8_t out_rgb[3], int value);

/* `count` values become `count` opaque pixels: out_rgba (count,4), values (count). */
NCA_API void nca_colourmap_apply(uint8_t *out_rgba, nca_colourmap map, const uint8_t *values,
                                 size_t count);

#ifdef __cplusplus
}
#endif
#endif
