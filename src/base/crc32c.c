/* See crc32c.h. A bit at a time: the records of a training are a hundred bytes each. */
#include "base/crc32c.h"

uint32_t nca__crc32c(const void *bytes, size_t count)
{
    static const uint32_t reversed_polynomial = 0x82f63b78;
    const uint8_t *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversed_polynomial : 0);
        }
    }
    return ~crc;
}
