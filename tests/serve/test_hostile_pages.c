/* Whatever connects to a server of pages, and whatever it sends, it cannot end the process, use up
 * its memory, or keep others from the page. */
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

#include "nca/server.h"
#include "serve/connection.h"

static const char token[] = "0123456789abcdef";
static const char key[] = "abcdefgh01234567";

enum {
    PAGE = 1 << 22, /* bytes: more than a socket buffer */
    PICTURE = 2     /* a topic */
};

static nca_server *server_make(const char *with_key)
{
    static char page[PAGE];
    memset(page, ' ', sizeof page);
    nca_server *server = NULL;
    nca_server_options options;
    nca_server_options_default(&options);
    options.page = page;
    options.page_length = sizeof page;
    options.token = token;
    options.key = with_key;
    nca_error error;
    if (nca_server_start(&server, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return server;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void rest(double time)
{
    nanosleep(
        &(struct timespec){.tv_sec = (time_t)time, .tv_nsec = (long)(1e9 * (time - (int)time))},
        NULL);
}

/* Resident bytes of this process. */
static size_t memory(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    size_t size = 0, resident = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu", &size, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static char answer[PAGE + 4096];

static void assert_serves(nca_server *server)
{
    assert_int_equal(connection_ask(answer, sizeof answer, connection_port(server),
                                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                     200);
    assert_true(strlen(answer) > PAGE);
}

/* ---- Messages --------------------------------------------------------------------------------*/

static void assert_closed(nca_server *server, int code, unsigned first, bool masked, size_t claim,
                          const void *bytes, size_t length)
{
    const int page = page_open(connection_port(server));
    assert_true(page >= 0);
    assert_true(page_send(page, first, masked, claim, bytes, length));
    const double begin = seconds();
    const int found = page_close_code(page);
    if (found != code || seconds() - begin > 5) {
        fail_msg("frame %02x, length %zu: expected %d, found %d after %.1f s", first, claim, code,
                 found, seconds() - begin);
    }
    close(page);
}

static void a_nested_message_ends_its_connection_and_nothing_else(void **state)
{
    (void)state;
    enum {
        DEEP = 1000
    };
    nca_server *server = server_make(NULL);
    char text[DEEP + 1] = {0};
    const char *const begins[] = {
        "", "{\"token\":\"0123456789abcdeX\",\"do\":", "{\"token\":\"0123456789abcdef\",\"do\":",
        "{\"token\":\"0123456789abcdef\",\"d\\\"o\":"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        for (const char *open = "[{"; *open != 0; open++) {
            memset(text, *open, DEEP);
            memcpy(text, begins[i], strlen(begins[i]));
            assert_closed(server, 1008, FRAME_FINAL | FRAME_TEXT, true, DEEP, text, DEEP);
        }
    }
    assert_serves(server);
    nca_knob knob;
    assert_false(nca_server_next(&knob, server));
    nca_server_stop(server);
}

static void without_the_token_first_nothing_is_taken(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    static const char *const texts[] = {
        "",
        "{}",
        "{\"token\":\"\",\"do\":\"stop\"}",
        "{\"token\":\"0123456789abcde\",\"do\":\"stop\"}",
        "{\"token\":\"0123456789abcdef0\",\"do\":\"stop\"}",
        "{\"do\":\"stop\",\"token\":\"0123456789abcdef\"}",
        "{\"token\":\"0123456789abcdef\",\"do\":\"stop\"",
        "{\"token\":\"0123456789abcdef\",\"do\":\"stop\",\"do\":\"go\"}",
        "{\"token\":\"0123456789abcdef\",\"do\":\"st\xffop\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const size_t length = strlen(texts[i]);
        assert_closed(server, 1008, FRAME_FINAL | FRAME_TEXT, true, length, texts[i], length);
    }
    nca_knob knob;
    assert_false(nca_server_next(&knob, server));
    nca_server_stop(server);
}

static void a_message_is_taken_up_to_its_greatest_length(void **state)
{
    (void)state;
    enum {
        MOST = 1024
    };
    nca_server *server = server_make(NULL);
    const int page = page_open(connection_port(server));
    char text[MOST + 2];
    memset(text, ' ', sizeof text);
    text[MOST] = 0;
    static const char message[] =
        "{\"token\":\"0123456789abcdef\",\"do\":\"pause\",\"key\":\"[{\\\"[{\"}";
    memcpy(text, message, sizeof message - 1);
    assert_true(page_send_text(page, text));
    nca_knob knob = {{0}, {0}, {0}};
    for (int i = 0; i < 500 && !nca_server_next(&knob, server); i++) {
        rest(0.01);
    }
    assert_string_equal(knob.what, "pause");
    assert_string_equal(knob.key, "[{\"[{");
    text[MOST] = ' ';
    assert_true(page_send(page, FRAME_FINAL | FRAME_TEXT, true, MOST + 1, text, MOST + 1));
    assert_int_equal(page_close_code(page), 1009);
    close(page);
    nca_server_stop(server);
}

static void more_messages_than_a_hand_can_send_end_the_connection(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    const char text[] = "{\"token\":\"0123456789abcdef\",\"do\":\"go\"}";
    const unsigned kinds[] = {FRAME_TEXT, FRAME_PING, FRAME_PONG};
    for (size_t k = 0; k < 3; k++) {
        const int page = page_open(connection_port(server));
        bool open = true;
        for (int i = 0; i < 100000 && open; i++) {
            open = page_send(page, FRAME_FINAL | kinds[k], true, sizeof text - 1, text,
                             sizeof text - 1);
        }
        assert_false(open);
        close(page);
    }
    int knobs = 0;
    for (nca_knob knob; nca_server_next(&knob, server);) {
        knobs++;
    }
    assert_in_range(knobs, 1, 64);
    assert_serves(server);
    nca_server_stop(server);
}

/* ---- Frames ----------------------------------------------------------------------------------*/

static void a_frame_is_refused_on_its_head(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    const struct {
        int code;
        unsigned first;
        bool masked;
        size_t claim;
    } cases[] = {
        {1002, FRAME_FINAL | FRAME_TEXT, false, 100},
        {1002, FRAME_FINAL | FRAME_PING, false, 0},
        {1002, FRAME_FINAL | 0x40 | FRAME_TEXT, true, 100},
        {1002, FRAME_FINAL | 0x20 | FRAME_TEXT, true, 100},
        {1002, FRAME_FINAL | 0x10 | FRAME_TEXT, true, 100},
        {1002, FRAME_FINAL | 3, true, 100},
        {1002, FRAME_FINAL | 7, true, 100},
        {1002, FRAME_FINAL | 11, true, 100},
        {1002, FRAME_FINAL | 15, true, 100},
        {1002, FRAME_FINAL | FRAME_CONTINUED, true, 100},
        {1002, FRAME_CONTINUED, true, 100},
        {1002, FRAME_PING, true, 100},
        {1002, FRAME_FINAL | FRAME_PING, true, 126},
        {1002, FRAME_FINAL | FRAME_CLOSE, true, 4000},
        {1003, FRAME_TEXT, true, 100},
        {1003, FRAME_FINAL | FRAME_BINARY, true, 100},
        {1009, FRAME_FINAL | FRAME_TEXT, true, 1025},
        {1009, FRAME_FINAL | FRAME_TEXT, true, 65535},
        {1009, FRAME_FINAL | FRAME_TEXT, true, (size_t)1 << 31},
        {1009, FRAME_FINAL | FRAME_TEXT, true, SIZE_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_closed(server, cases[i].code, cases[i].first, cases[i].masked, cases[i].claim, "",
                      0);
    }
    assert_serves(server);
    nca_server_stop(server);
}

static void a_ping_is_answered_and_so_is_a_goodbye(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    const int page = page_open(connection_port(server));
    char message[256];
    size_t length;
    assert_true(page_send(page, FRAME_FINAL | FRAME_PING, true, 5, "hello", 5));
    assert_int_equal(page_read(page, message, &length), FRAME_PONG);
    assert_string_equal(message, "hello");
    assert_true(page_send(page, FRAME_FINAL | FRAME_CLOSE, true, 2, "\x03\xe8", 2));
    assert_int_equal(page_close_code(page), 1000);
    close(page);
    nca_server_stop(server);
}

static void megabytes_after_a_claim_are_not_kept(void **state)
{
    (void)state;
    enum {
        PIECE = 1 << 20,
        PIECES = 300
    };
    nca_server *server = server_make(NULL);
    static char piece[PIECE];
    memset(piece, 1, sizeof piece);
    const size_t before = memory();
    const int page = page_open(connection_port(server));
    assert_true(page_send(page, FRAME_FINAL | FRAME_TEXT, true, 2000000000, "", 0));
    for (int i = 0; i < PIECES && connection_send(page, piece, PIECE); i++) {
    }
    assert_true(memory() < before + 16 * PIECE);
    close(page);
    assert_serves(server);
    nca_server_stop(server);
}

static void a_page_that_never_reads_takes_no_more_memory_than_one_message(void **state)
{
    (void)state;
    enum {
        SIZE = 1 << 20
    };
    nca_server *server = server_make(NULL);
    const int page = page_open(connection_port(server));
    static char picture[SIZE];
    memset(picture, 1, sizeof picture);
    nca_server_show_bytes(server, PICTURE, picture, SIZE);
    rest(0.2);
    const size_t before = memory();
    for (int i = 0; i < 200; i++) {
        nca_server_show_bytes(server, PICTURE, picture, SIZE);
        rest(0.001);
    }
    assert_true(memory() < before + 16 * SIZE);
    close(page);
    assert_serves(server);
    nca_server_stop(server);
}

/* ---- Requests --------------------------------------------------------------------------------*/

static void assert_refused(nca_server *server, int code, const char *request)
{
    const int found = connection_ask(answer, sizeof answer, connection_port(server), request);
    if (found != code) {
        fail_msg("expected %d, found %d for %.80s", code, found, request);
    }
    assert_null(strstr(answer, "Access-Control-Allow"));
}

static void every_method_passes_the_checks_of_host_and_key(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET",   "HEAD",    "OPTIONS", "POST",  "PUT",
                                          "PATCH", "DELETE",  "TRACE",   "BREW",  "PROPFIND",
                                          "MKCOL", "CONNECT", "LINK",    "MERGE", "REPORT"};
    char request[512];
    nca_server *server = server_make(NULL);
    nca_server *locked = server_make(key);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        static const char rest_of_it[] = "Origin: http://evil.example\r\n"
                                         "Access-Control-Request-Method: GET\r\n\r\n";
        snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: evil.example\r\n%s", methods[i],
                 rest_of_it);
        assert_refused(server, 403, request);
        assert_refused(locked, 403, request);
        snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: localhost\r\n%s", methods[i],
                 rest_of_it);
        assert_refused(server, i < 2 ? 200 : 405, request);
        assert_refused(locked, 403, request);
        snprintf(request, sizeof request, "%s /?key=%s HTTP/1.1\r\nHost: localhost\r\n%s",
                 methods[i], key, rest_of_it);
        assert_refused(locked, i < 2 ? 200 : 405, request);
    }
    nca_server_stop(server);
    nca_server_stop(locked);
}

static void a_missing_key_is_told_from_a_wrong_one(void **state)
{
    (void)state;
    nca_server *server = server_make(key);
    static const struct {
        const char *target, *words;
    } cases[] = {
        {"/", "missing"},
        {"/live", "missing"},
        {"/?", "missing"},
        {"/?key=", "missing"},
        {"/?token=abc", "missing"},
        {"/?key=abcdefgh01234568", "wrong"},
        {"/?key=abcdefgh0123456", "wrong"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char request[256];
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 cases[i].target);
        assert_refused(server, 403, request);
        assert_non_null(strstr(answer, cases[i].words));
    }
    nca_server_stop(server);
}

static void a_malformed_request_is_refused_by_its_code(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    const struct {
        int code;
        const char *request;
    } cases[] = {
        {400, "\r\n\r\n"},
        {400, "GET\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {400, "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n"},
        {400, "G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {400, "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {400, "GET /\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: local\nhost\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n"},
        {400, "GET / FTP/1.1\r\nHost: localhost\r\n\r\n"},
        {505, "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n"},
        {403, "GET / HTTP/1.1\r\n\r\n"},
        {404, "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {404, "GET /live/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {426, "GET /live HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n"},
        {403, "GET /live HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
              "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(server, cases[i].code, cases[i].request);
    }
    assert_serves(server);
    nca_server_stop(server);
}

static void long_requests_are_refused(void **state)
{
    (void)state;
    enum {
        LONG = 100000
    };
    nca_server *server = server_make(NULL);
    char *request = malloc(LONG + 1);
    memset(request, 'a', LONG);
    request[LONG] = 0;
    memcpy(request, "GET /", 5);
    assert_refused(server, 431, request);
    strcpy(request + 2000, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_refused(server, 414, request);
    char *at = request + sprintf(request, "GET / HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = 0; i < 64; i++) {
        at += sprintf(at, "a: %d\r\n", i);
    }
    strcpy(at, "\r\n");
    assert_refused(server, 431, request);
    free(request);
    assert_serves(server);
    nca_server_stop(server);
}

static void a_client_that_leaves_in_the_middle_of_the_page_ends_nothing(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    for (int i = 0; i < 20; i++) {
        const int connection = connection_open(connection_port(server));
        char byte;
        static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_true(connection_send(connection, request, sizeof request - 1));
        assert_true(connection_receive(connection, &byte, 1));
        close(connection);
    }
    assert_serves(server);
    nca_server_stop(server);
}

/* ---- Many connections, and slow ones ----------------------------------------------------------
 */

static void the_page_is_served_while_hundreds_of_connections_do_nothing(void **state)
{
    (void)state;
    enum {
        SLOW = 280 /* more than the maximum */
    };
    nca_server *server = server_make(NULL);
    const unsigned port = connection_port(server);
    const int page = page_open(port);
    int slow[SLOW];
    for (int i = 0; i < SLOW; i++) {
        slow[i] = connection_open(port);
        assert_true(slow[i] >= 0);
        /* Some send nothing, some begin a request, some do not read the response. */
        static const char *const parts[] = {"", "GET / HTTP/1.1\r\nHo",
                                            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"};
        connection_send(slow[i], parts[i % 3], strlen(parts[i % 3]));
    }
    const double begin = seconds();
    assert_serves(server);
    assert_true(seconds() - begin < 5);
    /* Viewers stay connected. */
    assert_int_equal(nca_server_watchers(server), 1);
    assert_true(page_send(page, FRAME_FINAL | FRAME_PING, true, 0, "", 0));
    char message[256];
    size_t length;
    assert_int_equal(page_read(page, message, &length), FRAME_PONG);
    for (int i = 0; i < SLOW; i++) {
        close(slow[i]);
    }
    close(page);
    nca_server_stop(server);
}

static void a_request_that_comes_byte_by_byte_is_given_up(void **state)
{
    (void)state;
    nca_server *server = server_make(NULL);
    const int connection = connection_open(connection_port(server));
    const double begin = seconds();
    bool open = true;
    while (open && seconds() - begin < 30) {
        rest(0.2);
        char byte;
        open = connection_send(connection, "G", 1) && recv(connection, &byte, 1, MSG_DONTWAIT) != 0;
    }
    assert_true(seconds() - begin < 15);
    close(connection);
    nca_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nested_message_ends_its_connection_and_nothing_else),
        cmocka_unit_test(without_the_token_first_nothing_is_taken),
        cmocka_unit_test(a_message_is_taken_up_to_its_greatest_length),
        cmocka_unit_test(more_messages_than_a_hand_can_send_end_the_connection),
        cmocka_unit_test(a_frame_is_refused_on_its_head),
        cmocka_unit_test(a_ping_is_answered_and_so_is_a_goodbye),
        cmocka_unit_test(megabytes_after_a_claim_are_not_kept),
        cmocka_unit_test(a_page_that_never_reads_takes_no_more_memory_than_one_message),
        cmocka_unit_test(every_method_passes_the_checks_of_host_and_key),
        cmocka_unit_test(a_missing_key_is_told_from_a_wrong_one),
        cmocka_unit_test(a_malformed_request_is_refused_by_its_code),
        cmocka_unit_test(long_requests_are_refused),
        cmocka_unit_test(a_client_that_leaves_in_the_middle_of_the_page_ends_nothing),
        cmocka_unit_test(the_page_is_served_while_hundreds_of_connections_do_nothing),
        cmocka_unit_test(a_request_that_comes_byte_by_byte_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
