/* Graphics: pictures for terminals that can show pixels. */
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

/* The control sequence that shows the picture at the terminal's cursor at its original size;
 * *out_size does not count the 0 at the end. free() it. Transparency is ignored. In kitty's
 * protocol each picture has the same number, so the next one replaces the one before.
 * Errors: NCA_INVALID_ARGUMENT (an unknown protocol), NCA_UNSUPPORTED (libspng is not installed),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_image_encode_graphics(char **out_text, size_t *out_size,
                                             const nca_image *image, nca_graphics graphics,
                                             nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
