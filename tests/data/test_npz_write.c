/* Written archives can be read again, and are complete or do not exist. test_rollout_numpy.sh
 * checks that NumPy reads them and writes the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assert_ok.h"
#include "base/temporary_folder.h"
#include "nca/npz.h"

/* Counts up, in pieces that end anywhere. */
typedef struct counter {
    uint32_t next;
    size_t odd; /* bytes of `next` that have already been written */
    size_t stop_after;
} counter;

static nca_status count(void *user, void *out, size_t size, nca_error *error)
{
    counter *c = user;
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = ((const uint8_t *)&c->next)[c->odd++];
        if (c->odd == sizeof c->next) {
            c->odd = 0;
            c->next++;
        }
    }
    if (c->stop_after != 0 && c->next > c->stop_after) {
        error->status = NCA_INTERRUPTED;
        strcpy(error->message, "enough");
        return NCA_INTERRUPTED;
    }
    return NCA_OK;
}

static nca_npz_writer *create(const char *path)
{
    nca_npz_writer *writer = NULL;
    assert_ok(nca_npz_writer_create(&writer, path, &failure));
    return writer;
}

static void every_type_and_rank_comes_back(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "types.npz");
    static const size_t shape[NCA_ARRAY_MAX_RANK] = {2, 1, 3, 1, 2, 1, 1, 2};
    uint8_t values[24 * 8], found[24 * 8];
    for (size_t i = 0; i < sizeof values; i++) {
        values[i] = (uint8_t)(i * 37 % 101);
    }
    nca_npz_writer *writer = create(path);
    for (int type = 0; type < NCA_ARRAY_COUNT; type++) {
        assert_ok(nca_npz_writer_add(writer, nca_array_type_name((nca_array_type)type),
                                     (nca_array_type)type, (size_t)type % 9, shape, values,
                                     &failure));
    }
    assert_ok(nca_npz_writer_commit(writer, &failure));
    nca_npz_writer_destroy(writer);

    nca_npz *npz = NULL;
    assert_ok(nca_npz_open(&npz, path, &failure));
    assert_int_equal(nca_npz_count(npz), NCA_ARRAY_COUNT);
    for (int type = 0; type < NCA_ARRAY_COUNT; type++) {
        nca_array array;
        const char *name = nca_array_type_name((nca_array_type)type);
        assert_string_equal(nca_npz_name(npz, (size_t)type), name);
        assert_ok(nca_npz_describe(&array, npz, name, &failure));
        assert_int_equal(array.type, type);
        assert_int_equal(array.rank, type % 9);
        assert_false(array.fortran_order);
        for (size_t axis = 0; axis < array.rank; axis++) {
            assert_int_equal(array.shape[axis], shape[axis]);
        }
        if (type == NCA_ARRAY_BOOL) {
            continue; /* values over 1 are not valid */
        }
        assert_ok(nca_npz_read(found, npz, &array, 0, array.rank > 0 ? 2 : 1, &failure));
        assert_memory_equal(found, values, array.items * nca_array_type_size((nca_array_type)type));
    }
    nca_npz_close(npz);
}

