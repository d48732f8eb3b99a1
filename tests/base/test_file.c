/* Files: written completely or not at all, without leftovers, whatever errors the disk has. */
#include "base/file.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/temporary_folder.h"
#include "nca/files.h"

static void assert_holds(const char *path, const char *expected)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_error error = {0};
    assert_int_equal(nca__file_read(&bytes, &size, path, 1000, &error), NCA_OK);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size + 1);
    free(bytes);
}

static void assert_says(const nca_error *error, const char *part)
{
    if (strstr(error->message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error->message, part);
    }
}

static void what_is_written_is_read(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    assert_int_equal(nca__file_write(path, "hello", 5, NULL), NCA_OK);
    assert_holds(path, "hello");
    assert_int_equal(nca__file_write(path, "", 0, NULL), NCA_OK);
    assert_holds(path, "");
    assert_int_equal(count_entries(folder->path), 1);
}

static void the_limit_is_the_largest_size_read(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    uint8_t *bytes = NULL;
    size_t size = 7;
    nca_error error;
    nca__file_write(path, "hello", 5, NULL);
    assert_int_equal(nca__file_read(&bytes, &size, path, 4, &error), NCA_LIMIT);
    assert_null(bytes);
    assert_int_equal(size, 7);
    assert_says(&error, "has 5 bytes; at most 4");
    assert_int_equal(nca__file_read(&bytes, &size, path, 5, &error), NCA_OK);
    free(bytes);
}

static void what_is_no_file_is_not_read(void **state)
{
    temporary_folder *folder = *state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_error error;
    assert_int_equal(nca__file_read(&bytes, &size, path_in(folder, "none"), 9, &error),
                     NCA_NOT_FOUND);
    assert_int_equal(nca__file_read(&bytes, &size, folder->path, 9, &error), NCA_IO);
    assert_says(&error, "a folder");
    assert_int_equal(mkfifo(path_in(folder, "pipe"), 0600), 0);
    assert_int_equal(nca__file_read(&bytes, &size, folder->joined, 9, &error), NCA_IO);
    assert_says(&error, "a pipe");
    assert_int_equal(nca__file_read(&bytes, &size, "/dev/zero", 9, &error), NCA_IO);
    assert_says(&error, "a device");
    /* Such files claim a size of 0 and have more. */
    assert_int_equal(nca__file_read(&bytes, &size, "/proc/self/status", 9, &error), NCA_IO);
    assert_says(&error, "found more");
    assert_null(bytes);
}

static void what_is_no_file_is_not_opened_or_appended_to(void **state)
{
    temporary_folder *folder = *state;
    FILE *stream = NULL;
    nca_error error;
    char link[600];
    snprintf(link, sizeof link, "%s/link", folder->path);
    assert_int_equal(mkfifo(path_in(folder, "pipe"), 0600), 0);
    assert_int_equal(nca_file_open(&stream, folder->joined, &error), NCA_IO);
    assert_says(&error, "a pipe");
    assert_int_equal(nca_file_append(&stream, folder->joined, &error), NCA_IO);
    assert_says(&error, "a pipe");
    assert_int_equal(nca_file_open(&stream, path_in(folder, "none"), &error), NCA_NOT_FOUND);
    assert_int_equal(symlink("none", link), 0);
    assert_int_equal(nca_file_append(&stream, link, &error), NCA_IO);
    assert_says(&error, "a symbolic link");
    assert_int_equal(access(path_in(folder, "none"), F_OK), -1);
    assert_null(stream);
    assert_int_equal(nca_file_append(&stream, path_in(folder, "none"), &error), NCA_OK);
    fputs("a", stream);
    fclose(stream);
    assert_int_equal(nca_file_append(&stream, path_in(folder, "none"), &error), NCA_OK);
    fputs("b", stream);
    fclose(stream);
    assert_holds(path_in(folder, "none"), "ab");
    assert_int_equal(nca_file_open(&stream, path_in(folder, "none"), &error), NCA_OK);
    assert_int_equal(fgetc(stream), 'a');
    fclose(stream);
}

static void a_file_in_pieces_appears_at_the_commit(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca_file_writer *writer = NULL;
    assert_int_equal(nca_file_create(&writer, path, NULL), NCA_OK);
    fputs("pie", nca_file_stream(writer));
    fputs("ces", nca_file_stream(writer));
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(nca_file_commit(writer, NULL), NCA_OK);
    assert_holds(path, "pieces");
    assert_int_equal(nca_file_create(&writer, path, NULL), NCA_OK);
    fputs("other", nca_file_stream(writer));
    nca_file_abandon(writer);
    nca_file_abandon(NULL);
    assert_holds(path, "pieces");
    assert_int_equal(nca_file_write_unsynced(path, "quick", 5, NULL), NCA_OK);
    assert_holds(path, "quick");
    assert_int_equal(count_entries(folder->path), 1);
}

