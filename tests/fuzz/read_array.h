/* For the harnesses of npz and npy: reads an array in several ways, which must agree. */
#ifndef NCA_TESTS_FUZZ_READ_ARRAY_H
#define NCA_TESTS_FUZZ_READ_ARRAY_H

#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/npz.h"

enum {
    READ_ARRAY_BYTES = 1 << 16 /* for larger arrays only the description is checked */
};

static inline void check_array(const nca_array *array, const char *name)
{
    size_t items = 1;
    FUZZ_CHECK(strcmp(array->name, name) == 0 && nca_array_type_name(array->type) != NULL);
    FUZZ_CHECK(array->rank <= NCA_ARRAY_MAX_RANK);
    for (size_t i = 0; i < array->rank; i++) {
        FUZZ_CHECK(!__builtin_mul_overflow(items, array->shape[i], &items) || array->items == 0);
    }
    FUZZ_CHECK(array->items == items || array->items == 0);
}

/* Returns whether the array could be described and read completely. */
static inline bool read_array(nca_npz *npz, const char *name)
{
    nca_error error = {0};
    nca_array array = {0};
    nca_status status = nca_npz_describe(&array, npz, name, &error);
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(array.name == NULL);
        return false;
    }
    check_array(&array, name);
    size_t entries = array.rank > 0 ? array.shape[0] : 1;
    size_t bytes = array.items * nca_array_type_size(array.type);
    FUZZ_CHECK(nca_npz_read(NULL, npz, &array, entries, 1, NULL) == NCA_INVALID_ARGUMENT);
    if (bytes > READ_ARRAY_BYTES || bytes == 0) {
        return true;
    }
    /* Buffers of the exact size, so that a sanitizer detects accesses beyond it. */
    uint8_t *whole = malloc(bytes), *pieces = malloc(bytes);
    FUZZ_CHECK(whole != NULL && pieces != NULL);
    status = nca_npz_read(whole, npz, &array, 0, entries, &error);
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
    } else {
        size_t middle = entries / 2, entry = bytes / entries;
        FUZZ_CHECK(nca_npz_read(pieces, npz, &array, 0, middle, NULL) == NCA_OK);
        FUZZ_CHECK(nca_npz_read(pieces + middle * entry, npz, &array, middle, entries - middle,
                                NULL) == NCA_OK);
        FUZZ_CHECK(memcmp(whole, pieces, bytes) == 0);
    }
    free(pieces);
    free(whole);
    return status == NCA_OK;
}

#endif
