/* The 64-bit FNV-1a hash (Fowler, Noll and Vo). It is in files, so it never changes. */
#ifndef NCA_BASE_FNV1A_H
#define NCA_BASE_FNV1A_H

#include <stddef.h>
#include <stdint.h>

#define NCA__FNV1A_START UINT64_C(14695981039346656037) /* the hash of no bytes */
#define NCA__FNV1A_PRIME UINT64_C(1099511628211)

/* The hash of bytes that follow those of `hash`. */
static inline uint64_t nca__fnv1a(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * NCA__FNV1A_PRIME;
    }
    return hash;
}

#endif