/* A writer of "a" that ends without a word, as when it is killed. */
static void leave_half_a_file(const char *path)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        nca__writer writer;
        _exit(nca__writer_open(&writer, path, NULL) == NCA_OK ? 0 : 1);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static bool is_any(const char *name, void *user)
{
    return strcmp(name, user) == 0;
}

static void what_a_killed_writer_left_goes_with_the_next(void **state)
{
    temporary_folder *folder = *state;
    char other[600];
    nca__writer living;
    snprintf(other, sizeof other, "%s/other.0123456789abcdef.tmp", folder->path);
    assert_int_equal(nca__file_write(other, "x", 1, NULL), NCA_OK);
    const char *path = path_in(folder, "a");
    assert_int_equal(nca__writer_open(&living, path, NULL), NCA_OK);
    leave_half_a_file(path);
    assert_int_equal(count_entries(folder->path), 3);
    /* The file of a running writer stays, and so does that of another destination. */
    assert_int_equal(nca__file_write(path, "new", 3, NULL), NCA_OK);
    assert_int_equal(count_entries(folder->path), 3);
    assert_int_equal(nca__writer_write(&living, "last", 4, NULL), NCA_OK);
    assert_int_equal(nca__writer_commit(&living, NULL), NCA_OK);
    assert_holds(path, "last");
    leave_half_a_file(path);
    nca_file_remove_leftovers(folder->path, is_any, (char[]){"b"});
    assert_int_equal(count_entries(folder->path), 3);
    nca_file_remove_leftovers(folder->path, is_any, (char[]){"a"});
    assert_int_equal(count_entries(folder->path), 2);
    assert_holds(other, "x");
}

static void two_writers_choose_names_that_tell_nothing(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca__writer first, second;
    assert_int_equal(nca__writer_open(&first, path, NULL), NCA_OK);
    assert_int_equal(nca__writer_open(&second, path, NULL), NCA_OK);
    const char *one = first.temporary + strlen(path) + 1;
    const char *two = second.temporary + strlen(path) + 1;
    size_t same = 0;
    for (size_t i = 0; i < 16; i++) {
        same += one[i] == two[i];
    }
    assert_true(same < 10); /* one in 16 on average */
    nca__writer_abort(&first);
    nca__writer_abort(&second);
}

static void an_aborted_file_leaves_the_old_one(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca__writer writer;
    nca__file_write(path, "old", 3, NULL);
    assert_int_equal(nca__writer_open(&writer, path, NULL), NCA_OK);
    assert_int_equal(nca__writer_write(&writer, "new", 3, NULL), NCA_OK);
    fflush(writer.stream);
    assert_holds(path, "old");
    assert_int_equal(count_entries(folder->path), 2);
    nca__writer_abort(&writer);
    nca__writer_abort(&writer);
    assert_holds(path, "old");
    assert_int_equal(count_entries(folder->path), 1);
}

static void a_new_file_has_the_permissions_of_the_umask(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    struct stat about;
    mode_t before = umask(027);
    assert_int_equal(nca__file_write(path, "x", 1, NULL), NCA_OK);
    umask(before);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    /* An existing file keeps its permissions. */
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(nca__file_write(path, "y", 1, NULL), NCA_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0604);
}

static void a_symbolic_link_stays_a_link(void **state)
{
    temporary_folder *folder = *state;
    char link[600];
    struct stat about;
    snprintf(link, sizeof link, "%s/link", folder->path);
    const char *path = path_in(folder, "a");
    nca__file_write(path, "old", 3, NULL);
    assert_int_equal(symlink("a", link), 0);
    assert_int_equal(nca__file_write(link, "new", 3, NULL), NCA_OK);
    assert_holds(path, "new");
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
}

static void a_place_that_cannot_be_replaced_is_refused_at_once(void **state)
{
    temporary_folder *folder = *state;
    nca__writer writer;
    nca_error error;
    assert_int_equal(nca__writer_open(&writer, folder->path, &error), NCA_IO);
    assert_says(&error, "a folder");
    assert_null(writer.stream);
    assert_int_equal(nca__writer_open(&writer, "/dev/null", &error), NCA_IO);
    assert_says(&error, "a device");
    assert_int_equal(nca__writer_open(&writer, "", &error), NCA_NOT_FOUND);
    assert_int_equal(nca__writer_open(&writer, path_in(folder, "no/such"), &error), NCA_NOT_FOUND);
    assert_says(&error, "create the folder first");
    assert_int_equal(count_entries(folder->path), 0);
}

