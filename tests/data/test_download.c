/* Downloads from a server on the loopback interface, correct and faulty: the received file, the
 * messages, and the files left on the disk. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "data/http_server.h"
#include "nca/download.h"

enum {
    SIZE = 300007
};

static uint8_t content[SIZE];
static char content_md5[33];
static http_server *server;

static int start_server(void **state)
{
    (void)state;
    uint32_t value = 1;
    for (size_t i = 0; i < SIZE; i++) {
        value = value * 1664525u + 1013904223u;
        content[i] = (uint8_t)(value >> 24);
    }
    char path[] = "/tmp/nca-content-XXXXXX";
    int descriptor = mkstemp(path);
    nca_error error;
    bool good = descriptor >= 0 && write(descriptor, content, SIZE) == SIZE &&
                nca_file_md5(content_md5, path, NULL, NULL, &error) == NCA_OK;
    close(descriptor);
    unlink(path);
    /* A proxy of this machine must not be used. */
    setenv("no_proxy", "*", 1);
    server = http_server_start(content, SIZE);
    return good && server != NULL ? 0 : -1;
}

static int stop_server(void **state)
{
    (void)state;
    http_server_stop(server);
    return 0;
}

/* ---- Helpers ---------------------------------------------------------------------------------*/

typedef struct attempt {
    temporary_folder *folder;
    char url[128], path[1024], part[1040];
    nca_download what;
    nca_error error;
} attempt;

static attempt *attempt_at(void **state, const char *how)
{
    static attempt a;
    memset(&a, 0, sizeof a);
    a.folder = *state;
    snprintf(a.url, sizeof a.url, "http://127.0.0.1:%u/%s/file.bin", http_server_port(server), how);
    snprintf(a.path, sizeof a.path, "%s", path_in(a.folder, "file.bin"));
    snprintf(a.part, sizeof a.part, "%s.part", a.path);
    a.what = (nca_download){.url = a.url, .path = a.path, .md5 = content_md5};
    return &a;
}

static void expect(attempt *a, nca_status status, const char *words)
{
    nca_status found = nca_download_file(&a->what, &a->error);
    if (found != status) {
        fail_msg("expected %s, found %s: %s", nca_status_name(status), nca_status_name(found),
                 found == NCA_OK ? "" : a->error.message);
    }
    if (words != NULL && strstr(a->error.message, words) == NULL) {
        fail_msg("expected \"%s\" in: %s", words, a->error.message);
    }
}

static long size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

static void expect_whole(const attempt *a)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(nca__file_read(&bytes, &size, a->path, SIZE, NULL), NCA_OK);
    assert_int_equal(size, SIZE);
    assert_memory_equal(bytes, content, SIZE);
    free(bytes);
    assert_int_equal(count_entries(a->folder->path), 1);
}

static void expect_nothing(const attempt *a)
{
    assert_int_equal(count_entries(a->folder->path), 0);
}

/* Only the part exists, with `size` bytes of the file. */
static void expect_part(const attempt *a, size_t size)
{
    uint8_t *bytes = NULL;
    size_t found = 0;
    assert_int_equal(count_entries(a->folder->path), 1);
    assert_int_equal(nca__file_read(&bytes, &found, a->part, SIZE, NULL), NCA_OK);
    assert_int_equal(found, size);
    assert_memory_equal(bytes, content, size);
    free(bytes);
}

static void put(const char *path, const void *bytes, size_t size)
{
    assert_int_equal(nca__file_write(path, bytes, size, NULL), NCA_OK);
}

/* ---- Correct servers --------------------------------------------------------------------------
 */

