/* NumPy's .npz archives: lists the arrays and reads their headers. npz_read.c reads the values.
 *
 * An archive is not trusted. A header can claim any shape, and the archive's directory any size, so
 * both must agree, and neither may claim more than a file of this size can contain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "data/npy.h"
#include "data/npz_archive.h"

/* Deflate's densest codes are one bit for a length of 258 bytes and one for its distance. */
static const uint64_t densest = 1032;

/* ---- Opening and closing ---------------------------------------------------------------------*/

static bool is_npy(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0;
}

static nca_status list_entries(nca_npz *npz, nca_error *error)
{
    size_t members = nca__zip_count(npz->zip);
    npz->entries = calloc(members > 0 ? members : 1, sizeof *npz->entries);
    if (npz->entries == NULL) {
        return nca__fail_memory(error, nca__zip_path(npz->zip), members * sizeof *npz->entries);
    }
    for (size_t i = 0; i < members; i++) {
        const char *name = nca__zip_name(npz->zip, i);
        if (!is_npy(name)) {
            continue;
        }
        char *copy = strndup(name, strlen(name) - 4);
        if (copy == NULL) {
            return nca__fail_memory(error, nca__zip_path(npz->zip), strlen(name));
        }
        nca__clean_text(copy);
        npz->entries[npz->count++] = (nca__npz_entry){copy, i};
    }
    return NCA_OK;
}

/* Takes ownership of the archive; closes it on failure. */
static nca_status wrap(nca_npz **out_npz, nca__zip *zip, uint64_t file_bytes, nca_error *error)
{
    nca_npz *npz = calloc(1, sizeof *npz);
    if (npz == NULL) {
        nca__zip_close(zip);
        return nca__fail_memory(error, "an archive", sizeof *npz);
    }
    npz->zip = zip;
    npz->file_bytes = file_bytes;
    nca_status status = list_entries(npz, error);
    if (status != NCA_OK) {
        nca_npz_close(npz);
        return status;
    }
    *out_npz = npz;
    return NCA_OK;
}

nca_status nca_npz_open(nca_npz **out_npz, const char *path, nca_error *error)
{
    nca__zip *zip = NULL;
    nca_status status = nca__zip_open(&zip, path, error);
    if (status != NCA_OK) {
        return status;
    }
    struct stat about;
    uint64_t size = stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
    return wrap(out_npz, zip, size, error);
}

nca_status nca_npz_parse(nca_npz **out_npz, const void *bytes, size_t size, const char *name,
                         nca_error *error)
{
    nca__zip *zip = NULL;
    nca_status status = nca__zip_parse(&zip, bytes, size, name, error);
    return status == NCA_OK ? wrap(out_npz, zip, size, error) : status;
}

void nca_npz_close(nca_npz *npz)
{
    if (npz != NULL) {
        nca__npz_end(&npz->now);
        nca__npz_end(&npz->before);
        for (size_t i = 0; i < npz->count; i++) {
            free(npz->entries[i].name);
        }
        free(npz->entries);
        nca__zip_close(npz->zip);
        free(npz);
    }
}

size_t nca_npz_count(const nca_npz *npz)
{
    return npz->count;
}

const char *nca_npz_name(const nca_npz *npz, size_t index)
{
    return index < npz->count ? npz->entries[index].name : NULL;
}

void nca_npz_watch(nca_npz *npz, nca_read_progress *progress, void *user)
{
    npz->progress = progress;
    npz->user = user;
}

/* ---- Finding an array ------------------------------------------------------------------------*/

static nca_status fail_missing(const nca_npz *npz, const char *name, nca_error *error)
{
    char found[512] = "no arrays";
    size_t length = 0;
    for (size_t i = 0; i < npz->count && length < sizeof found; i++) {
        int wanted = snprintf(found + length, sizeof found - length, "%s%s", i > 0 ? ", " : "",
                              npz->entries[i].name);
        length += wanted > 0 ? (size_t)wanted : 0;
    }
    if (length >= sizeof found) {
        memcpy(found + sizeof found - 4, "...", 4);
    }
    return nca__fail(error, NCA_NOT_FOUND, "%s: expected an array \"%s\", found %s",
                     nca__zip_path(npz->zip), name, found);
}

