/* Frames of a WebSocket. A page sends short texts, each in one frame; everything else is
 * refused. */
#include "serve/frame.h"

#include <stdbool.h>
#include <string.h>

enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    KIND = 0x0F,
    CONTROL = 0x08,
    MASKED = 0x80,
    LENGTH = 0x7F,
    LENGTH16 = 126, /* a length of two bytes follows */
    LENGTH64 = 127, /* a length of eight bytes follows */
    MASK_BYTES = 4
};

/* Checks from the first byte whether this kind of frame is allowed, and whether it is
 * unfragmented. */
static int check_kind(uint8_t first)
{
    const int kind = first & KIND;
    const bool final = (first & FINAL) != 0;
    if ((first & RESERVED) != 0) {
        return NCA__CLOSE_PROTOCOL;
    }
    switch (kind) {
    case NCA__FRAME_TEXT:
        return final ? 0 : NCA__CLOSE_KIND;
    case NCA__FRAME_BINARY:
        return NCA__CLOSE_KIND;
    case NCA__FRAME_CLOSE:
    case NCA__FRAME_PING:
    case NCA__FRAME_PONG:
        return final ? 0 : NCA__CLOSE_PROTOCOL;
    default:
        return NCA__CLOSE_PROTOCOL; /* the continuation of a message that never began, or an unknown
                                       kind */
    }
}

int nca__frame_read(nca__frame *out, const uint8_t *bytes, size_t length)
{
    memset(out, 0, sizeof *out);
    const int wrong = length > 0 ? check_kind(bytes[0]) : 0;
    if (wrong != 0 || length < 2) {
        return wrong;
    }
    const unsigned claim = bytes[1] & LENGTH;
    if ((bytes[1] & MASKED) == 0) {
        return NCA__CLOSE_PROTOCOL;
    }
    if ((bytes[0] & CONTROL) != 0 && claim > NCA__FRAME_CONTROL_MOST) {
        return NCA__CLOSE_PROTOCOL;
    }
    if (claim == LENGTH64) { /* over 65535 */
        return NCA__CLOSE_TOO_BIG;
    }
    const size_t more = claim == LENGTH16 ? 2 : 0;
    if (length < 2 + more) {
        return 0;
    }
    const size_t holds = more > 0 ? (size_t)bytes[2] << 8 | bytes[3] : claim;
    if (holds > NCA__FRAME_MOST) {
        return NCA__CLOSE_TOO_BIG;
    }
    if (length < 2 + more + MASK_BYTES) {
        return 0;
    }
    out->kind = bytes[0] & KIND;
    out->head = 2 + more + MASK_BYTES;
    out->length = holds;
    memcpy(out->mask, bytes + 2 + more, MASK_BYTES);
    return 0;
}

void nca__frame_unmask(uint8_t *bytes, const nca__frame *frame)
{
    for (size_t i = 0; i < frame->length; i++) {
        bytes[i] ^= frame->mask[i % MASK_BYTES];
    }
}

size_t nca__frame_write(uint8_t out[NCA__FRAME_HEAD_MOST], int kind, size_t length)
{
    const size_t more = length < LENGTH16 ? 0 : length <= UINT16_MAX ? 2 : 8;
    out[0] = (uint8_t)(FINAL | kind);
    out[1] = (uint8_t)(more == 0 ? length : more == 2 ? LENGTH16 : LENGTH64);
    for (size_t i = 0; i < more; i++) {
        out[2 + i] = (uint8_t)((uint64_t)length >> (8 * (more - 1 - i)));
    }
    return 2 + more;
}
