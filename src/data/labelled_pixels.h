/* Internal: the pixels of labelled images: transparency, grey and colour, sizes. */
#ifndef NCA_DATA_LABELLED_PIXELS_H
#define NCA_DATA_LABELLED_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* Composites RGBA on black: out (pixels,3), in (pixels,4). Returns whether a pixel was not
 * opaque. */
bool nca__pixels_composite(uint8_t *out, const uint8_t *in, size_t pixels);
/* Whether red, green and blue are equal in every pixel (pixels,3). */
bool nca__pixels_are_grey(const uint8_t *rgb, size_t pixels);
/* The first channels of pixels: out (pixels,channels), in (pixels,in_channels); out may be in. */
void nca__pixels_take(uint8_t *out, size_t channels, const uint8_t *in, size_t in_channels,
                      size_t pixels);
/* Resizes (height,width,channels) with 1 or 3 channels to (out_height,out_width,channels), as
 * nca_image_resize_lanczos; free() the result. */
nca_status nca__pixels_resize(uint8_t **out, const uint8_t *in, size_t height, size_t width,
                              size_t channels, size_t out_height, size_t out_width,
                              nca_error *error);

#endif
