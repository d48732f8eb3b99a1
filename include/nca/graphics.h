/* Graphics: pictures for terminals that draw pixels. */
#ifndef NCA_GRAPHICS_H
#define NCA_GRAPHICS_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_graphics {
    NCA_GRAPHICS_KITTY, /* https://sw.kovidgoyal.net/kitty/graphics-protocol/: a PNG in base64 */
    NCA_GRAPHICS_SIXEL, /* of DEC's VT340, with at most 256 colours */
    NCA_GRAPHICS_COUNT
} nca_graphics;

/* "kitty", "sixel"; NULL for any other value. */
NCA_API const char *nca_graphics_name(nca_graphics graphics);

/* What draws the picture where the terminal's cursor is, a pixel for a pixel, as characters and a 0
 * that *out_size does not count; free() them. Transparency is left out. In kitty's protocol each
 * picture has the same number, so that the next one takes the place of the one before.
 * Errors: NCA_INVALID_ARGUMENT (an unknown protocol), NCA_UNSUPPORTED (libspng is not installed),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_encode_graphics(char **out_text, size_t *out_size,
                                             const nca_image *image, nca_graphics graphics,
                                             nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
