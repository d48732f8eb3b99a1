/* Internal: the orientation that cameras write into EXIF data, and turning pixels by it. */
#ifndef NCA_DATA_EXIF_ORIENTATION_H
#define NCA_DATA_EXIF_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* The orientation, 1 to 8, that the EXIF data of a file says; 1, as stored, where it has none or
 * none that can be read. Nothing else of the data is looked at. */
unsigned nca__exif_of_jpeg(const uint8_t *bytes, size_t size);
unsigned nca__exif_of_png(const uint8_t *bytes, size_t size);
unsigned nca__exif_of_webp(const uint8_t *bytes, size_t size);

/* Replaces *pixels (H,W), of pixel_size bytes each, by a new buffer (H',W') that is turned as
 * viewers show it, frees the old one and changes the sides. Orientation 1 changes nothing. */
nca_status nca__exif_turn(void **pixels, size_t *width, size_t *height, size_t pixel_size,
                          unsigned orientation, nca_error *error);

#endif