static void an_unwritable_folder_is_refused(void **state)
{
    temporary_folder *folder = *state;
    nca_error error;
    assert_int_equal(chmod(folder->path, 0555), 0);
    /* Permissions do not restrict root, so another user's are used. */
    bool root = geteuid() == 0;
    if (root) {
        assert_int_equal(seteuid(65534), 0);
    }
    nca_status status = nca__file_write(path_in(folder, "a"), "x", 1, &error);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(folder->path, 0755), 0);
    assert_int_equal(status, NCA_IO);
    assert_says(&error, "choose a folder with write permission");
    assert_int_equal(count_entries(folder->path), 0);
}

/* Writes 1 MiB in pieces to `path`; stops at the first failure. */
static nca_status write_much(const char *path, nca_error *error)
{
    static uint8_t piece[4096];
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    if (status != NCA_OK) {
        return status;
    }
    for (int i = 0; i < 256 && status == NCA_OK; i++) {
        status = nca__writer_write(&writer, piece, sizeof piece, error);
    }
    if (status != NCA_OK) {
        nca__writer_abort(&writer);
        return status;
    }
    return nca__writer_commit(&writer, error);
}

static void a_disk_that_fills_up_leaves_the_old_file(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca_error error;
    nca__file_write(path, "old", 3, NULL);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit tight = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    nca_status status = write_much(path, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, NCA_IO);
    assert_says(&error, "cannot be written");
    assert_holds(path, "old");
    assert_int_equal(count_entries(folder->path), 1);
}

/* The last part of a small file is written to the disk only by the flush. */
static void a_failure_of_the_last_flush_is_noticed(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca_error error;
    nca__writer writer;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(nca__writer_open(&writer, path, &error), NCA_OK);
    assert_int_equal(nca__writer_write(&writer, "hello", 5, &error), NCA_OK);
    struct rlimit tight = {.rlim_cur = 2, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    nca_status status = nca__writer_commit(&writer, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, NCA_IO);
    assert_null(writer.stream);
    assert_int_equal(count_entries(folder->path), 0);
}

enum {
    RIGHT,
    WRONG,
    NO_MOUNT
};

/* Runs in a child with its own name spaces, where a disk of 64 KiB can be mounted without
 * privileges. */
static int fill_a_tiny_disk(temporary_folder *folder)
{
    nca_error error = {0};
    if ((geteuid() != 0 || unshare(CLONE_NEWNS) != 0) &&
        unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return NO_MOUNT;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("nca", folder->path, "tmpfs", 0, "size=64k") != 0) {
        return NO_MOUNT;
    }
    const char *path = path_in(folder, "a");
    bool right = nca__file_write(path, "old", 3, NULL) == NCA_OK &&
                 write_much(path, &error) == NCA_IO && count_entries(folder->path) == 1 &&
                 strstr(error.message, "free some space") != NULL;
    umount(folder->path);
    return right ? RIGHT : WRONG;
}

static void a_full_disk_is_named(void **state)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(fill_a_tiny_disk(*state));
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    if (WEXITSTATUS(result) == NO_MOUNT) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(result), RIGHT);
}

static void many_writers_in_one_folder_do_not_meet(void **state)
{
    enum {
        WRITERS = 50
    };
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca__writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(nca__writer_open(&writers[i], path, NULL), NCA_OK);
        assert_int_equal(nca__writer_write(&writers[i], &"abcdefghij"[i % 10], 1, NULL), NCA_OK);
    }
    assert_int_equal(count_entries(folder->path), WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(nca__writer_commit(&writers[i], NULL), NCA_OK);
    }
    assert_holds(path, "j");
    assert_int_equal(count_entries(folder->path), 1);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_written_is_read),
        IN_FOLDER(the_limit_is_the_largest_size_read),
        IN_FOLDER(what_is_no_file_is_not_read),
        IN_FOLDER(what_is_no_file_is_not_opened_or_appended_to),
        IN_FOLDER(a_file_in_pieces_appears_at_the_commit),
        IN_FOLDER(what_a_killed_writer_left_goes_with_the_next),
        IN_FOLDER(two_writers_choose_names_that_tell_nothing),
        IN_FOLDER(an_aborted_file_leaves_the_old_one),
        IN_FOLDER(a_new_file_has_the_permissions_of_the_umask),
        IN_FOLDER(a_symbolic_link_stays_a_link),
        IN_FOLDER(a_place_that_cannot_be_replaced_is_refused_at_once),
        IN_FOLDER(an_unwritable_folder_is_refused),
        IN_FOLDER(a_disk_that_fills_up_leaves_the_old_file),
        IN_FOLDER(a_failure_of_the_last_flush_is_noticed),
        IN_FOLDER(a_full_disk_is_named),
        IN_FOLDER(many_writers_in_one_folder_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
