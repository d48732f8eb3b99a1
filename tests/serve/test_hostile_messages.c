/* Messages and frames of a WebSocket: whatever a client sends, it cannot end the process, use up
 * its memory, or keep others from the page. */
#include "serve/hostile_page.h"

enum {
    PICTURE = 2 /* a topic */
};

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
