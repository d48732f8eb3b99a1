/* One connection. */
#include "serve/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "serve/answer.h"
#include "serve/frame.h"
#include "serve/handshake.h"

/* Times in seconds. */
static const double head_time = 10;   /* for receiving a whole request */
static const double answer_time = 30; /* for the client to accept any byte of a response */
static const double ping_time = 30;   /* silence after which a page gets a ping */
static const double live_time = 90;   /* silence after which a page is disconnected */
static const double end_time = 2;     /* for the last bytes to be received */

/* Limits for the messages of a page, including pings. */
static const double most_at_once = 128;
static const double most_a_second = 32;

enum {
    MOST_AFTER_END = 1 << 20, /* bytes read from a client while its connection is closed */
    MOST_NOTICES = 8          /* number of messages to one page before the next page has its turn */
};

typedef enum stage {
    HEAD,   /* receiving the request */
    ANSWER, /* sending the response */
    LIVE,   /* a WebSocket */
    END /* everything was sent; remaining input is read, because closing earlier could lose the end
           of the response */
} stage;

/* The data being sent: up to three pieces. */
typedef struct outgoing {
    char head[NCA__ANSWER_MOST];
    char *owned; /* freed when it has been sent; NULL: none */
    struct iovec pieces[3];
    size_t next; /* the piece being sent; 3: all have been sent */
} outgoing;

struct nca__client {
    int socket;
    const nca__site *site;
    stage stage;
    double since; /* start of this stage; for a response: when some of it was last accepted */
    char in[NCA__HEAD_MOST];
    size_t in_length;
    outgoing out;
    /* For a WebSocket: */
    bool joined;
    bool hungry; /* there may be more data on the board */
    nca__reader reader;
    double heard, asked;          /* when it last sent data, and when it was last sent a ping */
    double allowance, allowed_at; /* number of messages that it may send */
    int close_code;               /* 0: the connection stays open */
    bool ponging;
    size_t pong_length;
    uint8_t pong[NCA__FRAME_CONTROL_MOST];
    size_t discarded; /* number of bytes read in stage END */
};

nca__client *nca__client_create(int socket, const nca__site *site, double now)
{
    nca__client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        close(socket);
        return NULL;
    }
    client->socket = socket;
    client->site = site;
    client->since = now;
    client->out.next = 3;
    return client;
}

void nca__client_destroy(nca__client *client)
{
    if (client == NULL) {
        return;
    }
    if (client->joined) {
        nca__live_leave(client->site->live);
    }
    close(client->socket);
    free(client->out.owned);
    free(client);
}

int nca__client_socket(const nca__client *client)
{
    return client->socket;
}

bool nca__client_may_go(const nca__client *client)
{
    return client->stage != LIVE;
}

static void enter(nca__client *client, stage next, double now)
{
    client->stage = next;
    client->since = now;
}

/* ---- Sending ---------------------------------------------------------------------------------*/

static bool is_sending(const nca__client *client)
{
    return client->out.next < 3;
}

/* Sends `head_length` bytes of out->head, then `bytes`, then the text `after`; `owned` is `bytes`
 * or NULL. */
static void put(nca__client *client, size_t head_length, const void *bytes, size_t length,
                const char *after, char *owned)
{
    outgoing *out = &client->out;
    out->owned = owned;
    out->next = 0;
    out->pieces[0] = (struct iovec){out->head, head_length};
    out->pieces[1] = (struct iovec){(void *)(uintptr_t)bytes, length};
    out->pieces[2] = (struct iovec){(void *)(uintptr_t)after, strlen(after)};
}

/* Skips what has been sent, and empty pieces. */
static void advance(outgoing *out, size_t sent)
{
    while (out->next < 3 && sent >= out->pieces[out->next].iov_len) {
        sent -= out->pieces[out->next++].iov_len;
    }
    if (out->next < 3) {
        struct iovec *piece = &out->pieces[out->next];
        piece->iov_base = (char *)piece->iov_base + sent;
        piece->iov_len -= sent;
    } else {
        free(out->owned);
        out->owned = NULL;
    }
}

/* Sends as much as the other side accepts now; false if the connection is closed. */
static bool flush(nca__client *client, double now)
{
    outgoing *out = &client->out;
    while (is_sending(client)) {
        struct msghdr message = {.msg_iov = out->pieces + out->next, .msg_iovlen = 3 - out->next};
        const ssize_t sent = sendmsg(client->socket, &message, MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        }
        if (client->stage == ANSWER) {
            client->since = now;
        }
        advance(out, (size_t)sent);
    }
    return true;
}

