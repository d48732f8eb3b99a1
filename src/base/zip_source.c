/* A file as a source for libzip. libzip's own source seeks before each read of 8 KiB, whereupon
 * stdio discards its buffer: three system calls for every 8 KiB, where this one makes one for 64
 * KiB. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/zip_source.h"

enum {
    AHEAD = 1 << 16 /* number of bytes read at once */
};

typedef struct file {
    int descriptor;
    uint64_t size, position;
    uint64_t start; /* file offset of the buffered bytes */
    size_t count;
    zip_error_t error;
    uint8_t bytes[AHEAD];
} file;

/* Fills the buffer starting at the position; it is empty at the end of the file. */
static bool read_ahead(file *from)
{
    ssize_t got;
    do {
        got = pread(from->descriptor, from->bytes, sizeof from->bytes, (off_t)from->position);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        nca__libzip.error_set(&from->error, ZIP_ER_READ, errno);
        return false;
    }
    from->start = from->position;
    from->count = (size_t)got;
    return true;
}

static zip_int64_t read_bytes(file *from, uint8_t *out, uint64_t size)
{
    uint64_t left = from->size - from->position;
    size = size < left ? size : left;
    uint64_t done = 0;
    while (done < size) {
        bool at_hand = from->position >= from->start && from->position < from->start + from->count;
        if (!at_hand && !read_ahead(from)) {
            return -1;
        }
        size_t offset = (size_t)(from->position - from->start);
        size_t part = from->count - offset;
        if (part == 0) {
            break; /* the file was truncated while being read */
        }
        part = part < size - done ? part : (size_t)(size - done);
        memcpy(out + done, from->bytes + offset, part);
        from->position += part;
        done += part;
    }
    return (zip_int64_t)done;
}

static zip_int64_t seek(file *from, void *where, zip_uint64_t size)
{
    zip_int64_t position = nca__libzip.source_seek_compute_offset(from->position, from->size, where,
                                                                  size, &from->error);
    if (position < 0) {
        return -1;
    }
    from->position = (uint64_t)position;
    return 0;
}

static zip_int64_t tell_size(const file *from, zip_stat_t *out)
{
    nca__libzip.stat_init(out);
    out->size = from->size;
    out->valid |= ZIP_STAT_SIZE;
    return sizeof *out;
}

static zip_int64_t answer(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    file *from = user;
    switch ((int)command) { /* an int: most commands of libzip are not handled here */
    case ZIP_SOURCE_OPEN:
        from->position = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_bytes(from, data, size);
    case ZIP_SOURCE_SEEK:
        return seek(from, data, size);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)from->position;
    case ZIP_SOURCE_STAT:
        return tell_size(from, data);
    case ZIP_SOURCE_ERROR:
        return nca__libzip.error_to_data(&from->error, data, size);
    case ZIP_SOURCE_CLOSE:
        return 0;
    case ZIP_SOURCE_FREE:
        close(from->descriptor);
        nca__libzip.error_fini(&from->error);
        free(from);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return nca__libzip.source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_STAT,
            ZIP_SOURCE_ERROR, ZIP_SOURCE_CLOSE, ZIP_SOURCE_FREE, ZIP_SOURCE_SUPPORTS, -1);
    default:
        nca__libzip.error_set(&from->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

zip_source_t *nca__zip_source(int descriptor, uint64_t size, zip_error_t *why)
{
    file *from = malloc(sizeof *from);
    if (from == NULL) {
        nca__libzip.error_set(why, ZIP_ER_MEMORY, 0);
        return NULL;
    }
    from->descriptor = descriptor;
    from->size = size;
    from->position = from->start = from->count = 0;
    nca__libzip.error_init(&from->error);
    zip_source_t *source = nca__libzip.source_function_create(answer, from, why);
    if (source == NULL) {
        free(from);
    }
    return source;
}
