/* Writing zip archives with libzip, which reads the bytes of each member and writes the archive to
 * an atomic writer (base/file.h). */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/zip.h"
#include "base/zip_library.h"

/* A member to be written. */
typedef struct entry {
    nca__zip_writer *writer;
    char *name;
    uint64_t size, given; /* total number of bytes, and number written so far */
    bool deflate;
    nca__zip_fill *fill;
    void *user;
    const uint8_t *bytes; /* for nca__zip_writer_add_bytes */
} entry;

struct nca__zip_writer {
    char *path;
    entry **entries;
    size_t count;
    nca__writer file;
    zip_error_t sink_error;
    nca_error error; /* the first failure of a member or of the file */
    bool failed;
};

nca_status nca__zip_writer_create(nca__zip_writer **out_writer, const char *path, nca_error *error)
{
    nca__zip_writer *writer = calloc(1, sizeof *writer);
    char *copy = strdup(path);
    if (writer == NULL || copy == NULL) {
        free(writer);
        free(copy);
        return nca__fail_memory(error, path, sizeof *writer);
    }
    writer->path = copy;
    *out_writer = writer;
    return NCA_OK;
}

void nca__zip_writer_destroy(nca__zip_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    for (size_t i = 0; i < writer->count; i++) {
        free(writer->entries[i]->name);
        free(writer->entries[i]);
    }
    nca__writer_abort(&writer->file);
    free(writer->entries);
    free(writer->path);
    free(writer);
}

static nca_status add(nca__zip_writer *writer, entry described, nca_error *error)
{
    entry *added = malloc(sizeof *added);
    entry **entries = realloc(writer->entries, (writer->count + 1) * sizeof *entries);
    char *name = strdup(described.name);
    writer->entries = entries != NULL ? entries : writer->entries;
    if (added == NULL || entries == NULL || name == NULL) {
        free(added);
        free(name);
        return nca__fail_memory(error, writer->path, sizeof *added);
    }
    *added = described;
    added->name = name;
    writer->entries[writer->count++] = added;
    return NCA_OK;
}

nca_status nca__zip_writer_add(nca__zip_writer *writer, const char *name, uint64_t size,
                               bool deflate, nca__zip_fill *fill, void *user, nca_error *error)
{
    const entry described = {.writer = writer,
                             .name = (char *)name,
                             .size = size,
                             .deflate = deflate,
                             .fill = fill,
                             .user = user};
    return add(writer, described, error);
}

static nca_status fill_from_bytes(void *user, void *out, size_t size, nca_error *error)
{
    (void)error;
    const entry *from = user;
    memcpy(out, from->bytes + from->given, size);
    return NCA_OK;
}

nca_status nca__zip_writer_add_bytes(nca__zip_writer *writer, const char *name, const void *bytes,
                                     size_t size, bool deflate, nca_error *error)
{
    const entry described = {.writer = writer,
                             .name = (char *)name,
                             .size = size,
                             .deflate = deflate,
                             .fill = fill_from_bytes,
                             .bytes = bytes};
    nca_status status = add(writer, described, error);
    if (status == NCA_OK) {
        entry *added = writer->entries[writer->count - 1];
        added->user = added;
    }
    return status;
}

/* ---- The source that libzip reads: a member -------------------------------------------------- */

static zip_int64_t give_bytes(entry *from, void *out, zip_uint64_t size)
{
    uint64_t left = from->size - from->given;
    size_t part = size < left ? (size_t)size : (size_t)left;
    nca__zip_writer *writer = from->writer;
    if (part > 0 && from->fill(from->user, out, part, &writer->error) != NCA_OK) {
        writer->failed = true;
        return -1;
    }
    from->given += part;
    return (zip_int64_t)part;
}

static zip_int64_t member_source(void *user, void *data, zip_uint64_t size,
                                 zip_source_cmd_t command)
{
    entry *from = user;
    switch ((int)command) { /* an int: most commands of libzip are not handled here */
    case ZIP_SOURCE_OPEN:
        from->given = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return give_bytes(from, data, size);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_STAT: {
        zip_stat_t *about = data;
        nca__libzip.stat_init(about);
        about->valid = ZIP_STAT_SIZE;
        about->size = from->size;
        return sizeof *about;
    }
    case ZIP_SOURCE_ERROR: {
        zip_error_t why;
        nca__libzip.error_init_with_code(&why, ZIP_ER_READ);
        zip_int64_t length = nca__libzip.error_to_data(&why, data, size);
        nca__libzip.error_fini(&why);
        return length;
    }
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    default:
        return -1;
    }
}

/* ---- The sink that libzip writes to: the file ------------------------------------------------ */

