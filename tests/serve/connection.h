/* The other side of a server of pages, for its tests: requests, and a WebSocket's frames, right or
 * wrong. What waits for an answer gives up after 20 seconds. */
#ifndef NCA_TESTS_SERVE_CONNECTION_H
#define NCA_TESTS_SERVE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/server.h"

enum {
    FRAME_CONTINUED = 0, /* kinds */
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10,
    FRAME_FINAL = 0x80,
    MOST_FRAME = 1 << 20
};

unsigned connection_port(const nca_server *server);
int connection_open(unsigned port);
bool connection_send(int connection, const void *bytes, size_t count);
bool connection_receive(int connection, void *bytes, size_t count);
/* The code of the answer to a request, with "%u" for the port where it has one; all of the answer
 * is left in `answer`. 0: none. */
int connection_ask(char *answer, size_t size, unsigned port, const char *request);

/* A WebSocket, or -1 when it was refused. */
int page_open(unsigned port);
/* Sends a frame: its first byte, and a length that may be another than that of its bytes. The mask
 * is of zeros. */
bool page_send(int page, unsigned first, bool masked, size_t claim, const void *bytes,
               size_t length);
bool page_send_text(int page, const char *text);
/* The next frame's kind, with a 0 behind what it holds; -1 when the connection has ended. */
int page_read(int page, char *message, size_t *length);
/* The code with which the server closes it; 0: it ended without, -1: it is still open. */
int page_close_code(int page);

#endif
