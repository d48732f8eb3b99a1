/* HTTP requests and connections: whatever a client sends, and however slowly, it cannot end the
 * process or keep others from the page. */
#include <sys/socket.h>

#include "serve/hostile_page.h"

static const char key[] = "abcdefgh01234567";

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

/* ---- Many connections, and slow ones ---------------------------------------------------------*/

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