static void end(nca__client *client, double now)
{
    shutdown(client->socket, SHUT_WR);
    client->in_length = 0;
    enter(client, END, now);
}

/* ---- A request -------------------------------------------------------------------------------*/

static void answer(nca__client *client, const nca__answer *given, double now)
{
    const nca__site *site = client->site;
    const size_t head = nca__answer_write(client->out.head, given, site->page_length);
    put(client, head, site->page, given->page ? site->page_length : 0, "", NULL);
    enter(client, ANSWER, now);
}

static void begin_live(nca__client *client, const nca__request *request, double now)
{
    char accept[NCA__HANDSHAKE_ACCEPT];
    client->joined = nca__live_join(client->site->live);
    if (!client->joined || !nca__handshake_accept(accept, request->websocket_key)) {
        const nca__answer full = nca__answer_refusing(503);
        answer(client, &full, now);
        return;
    }
    const int head = snprintf(client->out.head, sizeof client->out.head,
                              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                              accept);
    put(client, (size_t)head, "", 0, "", NULL);
    client->hungry = true;
    client->heard = client->asked = client->allowed_at = now;
    client->allowance = most_at_once;
    enter(client, LIVE, now);
}

/* Answers when the header of the request is complete, or too long. */
static void take_request(nca__client *client, size_t seen, double now)
{
    const size_t head = nca__head_length(client->in, client->in_length, seen);
    if (head == 0 && client->in_length < sizeof client->in) {
        return;
    }
    nca__request request;
    const nca__site *site = client->site;
    const int wrong = head == 0 ? 431 : nca__request_read(&request, client->in, head);
    const nca__answer given = wrong != 0 ? nca__answer_refusing(wrong)
                                         : nca__answer_to(&request, site->key, site->live != NULL);
    if (given.live) {
        begin_live(client, &request, now);
    } else {
        answer(client, &given, now);
    }
    client->in_length -= head;
    memmove(client->in, client->in + head, client->in_length);
}

/* ---- A WebSocket -----------------------------------------------------------------------------*/

/* Whether a page may send another message now. */
static bool may_send(nca__client *client, double now)
{
    client->allowance += (now - client->allowed_at) * most_a_second;
    client->allowance = client->allowance < most_at_once ? client->allowance : most_at_once;
    client->allowed_at = now;
    if (client->allowance < 1) {
        return false;
    }
    client->allowance -= 1;
    return true;
}

/* Processes a frame; returns the reason for closing the connection, or 0. */
static int take_frame(nca__client *client, uint8_t *bytes, const nca__frame *frame, double now)
{
    if (!may_send(client, now)) {
        return NCA__CLOSE_POLICY;
    }
    nca__frame_unmask(bytes, frame);
    switch (frame->kind) {
    case NCA__FRAME_PING:
        memcpy(client->pong, bytes, frame->length);
        client->pong_length = frame->length;
        client->ponging = true;
        return 0;
    case NCA__FRAME_PONG:
        return 0;
    case NCA__FRAME_CLOSE:
        return NCA__CLOSE_NORMAL;
    default:
        return nca__live_take(client->site->live, (const char *)bytes, frame->length)
                   ? 0
                   : NCA__CLOSE_POLICY;
    }
}

static void take_frames(nca__client *client, double now)
{
    uint8_t *bytes = (uint8_t *)client->in;
    size_t taken = 0;
    while (client->close_code == 0) {
        nca__frame frame;
        client->close_code = nca__frame_read(&frame, bytes + taken, client->in_length - taken);
        const size_t length = frame.head + frame.length;
        if (client->close_code != 0 || frame.head == 0 || client->in_length - taken < length) {
            break;
        }
        client->close_code = take_frame(client, bytes + taken + frame.head, &frame, now);
        taken += length;
    }
    client->in_length -= taken;
    memmove(client->in, client->in + taken, client->in_length);
}

/* Sends a control frame. */
static void put_control(nca__client *client, int kind, const uint8_t *bytes, size_t length)
{
    uint8_t *head = (uint8_t *)client->out.head;
    const size_t begin = nca__frame_write(head, kind, length);
    if (length > 0) {
        memcpy(head + begin, bytes, length);
    }
    put(client, begin + length, "", 0, "", NULL);
}