static zip_int64_t sink_write(nca__zip_writer *writer, const void *data, zip_uint64_t size)
{
    if (nca__writer_write(&writer->file, data, (size_t)size, &writer->error) != NCA_OK) {
        writer->failed = true;
        nca__libzip.error_set(&writer->sink_error, ZIP_ER_WRITE, EIO);
        return -1;
    }
    return (zip_int64_t)size;
}

/* libzip seeks back to a member's header when its checksum is known. */
static zip_int64_t sink_seek(nca__zip_writer *writer, void *data, zip_uint64_t size)
{
    /* ZIP_SOURCE_GET_ARGS is not used because it calls zip_error_set directly. */
    const zip_source_args_seek_t *to = data;
    if (size < sizeof *to || fseeko(writer->file.stream, (off_t)to->offset, to->whence) != 0) {
        nca__libzip.error_set(&writer->sink_error, ZIP_ER_SEEK, errno);
        return -1;
    }
    return 0;
}

static zip_int64_t file_sink(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    nca__zip_writer *writer = user;
    switch ((int)command) { /* an int: most commands of libzip are not handled here */
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT: /* the archive does not exist yet */
        nca__libzip.error_set(&writer->sink_error, ZIP_ER_READ, ENOENT);
        return -1;
    case ZIP_SOURCE_ERROR:
        return nca__libzip.error_to_data(&writer->sink_error, data, size);
    case ZIP_SOURCE_WRITE:
        return sink_write(writer, data, size);
    case ZIP_SOURCE_SEEK_WRITE:
        return sink_seek(writer, data, size);
    case ZIP_SOURCE_TELL_WRITE:
        return (zip_int64_t)ftello(writer->file.stream);
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_FREE:
        return 0;
    default:
        nca__libzip.error_set(&writer->sink_error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* ---- Commit ----------------------------------------------------------------------------------*/

static bool describe(zip_t *archive, entry *from)
{
    /* 1980-01-01, the earliest date of the zip format, in that format. */
    const zip_uint16_t first_day = 1 << 5 | 1;
    zip_source_t *source = nca__libzip.source_function(archive, member_source, from);
    if (source == NULL) {
        return false;
    }
    zip_int64_t index = nca__libzip.file_add(archive, from->name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        nca__libzip.source_free(source);
        return false;
    }
    zip_int32_t method = from->deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
    return nca__libzip.set_file_compression(archive, (zip_uint64_t)index, method, 0) == 0 &&
           nca__libzip.file_set_dostime(archive, (zip_uint64_t)index, 0, first_day, 0) == 0;
}

static nca_status fail_commit(nca_error *error, nca__zip_writer *writer, zip_error_t *why)
{
    if (writer->failed) {
        if (error != NULL) {
            *error = writer->error;
        }
        return writer->error.status;
    }
    return nca__fail(error, NCA_IO, "%s: cannot be written: %s", writer->path,
                     nca__libzip.error_strerror(why));
}

static nca_status write_archive(nca__zip_writer *writer, nca_error *error)
{
    zip_error_t why;
    nca__libzip.error_init(&why);
    nca__libzip.error_init(&writer->sink_error);
    nca_status status = NCA_OK;
    zip_source_t *sink = nca__libzip.source_function_create(file_sink, writer, &why);
    zip_t *archive =
        sink != NULL ? nca__libzip.open_from_source(sink, ZIP_CREATE | ZIP_TRUNCATE, &why) : NULL;
    if (archive == NULL) {
        nca__libzip.source_free(sink);
        status = fail_commit(error, writer, &why);
    }
    for (size_t i = 0; status == NCA_OK && i < writer->count; i++) {
        if (!describe(archive, writer->entries[i])) {
            status = fail_commit(error, writer, nca__libzip.get_error(archive));
        }
    }
    if (status == NCA_OK && nca__libzip.close(archive) == 0) {
        archive = NULL;
    } else if (status == NCA_OK) {
        status = fail_commit(error, writer, nca__libzip.get_error(archive));
    }
    if (archive != NULL) {
        nca__libzip.discard(archive);
    }
    nca__libzip.error_fini(&why);
    nca__libzip.error_fini(&writer->sink_error);
    return status;
}

nca_status nca__zip_writer_commit(nca__zip_writer *writer, nca_error *error)
{
    assert(writer->count > 0); /* libzip removes an archive without members */
    writer->failed = false;
    nca_status status = nca__libzip_open(error);
    if (status == NCA_OK) {
        status = nca__writer_open(&writer->file, writer->path, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    status = write_archive(writer, error);
    if (status != NCA_OK) {
        nca__writer_abort(&writer->file);
        return status;
    }
    return nca__writer_commit(&writer->file, error);
}
