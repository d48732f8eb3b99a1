/* Downloads from servers that misbehave: the error messages, and the files left on the disk. */
#include "data/download_fixture.h"

static void a_dropped_connection_keeps_what_came(void **state)
{
    attempt *a = attempt_at(state, "short");
    expect(a, NCA_IO, "150003 of 300007 bytes are kept in");
    expect_part(a, SIZE / 2);
    expect(a, NCA_IO, "the next attempt continues from there");
    assert_int_equal(http_server_last_start(server), SIZE / 2);
    a = attempt_at(state, "plain");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

/* A row of a table: an attempt that fails. */
typedef struct failure {
    const char *how; /* the server's behaviour */
    nca_status status;
    const char *words; /* part of the message, or NULL */
    size_t before;     /* bytes of an earlier attempt */
    size_t kept;       /* bytes after this one; 0: no file */
    const char *url;   /* instead of the server's, or NULL */
    unsigned patience; /* seconds; 0: the usual */
} failure;

static void assert_failures(void **state, const failure *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const failure *row = &rows[i];
        attempt *a = attempt_at(state, row->how);
        a->what.url = row->url != NULL ? row->url : a->url;
        a->what.patience = row->patience;
        if (row->before > 0) {
            put(a->part, content, row->before);
        }
        expect(a, row->status, row->words);
        if (row->kept > 0) {
            expect_part(a, row->kept);
            assert_int_equal(unlink(a->part), 0);
        } else {
            expect_nothing(a);
        }
    }
}

#define ASSERT_FAILURES(state, rows) assert_failures(state, rows, sizeof(rows) / sizeof *(rows))

static void an_early_end_keeps_what_came(void **state)
{
    static const failure rows[] = {
        {"claims-more", NCA_IO, .words = "the connection was lost", .kept = SIZE},
        {"stall", NCA_IO, .words = "the server stopped sending", .kept = SIZE / 2, .patience = 1},
    };
    ASSERT_FAILURES(state, rows);
}

static void wrong_bytes_are_removed(void **state)
{
    static const failure rows[] = {
        {"wrong", NCA_FORMAT, .words = "but its MD5 checksum is"},
        {"claims-less", NCA_FORMAT, .words = content_md5},
        {"unsized", NCA_FORMAT,
         .words = "(150003 bytes)"}, /* an early end that cannot be noticed */
    };
    ASSERT_FAILURES(state, rows);
}

static void wrong_bytes_leave_an_older_file_alone(void **state)
{
    attempt *a = attempt_at(state, "wrong");
    put(a->path, "old", 3);
    expect(a, NCA_FORMAT, NULL);
    assert_int_equal(size_of(a->path), 3);
    assert_int_equal(count_entries(a->folder->path), 1);
}

static void an_answer_without_the_file_is_an_error_and_leaves_an_earlier_part(void **state)
{
    static const failure rows[] = {
        {"404", NCA_NOT_FOUND, .words = "the server does not have this file (status 404)"},
        {"404", NCA_NOT_FOUND, .before = 1000, .kept = 1000},
        {"403", NCA_IO, .words = "status 403"},
        {"500", NCA_IO, .words = "the server answered with status 500; try again later"},
        {"503", NCA_IO, .words = "1000 bytes are kept in", .before = 1000, .kept = 1000},
        {"loop", NCA_IO, .words = "too many redirects"},
        {"to-file", NCA_INVALID_ARGUMENT, .words = "only lead to http or https"},
    };
    ASSERT_FAILURES(state, rows);
}

static void addresses_without_a_server_are_errors(void **state)
{
    static const failure rows[] = {
        {"plain", NCA_IO, .words = "check the network connection",
         .url = "http://127.0.0.1:1/file.bin"},
        {"plain", NCA_IO, .words = "no-such-host.invalid",
         .url = "http://no-such-host.invalid/file.bin"},
        {"plain", NCA_INVALID_ARGUMENT, .words = "begins with https:// or http://",
         .url = "file:///etc/hostname"},
        {"plain", NCA_INVALID_ARGUMENT, .words = "begins with https:// or http://", .url = ""},
    };
    ASSERT_FAILURES(state, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dropped_connection_keeps_what_came),
        TEST(an_early_end_keeps_what_came),
        TEST(wrong_bytes_are_removed),
        TEST(wrong_bytes_leave_an_older_file_alone),
        TEST(an_answer_without_the_file_is_an_error_and_leaves_an_earlier_part),
        TEST(addresses_without_a_server_are_errors),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
