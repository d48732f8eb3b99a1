/* Safetensors: written files can be read, and a failed write leaves no file. */
#include "nca/safetensors.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/raw_file.h"

static nca_tensor_view floats(const char *name, size_t rows, size_t columns)
{
    return (nca_tensor_view){
        .name = name, .dtype = NCA_DTYPE_F32, .rank = 2, .shape = {rows, columns}};
}

static void what_is_written_piece_by_piece_is_read(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a.safetensors");
    static const float values[6] = {1, -2, 3.5f, 0, 5, 6};
    static const uint64_t counter = 0x0123456789ABCDEFu;
    nca_tensor_view pool = floats("pool \"\xC3\xA9\"", 2, 3);
    nca_tensor_view count = {.name = "count", .dtype = NCA_DTYPE_U64};
    nca_tensor_view bytes = {.name = "b", .dtype = NCA_DTYPE_U8, .rank = 1, .shape = {3}};
    nca_tensor_view none = {.name = "none", .dtype = NCA_DTYPE_U32, .rank = 2, .shape = {0, 7}};
    nca_safetensors_writer *writer = NULL;
    nca_error error = {0};
    assert_int_equal(nca_safetensors_writer_open(&writer, path, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "z", "line\n\ttab \\", &error),
                     NCA_OK);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "a", "", &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bytes, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &pool, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &none, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &count, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_write(writer, "xyz", 3, &error), NCA_OK);
    for (size_t i = 0; i < sizeof values; i += 5) {
        size_t piece = sizeof values - i < 5 ? sizeof values - i : 5;
        assert_int_equal(
            nca_safetensors_writer_write(writer, (const char *)values + i, piece, &error), NCA_OK);
    }
    assert_int_equal(nca_safetensors_writer_write(writer, &counter, 8, &error), NCA_OK);
    assert_int_equal(count_entries(folder->path), 1);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_INVALID_ARGUMENT);
    nca_safetensors_writer_destroy(writer);
    assert_int_equal(count_entries(folder->path), 1);

    nca_safetensors *file = NULL;
    assert_int_equal(nca_safetensors_open(&file, path, 10000, &error), NCA_OK);
    assert_int_equal(nca_safetensors_count(file), 4);
    assert_memory_equal(nca_safetensors_find(file, "b")->data, "xyz", 3);
    assert_memory_equal(nca_safetensors_find(file, pool.name)->data, values, sizeof values);
    assert_int_equal((uintptr_t)nca_safetensors_find(file, pool.name)->data % 4, 0);
    assert_memory_equal(nca_safetensors_find(file, "count")->data, &counter, 8);
    assert_int_equal(nca_safetensors_find(file, "none")->shape[1], 7);
    const char *key;
    const char *value;
    assert_true(nca_safetensors_metadata_at(file, 0, &key, &value));
    assert_string_equal(key, "z");
    assert_string_equal(value, "line\n\ttab \\");
    nca_safetensors_close(file);
}

static void the_data_starts_on_a_multiple_of_64(void **state)
{
    temporary_folder *folder = *state;
    char text[80] = "";
    for (size_t i = 0; i < 70; i++) {
        const char *path = path_in(folder, "a");
        nca_safetensors_writer *writer = NULL;
        text[i] = 'x';
        assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
        assert_int_equal(nca_safetensors_writer_metadata(writer, "k", text, NULL), NCA_OK);
        assert_int_equal(nca_safetensors_writer_commit(writer, NULL), NCA_OK);
        nca_safetensors_writer_destroy(writer);
        uint8_t *bytes = NULL;
        size_t size = 0;
        uint64_t header = 0;
        assert_int_equal(nca__file_read(&bytes, &size, path, 10000, NULL), NCA_OK);
        memcpy(&header, bytes, 8);
        assert_int_equal((8 + header) % 64, 0);
        assert_int_equal(8 + header, size);
        assert_memory_equal(bytes + 8, "{\"__metadata__\":{\"k\":\"x", 23);
        free(bytes);
        nca_safetensors *file = NULL;
        assert_int_equal(nca_safetensors_open(&file, path, 10000, NULL), NCA_OK);
        assert_string_equal(nca_safetensors_metadata(file, "k"), text);
        nca_safetensors_close(file);
    }
}

