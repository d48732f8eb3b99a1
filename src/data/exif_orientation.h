/* Internal: the orientation in the EXIF data of pictures, and turning pixels accordingly. */
#ifndef NCA_DATA_EXIF_ORIENTATION_H
#define NCA_DATA_EXIF_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* The orientation, 1 to 8, in the EXIF data of a file; 1 (as stored) if it is missing or cannot be
 * read. No other EXIF data is used. */
unsigned nca__exif_of_jpeg(const uint8_t *bytes, size_t size);
unsigned nca__exif_of_png(const uint8_t *bytes, size_t size);
unsigned nca__exif_of_webp(const uint8_t *bytes, size_t size);

/* Replaces *pixels (H,W), with pixel_size bytes per pixel, by a new buffer (H',W') turned as
 * viewers show it, frees the old one and updates the sides. Orientation 1 changes nothing. */
nca_status nca__exif_turn(void **pixels, size_t *width, size_t *height, size_t pixel_size,
                          unsigned orientation, nca_error *error);

#endif