static void a_file_arrives_whole(void **state)
{
    attempt *a = attempt_at(state, "plain");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_file_without_a_sum_is_not_checked(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.md5 = NULL;
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_sum_in_capitals_is_the_same_sum(void **state)
{
    attempt *a = attempt_at(state, "plain");
    char capitals[33];
    for (size_t i = 0; i < sizeof capitals; i++) {
        capitals[i] = (char)(content_md5[i] >= 'a' ? content_md5[i] - 32 : content_md5[i]);
    }
    a->what.md5 = capitals;
    expect(a, NCA_OK, NULL);
}

static void an_older_file_is_replaced(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->path, "old", 3);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_redirection_is_followed(void **state)
{
    attempt *a = attempt_at(state, "redirect");
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_broken_download_goes_on_where_it_broke_off(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, content, 100000);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 100000);
    expect_whole(a);
}

static void it_goes_on_behind_a_redirection_too(void **state)
{
    attempt *a = attempt_at(state, "redirect");
    put(a->part, content, 100000);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 100000);
    expect_whole(a);
}

static void a_server_that_ignores_ranges_sends_it_all_again(void **state)
{
    attempt *a = attempt_at(state, "whole");
    put(a->part, "rubbish", 7);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void a_part_that_is_the_whole_file_needs_no_byte_more(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, content, SIZE);
    unsigned before = http_server_requests(server);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_requests(server), before + 1);
    expect_whole(a);
}

static void a_part_that_is_too_long_is_begun_again(void **state)
{
    attempt *a = attempt_at(state, "plain");
    uint8_t *long_part = calloc(1, SIZE + 10);
    put(a->part, long_part, SIZE + 10);
    free(long_part);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void another_part_than_asked_for_is_not_glued_on(void **state)
{
    attempt *a = attempt_at(state, "other-part");
    put(a->part, content, 100);
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 0);
    expect_whole(a);
}

static void without_a_sum_a_part_is_not_trusted(void **state)
{
    attempt *a = attempt_at(state, "plain");
    put(a->part, "rubbish", 7);
    a->what.md5 = NULL;
    expect(a, NCA_OK, NULL);
    assert_int_equal(http_server_last_start(server), 0);
    expect_whole(a);
}

