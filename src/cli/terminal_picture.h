/* Pictures in a terminal. */
#ifndef NCA_CLI_TERMINAL_PICTURE_H
#define NCA_CLI_TERMINAL_PICTURE_H

#include "cli/cli.h"

/* Prints an opaque picture on standard output, no wider than `columns` and no
 * higher than `rows` lines: smaller ones are enlarged by a whole factor while they fit, larger ones
 * resized. With `colour` as half blocks (U+2580) in 24-bit colour, two pixels a character; else as
 * characters that grow lighter, two a pixel. */
nca_status terminal_picture(const nca_image *picture, size_t columns, size_t rows, bool colour,
                            nca_error *error);

#endif
