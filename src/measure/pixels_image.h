/* Internal: images of labelled data as pictures. */
#ifndef NCA_MEASURE_PIXELS_IMAGE_H
#define NCA_MEASURE_PIXELS_IMAGE_H

#include "nca/image.h"

/* An opaque picture of an image (height,width,channels): three channels are red, green and blue;
 * otherwise the first is grey. Errors: those of nca_image_create. */
nca_status nca__pixels_image(nca_image **out, const uint8_t *pixels, size_t height, size_t width,
                             size_t channels, nca_error *error);
/* Resizes an image of 1 to 3 channels as nca_image_resize_lanczos does: out (to_height,to_width,
 * channels). Errors: those of nca_image_create; `out` is then unchanged. */
nca_status nca__pixels_resize(uint8_t *out, size_t to_height, size_t to_width,
                              const uint8_t *pixels, size_t height, size_t width, size_t channels,
                              nca_error *error);

#endif
