/* For tests: zip archives and .npy files built byte by byte, so that every field can be wrong. */
#ifndef NCA_TESTS_DATA_RAW_ZIP_H
#define NCA_TESTS_DATA_RAW_ZIP_H

#include "data/records.h"

typedef struct raw_bytes {
    uint8_t *bytes;
    size_t size, capacity;
} raw_bytes;

static inline void raw_put(raw_bytes *to, const void *data, size_t size)
{
    if (to->size + size > to->capacity) {
        to->capacity = (to->size + size) * 2;
        to->bytes = realloc(to->bytes, to->capacity);
        assert_non_null(to->bytes);
    }
    if (size > 0) {
        memcpy(to->bytes + to->size, data, size);
    }
    to->size += size;
}

static inline void raw_put_number(raw_bytes *to, uint64_t value, size_t size)
{
    for (; size > 0; size--, value >>= 8) {
        raw_put(to, &(uint8_t){(uint8_t)value}, 1);
    }
}

/* ---- .npy ------------------------------------------------------------------------------------*/

/* A header with any text, padded as NumPy does, followed by the values. */
static inline raw_bytes raw_npy(unsigned version, const char *header, const void *values,
                                size_t size)
{
    raw_bytes to = {0};
    size_t field = version == 1 ? 2 : 4, length = strlen(header) + 1;
    length += (64 - (8 + field + length) % 64) % 64;
    raw_put(&to, "\x93NUMPY", 6);
    raw_put_number(&to, version, 2);
    raw_put_number(&to, length, field);
    raw_put(&to, header, strlen(header));
    for (size_t i = strlen(header); i < length; i++) {
        raw_put(&to, i + 1 < length ? " " : "\n", 1);
    }
    raw_put(&to, values, size);
    return to;
}

/* "{'descr': '|u1', ..." with the shape in Python's notation. */
static inline raw_bytes raw_array(const char *type, const char *shape, const void *values,
                                  size_t size)
{
    char header[256];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type,
             shape);
    return raw_npy(1, header, values, size);
}

/* ---- zip -------------------------------------------------------------------------------------*/

typedef struct raw_zip {
    raw_bytes file, directory;
    unsigned count;
} raw_zip;

typedef struct raw_member {
    const char *name;
    const void *bytes; /* as stored in the file */
    size_t size;
    bool deflated;         /* method 8; the bytes are a deflate stream */
    uint64_t content_size; /* uncompressed; 0: size */
    uint32_t checksum;     /* of the uncompressed data; 0: of the stored bytes */
    bool zip64_local; /* sizes in a zip64 field of the local header, which the directory does not
                         have */
} raw_member;

static inline void raw_zip_add(raw_zip *zip, const raw_member *member)
{
    uint64_t content = member->content_size != 0 ? member->content_size : member->size;
    uint32_t checksum =
        member->checksum != 0 ? member->checksum : crc32_of(member->bytes, member->size);
    bool wide = content > UINT32_MAX; /* in this case the directory needs a zip64 field */
    size_t start = zip->file.size;
    for (unsigned directory = 0; directory < 2; directory++) {
        raw_bytes *to = directory ? &zip->directory : &zip->file;
        bool extra = directory ? wide : member->zip64_local || wide;
        raw_put(to, directory ? "PK\1\2" : "PK\3\4", 4);
        if (directory) {
            raw_put_number(to, 45, 2);
        }
        raw_put_number(to, 45, 2);                       /* version needed */
        raw_put_number(to, 0, 2);                        /* flags */
        raw_put_number(to, member->deflated ? 8 : 0, 2); /* method */
        raw_put_number(to, (uint64_t)0x0021 << 16, 4);   /* 1980-01-01 */
        raw_put_number(to, checksum, 4);
        raw_put_number(to, extra && !directory ? UINT32_MAX : member->size, 4);
        raw_put_number(to, extra ? UINT32_MAX : content, 4);
        raw_put_number(to, strlen(member->name), 2);
        raw_put_number(to, !extra ? 0 : directory ? 12 : 20, 2);
        if (directory) {
            raw_put_number(to, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
            raw_put_number(to, start, 4);
        }
        raw_put(to, member->name, strlen(member->name));
        if (extra) {
            raw_put_number(to, 1, 2);
            raw_put_number(to, directory ? 8 : 16, 2);
            raw_put_number(to, content, 8);
            if (!directory) {
                raw_put_number(to, member->size, 8);
            }
        }
    }
    raw_put(&zip->file, member->bytes, member->size);
    zip->count++;
}

/* Adds a stored member "<name>.npy"; takes ownership of the array. */
static inline void raw_zip_add_array(raw_zip *zip, const char *name, raw_bytes array)
{
    char file[128];
    snprintf(file, sizeof file, "%s.npy", name);
    raw_zip_add(zip, &(raw_member){.name = file, .bytes = array.bytes, .size = array.size});
    free(array.bytes);
}

/* The complete archive; free() its bytes. */
static inline raw_bytes raw_zip_finish(raw_zip *zip)
{
    size_t start = zip->file.size;
    raw_put(&zip->file, zip->directory.bytes, zip->directory.size);
    raw_put(&zip->file, "PK\5\6", 4);
    raw_put_number(&zip->file, 0, 4);
    raw_put_number(&zip->file, zip->count, 2);
    raw_put_number(&zip->file, zip->count, 2);
    raw_put_number(&zip->file, zip->directory.size, 4);
    raw_put_number(&zip->file, start, 4);
    raw_put_number(&zip->file, 0, 2);
    free(zip->directory.bytes);
    return zip->file;
}

/* ---- deflate ---------------------------------------------------------------------------------*/

static inline void raw_put_bits(raw_bytes *to, unsigned *used, uint32_t bits, unsigned count)
{
    for (unsigned i = 0; i < count; i++, *used += 1) {
        if (*used % 8 == 0) {
            raw_put(to, &(uint8_t){0}, 1);
        }
        to->bytes[to->size - 1] |= (uint8_t)((bits >> i & 1u) << *used % 8);
    }
}

/* `head` in a stored block, followed by one zero and `runs` times 258 zeros in a block with fixed
 * codes: 13 bits for each run. */
static inline raw_bytes raw_deflate_zeros(const void *head, size_t head_size, uint64_t runs)
{
    raw_bytes to = {0};
    unsigned used = 0;
    assert_true(head_size < 65536);
    raw_put_number(&to, 0, 1);
    raw_put_number(&to, head_size, 2);
    raw_put_number(&to, ~head_size, 2);
    raw_put(&to, head, head_size);
    raw_put_bits(&to, &used, 3, 3);    /* last block, fixed codes */
    raw_put_bits(&to, &used, 0x0C, 8); /* literal 0: 00110000 from its first bit on */
    for (; runs > 0; runs--) {
        raw_put_bits(&to, &used, 0xA3, 8); /* length 258: 11000101 */
        raw_put_bits(&to, &used, 0, 5);    /* distance 1 */
        used %= 8;
    }
    raw_put_bits(&to, &used, 0, 7); /* the end */
    return to;
}

#endif
