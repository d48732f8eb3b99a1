/* Internal: temporary files without a name, for images that do not fit into the memory limit. The
 * system removes such a file when it is closed, in any case. */
#ifndef NCA_DATA_UNNAMED_FILE_H
#define NCA_DATA_UNNAMED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

/* Creates the file in the folder of `path`, which has room for data sets; if that is not possible,
 * in the C library's folder for temporary files. close() the descriptor. NCA_IO. */
nca_status nca__unnamed_open(int *out_file, const char *path, nca_error *error);
/* Appends all bytes. NCA_IO, for example if the disk is full. */
nca_status nca__unnamed_append(int file, const uint8_t *bytes, size_t size, nca_error *error);
/* NCA_IO: the file "cannot be WHAT", for an errno; 0: an unexpected end of the file. */
nca_status nca__unnamed_fail(nca_error *error, const char *what, int code);

#endif
