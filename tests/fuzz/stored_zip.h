/* For the fuzz harnesses of formats inside zip archives: an archive of stored members in memory
 * with correct checksums, so that only the bytes inside can be invalid. */
#ifndef NCA_TESTS_FUZZ_STORED_ZIP_H
#define NCA_TESTS_FUZZ_STORED_ZIP_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_member {
    const char *name;
    const void *bytes;
    size_t size;
} fuzz_member;

/* A new buffer; free() it. */
uint8_t *fuzz_stored_zip(size_t *out_size, const fuzz_member *members, size_t count);

#endif
