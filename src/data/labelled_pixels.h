/* Internal: the pixels of labelled images: transparency, grey and colour, sizes. */
#ifndef NCA_DATA_LABELLED_PIXELS_H
#define NCA_DATA_LABELLED_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/image.h"
#include "nca/status.h"

/* Composites RGBA on black: out (pixels,3), in (pixels,4). Returns whether a pixel was not
 * opaque. */
bool nca__pixels_composite(uint8_t *out, const uint8_t *in, size_t pixels);
/* Whether red, green and blue are equal in every pixel (pixels,3). */
bool nca__pixels_are_grey(const uint8_t *rgb, size_t pixels);
/* The first channels of pixels: out (pixels,channels), in (pixels,in_channels); out may be in. */
void nca__pixels_take(uint8_t *out, size_t channels, const uint8_t *in, size_t in_channels,
                      size_t pixels);
/* An opaque picture of an image (height,width,channels): three channels are red, green and blue;
 * otherwise the first is grey. Errors: those of nca_image_create. */
nca_status nca__pixels_image(nca_image **out, const uint8_t *pixels, size_t height, size_t width,
                             size_t channels, nca_error *error);
/* Resizes an image with 1 or 3 channels as nca_image_resize_lanczos does: out (to_height,to_width,
 * channels). Errors: those of nca_image_create; `out` is then unchanged. */
nca_status nca__pixels_resize(uint8_t *out, size_t to_height, size_t to_width,
                              const uint8_t *pixels, size_t height, size_t width, size_t channels,
                              nca_error *error);

#endif
