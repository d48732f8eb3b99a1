/* Pictures in a terminal. */
#ifndef NCA_CLI_TERMINAL_PICTURE_H
#define NCA_CLI_TERMINAL_PICTURE_H

#include <stdio.h>

#include "cli/cli.h"

/* Prints an opaque picture, no wider than `columns` and no
 * higher than `rows` lines: smaller ones are enlarged by a whole factor while they fit, larger ones
 * resized. With `colour` as half blocks (U+2580) in 24-bit colour, two pixels a character; else as
 * characters that grow lighter, two a pixel. */
nca_status terminal_picture(FILE *out, const nca_image *picture, size_t columns, size_t rows,
                            bool colour, nca_error *error);

/* Pictures in rows of so many columns with a little black between them, each in the middle of its
 * place. Release with nca_image_destroy. */
nca_status terminal_tiles(nca_image **out, nca_image *const *pictures, size_t count, size_t columns,
                          nca_error *error);

#endif
