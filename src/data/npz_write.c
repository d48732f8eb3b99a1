/* Writing NumPy's .npz archives: each array becomes a member of a zip archive, a .npy header
 * (version 1.0) followed by its values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/zip.h"
#include "nca/npz.h"

enum {
    ALIGNMENT = 64,    /* values start on a multiple of this, as in numpy.lib.format */
    FRONT = 10,        /* bytes before the header's text */
    MOST_HEADER = 320, /* NCA_ARRAY_MAX_RANK axes of 20 digits, rounded up */
    MOST_NAME = 255
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const char native_order = '<';
#else
static const char native_order = '>';
#endif

typedef struct member {
    char name[MOST_NAME + 1 + sizeof ".npy"];
    char header[MOST_HEADER];
    size_t header_size, header_given;
    const uint8_t *values; /* the rest of a borrowed array, or NULL: use */
    nca_npz_fill *fill;    /* this function */
    void *user;
} member;

struct nca_npz_writer {
    nca__zip_writer *zip;
    char *path;
    member **members;
    size_t count;
};

nca_status nca_npz_writer_create(nca_npz_writer **out_writer, const char *path, nca_error *error)
{
    nca_npz_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL || (writer->path = strdup(path)) == NULL) {
        free(writer);
        return nca__fail_memory(error, path, sizeof *writer);
    }
    nca_status status = nca__zip_writer_create(&writer->zip, path, error);
    if (status != NCA_OK) {
        nca_npz_writer_destroy(writer);
        return status;
    }
    *out_writer = writer;
    return NCA_OK;
}

void nca_npz_writer_destroy(nca_npz_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    nca__zip_writer_destroy(writer->zip);
    for (size_t i = 0; i < writer->count; i++) {
        free(writer->members[i]);
    }
    free(writer->members);
    free(writer->path);
    free(writer);
}

/* ---- Describing ------------------------------------------------------------------------------*/

/* "|u1", "<f4". */
static void type_text(char out[4], nca_array_type type)
{
    static const char kinds[NCA_ARRAY_COUNT] = {'b', 'i', 'u', 'i', 'u', 'i',
                                                'u', 'i', 'u', 'f', 'f'};
    size_t bytes = nca_array_type_size(type);
    out[0] = bytes == 1 ? '|' : native_order;
    out[1] = kinds[type];
    out[2] = (char)('0' + bytes);
    out[3] = 0;
}

/* A dictionary as NumPy writes it, followed by spaces up to the alignment and a newline. */
static void make_header(member *m, nca_array_type type, size_t rank, const size_t *shape)
{
    char descr[4], axes[MOST_HEADER / 2 + 32] = "";
    type_text(descr, type);
    size_t used = 0;
    for (size_t axis = 0; axis < rank; axis++) {
        int length = snprintf(axes + used, sizeof axes - used, "%s%zu%s", axis > 0 ? ", " : "",
                              shape[axis], rank == 1 ? "," : "");
        used += (size_t)length;
    }
    int length = snprintf(m->header + FRONT, sizeof m->header - FRONT,
                          "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, axes);
    size_t text = (size_t)length + 1; /* including the newline */
    m->header_size = (FRONT + text + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(m->header + FRONT + length, ' ', m->header_size - FRONT - (size_t)length);
    m->header[m->header_size - 1] = '\n';
    size_t counted = m->header_size - FRONT;
    const unsigned char front[FRONT] = {0x93,
                                        'N',
                                        'U',
                                        'M',
                                        'P',
                                        'Y',
                                        1,
                                        0,
                                        (unsigned char)(counted & 255),
                                        (unsigned char)(counted >> 8)};
    memcpy(m->header, front, FRONT);
}

static nca_status check_name(const nca_npz_writer *writer, const char *name, nca_error *error)
{
    size_t length = strlen(name);
    bool good = length > 0 && length <= MOST_NAME;
    for (size_t i = 0; good && i < length; i++) {
        good = (unsigned char)name[i] >= ' ' && name[i] != '/' && name[i] != '\\';
    }
    if (!good) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected the name of an array, 1 to %d bytes without slashes, found "
                         "\"%s\"",
                         writer->path, MOST_NAME, name);
    }
    for (size_t i = 0; i < writer->count; i++) {
        if (strncmp(writer->members[i]->name, name, length) == 0 &&
            strcmp(writer->members[i]->name + length, ".npy") == 0) {
            return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: two arrays are named \"%s\"",
                             writer->path, name);
        }
    }
    return NCA_OK;
}

