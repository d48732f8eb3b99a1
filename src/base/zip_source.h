/* Internal to the reader of zip archives: a file as libzip reads it. */
#ifndef NCA_BASE_ZIP_SOURCE_H
#define NCA_BASE_ZIP_SOURCE_H

#include <stdint.h>

#include "base/zip_library.h"

/* Reads `size` bytes of the descriptor, which the source closes when it is freed; on failure (NULL,
 * the reason in *why) it stays open. */
zip_source_t *nca__zip_source(int descriptor, uint64_t size, zip_error_t *why);

#endif
