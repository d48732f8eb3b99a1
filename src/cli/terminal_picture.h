/* Pictures in a terminal. */
#ifndef NCA_CLI_TERMINAL_PICTURE_H
#define NCA_CLI_TERMINAL_PICTURE_H

#include <stdio.h>

#include "cli/cli.h"

/* Prints an opaque picture, at most `columns` wide and `rows` lines high: smaller pictures are
 * enlarged by the largest integer factor that fits, larger ones are resized. With `colour`, it uses
 * half blocks (U+2580) in 24-bit colour, two pixels per character; otherwise characters of
 * increasing brightness, two per pixel. */
nca_status terminal_picture(FILE *out, const nca_image *picture, size_t columns, size_t rows,
                            bool colour, nca_error *error);

/* Arranges pictures in rows with this number of columns, separated by a few black pixels, each
 * centred in its place. Release with nca_image_destroy. */
nca_status terminal_tiles(nca_image **out, nca_image *const *pictures, size_t count, size_t columns,
                          nca_error *error);

#endif
