/* A mutator for PNGs: checksums are corrected after most changes, and some changes are made to the
 * decompressed contents of the first IDAT chunk. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/png_surgery.h"
#include "fuzz/mutate.h"

enum {
    UNPACKED_MAX = 1 << 14
};

/* The position of the first IDAT chunk; false if there is none. */
static bool find_pixels(size_t *out_at, const uint8_t *bytes, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = big_endian(bytes + at);
        if (length > size - at - 12) {
            return false;
        }
        if (memcmp(bytes + at + 4, "IDAT", 4) == 0) {
            *out_at = at;
            return true;
        }
        at += 12 + length;
    }
    return false;
}

/* Returns the new size, or 0 if nothing can be decompressed. */
static size_t mutate_pixels(uint8_t *bytes, size_t size, size_t limit)
{
    static uint8_t unpacked[UNPACKED_MAX], packed[UNPACKED_MAX + 1024];
    size_t at = 0;
    if (!find_pixels(&at, bytes, size)) {
        return 0;
    }
    size_t old = big_endian(bytes + at);
    uLongf length = sizeof unpacked;
    if (uncompress(unpacked, &length, bytes + at + 8, (uLong)old) != Z_OK || length == 0) {
        return 0;
    }
    length = (uLongf)LLVMFuzzerMutate(unpacked, length, sizeof unpacked);
    uLongf new = sizeof packed;
    if (compress2(packed, &new, unpacked, length, 1) != Z_OK || size - old + new > limit) {
        return 0;
    }
    memmove(bytes + at + 8 + new, bytes + at + 8 + old, size - at - 8 - old);
    memcpy(bytes + at + 8, packed, new);
    put_big_endian(bytes + at, (uint32_t) new);
    return size - old + new;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
    size_t changed = seed % 4 == 1 ? mutate_pixels(bytes, size, limit) : 0;
    if (changed == 0) {
        changed = LLVMFuzzerMutate(bytes, size, limit);
    }
    if (seed % 8 != 0) {
        repair_png(bytes, changed);
    }
    return changed;
}
