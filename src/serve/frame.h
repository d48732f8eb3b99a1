/* Internal: the frames of a WebSocket (RFC 6455) as a live page sends and gets them. Independent
 * of sockets. */
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

    NCA__FRAME_MOST = 1024,        /* bytes in a frame of a page */
    NCA__FRAME_CONTROL_MOST = 125, /* bytes in a ping, pong or close */
    NCA__FRAME_HEAD_MOST = 14,

    /* Why a connection is closed. */
    NCA__CLOSE_NORMAL = 1000,
    NCA__CLOSE_LEAVING = 1001,
    NCA__CLOSE_PROTOCOL = 1002,
    NCA__CLOSE_KIND = 1003, /* bytes, or a message in several frames */
    NCA__CLOSE_POLICY = 1008,
    NCA__CLOSE_TOO_BIG = 1009
};

typedef struct nca__frame {
    int kind;
    size_t head, length; /* bytes of the frame's head and of what it holds */
    uint8_t mask[4];
} nca__frame;

/* Reads a frame's head as soon as its bytes are there. Returns 0: the frame is as *out says when
 * out->head is not 0, and otherwise more bytes are needed. Or returns why the connection is to be
 * closed, which depends on the head alone: however long the frame claims to be, none of it is
 * waited for. */
int nca__frame_read(nca__frame *out, const uint8_t *bytes, size_t length);
/* Takes the mask off what the frame holds. */
void nca__frame_unmask(uint8_t *bytes, const nca__frame *frame);

/* The head of a frame to a page: whole, without a mask. Returns its length. */
size_t nca__frame_write(uint8_t out[NCA__FRAME_HEAD_MOST], int kind, size_t length);

#endif
