/* A live page's server and many threads at once, over real sockets: the messages that readers
 * receive, their order, and that no reader delays the writer. */
#include "nca/server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/connection.h"

enum {
    LOG = 0, /* topics */
    LATEST = 1,
    PICTURE = 2,
    ENTRIES = 3000,
    PICTURE_BYTES = 5000,
    BETWEEN_KNOBS = 128 /* messages to a page between knobs, so that it does not send too many */
};

static const char token[] = "0123456789abcdef";

static nca_server *server_make(void)
{
    nca_server *server = NULL;
    nca_server_options options;
    nca_server_options_default(&options);
    options.page = "<!doctype html>";
    options.page_length = 15;
    options.token = token;
    nca_error error;
    const nca_status status = nca_server_start(&server, &options, &error);
    if (status != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return server;
}

/* ---- A page ----------------------------------------------------------------------------------*/

static bool page_turn(int page, const char *what, int value)
{
    char text[200];
    snprintf(text, sizeof text, "{\"token\":\"%s\",\"do\":\"%s\",\"key\":\"k\",\"value\":\"%d\"}",
             token, what, value);
    return page_send_text(page, text);
}

/* ---- Readers, each on a thread ---------------------------------------------------------------*/

typedef struct reader {
    unsigned port;
    int gone_after; /* number of messages, or the whole log; 0: it stays until the end */
    int entries;    /* of the log, received in order */
    int latest;     /* the last value of its topic */
    int pictures;
    bool in_order, whole;
} reader;

/* Reads the numbers of {"topic":0,"entries":[5,6,7]}. */
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
    for (int n = 1; page >= 0 && (kind = page_read(page, message, &length)) >= 0; n++) {
        int number;
        if (kind == FRAME_BINARY) {
            self->pictures++;
            self->whole = self->whole && length == PICTURE_BYTES &&
                          memcmp(message, message + 1, PICTURE_BYTES - 1) == 0;
        } else if (sscanf(message, "{\"topic\":1,\"n\":%d}", &number) == 1) {
            self->in_order = self->in_order && number >= self->latest;
            self->latest = number;
        } else if (kind == FRAME_TEXT) {
            take_entries(self, message);
        }
        if (n % BETWEEN_KNOBS == 1) {
            page_turn(page, "change", n);
        }
        /* A reader on a slow machine receives so few messages that it would wait for more in vain.
         */
        if (self->gone_after > 0 && (n == self->gone_after || self->entries == ENTRIES)) {
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
        readers[i].port = connection_port(server);
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
            assert_int_equal(atoi(knob.value) % BETWEEN_KNOBS, 1);
            knobs++;
        }
        if (i % 100 == 0) {
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        }
    }
    /* Readers that stay have received everything when their data no longer grows; then the server
     * stops while pages are connected. */
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
    const int asleep = page_open(connection_port(server));
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
    const unsigned port = connection_port(server);
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
    const int page = page_open(connection_port(server));
    assert_true(page >= 0);
    assert_true(page_turn(page, "pause", 1));
    nca_knob knob = {{0}, {0}, {0}};
    for (int i = 0; i < 500 && !nca_server_next(&knob, server); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_string_equal(knob.what, "pause");
    assert_true(page_send_text(page, "{\"token\":\"0123456789abcdeX\",\"do\":\"stop\"}"));
    assert_int_equal(page_close_code(page), 1008);
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