static void a_slow_server_is_waited_for(void **state)
{
    attempt *a = attempt_at(state, "trickle");
    a->what.patience = 1; /* it takes longer, but is never silent for that long */
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

/* ---- Faulty servers ---------------------------------------------------------------------------
 */

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

static void a_longer_promise_than_the_file_is_an_early_end(void **state)
{
    attempt *a = attempt_at(state, "claims-more");
    expect(a, NCA_IO, "the connection was lost");
    expect_part(a, SIZE);
}

static void a_shorter_promise_than_the_file_has_the_wrong_sum(void **state)
{
    attempt *a = attempt_at(state, "claims-less");
    expect(a, NCA_FORMAT, content_md5);
    expect_nothing(a);
}

static void an_early_end_without_a_promise_has_the_wrong_sum(void **state)
{
    attempt *a = attempt_at(state, "unsized");
    expect(a, NCA_FORMAT, "(150003 bytes)");
    expect_nothing(a);
}

static void wrong_bytes_are_removed(void **state)
{
    attempt *a = attempt_at(state, "wrong");
    expect(a, NCA_FORMAT, "but its MD5 checksum is");
    expect_nothing(a);
}

static void wrong_bytes_leave_an_older_file_alone(void **state)
{
    attempt *a = attempt_at(state, "wrong");
    put(a->path, "old", 3);
    expect(a, NCA_FORMAT, NULL);
    assert_int_equal(size_of(a->path), 3);
    assert_int_equal(count_entries(a->folder->path), 1);
}

static void what_the_server_lacks_is_not_found(void **state)
{
    attempt *a = attempt_at(state, "404");
    expect(a, NCA_NOT_FOUND, "the server does not have this file (status 404)");
    expect_nothing(a);
}

static void a_missing_file_leaves_the_part_of_an_earlier_attempt(void **state)
{
    attempt *a = attempt_at(state, "404");
    put(a->part, content, 1000);
    expect(a, NCA_NOT_FOUND, NULL);
    expect_part(a, 1000);
}

static void a_refusal_is_told_with_its_number(void **state)
{
    attempt *a = attempt_at(state, "403");
    expect(a, NCA_IO, "status 403");
    expect_nothing(a);
}

static void a_failing_server_is_worth_another_try(void **state)
{
    attempt *a = attempt_at(state, "500");
    expect(a, NCA_IO, "the server answered with status 500; try again later");
    expect_nothing(a);
    a = attempt_at(state, "503");
    put(a->part, content, 1000);
    expect(a, NCA_IO, "1000 bytes are kept in");
    expect_part(a, 1000);
}

static void redirections_in_circles_end(void **state)
{
    attempt *a = attempt_at(state, "loop");
    expect(a, NCA_IO, "too many redirects");
    expect_nothing(a);
}

static void a_redirection_to_a_file_of_this_machine_is_refused(void **state)
{
    attempt *a = attempt_at(state, "to-file");
    expect(a, NCA_INVALID_ARGUMENT, "only lead to http or https");
    expect_nothing(a);
}

static void a_server_that_falls_silent_is_given_up(void **state)
{
    attempt *a = attempt_at(state, "stall");
    a->what.patience = 1;
    expect(a, NCA_IO, "the server stopped sending");
    expect_part(a, SIZE / 2);
}

static void no_server_at_all_is_told(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "http://127.0.0.1:1/file.bin";
    expect(a, NCA_IO, "check the network connection");
    expect_nothing(a);
}

static void a_name_that_nobody_knows_is_told(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "http://no-such-host.invalid/file.bin";
    expect(a, NCA_IO, "no-such-host.invalid");
    expect_nothing(a);
}

static void other_addresses_are_refused(void **state)
{
    attempt *a = attempt_at(state, "plain");
    a->what.url = "file:///etc/hostname";
    expect(a, NCA_INVALID_ARGUMENT, "begins with https:// or http://");
    a->what.url = "";
    expect(a, NCA_INVALID_ARGUMENT, "begins with https:// or http://");
    expect_nothing(a);
}

/* ---- The disk, and other errors ---------------------------------------------------------------
 */

static void a_folder_that_is_missing_is_told(void **state)
{
    attempt *a = attempt_at(state, "plain");
    char path[1024];
    snprintf(path, sizeof path, "%s", path_in(a->folder, "no/file.bin"));
    a->what.path = path;
    expect(a, NCA_NOT_FOUND, "create the folder first");
}

static void a_folder_in_the_way_is_not_replaced(void **state)
{
    attempt *a = attempt_at(state, "plain");
    assert_int_equal(mkdir(a->path, 0777), 0);
    unsigned before = http_server_requests(server);
    expect(a, NCA_IO, "found a folder");
    assert_int_equal(http_server_requests(server), before);
}

/* A limit on the size of files is used instead of a full disk, which is not available
 * everywhere. */
static void a_full_disk_keeps_what_came(void **state)
{
    attempt *a = attempt_at(state, "plain");
    struct rlimit usual, small;
    getrlimit(RLIMIT_FSIZE, &usual);
    small = usual;
    small.rlim_cur = 123456;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    nca_status status = nca_download_file(&a->what, &a->error);
    setrlimit(RLIMIT_FSIZE, &usual);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, NCA_IO);
    assert_non_null(strstr(a->error.message, "cannot be written"));
    expect_part(a, 123456);
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void two_processes_do_not_disturb_each_other(void **state)
{
    attempt *a = attempt_at(state, "trickle");
    pid_t child = fork();
    if (child == 0) {
        _exit(nca_download_file(&a->what, NULL) == NCA_OK ? 0 : 1);
    }
    while (size_of(a->part) <= 0) {
        usleep(1000);
    }
    expect(a, NCA_IO, "another process is downloading this file");
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    expect_whole(a);
}

typedef struct watch {
    unsigned calls;
    uint64_t most, total, stop_at;
} watch;

static bool look(uint64_t done, uint64_t total, void *user)
{
    watch *w = user;
    w->calls++;
    w->most = done > w->most ? done : w->most;
    w->total = total;
    return done < w->stop_at;
}

static void progress_counts_up_to_the_whole(void **state)
{
    attempt *a = attempt_at(state, "trickle");
    watch w = {.stop_at = UINT64_MAX};
    a->what.progress = look;
    a->what.user = &w;
    expect(a, NCA_OK, NULL);
    assert_true(w.calls > 2);
    assert_int_equal(w.most, SIZE);
    assert_int_equal(w.total, SIZE);
}

static void a_stop_keeps_what_came(void **state)
{
    attempt *a = attempt_at(state, "trickle");
    watch w = {.stop_at = 50000};
    a->what.progress = look;
    a->what.user = &w;
    expect(a, NCA_INTERRUPTED, "are kept in");
    assert_int_equal(size_of(a->path), -1);
    expect_part(a, (size_t)size_of(a->part));
    a->what.progress = NULL;
    expect(a, NCA_OK, NULL);
    expect_whole(a);
}

static void the_sum_of_a_known_text_is_right(void **state)
{
    temporary_folder *folder = *state;
    char sum[33];
    put(path_in(folder, "abc"), "abc", 3); /* RFC 1321, A.5 */
    assert_int_equal(nca_file_md5(sum, path_in(folder, "abc"), NULL, NULL, NULL), NCA_OK);
    assert_string_equal(sum, "900150983cd24fb0d6963f7d28e17f72");
    nca_error error;
    assert_int_equal(nca_file_md5(sum, path_in(folder, "no"), NULL, NULL, &error), NCA_NOT_FOUND);
    assert_int_equal(nca_file_md5(sum, folder->path, NULL, NULL, &error), NCA_IO);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_arrives_whole),
        TEST(a_file_without_a_sum_is_not_checked),
        TEST(a_sum_in_capitals_is_the_same_sum),
        TEST(an_older_file_is_replaced),
        TEST(a_redirection_is_followed),
        TEST(a_broken_download_goes_on_where_it_broke_off),
        TEST(it_goes_on_behind_a_redirection_too),
        TEST(a_server_that_ignores_ranges_sends_it_all_again),
        TEST(a_part_that_is_the_whole_file_needs_no_byte_more),
        TEST(a_part_that_is_too_long_is_begun_again),
        TEST(another_part_than_asked_for_is_not_glued_on),
        TEST(without_a_sum_a_part_is_not_trusted),
        TEST(a_slow_server_is_waited_for),
        TEST(a_dropped_connection_keeps_what_came),
        TEST(a_longer_promise_than_the_file_is_an_early_end),
        TEST(a_shorter_promise_than_the_file_has_the_wrong_sum),
        TEST(an_early_end_without_a_promise_has_the_wrong_sum),
        TEST(wrong_bytes_are_removed),
        TEST(wrong_bytes_leave_an_older_file_alone),
        TEST(what_the_server_lacks_is_not_found),
        TEST(a_missing_file_leaves_the_part_of_an_earlier_attempt),
        TEST(a_refusal_is_told_with_its_number),
        TEST(a_failing_server_is_worth_another_try),
        TEST(redirections_in_circles_end),
        TEST(a_redirection_to_a_file_of_this_machine_is_refused),
        TEST(a_server_that_falls_silent_is_given_up),
        TEST(no_server_at_all_is_told),
        TEST(a_name_that_nobody_knows_is_told),
        TEST(other_addresses_are_refused),
        TEST(a_folder_that_is_missing_is_told),
        TEST(a_folder_in_the_way_is_not_replaced),
        TEST(a_full_disk_keeps_what_came),
        TEST(two_processes_do_not_disturb_each_other),
        TEST(progress_counts_up_to_the_whole),
        TEST(a_stop_keeps_what_came),
        TEST(the_sum_of_a_known_text_is_right),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
