/* Colormaps: how single-channel images become colours. */
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

/* The red, green and blue of a value 0..255. Grey is the value itself; the others are matplotlib's
 * tables (S. van der Walt and N. Smith, "A Better Default Colormap for Matplotlib", SciPy 2015). An
 * unknown map is grey. */
NCA_API void nca_colormap_rgb(uint8_t out_rgb[3], nca_colormap map, uint8_t value);

/* A colour for a signed value: blue at -127, nearly white at 0, red at 127; values outside are
 * clamped. This is ColorBrewer's RdBu (C. Brewer and M. Harrower, https://colorbrewer2.org), whose
 * ends colour-blind people can distinguish. */
NCA_API void nca_colormap_diverging(uint8_t out_rgb[3], int value);

/* Converts `count` values to `count` opaque pixels: out_rgba (count,4), values (count). */
NCA_API void nca_colormap_apply(uint8_t *out_rgba, nca_colormap map, const uint8_t *values,
                                size_t count);

#ifdef __cplusplus
}
#endif
#endif
