/* Downloads and the rest of the machine: a full disk, another process, progress, a stop. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "data/download_fixture.h"

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

/* A limit on the size of files is used instead of a full disk, which a test cannot create
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_that_is_missing_is_told), TEST(a_folder_in_the_way_is_not_replaced),
        TEST(a_full_disk_keeps_what_came),      TEST(two_processes_do_not_disturb_each_other),
        TEST(progress_counts_up_to_the_whole),  TEST(a_stop_keeps_what_came),
        TEST(the_sum_of_a_known_text_is_right),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
