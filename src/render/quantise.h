/* Internal: reduces many colours to at most 256. */
#ifndef NCA_RENDER_QUANTISE_H
#define NCA_RENDER_QUANTISE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

enum {
    NCA__PALETTE = 256
};

typedef struct nca__palette {
    uint8_t colour[NCA__PALETTE][3];
    size_t count;
} nca__palette;

/* Maps `count` pixels, each 0xRRGGBB, to indices into a palette of at most `most` colours (1..256).
 * If there are not more distinct colours, every pixel keeps its own; otherwise the palette is
 * chosen to make the weighted squared error small. Depends only on the pixels; their order matters
 * only between equally good choices. */
nca_status nca__quantise(uint8_t *out_indices, nca__palette *out_palette, const uint32_t *pixels,
                         size_t count, size_t most, nca_error *error);

#endif
