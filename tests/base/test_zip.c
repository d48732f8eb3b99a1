/* Zip archives: written archives can be read, and no bytes do harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "base/zip.h"

enum {
    LONG = 300000
};

/* Text that can be compressed well but is not uniform. */
static uint8_t *make_bytes(size_t size)
{
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i / 7 + (i * i) % 5);
    }
    return bytes;
}

/* Two members, one stored and one deflated. */
static void write_pair(const char *path, const uint8_t *bytes, size_t size)
{
    nca_error error;
    nca__zip_writer *writer = NULL;
    assert_int_equal(nca__zip_writer_create(&writer, path, &error), NCA_OK);
    assert_int_equal(nca__zip_writer_add_bytes(writer, "top/stored", bytes, size, false, &error),
                     NCA_OK);
    assert_int_equal(nca__zip_writer_add_bytes(writer, "top/deflated", bytes, size, true, &error),
                     NCA_OK);
    assert_int_equal(nca__zip_writer_commit(writer, &error), NCA_OK);
    nca__zip_writer_destroy(writer);
}

static void members_come_back(void **state)
{
    nca_error error;
    uint8_t *bytes = make_bytes(LONG), *found = NULL;
    const char *path = path_in(*state, "pair.zip");
    write_pair(path, bytes, LONG);
    nca__zip *zip = NULL;
    assert_int_equal(nca__zip_open(&zip, path, &error), NCA_OK);
    assert_int_equal(nca__zip_count(zip), 2);
    assert_string_equal(nca__zip_name(zip, 1), "top/deflated");
    size_t index = 9, size = 0;
    assert_false(nca__zip_find(&index, zip, "stored"));
    for (size_t i = 0; i < 2; i++) {
        assert_true(nca__zip_find(&index, zip, nca__zip_name(zip, i)));
        assert_int_equal(index, i);
        assert_int_equal(nca__zip_claimed_size(zip, i), LONG);
        assert_int_equal(nca__zip_read_all(&found, &size, zip, i, LONG, &error), NCA_OK);
        assert_int_equal(size, LONG);
        assert_memory_equal(found, bytes, LONG);
        free(found);
        found = NULL;
        assert_int_equal(nca__zip_read_all(&found, &size, zip, i, LONG - 1, &error), NCA_LIMIT);
        assert_null(found);
    }
    nca__zip_close(zip);
    free(bytes);
}

static void a_member_can_be_read_in_pieces_with_gaps(void **state)
{
    nca_error error;
    uint8_t *bytes = make_bytes(LONG), piece[1000];
    const char *path = path_in(*state, "pair.zip");
    write_pair(path, bytes, LONG);
    nca__zip *zip = NULL;
    assert_int_equal(nca__zip_open(&zip, path, &error), NCA_OK);
    nca__zip_member *members[2] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(nca__zip_member_open(&members[i], zip, i, &error), NCA_OK);
    }
    /* Alternating, so that neither affects the other. */
    for (size_t at = 0; at + 100000 <= LONG; at += 100000) {
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(nca__zip_member_skip(members[i], 99000, &error), NCA_OK);
            assert_int_equal(nca__zip_member_read(piece, members[i], sizeof piece, &error), NCA_OK);
            assert_memory_equal(piece, bytes + at + 99000, sizeof piece);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(nca__zip_member_end(members[i], &error), NCA_OK);
        assert_int_equal(nca__zip_member_read(piece, members[i], 1, &error), NCA_FORMAT);
        assert_non_null(strstr(error.message, "truncated"));
        nca__zip_member_close(members[i]);
        assert_int_equal(nca__zip_member_open(&members[i], zip, i, &error), NCA_OK);
        assert_int_equal(nca__zip_member_skip(members[i], LONG - 1, &error), NCA_OK);
        assert_int_equal(nca__zip_member_end(members[i], &error), NCA_FORMAT);
        assert_int_not_equal(nca__zip_member_skip(members[i], 2, &error), NCA_OK);
        nca__zip_member_close(members[i]);
    }
    nca__zip_close(zip);
    free(bytes);
}

/* The last bytes of each member are missing, but the directory has been read already. */
static void a_file_that_is_cut_while_it_is_open_is_told(void **state)
{
    nca_error error;
    uint8_t *bytes = make_bytes(LONG), *found = NULL;
    const char *path = path_in(*state, "pair.zip");
    for (size_t i = 0; i < 2; i++) {
        write_pair(path, bytes, LONG);
        nca__zip *zip = NULL;
        assert_int_equal(nca__zip_open(&zip, path, &error), NCA_OK);
        assert_int_equal(truncate(path, i == 0 ? LONG / 2 : LONG + 200), 0);
        size_t size = 0;
        assert_int_equal(nca__zip_read_all(&found, &size, zip, i, LONG, &error), NCA_FORMAT);
        assert_non_null(strstr(error.message, "pair.zip"));
        assert_non_null(strstr(error.message, nca__zip_name(zip, i)));
        assert_null(found);
        nca__zip_close(zip);
    }
    free(bytes);
}

