/* See finite.h. */
#include "base/finite.h"

#include <stdint.h>
#include <string.h>

bool nca__all_finite(const float *values, size_t count)
{
    /* Whole blocks without a branch, so that the compiler can use wide registers. */
    enum {
        BLOCK = 1024
    };
    for (size_t start = 0; start < count; start += BLOCK) {
        const size_t size = count - start < BLOCK ? count - start : BLOCK;
        unsigned bad = 0;
        for (size_t i = 0; i < size; i++) {
            uint32_t bits;
            memcpy(&bits, values + start + i, sizeof bits);
            bad |= (bits & 0x7f800000u) == 0x7f800000u;
        }
        if (bad != 0) {
            return false;
        }
    }
    return true;
}
