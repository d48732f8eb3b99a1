/* Reading the values of an array in an archive: in pieces, in C order and native byte order.
 *
 * The streams of the last two arrays stay open. An array that is read sequentially with many calls,
 * alternating with reads of another array, is therefore decompressed only once. */
#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "data/npz_archive.h"

enum {
    PIECE = 1 << 20 /* bytes between two progress reports */
};

/* Reads the next `size` bytes of values, or skips them if `out` is NULL. */
static nca_status advance(uint8_t *out, nca_npz *npz, uint64_t size, nca_error *error)
{
    while (size > 0) {
        uint64_t room = PIECE - npz->done % PIECE;
        size_t part = (size_t)(size < room ? size : room);
        nca_status status = out != NULL ? nca__zip_member_read(out, npz->now.member, part, error)
                                        : nca__zip_member_skip(npz->now.member, part, error);
        if (status != NCA_OK) {
            return status;
        }
        out = out != NULL ? out + part : NULL;
        size -= part;
        npz->now.position += part;
        npz->done += part;
        if (npz->progress != NULL && (npz->done % PIECE == 0 || npz->done == npz->total) &&
            !npz->progress(npz->done, npz->total, npz->user)) {
            return nca__fail(error, NCA_INTERRUPTED, "%s: reading was stopped",
                             nca__zip_path(npz->zip));
        }
    }
    return NCA_OK;
}

static bool same_array(const nca_array *a, const nca_array *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->big_endian == b->big_endian &&
           a->fortran_order == b->fortran_order && a->rank == b->rank &&
           memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0;
}

/* Opens the stream of the array at or before `position`. */
static nca_status open_before(nca_npz *npz, const nca_array *array, uint64_t position,
                              nca_error *error)
{
    nca__npz_stream *before = &npz->before;
    if (before->member != NULL && same_array(&before->array, array)) {
        nca__npz_stream kept = *before;
        *before = npz->now;
        npz->now = kept;
    }
    if (npz->now.member != NULL && same_array(&npz->now.array, array) &&
        npz->now.position <= position) {
        return NCA_OK;
    }
    nca_status status = nca__npz_begin(npz, array->name, error);
    if (status == NCA_OK && !same_array(&npz->now.array, array)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: the description of \"%s\" does not match the array in this archive",
                         nca__zip_path(npz->zip), array->name);
    }
    return status;
}

static nca_status finish(nca_npz *npz, nca_error *error)
{
    uint64_t all = (uint64_t)npz->now.array.items * nca_array_type_size(npz->now.array.type);
    return npz->now.position == all ? nca__zip_member_end(npz->now.member, error) : NCA_OK;
}

static void swap_bytes(uint8_t *values, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++, values += size) {
        for (size_t low = 0, high = size - 1; low < high; low++, high--) {
            uint8_t kept = values[low];
            values[low] = values[high];
            values[high] = kept;
        }
    }
}

static nca_status read_c_order(uint8_t *out, nca_npz *npz, const nca_array *array, size_t entry,
                               size_t first, size_t count, nca_error *error)
{
    uint64_t start = (uint64_t)first * entry;
    nca_status status = open_before(npz, array, start, error);
    if (status != NCA_OK) {
        return status;
    }
    npz->done = 0;
    npz->total = start - npz->now.position + (uint64_t)count * entry;
    status = advance(NULL, npz, start - npz->now.position, error);
    return status == NCA_OK ? advance(out, npz, (uint64_t)count * entry, error) : status;
}

/* In a file in Fortran order, the entries of the first axis are adjacent: the file consists of
 * "columns" with one value of each entry. The columns are ordered so that the second axis changes
 * fastest. */
typedef struct columns {
    size_t axes, sides[NCA_ARRAY_MAX_RANK], strides[NCA_ARRAY_MAX_RANK], at[NCA_ARRAY_MAX_RANK];
    size_t offset; /* offset of the current column's value in an entry in C order */
} columns;

static columns first_column(const nca_array *array)
{
    columns walk = {.axes = array->rank - 1};
    size_t stride = 1;
    for (size_t i = walk.axes; i > 0; i--) {
        walk.sides[i - 1] = array->shape[i];
        walk.strides[i - 1] = stride;
        stride *= array->shape[i];
    }
    return walk;
}

static void next_column(columns *walk)
{
    for (size_t i = 0; i < walk->axes; i++) {
        walk->offset += walk->strides[i];
        if (++walk->at[i] < walk->sides[i]) {
            return;
        }
        walk->offset -= walk->at[i] * walk->strides[i];
        walk->at[i] = 0;
    }
}

/* Reads one value of each of `count` entries and scatters them over `out`, which begins at the
 * column. */
static nca_status read_column(uint8_t *out, nca_npz *npz, size_t size, size_t entry, size_t count,
                              nca_error *error)
{
    uint8_t buffer[16384];
    const size_t most = sizeof buffer / size;
    while (count > 0) {
        size_t part = count < most ? count : most;
        nca_status status = advance(buffer, npz, part * size, error);
        if (status != NCA_OK) {
            return status;
        }
        for (size_t i = 0; i < part; i++, out += entry) {
            memcpy(out, buffer + i * size, size);
        }
        count -= part;
    }
    return NCA_OK;
}

static nca_status read_fortran_order(uint8_t *out, nca_npz *npz, const nca_array *array,
                                     size_t entry, size_t first, size_t count, nca_error *error)
{
    const size_t size = nca_array_type_size(array->type), entries = array->shape[0];
    nca_status status = open_before(npz, array, 0, error);
    npz->done = 0;
    npz->total = (uint64_t)entries * entry;
    columns walk = first_column(array);
    for (size_t column = 0; column < entry / size && status == NCA_OK; column++) {
        status = advance(NULL, npz, (uint64_t)first * size, error);
        if (status == NCA_OK) {
            status = read_column(out + walk.offset * size, npz, size, entry, count, error);
        }
        if (status == NCA_OK) {
            status = advance(NULL, npz, (uint64_t)(entries - first - count) * size, error);
        }
        next_column(&walk);
    }
    return status;
}

nca_status nca_npz_read(void *out, nca_npz *npz, const nca_array *array, size_t first, size_t count,
                        nca_error *error)
{
    size_t entries = array->rank > 0 ? array->shape[0] : 1;
    if (first > entries || count > entries - first) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: %s has %zu entries; expected a range within them, found %zu starting at %zu",
            nca__zip_path(npz->zip), array->name, entries, count, first);
    }
    if (count == 0 || array->items == 0) {
        return NCA_OK;
    }
    size_t size = nca_array_type_size(array->type);
    size_t entry = array->items / entries * size; /* bytes per entry */
    nca_status status = array->fortran_order && array->rank > 1
                            ? read_fortran_order(out, npz, array, entry, first, count, error)
                            : read_c_order(out, npz, array, entry, first, count, error);
    if (status == NCA_OK) {
        status = finish(npz, error);
    }
    if (status != NCA_OK) {
        nca__npz_end(&npz->now);
        return status;
    }
    if (array->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) && size > 1) {
        swap_bytes(out, count * (entry / size), size);
    }
    return NCA_OK;
}
