/* Colour maps: how single-channel images become colours. */
#ifndef NCA_COLORMAP_H
#define NCA_COLORMAP_H

#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_colormap {
    NCA_COLORMAP_GREY,
    NCA_COLORMAP_VIRIDIS,
    NCA_COLORMAP_MAGMA,
    NCA_COLORMAP_INFERNO,
    NCA_COLORMAP_COUNT
} nca_colormap;

/* "grey", "viridis", "magma", "inferno"; NULL for any other value. */
NCA_API const char *nca_colormap_name(nca_colormap map);

/* The red, green and blue of every value 0..255: matplotlib's own tables (S. van der Walt and
 * N. Smith, "A Better Default Colormap for Matplotlib", SciPy 2015), grey being the value itself.
 * An unknown map is grey. */
NCA_API void nca_colormap_rgb(uint8_t out_rgb[3], nca_colormap map, uint8_t value);

/* Signed values: blue at -127, nearly white at 0, red at 127; values beyond count as those. It is
 * ColorBrewer's RdBu (C. Brewer and M. Harrower, https://colorbrewer2.org), whose ends the
 * colour-blind tell apart too. */
NCA_API void nca_colormap_diverging(uint8_t out_rgb[3], int value);

/* `count` values become `count` opaque pixels: out_rgba (count,4), values (count). */
NCA_API void nca_colormap_apply(uint8_t *out_rgba, nca_colormap map, const uint8_t *values,
                                size_t count);

#ifdef __cplusplus
}
#endif
#endif
