/* Base64 encoding. */
#include "base/base64.h"

#include <stdint.h>

size_t nca__base64_length(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

void nca__base64(char *out, const void *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < count; i += 3) {
        const uint32_t second = i + 1 < count ? in[i + 1] : 0;
        const uint32_t third = i + 2 < count ? in[i + 2] : 0;
        const uint32_t word = (uint32_t)in[i] << 16 | second << 8 | third;
        *out++ = digits[word >> 18];
        *out++ = digits[word >> 12 & 63];
        *out++ = i + 1 < count ? digits[word >> 6 & 63] : '=';
        *out++ = i + 2 < count ? digits[word & 63] : '=';
    }
    *out = 0;
}
