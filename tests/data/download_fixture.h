/* A server on the loopback interface that also misbehaves, an attempt to download from it, and what
 * must be on the disk after it. */
#ifndef NCA_TESTS_DOWNLOAD_FIXTURE_H
#define NCA_TESTS_DOWNLOAD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static inline int start_server(void **state)
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
    /* A proxy of the machine's must not stand between. */
    setenv("no_proxy", "*", 1);
    server = http_server_start(content, SIZE);
    return good && server != NULL ? 0 : -1;
}

static inline int stop_server(void **state)
{
    (void)state;
    http_server_stop(server);
    return 0;
}

typedef struct attempt {
    temporary_folder *folder;
    char url[128], path[1024], part[1040];
    nca_download what;
    nca_error error;
} attempt;

static inline attempt *attempt_at(void **state, const char *how)
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

static inline void expect(attempt *a, nca_status status, const char *words)
{
    nca_status found = nca_download_file(&a->what, &a->error);
    if (found != status) {
        fail_msg("%s: expected %s, found %s: %s", a->what.url, nca_status_name(status),
                 nca_status_name(found), found == NCA_OK ? "" : a->error.message);
    }
    if (words != NULL && strstr(a->error.message, words) == NULL) {
        fail_msg("%s: expected \"%s\" in: %s", a->what.url, words, a->error.message);
    }
}

static inline long size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (long)about.st_size : -1;
}

static inline void expect_whole(const attempt *a)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(nca__file_read(&bytes, &size, a->path, SIZE, NULL), NCA_OK);
    assert_int_equal(size, SIZE);
    assert_memory_equal(bytes, content, SIZE);
    free(bytes);
    assert_int_equal(count_entries(a->folder->path), 1);
}

static inline void expect_nothing(const attempt *a)
{
    assert_int_equal(count_entries(a->folder->path), 0);
}

/* Only the part is there, of `size` bytes, and they are the file's. */
static inline void expect_part(const attempt *a, size_t size)
{
    uint8_t *bytes = NULL;
    size_t found = 0;
    assert_int_equal(count_entries(a->folder->path), 1);
    assert_int_equal(nca__file_read(&bytes, &found, a->part, SIZE, NULL), NCA_OK);
    assert_int_equal(found, size);
    assert_memory_equal(bytes, content, size);
    free(bytes);
}

static inline void put(const char *path, const void *bytes, size_t size)
{
    assert_int_equal(nca__file_write(path, bytes, size, NULL), NCA_OK);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)

#endif
