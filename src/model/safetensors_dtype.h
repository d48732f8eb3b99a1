/* Internal: shared by the safetensors reader and writer. */
#ifndef NCA_MODEL_SAFETENSORS_DTYPE_H
#define NCA_MODEL_SAFETENSORS_DTYPE_H

#include <stddef.h>

#include "nca/safetensors.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors are little-endian and this code hands their bytes out as they are"
#endif

enum {
    NCA__SAFETENSORS_PREFIX = 8,           /* bytes of the header's length */
    NCA__SAFETENSORS_HEADER_MAX = 4 << 20, /* bytes of JSON; about 30,000 tensors */
    NCA__SAFETENSORS_ALIGNMENT = 64,       /* of part 3 in files written here */
    NCA__SHAPE_TEXT = 192
};

#define NCA__SAFETENSORS_METADATA "__metadata__"

/* "F32" ...; NULL for NCA_DTYPE_OTHER. */
const char *nca__dtype_name(nca_dtype dtype);
/* Bits of one element; 0 for NCA_DTYPE_OTHER. */
unsigned nca__dtype_bits(nca_dtype dtype);
/* Finds a type by name; returns its size in bits, or 0 if the type is unknown. */
unsigned nca__dtype_from_name(nca_dtype *out_dtype, const char *name);

/* Formats a shape as "[128, 48]", truncated with "..." if it is too long; returns `out`. */
const char *nca__shape_text(char *out, size_t size, const size_t *shape, size_t rank);

#endif
