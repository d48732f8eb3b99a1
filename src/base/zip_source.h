/* Internal to the reader of zip archives: a file as a source for libzip. */
#ifndef NCA_BASE_ZIP_SOURCE_H
#define NCA_BASE_ZIP_SOURCE_H

#include <stdint.h>

#include "base/zip_library.h"

/* Reads `size` bytes from the descriptor, which the source closes when it is freed. On failure it
 * returns NULL with the reason in *why, and the descriptor stays open. */
zip_source_t *nca__zip_source(int descriptor, uint64_t size, zip_error_t *why);

#endif
