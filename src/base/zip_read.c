/* Reading zip archives with libzip. Converts libzip's errors to messages, and never allocates
 * memory according to sizes in the archive. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/zip.h"
#include "base/zip_library.h"
#include "base/zip_source.h"

struct nca__zip {
    zip_t *archive;
    char *path; /* the path or name, as messages show it */
};

struct nca__zip_member {
    zip_file_t *file;
    const nca__zip *zip;
    const char *name;
    bool broken; /* libzip continues after an error; here a member that failed once stays failed */
};

/* ---- Archives --------------------------------------------------------------------------------*/

static nca_status fail_open(nca_error *error, const char *path, zip_error_t *why)
{
    int code = nca__libzip.error_code_zip(why);
    int cause = nca__libzip.error_code_system(why);
    /* An offset that no file can have is an error of the archive, not of the system. */
    bool impossible = code == ZIP_ER_SEEK && (cause == EFBIG || cause == EINVAL);
    bool system = (code == ZIP_ER_READ || code == ZIP_ER_SEEK) && !impossible;
    nca_status status = code == ZIP_ER_MEMORY      ? NCA_OUT_OF_MEMORY
                        : system                   ? NCA_IO
                        : code == ZIP_ER_MULTIDISK ? NCA_UNSUPPORTED
                                                   : NCA_FORMAT;
    nca__fail(error, status,
              "%s: expected a zip archive, found an incomplete or different file: %s; download or "
              "save the file again",
              path, nca__libzip.error_strerror(why));
    nca__libzip.error_fini(why);
    return status;
}

/* Takes ownership of the archive; closes it on failure. */
static nca_status wrap(nca__zip **out_zip, zip_t *archive, const char *path, nca_error *error)
{
    nca__zip *zip = malloc(sizeof *zip);
    char *shown = strdup(path);
    if (zip == NULL || shown == NULL) {
        free(zip);
        free(shown);
        nca__libzip.discard(archive);
        return nca__fail_memory(error, path, sizeof *zip);
    }
    nca__clean_text(shown);
    *zip = (nca__zip){archive, shown};
    *out_zip = zip;
    return NCA_OK;
}

nca_status nca__zip_open(nca__zip **out_zip, const char *path, nca_error *error)
{
    int descriptor;
    uint64_t size;
    nca_status status = nca__libzip_open(error);
    if (status == NCA_OK) {
        status = nca__file_open(&descriptor, &size, path, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    zip_error_t why;
    /* libzip accepts an empty file as an archive. */
    nca__libzip.error_init_with_code(&why, ZIP_ER_NOZIP);
    zip_source_t *source = size > 0 ? nca__zip_source(descriptor, size, &why) : NULL;
    if (source == NULL) {
        close(descriptor);
        return fail_open(error, path, &why);
    }
    zip_t *archive = nca__libzip.open_from_source(source, ZIP_RDONLY, &why);
    if (archive == NULL) {
        nca__libzip.source_free(source);
        return fail_open(error, path, &why);
    }
    nca__libzip.error_fini(&why);
    return wrap(out_zip, archive, path, error);
}

nca_status nca__zip_parse(nca__zip **out_zip, const void *bytes, size_t size, const char *name,
                          nca_error *error)
{
    nca_status status = nca__libzip_open(error);
    if (status != NCA_OK) {
        return status;
    }
    zip_error_t why;
    nca__libzip.error_init_with_code(&why, ZIP_ER_NOZIP);
    zip_source_t *source =
        size > 0 ? nca__libzip.source_buffer_create(bytes, (zip_uint64_t)size, 0, &why) : NULL;
    zip_t *archive = source != NULL ? nca__libzip.open_from_source(source, ZIP_RDONLY, &why) : NULL;
    if (archive == NULL) {
        if (source != NULL) {
            nca__libzip.source_free(source);
        }
        return fail_open(error, name, &why);
    }
    nca__libzip.error_fini(&why);
    return wrap(out_zip, archive, name, error);
}

void nca__zip_close(nca__zip *zip)
{
    if (zip != NULL) {
        nca__libzip.discard(zip->archive);
        free(zip->path);
        free(zip);
    }
}

const char *nca__zip_path(const nca__zip *zip)
{
    return zip->path;
}

size_t nca__zip_count(const nca__zip *zip)
{
    zip_int64_t count = nca__libzip.get_num_entries(zip->archive, 0);
    return count > 0 ? (size_t)count : 0;
}

const char *nca__zip_name(const nca__zip *zip, size_t index)
{
    const char *name = nca__libzip.get_name(zip->archive, (zip_uint64_t)index, ZIP_FL_ENC_RAW);
    return name != NULL ? name : "";
}

bool nca__zip_find(size_t *out_index, const nca__zip *zip, const char *name)
{
    size_t count = nca__zip_count(zip);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(nca__zip_name(zip, i), name) == 0) {
            *out_index = i;
            return true;
        }
    }
    return false;
}

uint64_t nca__zip_claimed_size(const nca__zip *zip, size_t index)
{
    zip_stat_t about;
    bool known = nca__libzip.stat_index(zip->archive, (zip_uint64_t)index, 0, &about) == 0 &&
                 (about.valid & ZIP_STAT_SIZE) != 0;
    return known ? about.size : 0;
}

/* ---- Members ---------------------------------------------------------------------------------*/

