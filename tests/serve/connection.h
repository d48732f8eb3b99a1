/* The client side of a server of pages, for its tests: requests, and frames of a WebSocket, valid
 * or not. Waiting for a response ends after 20 seconds. */
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
/* The status code of the response to a request, with "%u" replaced by the port; the complete
 * response is stored in `answer`. 0: none. */
int connection_ask(char *answer, size_t size, unsigned port, const char *request);

/* Opens a WebSocket; -1 if it was refused. */
int page_open(unsigned port);
/* Sends a frame: its first byte, and a length that may differ from that of its bytes. The mask is
 * zero. */
bool page_send(int page, unsigned first, bool masked, size_t claim, const void *bytes,
               size_t length);
bool page_send_text(int page, const char *text);
/* The kind of the next frame, with a 0 after its payload; -1 if the connection has ended. */
int page_read(int page, char *message, size_t *length);
/* The code with which the server closes it; 0: it ended without a code, -1: it is still open. */
int page_close_code(int page);

#endif
