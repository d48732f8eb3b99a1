/* A server of a large page, for tests of what hostile clients may send to it: it must still serve
 * the page afterwards. */
#ifndef NCA_TESTS_HOSTILE_PAGE_H
#define NCA_TESTS_HOSTILE_PAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "nca/server.h"
#include "serve/connection.h"

enum {
    PAGE = 1 << 22 /* bytes: more than a socket buffer */
};

/* A server whose page needs a key, unless it is NULL. */
static inline nca_server *server_make(const char *with_key)
{
    static char page[PAGE];
    memset(page, ' ', sizeof page);
    nca_server *server = NULL;
    nca_server_options options;
    nca_server_options_default(&options);
    options.page = page;
    options.page_length = sizeof page;
    options.token = "0123456789abcdef";
    options.key = with_key;
    nca_error error;
    if (nca_server_start(&server, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return server;
}

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline void rest(double time)
{
    nanosleep(
        &(struct timespec){.tv_sec = (time_t)time, .tv_nsec = (long)(1e9 * (time - (int)time))},
        NULL);
}

/* The last response. */
static char answer[PAGE + 4096];

static inline void assert_serves(nca_server *server)
{
    assert_int_equal(connection_ask(answer, sizeof answer, connection_port(server),
                                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                     200);
    assert_true(strlen(answer) > PAGE);
}

#endif