static nca_status fail_member(nca_error *error, const nca__zip *zip, const char *name,
                              zip_error_t *why)
{
    switch (nca__libzip.error_code_zip(why)) {
    case ZIP_ER_MEMORY:
        return nca__fail_memory(error, zip->path, 0);
    case ZIP_ER_COMPNOTSUPP:
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_NOPASSWD:
        return nca__fail(
            error, NCA_UNSUPPORTED,
            "%s: member \"%s\": expected stored or deflated data without encryption: %s", zip->path,
            name, nca__libzip.error_strerror(why));
    case ZIP_ER_CRC:
        return nca__fail(
            error, NCA_FORMAT,
            "%s: member \"%s\" is damaged: its checksum is wrong; download the file again",
            zip->path, name);
    default:
        return nca__fail(error, NCA_FORMAT, "%s: member \"%s\" cannot be read: %s", zip->path, name,
                         nca__libzip.error_strerror(why));
    }
}

nca_status nca__zip_member_open(nca__zip_member **out_member, nca__zip *zip, size_t index,
                                nca_error *error)
{
    nca__zip_member *member = malloc(sizeof *member);
    if (member == NULL) {
        return nca__fail_memory(error, zip->path, sizeof *member);
    }
    *member = (nca__zip_member){.zip = zip, .name = nca__zip_name(zip, index)};
    member->file = nca__libzip.fopen_index(zip->archive, (zip_uint64_t)index, 0);
    if (member->file == NULL) {
        nca_status status =
            fail_member(error, zip, member->name, nca__libzip.get_error(zip->archive));
        free(member);
        return status;
    }
    *out_member = member;
    return NCA_OK;
}

static nca_status fail_read(nca_error *error, nca__zip_member *member)
{
    member->broken = true;
    return fail_member(error, member->zip, member->name, nca__libzip.file_get_error(member->file));
}

nca_status nca__zip_member_read(void *out, nca__zip_member *member, size_t size, nca_error *error)
{
    uint8_t *bytes = out;
    size_t done = 0;
    while (!member->broken && done < size) {
        zip_int64_t got =
            nca__libzip.fread(member->file, bytes + done, (zip_uint64_t)(size - done));
        if (got < 0) {
            return fail_read(error, member);
        }
        if (got == 0) {
            member->broken = true;
        }
        done += (size_t)got;
    }
    if (done < size) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: member \"%s\" is truncated: expected %zu more bytes, found %zu",
                         member->zip->path, member->name, size, done);
    }
    return NCA_OK;
}

nca_status nca__zip_member_skip(nca__zip_member *member, uint64_t size, nca_error *error)
{
    if (size == 0) {
        return NCA_OK;
    }
    /* libzip can seek only in stored members, and a failed seek leaves an error behind. */
    if (!member->broken && size <= INT64_MAX &&
        nca__libzip.fseek(member->file, (zip_int64_t)size, SEEK_CUR) == 0) {
        return NCA_OK;
    }
    nca__libzip.file_error_clear(member->file);
    uint8_t passed[16384];
    while (size > 0) {
        size_t part = size < sizeof passed ? (size_t)size : sizeof passed;
        nca_status status = nca__zip_member_read(passed, member, part, error);
        if (status != NCA_OK) {
            return status;
        }
        size -= part;
    }
    return NCA_OK;
}

nca_status nca__zip_member_end(nca__zip_member *member, nca_error *error)
{
    uint8_t more;
    zip_int64_t got = member->broken ? 0 : nca__libzip.fread(member->file, &more, 1);
    if (got < 0) {
        return fail_read(error, member);
    }
    if (got > 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: member \"%s\": expected the end of the data, found more bytes",
                         member->zip->path, member->name);
    }
    return NCA_OK;
}

void nca__zip_member_close(nca__zip_member *member)
{
    if (member != NULL) {
        nca__libzip.fclose(member->file);
        free(member);
    }
}

/* Appends the contents of a member in steps; one byte more than the limit is requested, to detect a
 * longer member. */
static nca_status read_growing(uint8_t **bytes, size_t *size, nca__zip_member *member, size_t limit,
                               nca_error *error)
{
    size_t capacity = 0;
    for (;;) {
        if (*size == capacity) {
            capacity = capacity < 65536 ? 65536 : capacity * 2;
            capacity = capacity > limit ? limit + 1 : capacity;
            uint8_t *larger = realloc(*bytes, capacity);
            if (larger == NULL) {
                return nca__fail_memory(error, member->name, capacity);
            }
            *bytes = larger;
        }
        zip_int64_t got = nca__libzip.fread(member->file, *bytes + *size, capacity - *size);
        if (got < 0) {
            return fail_read(error, member);
        }
        if (got == 0) {
            return NCA_OK;
        }
        *size += (size_t)got;
        if (*size > limit) {
            return nca__fail(error, NCA_LIMIT,
                             "%s: member \"%s\": expected at most %zu bytes, found more",
                             member->zip->path, member->name, limit);
        }
    }
}

nca_status nca__zip_read_all(uint8_t **out_bytes, size_t *out_size, nca__zip *zip, size_t index,
                             size_t limit, nca_error *error)
{
    nca__zip_member *member = NULL;
    nca_status status = nca__zip_member_open(&member, zip, index, error);
    if (status != NCA_OK) {
        return status;
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    status = read_growing(&bytes, &size, member, limit, error);
    nca__zip_member_close(member);
    if (status != NCA_OK) {
        free(bytes);
        return status;
    }
    *out_bytes = bytes;
    *out_size = size;
    return NCA_OK;
}
