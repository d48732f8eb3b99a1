/* The timeouts of a connection, with a clock that the test sets. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/client.h"
#include "serve/connection.h"
#include "serve/frame.h"
#include "serve/handshake.h"

static const char token[] = "0123456789abcdef";
static const char handshake[] = "GET /live HTTP/1.1\r\nHost: localhost\r\n"
                                "Origin: http://localhost\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

enum {
    PAGE = 1 << 22 /* bytes: more than a socket buffer */
};

/* A connection and its client side. */
typedef struct fixture {
    nca__site site;
    nca__client *client;
    int other;
} fixture;

static void begin(fixture *f, const char *request)
{
    int pair[2];
    assert_int_equal(nca__handshake_open(NULL), NCA_OK);
    f->site = (nca__site){.page = calloc(1, PAGE), .page_length = PAGE};
    f->site.live = nca__live_create(token);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    f->client = nca__client_create(pair[0], &f->site, 0);
    f->other = pair[1];
    assert_true(connection_send(f->other, request, strlen(request)));
    assert_true(nca__client_step(f->client, POLLIN, 0));
}

static void end(fixture *f)
{
    nca__client_destroy(f->client);
    nca__live_destroy(f->site.live);
    free((char *)(uintptr_t)f->site.page);
    close(f->other);
}

/* The kind of the last frame received, or -1; everything before the end of the handshake is
 * ignored. */
static int last_kind(const fixture *f)
{
    uint8_t bytes[4096];
    const ssize_t got = recv(f->other, bytes, sizeof bytes, 0);
    return got >= 2 && bytes[got - 2] >= 0x80 ? bytes[got - 2] & 15 : -1;
}

static void a_request_has_ten_seconds_however_it_comes(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "GET / HTTP/1.1\r\n");
    for (double now = 1; now < 10; now++) {
        assert_true(connection_send(f.other, "a", 1));
        assert_true(nca__client_step(f.client, POLLIN, now));
    }
    assert_true(nca__client_may_go(f.client));
    assert_true(connection_send(f.other, "a", 1));
    assert_false(nca__client_step(f.client, POLLIN, 10.1));
    end(&f);
}

static void an_answer_has_thirty_seconds_for_each_part_that_is_taken(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    static char bytes[1 << 20];
    assert_true(recv(f.other, bytes, sizeof bytes, 0) > 0);
    assert_true(nca__client_step(f.client, POLLOUT, 29));
    assert_true(nca__client_step(f.client, 0, 58));
    assert_true(nca__client_may_go(f.client));
    assert_false(nca__client_step(f.client, 0, 60));
    end(&f);
}

static void a_silent_page_is_asked_and_given_up_after_ninety_seconds(void **state)
{
    (void)state;
    fixture f;
    begin(&f, handshake);
    assert_false(nca__client_may_go(f.client));
    assert_int_equal(last_kind(&f), -1);
    assert_true(nca__client_step(f.client, 0, 29));
    assert_int_equal(last_kind(&f), -1);
    assert_true(nca__client_step(f.client, 0, 31));
    assert_int_equal(last_kind(&f), FRAME_PING);
    assert_true(page_send(f.other, FRAME_FINAL | FRAME_PONG, true, 0, "", 0));
    assert_true(nca__client_step(f.client, POLLIN, 60));
    assert_true(nca__client_step(f.client, 0, 149));
    assert_int_equal(last_kind(&f), FRAME_PING);
    assert_false(nca__client_step(f.client, 0, 151));
    assert_int_equal(nca__live_watchers(f.site.live), 1);
    end(&f);
}

static void a_page_may_send_again_after_a_while(void **state)
{
    (void)state;
    fixture f;
    begin(&f, handshake);
    nca_knob knob;
    const int bursts[] = {128, 32, 0, 128};
    const double times[] = {0, 1, 1, 100};
    for (size_t i = 0; i < 4; i++) {
        for (int n = 0; n < bursts[i]; n++) {
            assert_true(page_send_text(f.other, "{\"token\":\"0123456789abcdef\"}"));
            assert_true(nca__client_step(f.client, POLLIN, times[i]));
            assert_true(nca__live_next(&knob, f.site.live));
        }
    }
    assert_true(page_send_text(f.other, "{\"token\":\"0123456789abcdef\"}"));
    assert_true(nca__client_step(f.client, POLLIN, 100));
    assert_false(nca__live_next(&knob, f.site.live));
    end(&f);
}

static void who_was_told_to_end_has_two_seconds(void **state)
{
    (void)state;
    fixture f;
    begin(&f, "nonsense\r\n\r\n");
    assert_true(nca__client_step(f.client, 0, 1.9));
    assert_false(nca__client_step(f.client, 0, 2.1));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_has_ten_seconds_however_it_comes),
        cmocka_unit_test(an_answer_has_thirty_seconds_for_each_part_that_is_taken),
        cmocka_unit_test(a_silent_page_is_asked_and_given_up_after_ninety_seconds),
        cmocka_unit_test(a_page_may_send_again_after_a_while),
        cmocka_unit_test(who_was_told_to_end_has_two_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
