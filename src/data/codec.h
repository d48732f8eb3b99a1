/* Internal: the image decoders and encoders behind nca_image_decode and nca_image_save_png. */
#ifndef NCA_DATA_CODEC_H
#define NCA_DATA_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "nca/image.h"
#include "nca/status.h"

/* Refuses a size that is zero (NCA_FORMAT) or over the limits of nca/image.h (NCA_LIMIT). Decoders
 * call it with the header's claim, before they allocate. */
nca_status nca__image_check_size(const char *name, size_t width, size_t height, nca_error *error);

/* `name` stands in messages. */
nca_status nca__png_decode(nca_image **out_image, const uint8_t *bytes, size_t size,
                           const char *name, nca_error *error);
nca_status nca__jpeg_decode(nca_image **out_image, const uint8_t *bytes, size_t size,
                            const char *name, nca_error *error);

/* The whole file in a new buffer (free() it). The bytes are a function of the pixels alone. */
nca_status nca__png_encode(uint8_t **out_bytes, size_t *out_size, const nca_image *image,
                           const char *name, nca_error *error);

#endif
