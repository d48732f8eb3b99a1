/* The element types of safetensors, and shapes as text. */
#include "model/safetensors_dtype.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bits;
    nca_dtype dtype;
} types[] = {
    {"F32", 32, NCA_DTYPE_F32},      {"U8", 8, NCA_DTYPE_U8},
    {"U32", 32, NCA_DTYPE_U32},      {"U64", 64, NCA_DTYPE_U64},
    {"BOOL", 8, NCA_DTYPE_OTHER},    {"I8", 8, NCA_DTYPE_OTHER},
    {"I16", 16, NCA_DTYPE_OTHER},    {"I32", 32, NCA_DTYPE_OTHER},
    {"I64", 64, NCA_DTYPE_OTHER},    {"U16", 16, NCA_DTYPE_OTHER},
    {"F16", 16, NCA_DTYPE_F16},      {"BF16", 16, NCA_DTYPE_BF16},
    {"F64", 64, NCA_DTYPE_F64},      {"C64", 64, NCA_DTYPE_OTHER},
    {"F8_E5M2", 8, NCA_DTYPE_OTHER}, {"F8_E4M3", 8, NCA_DTYPE_OTHER},
    {"F8_E8M0", 8, NCA_DTYPE_OTHER}, {"F6_E2M3", 6, NCA_DTYPE_OTHER},
    {"F6_E3M2", 6, NCA_DTYPE_OTHER}, {"F4", 4, NCA_DTYPE_OTHER},
};

enum {
    TYPES = sizeof types / sizeof types[0]
};

const char *nca__dtype_name(nca_dtype dtype)
{
    for (size_t i = 0; i < TYPES && dtype != NCA_DTYPE_OTHER; i++) {
        if (types[i].dtype == dtype) {
            return types[i].name;
        }
    }
    return NULL;
}

unsigned nca__dtype_bits(nca_dtype dtype)
{
    for (size_t i = 0; i < TYPES && dtype != NCA_DTYPE_OTHER; i++) {
        if (types[i].dtype == dtype) {
            return types[i].bits;
        }
    }
    return 0;
}

unsigned nca__dtype_from_name(nca_dtype *out_dtype, const char *name)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out_dtype = types[i].dtype;
            return types[i].bits;
        }
    }
    return 0;
}

const char *nca__shape_text(char *out, size_t size, const size_t *shape, size_t rank)
{
    size_t length = (size_t)snprintf(out, size, "[");
    for (size_t i = 0; i < rank && length < size; i++) {
        length += (size_t)snprintf(out + length, size - length, i == 0 ? "%zu" : ", %zu", shape[i]);
    }
    if (length < size) {
        length += (size_t)snprintf(out + length, size - length, "]");
    }
    if (length >= size) {
        memcpy(out + size - 4, "...", 4);
    }
    return out;
}