static void put_close(nca__client *client, int code)
{
    const uint8_t bytes[] = {(uint8_t)(code >> 8), (uint8_t)code};
    put_control(client, NCA__FRAME_CLOSE, bytes, sizeof bytes);
}

static void put_notice(nca__client *client, nca__notice *notice)
{
    char before[64] = "";
    const char *after = notice->log ? "]}" : "";
    if (notice->log) {
        snprintf(before, sizeof before, "{\"topic\":%u,\"entries\":[", notice->topic);
    }
    const size_t length = strlen(before) + notice->length + strlen(after);
    const size_t begin = nca__frame_write(
        (uint8_t *)client->out.head, notice->text ? NCA__FRAME_TEXT : NCA__FRAME_BINARY, length);
    memcpy(client->out.head + begin, before, strlen(before));
    put(client, begin + strlen(before), notice->bytes, notice->length, after, notice->bytes);
}

/* Prepares the next data if nothing is being sent; false if there is none. */
static bool put_next(nca__client *client, double now)
{
    nca__notice notice;
    if (client->ponging) {
        client->ponging = false;
        put_control(client, NCA__FRAME_PONG, client->pong, client->pong_length);
    } else if (now - client->heard > ping_time && now - client->asked > ping_time) {
        client->asked = now;
        put_control(client, NCA__FRAME_PING, NULL, 0);
    } else if (nca__board_next(&notice, &client->reader, nca__live_board(client->site->live))) {
        put_notice(client, &notice);
    } else {
        return false;
    }
    return true;
}

/* Sends to a page until it accepts no more, there is no more data, or others have their turn. */
static bool step_live(nca__client *client, double now)
{
    if (now - client->heard > live_time) {
        return false;
    }
    bool open = flush(client, now);
    client->hungry = true;
    for (int i = 0; open && i < MOST_NOTICES && client->hungry && !is_sending(client); i++) {
        if (client->close_code != 0) {
            put_close(client, client->close_code);
            open = flush(client, now);
            end(client, now);
            return open;
        }
        client->hungry = put_next(client, now);
        open = flush(client, now);
    }
    return open && (client->close_code == 0 || now - client->heard < end_time);
}

void nca__client_farewell(nca__client *client)
{
    if (client->stage == LIVE && !is_sending(client)) {
        put_close(client, NCA__CLOSE_LEAVING);
        flush(client, 0);
        shutdown(client->socket, SHUT_WR);
    }
}

/* ---- A step ----------------------------------------------------------------------------------*/

short nca__client_events(const nca__client *client)
{
    const bool reading = client->stage == HEAD || client->stage == END ||
                         (client->stage == LIVE && client->close_code == 0);
    const bool writing = is_sending(client) || (client->stage == LIVE && client->hungry);
    return (short)((reading ? POLLIN : 0) | (writing ? POLLOUT : 0));
}

/* Reads once; false if the connection is closed. */
static bool receive(nca__client *client, double now)
{
    const size_t seen = client->in_length;
    const ssize_t got = recv(client->socket, client->in + seen, sizeof client->in - seen, 0);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    }
    client->in_length += (size_t)got;
    if (client->stage == HEAD) {
        take_request(client, seen, now);
    } else if (client->stage == END) {
        client->discarded += client->in_length;
        client->in_length = 0;
        return client->discarded < MOST_AFTER_END;
    }
    if (client->stage == LIVE) {
        client->heard = now;
        take_frames(client, now);
    }
    return true;
}

bool nca__client_step(nca__client *client, short events, double now)
{
    if ((events & (POLLERR | POLLNVAL)) != 0) {
        return false;
    }
    const bool reading = (nca__client_events(client) & POLLIN) != 0;
    if ((events & (POLLIN | POLLHUP)) != 0 && reading && !receive(client, now)) {
        return false;
    }
    switch (client->stage) {
    case HEAD:
        return now - client->since < head_time;
    case LIVE:
        return step_live(client, now);
    case ANSWER:
        if (!flush(client, now)) {
            return false;
        }
        if (!is_sending(client)) {
            end(client, now);
        }
        return now - client->since < answer_time;
    case END:
        break;
    }
    return flush(client, now) && now - client->since < end_time;
}
