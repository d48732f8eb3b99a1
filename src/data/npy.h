/* Internal: the header of a .npy file (numpy.lib.format, versions 1.0, 2.0 and 3.0).
 *
 *   6 bytes "\x93NUMPY", major and minor version, header length (2 bytes, from version 2 on 4),
 *   header: a Python dictionary with 'descr', 'fortran_order', 'shape', then spaces; then the data.
 */
#ifndef NCA_DATA_NPY_H
#define NCA_DATA_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "nca/npz.h"

enum {
    NCA__NPY_MAGIC = 8,              /* bytes before the header's length */
    NCA__NPY_LONGEST_HEADER = 65536, /* NumPy itself writes 128 bytes and accepts up to 10000 */
};

/* Number of bytes of the length field. `where` is used in messages, also below. */
nca_status nca__npy_magic(size_t *out_length_bytes, const uint8_t magic[NCA__NPY_MAGIC],
                          const char *where, nca_error *error);
/* Refuses a header longer than NCA__NPY_LONGEST_HEADER. */
nca_status nca__npy_header_length(size_t *out_length, const uint8_t *field, size_t field_bytes,
                                  const char *where, nca_error *error);
/* Fills everything except out_array->name. */
nca_status nca__npy_parse(nca_array *out_array, const char *header, size_t length,
                          const char *where, nca_error *error);

#endif