static void a_stream_is_pulled_in_order_and_never_whole(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "stream.npz");
    const size_t shape[] = {700, 1001}, none[] = {0, 5};
    counter first = {.next = 0}, second = {.next = 9};
    nca_npz_writer *writer = create(path);
    assert_ok(
        nca_npz_writer_add_stream(writer, "a", NCA_ARRAY_U32, 2, shape, count, &first, &failure));
    assert_ok(
        nca_npz_writer_add_stream(writer, "b", NCA_ARRAY_U32, 0, NULL, count, &second, &failure));
    assert_ok(nca_npz_writer_add(writer, "empty", NCA_ARRAY_F64, 2, none, NULL, &failure));
    assert_int_equal(first.next, 0);
    assert_ok(nca_npz_writer_commit(writer, &failure));
    nca_npz_writer_destroy(writer);
    assert_int_equal(first.next, 700 * 1001);

    nca_npz *npz = NULL;
    nca_array array;
    uint32_t row[1001];
    assert_ok(nca_npz_open(&npz, path, &failure));
    assert_ok(nca_npz_describe(&array, npz, "a", &failure));
    for (size_t i = 0; i < 700; i++) {
        assert_ok(nca_npz_read(row, npz, &array, i, 1, &failure));
        assert_int_equal(row[0], i * 1001);
        assert_int_equal(row[1000], i * 1001 + 1000);
    }
    assert_ok(nca_npz_describe(&array, npz, "b", &failure));
    assert_ok(nca_npz_read(row, npz, &array, 0, 1, &failure));
    assert_int_equal(row[0], 9);
    assert_ok(nca_npz_describe(&array, npz, "empty", &failure));
    assert_int_equal(array.items, 0);
    nca_npz_close(npz);
}

static void a_stream_that_stops_leaves_no_file(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "stopped.npz");
    const size_t shape[] = {700, 1001};
    counter c = {.stop_after = 300000};
    nca_npz_writer *writer = create(path);
    assert_ok(nca_npz_writer_add_stream(writer, "a", NCA_ARRAY_U32, 2, shape, count, &c, &failure));
    assert_int_equal(nca_npz_writer_commit(writer, &failure), NCA_INTERRUPTED);
    assert_string_equal(failure.message, "enough");
    nca_npz_writer_destroy(writer);
    assert_int_equal(count_entries(folder->path), 0);
}

static void descriptions_that_cannot_be_are_refused(void **state)
{
    temporary_folder *folder = *state;
    nca_npz_writer *writer = create(path_in(folder, "refused.npz"));
    const size_t shape[NCA_ARRAY_MAX_RANK + 1] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const size_t huge[] = {SIZE_MAX, 2}, large[] = {SIZE_MAX / 8};
    static const char *const names[] = {"", "a/b", "a\\b", "a\nb", "taken"};
    float value = 1.0f;
    char longest[400];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_ok(nca_npz_writer_add(writer, "taken", NCA_ARRAY_F32, 0, NULL, &value, &failure));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(
            nca_npz_writer_add(writer, names[i], NCA_ARRAY_F32, 0, NULL, &value, &failure),
            NCA_INVALID_ARGUMENT);
    }
    assert_int_equal(nca_npz_writer_add(writer, longest, NCA_ARRAY_F32, 0, NULL, &value, &failure),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_npz_writer_add(writer, "rank", NCA_ARRAY_F32, NCA_ARRAY_MAX_RANK + 1,
                                        shape, &value, &failure),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(
        nca_npz_writer_add(writer, "type", NCA_ARRAY_COUNT, 1, shape, &value, &failure),
        NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_npz_writer_add(writer, "huge", NCA_ARRAY_U8, 2, huge, &value, &failure),
                     NCA_LIMIT);
    assert_int_equal(nca_npz_writer_add(writer, "large", NCA_ARRAY_F64, 1, large, &value, &failure),
                     NCA_LIMIT);
    /* Refused arrays are not in the file. */
    assert_ok(nca_npz_writer_add(writer, "take", NCA_ARRAY_F32, 0, NULL, &value, &failure));
    assert_ok(nca_npz_writer_commit(writer, &failure));
    nca_npz_writer_destroy(writer);
    nca_npz *npz = NULL;
    assert_ok(nca_npz_open(&npz, path_in(folder, "refused.npz"), &failure));
    assert_int_equal(nca_npz_count(npz), 2);
    nca_npz_close(npz);
}

int main(void)
{
#define with_folder(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        with_folder(every_type_and_rank_comes_back),
        with_folder(a_stream_is_pulled_in_order_and_never_whole),
        with_folder(a_stream_that_stops_leaves_no_file),
        with_folder(descriptions_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
