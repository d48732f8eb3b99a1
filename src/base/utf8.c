/* UTF-8, as table 3-7 of Unicode 15 defines it. */
#include "base/utf8.h"

size_t nca__utf8_read(uint32_t *out_code, const char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *)text;
    if (size == 0) {
        return 0;
    }
    const size_t length = at[0] < 0x80    ? 1
                          : at[0] < 0xc2  ? 0
                          : at[0] < 0xe0  ? 2
                          : at[0] < 0xf0  ? 3
                          : at[0] <= 0xf4 ? 4
                                          : 0;
    unsigned char least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    if (length == 0 || length > size) {
        return 0;
    }
    uint32_t code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (at[i] < least || at[i] > most) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fu);
        least = 0x80;
        most = 0xbf;
    }
    *out_code = code;
    return length;
}

bool nca__is_utf8(const char *text)
{
    while (*text != 0) {
        uint32_t code;
        const size_t length = nca__utf8_read(&code, text, SIZE_MAX);
        if (length == 0) {
            return false;
        }
        text += length;
    }
    return true;
}

size_t nca__utf8_cut(const char *text, size_t length)
{
    while (length > 0 && ((unsigned char)text[length] & 0xc0u) == 0x80u) {
        length--;
    }
    return length;
}
