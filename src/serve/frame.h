/* Internal: the frames of a WebSocket (RFC 6455) that a live page sends and receives. */
#ifndef NCA_SERVE_FRAME_H
#define NCA_SERVE_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    NCA__FRAME_TEXT = 1,
    NCA__FRAME_BINARY = 2,
    NCA__FRAME_CLOSE = 8,
    NCA__FRAME_PING = 9,
    NCA__FRAME_PONG = 10,

    NCA__FRAME_MOST = 1024,        /* bytes in a frame from a page */
    NCA__FRAME_CONTROL_MOST = 125, /* bytes in a ping, pong or close frame */
    NCA__FRAME_HEAD_MOST = 14,

    /* Reasons for closing a connection. */
    NCA__CLOSE_NORMAL = 1000,
    NCA__CLOSE_LEAVING = 1001,
    NCA__CLOSE_PROTOCOL = 1002,
    NCA__CLOSE_KIND = 1003, /* bytes, or a message in several frames */
    NCA__CLOSE_POLICY = 1008,
    NCA__CLOSE_TOO_BIG = 1009
};

typedef struct nca__frame {
    int kind;
    size_t head, length; /* bytes of the frame's header and of its payload */
    uint8_t mask[4];
} nca__frame;

/* Reads the header of a frame as soon as it is complete. Returns 0 if *out describes a valid frame
 * (out->head is not 0) or if more bytes are needed (out->head is 0). Otherwise returns the reason
 * for closing the connection. This depends only on the header, so nothing waits for the payload of
 * a frame that is too long. */
int nca__frame_read(nca__frame *out, const uint8_t *bytes, size_t length);
/* Unmasks the payload of a frame. */
void nca__frame_unmask(uint8_t *bytes, const nca__frame *frame);

/* Writes the header of an unfragmented, unmasked frame to a page. Returns its length. */
size_t nca__frame_write(uint8_t out[NCA__FRAME_HEAD_MOST], int kind, size_t length);

#endif