static void the_same_content_gives_the_same_bytes(void **state)
{
    nca_error error;
    uint8_t *bytes = make_bytes(5000), *files[2];
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        const char *path = path_in(*state, i == 0 ? "a.zip" : "b.zip");
        write_pair(path, bytes, 5000);
        assert_int_equal(nca__file_read(&files[i], &sizes[i], path, 1 << 20, &error), NCA_OK);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(files[0], files[1], sizes[0]);
    free(files[0]);
    free(files[1]);
    free(bytes);
}

/* Fails in the middle of its second member. */
typedef struct failing_source {
    size_t given;
} failing_source;

static nca_status fill_then_fail(void *user, void *out, size_t size, nca_error *error)
{
    failing_source *source = user;
    if (source->given > 100000) {
        error->status = NCA_INTERRUPTED;
        snprintf(error->message, sizeof error->message, "stopped half way");
        return NCA_INTERRUPTED;
    }
    memset(out, 7, size);
    source->given += size;
    return NCA_OK;
}

static void a_failing_source_leaves_nothing(void **state)
{
    temporary_folder *folder = *state;
    nca_error error;
    failing_source source = {0};
    nca__zip_writer *writer = NULL;
    assert_int_equal(nca__zip_writer_create(&writer, path_in(folder, "x.zip"), &error), NCA_OK);
    assert_int_equal(nca__zip_writer_add(writer, "m", LONG, false, fill_then_fail, &source, &error),
                     NCA_OK);
    assert_int_equal(nca__zip_writer_commit(writer, &error), NCA_INTERRUPTED);
    assert_string_equal(error.message, "stopped half way");
    nca__zip_writer_destroy(writer);
    assert_int_equal(count_entries(folder->path), 0);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    nca_error error;
    uint8_t *bytes = make_bytes(LONG);
    nca__zip_writer *writer = NULL;
    assert_int_equal(nca__zip_writer_create(&writer, "/dev/full", &error), NCA_OK);
    assert_int_equal(nca__zip_writer_add_bytes(writer, "m", bytes, LONG, false, &error), NCA_OK);
    assert_int_equal(nca__zip_writer_commit(writer, &error), NCA_IO);
    assert_non_null(strstr(error.message, "/dev/full"));
    nca__zip_writer_destroy(writer);
    free(bytes);
}

static void what_is_no_zip_is_refused(void **state)
{
    nca_error error;
    nca__zip *zip = NULL;
    const char *path = path_in(*state, "none");
    assert_int_equal(nca__zip_open(&zip, path, &error), NCA_NOT_FOUND);
    assert_int_equal(nca__file_write(path, "", 0, &error), NCA_OK);
    assert_int_equal(nca__zip_open(&zip, path, &error), NCA_FORMAT);
    assert_int_equal(nca__file_write(path, "no archive at all", 17, &error), NCA_OK);
    assert_int_equal(nca__zip_open(&zip, path, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "expected a zip archive"));
    assert_int_equal(nca__zip_open(&zip, "/dev/null", &error), NCA_IO);
    assert_int_equal(nca__zip_open(&zip, "/tmp", &error), NCA_IO);
    assert_int_equal(nca__zip_parse(&zip, "PK", 2, "two bytes", &error), NCA_FORMAT);
    assert_int_equal(nca__zip_parse(&zip, "", 0, "nothing", &error), NCA_FORMAT);
    assert_null(zip);
}

/* Reads all members, whatever they contain; the results do not matter here. */
static size_t read_everything(const uint8_t *bytes, size_t size)
{
    nca_error error;
    nca__zip *zip = NULL;
    size_t whole = 0;
    if (nca__zip_parse(&zip, bytes, size, "hostile", &error) != NCA_OK) {
        return 0;
    }
    for (size_t i = 0; i < nca__zip_count(zip); i++) {
        uint8_t *found = NULL;
        size_t length = 0;
        if (nca__zip_read_all(&found, &length, zip, i, 4096, &error) == NCA_OK) {
            whole++;
        }
        free(found);
    }
    nca__zip_close(zip);
    return whole;
}

static void cut_and_changed_archives_are_refused_or_read(void **state)
{
    nca_error error;
    uint8_t *bytes = make_bytes(700), *file = NULL;
    size_t size = 0;
    const char *path = path_in(*state, "pair.zip");
    write_pair(path, bytes, 700);
    assert_int_equal(nca__file_read(&file, &size, path, 1 << 20, &error), NCA_OK);
    assert_int_equal(read_everything(file, size), 2);
    for (size_t length = 0; length < size; length++) {
        uint8_t *part = malloc(length + 1);
        assert_non_null(part);
        memcpy(part, file, length);
        read_everything(part, length);
        free(part);
    }
    for (size_t at = 0; at < size; at++) {
        file[at] ^= 0xff;
        read_everything(file, size);
        file[at] ^= 0xff;
    }
    /* A changed byte of a stored member is detected by its checksum. */
    uint8_t *stored = memmem(file, size, bytes, 700);
    assert_non_null(stored);
    stored[350] ^= 1;
    assert_int_equal(read_everything(file, size), 1);
    free(file);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_come_back, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_member_can_be_read_in_pieces_with_gaps,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_file_that_is_cut_while_it_is_open_is_told,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(the_same_content_gives_the_same_bytes,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_failing_source_leaves_nothing, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test_setup_teardown(what_is_no_zip_is_refused, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(cut_and_changed_archives_are_refused_or_read,
                                        make_temporary_folder, remove_temporary_folder),
    };
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
