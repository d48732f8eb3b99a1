/* Fuzzing a connection that has become a WebSocket: whatever its bytes, the response consists of
 * complete unmasked frames, with at most one close frame at the end, and the same knobs are
 * accepted as a whole and in pieces. An input whose connection is still open at its end counts as
 * accepted. */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/harness.h"
#include "serve/client.h"
#include "serve/frame.h"
#include "serve/handshake.h"
#include "serve/request.h"

static const char token[] = "0123456789abcdef";
static const char handshake[] =
    "GET /live HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

enum {
    MOST_INPUT = 1 << 14,
    MOST_OUTPUT = 1 << 16,
    MOST_TAKEN = 64,
    PIECE = 5 /* bytes: less than the header of a frame */
};

/* The result of an input. */
typedef struct outcome {
    bool open;
    int close_code; /* 0: none */
    size_t knobs;
    nca_knob taken[MOST_TAKEN];
    size_t length; /* length of the response */
    uint8_t answered[MOST_OUTPUT];
} outcome;

static void collect(outcome *out, int page, nca__live *live)
{
    for (ssize_t got = 1; got > 0;) {
        FUZZ_CHECK(out->length < MOST_OUTPUT);
        got = recv(page, out->answered + out->length, MOST_OUTPUT - out->length, MSG_DONTWAIT);
        out->length += got > 0 ? (size_t)got : 0;
    }
    while (out->knobs < MOST_TAKEN && nca__live_next(&out->taken[out->knobs], live)) {
        out->knobs++;
    }
}

/* Frames of the server: complete and unmasked; nothing follows a close frame. */
static void check_answered(outcome *out)
{
    const char *end = memmem(out->answered, out->length, "\r\n\r\n", 4);
    FUZZ_CHECK(end != NULL && memcmp(out->answered, "HTTP/1.1 101 ", 13) == 0);
    const uint8_t *at = (const uint8_t *)end + 4, *last = out->answered + out->length;
    while (at < last) {
        FUZZ_CHECK(out->close_code == 0 && last - at >= 2);
        const int kind = at[0] & 15;
        FUZZ_CHECK((at[0] & 0xF0) == 0x80 && at[1] <= NCA__FRAME_CONTROL_MOST);
        FUZZ_CHECK(kind == NCA__FRAME_CLOSE || kind == NCA__FRAME_PONG || kind == NCA__FRAME_TEXT);
        if (kind == NCA__FRAME_CLOSE) {
            FUZZ_CHECK(at[1] == 2);
            out->close_code = at[2] << 8 | at[3];
        }
        at += 2 + at[1];
    }
    FUZZ_CHECK(at == last);
}

static void feed(outcome *out, const uint8_t *bytes, size_t size, size_t piece)
{
    int pair[2];
    memset(out, 0, sizeof *out);
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    nca__live *live = nca__live_create(token);
    FUZZ_CHECK(live != NULL);
    nca__board_append(nca__live_board(live), 0, "1", 1);
    const nca__site site = {.page = "", .page_length = 0, .live = live};
    nca__client *client = nca__client_create(pair[0], &site, 0);
    FUZZ_CHECK(client != NULL);
    FUZZ_CHECK(send(pair[1], handshake, sizeof handshake - 1, 0) == sizeof handshake - 1);
    out->open = nca__client_step(client, POLLIN, 0);
    FUZZ_CHECK(out->open);
    for (size_t from = 0; from < size && out->open; from += piece) {
        const size_t length = size - from < piece ? size - from : piece;
        const bool sent = send(pair[1], bytes + from, length, MSG_NOSIGNAL) == (ssize_t)length;
        /* A step reads at most the maximum size of a request. */
        for (size_t read = 0; out->open && sent && read < length; read += NCA__HEAD_MOST / 2) {
            out->open = nca__client_step(client, POLLIN, 0);
        }
    }
    collect(out, pair[1], live);
    check_answered(out);
    out->open = out->open && out->close_code == 0;
    nca__client_destroy(client);
    FUZZ_CHECK(nca__live_watchers(live) == 0);
    nca__live_destroy(live);
    close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static outcome whole, pieces;
    static bool opened;
    if (size > MOST_INPUT) {
        return 0;
    }
    FUZZ_CHECK(opened || nca__handshake_open(NULL) == NCA_OK);
    opened = true;
    feed(&whole, bytes, size, MOST_INPUT);
    feed(&pieces, bytes, size, PIECE);
    fuzz_accepted = whole.open;
    FUZZ_CHECK(whole.open == pieces.open && whole.close_code == pieces.close_code);
    FUZZ_CHECK(whole.knobs == pieces.knobs);
    for (size_t i = 0; i < whole.knobs; i++) {
        FUZZ_CHECK(strcmp(whole.taken[i].what, pieces.taken[i].what) == 0 &&
                   strcmp(whole.taken[i].key, pieces.taken[i].key) == 0 &&
                   strcmp(whole.taken[i].value, pieces.taken[i].value) == 0);
    }
    return 0;
}