static nca_status find_entry(const nca__npz_entry **out_entry, const nca_npz *npz, const char *name,
                             nca_error *error)
{
    const nca__npz_entry *found = NULL;
    for (size_t i = 0; i < npz->count; i++) {
        if (strcmp(npz->entries[i].name, name) != 0) {
            continue;
        }
        if (found != NULL) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: expected one array \"%s\", found two members of this name",
                             nca__zip_path(npz->zip), name);
        }
        found = &npz->entries[i];
    }
    if (found == NULL) {
        return fail_missing(npz, name, error);
    }
    *out_entry = found;
    return NCA_OK;
}

/* ---- Headers ---------------------------------------------------------------------------------*/

/* Afterwards the stream is at the first value; *out_bytes is the number of bytes before it. */
static nca_status read_header(nca_array *out, uint64_t *out_bytes, nca__zip_member *stream,
                              const char *where, nca_error *error)
{
    uint8_t magic[NCA__NPY_MAGIC], field[4];
    size_t field_bytes = 0, length = 0;
    nca_status status = nca__zip_member_read(magic, stream, sizeof magic, error);
    if (status == NCA_OK) {
        status = nca__npy_magic(&field_bytes, magic, where, error);
    }
    if (status == NCA_OK) {
        status = nca__zip_member_read(field, stream, field_bytes, error);
    }
    if (status == NCA_OK) {
        status = nca__npy_header_length(&length, field, field_bytes, where, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    char *header = malloc(length > 0 ? length : 1);
    if (header == NULL) {
        return nca__fail_memory(error, where, length);
    }
    status = nca__zip_member_read(header, stream, length, error);
    if (status == NCA_OK) {
        status = nca__npy_parse(out, header, length, where, error);
    }
    free(header);
    *out_bytes = sizeof magic + field_bytes + length;
    return status;
}

static nca_status check_bytes(const nca_npz *npz, const nca_array *array, uint64_t header_bytes,
                              uint64_t claimed, const char *where, nca_error *error)
{
    uint64_t values = (uint64_t)array->items * nca_array_type_size(array->type);
    if (values > UINT64_MAX - header_bytes || header_bytes + values != claimed) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: its shape needs %llu bytes, the archive has %llu; the file is damaged", where,
            (unsigned long long)values,
            (unsigned long long)(claimed > header_bytes ? claimed - header_bytes : 0));
    }
    if (claimed / densest > npz->file_bytes) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: has %llu bytes according to its header, more than a file of %llu bytes can hold",
            where, (unsigned long long)claimed, (unsigned long long)npz->file_bytes);
    }
    return NCA_OK;
}

nca_status nca__npz_begin(nca_npz *npz, const char *name, nca_error *error)
{
    const nca__npz_entry *entry = NULL;
    nca_status status = find_entry(&entry, npz, name, error);
    nca__zip_member *stream = NULL;
    if (status == NCA_OK) {
        status = nca__zip_member_open(&stream, npz->zip, entry->member, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    char where[NCA_ERROR_SIZE / 2];
    snprintf(where, sizeof where, "%.300s: %.150s", nca__zip_path(npz->zip), entry->name);
    nca_array array;
    uint64_t header_bytes = 0;
    status = read_header(&array, &header_bytes, stream, where, error);
    if (status == NCA_OK) {
        uint64_t claimed = nca__zip_claimed_size(npz->zip, entry->member);
        status = check_bytes(npz, &array, header_bytes, claimed, where, error);
    }
    if (status != NCA_OK) {
        nca__zip_member_close(stream);
        return status;
    }
    if (npz->now.member != NULL && strcmp(npz->now.array.name, entry->name) != 0) {
        nca__npz_end(&npz->before);
        npz->before = npz->now;
    } else {
        nca__npz_end(&npz->now);
    }
    array.name = entry->name;
    npz->now = (nca__npz_stream){.member = stream, .array = array};
    return NCA_OK;
}

void nca__npz_end(nca__npz_stream *stream)
{
    nca__zip_member_close(stream->member);
    stream->member = NULL;
}

nca_status nca_npz_describe(nca_array *out_array, nca_npz *npz, const char *name, nca_error *error)
{
    nca_status status = nca__npz_begin(npz, name, error);
    if (status == NCA_OK) {
        *out_array = npz->now.array;
    }
    return status;
}