static void a_count_of_bytes_that_does_not_fit_is_refused(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca_tensor_view tensor = floats("a", 1, 1);
    nca_safetensors_writer *writer = NULL;
    nca_error error;

    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &tensor, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_write(writer, "abc", 3, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_MISMATCH);
    assert_says(error, "have 4 bytes; found 3");
    nca_safetensors_writer_destroy(writer);

    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &tensor, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_write(writer, "abcde", 5, &error), NCA_MISMATCH);
    assert_int_equal(nca_safetensors_writer_write(writer, "abcd", 4, &error), NCA_MISMATCH);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_MISMATCH);
    nca_safetensors_writer_destroy(writer);

    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &tensor, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_MISMATCH);
    nca_safetensors_writer_destroy(writer);
    nca_safetensors_writer_destroy(NULL);
    assert_int_equal(count_entries(folder->path), 0);
}

static void a_description_that_no_reader_takes_is_refused(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "a");
    nca_safetensors_writer *writer = NULL;
    nca_error error;
    nca_tensor_view good = floats("a", 1, 1);
    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &good, &error), NCA_OK);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "a", "1", &error), NCA_OK);

    assert_int_equal(nca_safetensors_writer_tensor(writer, &good, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "described twice");
    assert_int_equal(nca_safetensors_writer_metadata(writer, "a", "2", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "b", "\xFF", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "\xFF", "b", &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error, "valid UTF-8");
    nca_tensor_view bad = floats("__metadata__", 1, 1);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_INVALID_ARGUMENT);
    bad = good;
    bad.name = "b";
    bad.dtype = NCA_DTYPE_OTHER;
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_INVALID_ARGUMENT);
    bad.dtype = NCA_DTYPE_F32;
    bad.rank = 9;
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_INVALID_ARGUMENT);
    bad = floats("b", (size_t)1 << 40, (size_t)1 << 40);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_LIMIT);
    bad = floats("b", 0, SIZE_MAX);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_LIMIT);

    assert_int_equal(nca_safetensors_writer_write(writer, "abcd", 4, &error), NCA_OK);
    bad = floats("b", 1, 1);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &bad, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "before the first byte");
    assert_int_equal(nca_safetensors_writer_metadata(writer, "c", "", &error),
                     NCA_INVALID_ARGUMENT);
    /* Refused descriptions have no effect: the rest is still valid. */
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_OK);
    nca_safetensors_writer_destroy(writer);
    nca_safetensors *file = NULL;
    assert_int_equal(nca_safetensors_open(&file, path, 1000, &error), NCA_OK);
    assert_int_equal(nca_safetensors_count(file), 1);
    assert_string_equal(nca_safetensors_metadata(file, "a"), "1");
    nca_safetensors_close(file);
}

static void a_header_too_large_to_read_is_not_written(void **state)
{
    temporary_folder *folder = *state;
    size_t size = (size_t)4 << 20;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    nca_safetensors_writer *writer = NULL;
    nca_error error;
    assert_int_equal(nca_safetensors_writer_open(&writer, path_in(folder, "a"), NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_metadata(writer, "k", text, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_commit(writer, &error), NCA_LIMIT);
    nca_safetensors_writer_destroy(writer);
    free(text);
    assert_int_equal(count_entries(folder->path), 0);
}

static void a_full_disk_leaves_nothing(void **state)
{
    temporary_folder *folder = *state;
    nca_tensor_view tensor = floats("a", 1024, 256);
    nca_safetensors_writer *writer = NULL;
    nca_error error;
    static float row[256];
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit tight = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_int_equal(nca_safetensors_writer_open(&writer, path_in(folder, "a"), NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_tensor(writer, &tensor, NULL), NCA_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    nca_status status = NCA_OK;
    for (int i = 0; i < 1024 && status == NCA_OK; i++) {
        status = nca_safetensors_writer_write(writer, row, sizeof row, &error);
    }
    nca_status committed = nca_safetensors_writer_commit(writer, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    nca_safetensors_writer_destroy(writer);
    assert_int_equal(status, NCA_IO);
    assert_int_equal(committed, NCA_IO);
    assert_says(error, "cannot be written");
    assert_int_equal(count_entries(folder->path), 0);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_written_piece_by_piece_is_read),
        IN_FOLDER(the_data_starts_on_a_multiple_of_64),
        IN_FOLDER(a_count_of_bytes_that_does_not_fit_is_refused),
        IN_FOLDER(a_description_that_no_reader_takes_is_refused),
        IN_FOLDER(a_header_too_large_to_read_is_not_written),
        IN_FOLDER(a_full_disk_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