/* Number of bytes of all values; NCA_LIMIT if it overflows. */
static nca_status count_bytes(uint64_t *out_bytes, const nca_npz_writer *writer, const char *name,
                              nca_array_type type, size_t rank, const size_t *shape,
                              nca_error *error)
{
    if (rank > NCA_ARRAY_MAX_RANK || (unsigned)type >= NCA_ARRAY_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: array \"%s\": expected a known type and at most %d axes, found %zu",
                         writer->path, name, NCA_ARRAY_MAX_RANK, rank);
    }
    uint64_t bytes = nca_array_type_size(type);
    bool overflow = false;
    for (size_t axis = 0; axis < rank; axis++) {
        overflow |= __builtin_mul_overflow(bytes, (uint64_t)shape[axis], &bytes);
    }
    if (overflow || bytes > INT64_MAX - MOST_HEADER) {
        return nca__fail(error, NCA_LIMIT, "%s: array \"%s\" is larger than a file can be",
                         writer->path, name);
    }
    *out_bytes = bytes;
    return NCA_OK;
}

/* ---- The bytes of a member -------------------------------------------------------------------*/

static nca_status fill_member(void *user, void *out, size_t size, nca_error *error)
{
    member *m = user;
    size_t left = m->header_size - m->header_given;
    size_t head = size < left ? size : left;
    memcpy(out, m->header + m->header_given, head);
    m->header_given += head;
    if (head == size) {
        return NCA_OK;
    }
    uint8_t *rest = (uint8_t *)out + head;
    if (m->fill != NULL) {
        return m->fill(m->user, rest, size - head, error);
    }
    memcpy(rest, m->values, size - head);
    m->values += size - head;
    return NCA_OK;
}

static nca_status add(nca_npz_writer *writer, const char *name, nca_array_type type, size_t rank,
                      const size_t *shape, const member *from, nca_error *error)
{
    uint64_t bytes = 0;
    nca_status status = check_name(writer, name, error);
    if (status == NCA_OK) {
        status = count_bytes(&bytes, writer, name, type, rank, shape, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    member *m = malloc(sizeof *m);
    member **members = realloc(writer->members, (writer->count + 1) * sizeof *members);
    writer->members = members != NULL ? members : writer->members;
    if (m == NULL || members == NULL) {
        free(m);
        return nca__fail_memory(error, writer->path, sizeof *m);
    }
    *m = *from;
    snprintf(m->name, sizeof m->name, "%s.npy", name);
    make_header(m, type, rank, shape);
    status = nca__zip_writer_add(writer->zip, m->name, m->header_size + bytes, false, fill_member,
                                 m, error);
    if (status != NCA_OK) {
        free(m);
        return status;
    }
    writer->members[writer->count++] = m;
    return NCA_OK;
}

nca_status nca_npz_writer_add(nca_npz_writer *writer, const char *name, nca_array_type type,
                              size_t rank, const size_t *shape, const void *values,
                              nca_error *error)
{
    return add(writer, name, type, rank, shape, &(member){.values = values}, error);
}

nca_status nca_npz_writer_add_stream(nca_npz_writer *writer, const char *name, nca_array_type type,
                                     size_t rank, const size_t *shape, nca_npz_fill *fill,
                                     void *user, nca_error *error)
{
    return add(writer, name, type, rank, shape, &(member){.fill = fill, .user = user}, error);
}

nca_status nca_npz_writer_commit(nca_npz_writer *writer, nca_error *error)
{
    return nca__zip_writer_commit(writer->zip, error);
}
