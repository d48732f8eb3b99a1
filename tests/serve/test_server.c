/* A live page's server and many threads at once, over real sockets: what readers are told, in which
 * order, and that nobody holds up the writer. */
#include "nca/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    TEXT = 1,
    BINARY = 2,
    LOG = 0, /* topics */
    LATEST = 1,
    PICTURE = 2,
    ENTRIES = 3000,
    PICTURE_BYTES = 5000,
    MOST_FRAME = 1 << 20
};

static const char token[] = "0123456789abcdef";

static nca_server *server_make(void)
{
    nca_server *server = NULL;
    const nca_server_options options = {
        .page = "<!doctype html>", .page_length = 15, .token = token};
    nca_error error;
    const nca_status status = nca_server_start(&server, &options, &error);
    if (status != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return server;
}

static unsigned port_of(const nca_server *server)
{
    unsigned port = 0;
    assert_int_equal(sscanf(nca_server_address(server), "http://127.0.0.1:%u/", &port), 1);
    return port;
}

/* ---- A page, as far as its connection goes ---------------------------------------------------*/

static bool send_all(int page, const void *bytes, size_t count)
{
    return send(page, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

static bool receive_all(int page, void *bytes, size_t count)
{
    return count == 0 || recv(page, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

/* A WebSocket, or -1 when it was refused. */
static int page_open(unsigned port)
{
    const int page = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in where = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[512];
    const int length = snprintf(request, sizeof request,
                                "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                "Origin: http://127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                port, port);
    if (connect(page, (const struct sockaddr *)&where, sizeof where) == 0 &&
        send_all(page, request, (size_t)length)) {
        char answer[4096];
        size_t got = 0;
        while (got < sizeof answer - 1 && receive_all(page, answer + got, 1)) {
            answer[++got] = 0;
            if (got >= 4 && memcmp(answer + got - 4, "\r\n\r\n", 4) == 0) {
                if (strncmp(answer, "HTTP/1.1 101", 12) == 0) {
                    return page;
                }
                break;
            }
        }
    }
    close(page);
    return -1;
}

/* The next message and its kind, with a 0 behind it; 0 when the connection has ended. */
static int page_read(int page, char *message, size_t *length)
{
    uint8_t head[10];
    if (!receive_all(page, head, 2)) {
        return 0;
    }
    *length = head[1];
    const size_t more = head[1] == 126 ? 2 : head[1] == 127 ? 8 : 0;
    if (!receive_all(page, head + 2, more)) {
        return 0;
    }
    for (size_t i = 0; i < more; i++) {
        *length = (i == 0 ? 0 : *length << 8) | head[2 + i];
    }
    if (*length >= MOST_FRAME || !receive_all(page, message, *length)) {
        return 0;
    }
    message[*length] = 0;
    const int kind = head[0] & 15;
    return kind == TEXT || kind == BINARY ? kind : 0;
}

static bool page_turn(int page, const char *what, int value)
{
    uint8_t frame[200] = {0x80 | TEXT};
    char *text = (char *)frame + 8;
    const int length = snprintf(text, sizeof frame - 8,
                                "{\"token\":\"%s\",\"do\":\"%s\",\"key\":\"k\",\"value\":\"%d\"}",
                                token, what, value);
    /* A mask of zeros leaves the text as it is. */
    frame[1] = 0x80 | 126;
    frame[2] = (uint8_t)(length >> 8);
    frame[3] = (uint8_t)length;
    return send_all(page, frame, 8 + (size_t)length);
}

/* ---- Readers, each on a thread ---------------------------------------------------------------*/

typedef struct reader {
    unsigned port;
    int gone_after; /* messages; 0: it stays to the end */
    int entries;    /* of the log, that came in their order */
    int latest;     /* the last of its topic */
    int pictures;
    bool in_order, whole;
} reader;

/* Takes the numbers of {"topic":0,"entries":[5,6,7]}. */
static void take_entries(reader *self, const char *message)
{
    for (const char *at = strchr(message, '['); at != NULL && *at != ']';) {
        char *end;
        self->in_order = self->in_order && strtol(at + 1, &end, 10) == self->entries;
        self->entries++;
        at = strpbrk(end, ",]");
    }
}

static void *reader_main(void *argument)
{
    reader *self = argument;
    const int page = page_open(self->port);
    char *message = malloc(MOST_FRAME + 1);
    self->in_order = true;
    self->whole = true;
    int kind;
    size_t length;
    for (int n = 1; page >= 0 && (kind = page_read(page, message, &length)) != 0; n++) {
        int number;
        if (kind == BINARY) {
            self->pictures++;
            self->whole = self->whole && length == PICTURE_BYTES &&
                          memcmp(message, message + 1, PICTURE_BYTES - 1) == 0;
        } else if (sscanf(message, "{\"topic\":1,\"n\":%d}", &number) == 1) {
            self->in_order = self->in_order && number >= self->latest;
            self->latest = number;
        } else {
            take_entries(self, message);
        }
        if (n % 16 == 0) {
            page_turn(page, "change", n);
        }
        if (n == self->gone_after) {
            break;
        }
    }
    free(message);
    close(page);
    return NULL;
}

static void everybody_is_told_everything_in_order(void **state)
{
    (void)state;
    enum {
        STAYING = 4,
        READERS = 10
    };
    nca_server *server = server_make();
    reader readers[READERS] = {0};
    pthread_t threads[READERS];
    for (int i = 0; i < READERS; i++) {
        readers[i].port = port_of(server);
        readers[i].gone_after = i < STAYING ? 0 : 3 * i;
        assert_int_equal(pthread_create(&threads[i], NULL, reader_main, &readers[i]), 0);
    }
    int knobs = 0;
    char text[64];
    uint8_t picture[PICTURE_BYTES];
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(text, sizeof text, "%d", i);
        nca_server_append(server, LOG, text);
        snprintf(text, sizeof text, "{\"topic\":1,\"n\":%d}", i);
        nca_server_show(server, LATEST, text);
        memset(picture, i, sizeof picture);
        nca_server_show_bytes(server, PICTURE, picture, sizeof picture);
        for (nca_knob knob; nca_server_next(&knob, server);) {
            assert_string_equal(knob.what, "change");
            assert_string_equal(knob.key, "k");
            assert_int_equal(atoi(knob.value) % 16, 0);
            knobs++;
        }
        if (i % 100 == 0) {
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        }
    }
    /* Who stays has been told all once it has stopped growing: then the server goes, with pages on.
     */
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = READERS - 1; i >= STAYING; i--) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < 1000 && nca_server_watchers(server) != STAYING; i++) {
        nanosleep(&moment, NULL);
    }
    assert_int_equal(nca_server_watchers(server), STAYING);
    for (int i = 0; i < 50; i++) {
        nanosleep(&moment, NULL);
    }
    nca_server_stop(server);
    for (int i = 0; i < STAYING; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].entries, ENTRIES);
        assert_int_equal(readers[i].latest, ENTRIES - 1);
        assert_true(readers[i].pictures > 0);
    }
    for (int i = 0; i < READERS; i++) {
        assert_true(readers[i].in_order);
        assert_true(readers[i].whole);
    }
    assert_true(knobs > 0);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void a_page_that_never_reads_holds_nobody_up(void **state)
{
    (void)state;
    nca_server *server = server_make();
    const int asleep = page_open(port_of(server));
    assert_true(asleep >= 0);
    const size_t size = MOST_FRAME - 1;
    char *picture = calloc(size, 1);
    const double begin = seconds();
    for (int i = 0; i < 100; i++) {
        nca_server_show_bytes(server, PICTURE, picture, size);
        nca_server_append(server, LOG, "1");
    }
    assert_true(seconds() - begin < 5);
    free(picture);
    close(asleep);
    nca_server_stop(server);
}

static void a_page_too_many_is_refused_and_a_place_is_free_again(void **state)
{
    (void)state;
    nca_server *server = server_make();
    const unsigned port = port_of(server);
    int pages[NCA_SERVER_WATCHERS];
    for (unsigned i = 0; i < NCA_SERVER_WATCHERS; i++) {
        pages[i] = page_open(port);
        assert_true(pages[i] >= 0);
    }
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; i < 500 && nca_server_watchers(server) < NCA_SERVER_WATCHERS; i++) {
        nanosleep(&moment, NULL);
    }
    assert_int_equal(nca_server_watchers(server), NCA_SERVER_WATCHERS);
    assert_int_equal(page_open(port), -1);
    close(pages[0]);
    for (int i = 0; i < 500 && nca_server_watchers(server) == NCA_SERVER_WATCHERS; i++) {
        nanosleep(&moment, NULL);
    }
    pages[0] = page_open(port);
    assert_true(pages[0] >= 0);
    nca_server_stop(server);
    for (unsigned i = 0; i < NCA_SERVER_WATCHERS; i++) {
        close(pages[i]);
    }
}

static void only_the_token_turns_a_knob(void **state)
{
    (void)state;
    nca_server *server = server_make();
    const int page = page_open(port_of(server));
    assert_true(page >= 0);
    assert_true(page_turn(page, "pause", 1));
    nca_knob knob = {{0}, {0}, {0}};
    for (int i = 0; i < 500 && !nca_server_next(&knob, server); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_string_equal(knob.what, "pause");
    static const char wrong[] = "{\"token\":\"0123456789abcdeX\",\"do\":\"stop\"}";
    uint8_t frame[6 + sizeof wrong] = {0x80 | TEXT, 0x80 | (sizeof wrong - 1)};
    memcpy(frame + 6, wrong, sizeof wrong - 1);
    assert_true(send_all(page, frame, 6 + sizeof wrong - 1));
    char byte;
    assert_int_equal(recv(page, &byte, 1, 0), 0); /* the server has hung up */
    assert_false(nca_server_next(&knob, server));
    close(page);
    nca_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_told_everything_in_order),
        cmocka_unit_test(a_page_that_never_reads_holds_nobody_up),
        cmocka_unit_test(a_page_too_many_is_refused_and_a_place_is_free_again),
        cmocka_unit_test(only_the_token_turns_a_knob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
