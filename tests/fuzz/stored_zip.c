/* Zip archives of stored members, for harnesses; the layout is defined in PKWARE's APPNOTE.TXT. */
#include "fuzz/stored_zip.h"

#include <stdlib.h>
#include <string.h>

#include "data/png_surgery.h"
#include "fuzz/harness.h"

enum {
    LOCAL_HEADER = 30,
    DIRECTORY_ENTRY = 46,
    END = 22
};

static uint8_t *put(uint8_t *to, uint64_t value, size_t size)
{
    for (; size > 0; size--, value >>= 8) {
        *to++ = (uint8_t)value;
    }
    return to;
}

static uint8_t *put_bytes(uint8_t *to, const void *bytes, size_t size)
{
    if (size > 0) {
        memcpy(to, bytes, size);
    }
    return to + size;
}

/* The fields that a local header and an entry of the directory share: from version to length of the
 * extra field. */
static uint8_t *put_common(uint8_t *to, const fuzz_member *member)
{
    to = put(to, 10, 2);          /* version needed */
    to = put(to, 0, 2 + 2);       /* flags, method: stored */
    to = put(to, 0x21u << 16, 4); /* 1980-01-01 */
    to = put(to, crc32_of(member->bytes, member->size), 4);
    to = put(to, member->size, 4);
    to = put(to, member->size, 4);
    to = put(to, strlen(member->name), 2);
    return put(to, 0, 2);
}

uint8_t *fuzz_stored_zip(size_t *out_size, const fuzz_member *members, size_t count)
{
    size_t size = END;
    for (size_t i = 0; i < count; i++) {
        size += LOCAL_HEADER + DIRECTORY_ENTRY + 2 * strlen(members[i].name) + members[i].size;
    }
    uint8_t *file = malloc(size);
    uint8_t *to = file;
    FUZZ_CHECK(file != NULL);
    for (size_t i = 0; i < count; i++) {
        to = put_bytes(to, "PK\3\4", 4);
        to = put_common(to, &members[i]);
        to = put_bytes(to, members[i].name, strlen(members[i].name));
        to = put_bytes(to, members[i].bytes, members[i].size);
    }
    size_t directory = (size_t)(to - file);
    size_t start = 0;
    for (size_t i = 0; i < count; i++) {
        to = put_bytes(to, "PK\1\2", 4);
        to = put(to, 10, 2);
        to = put_common(to, &members[i]);
        to = put(to, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
        to = put(to, start, 4);
        to = put_bytes(to, members[i].name, strlen(members[i].name));
        start += LOCAL_HEADER + strlen(members[i].name) + members[i].size;
    }
    size_t length = (size_t)(to - file) - directory;
    to = put_bytes(to, "PK\5\6", 4);
    to = put(to, 0, 4);
    to = put(to, count, 2);
    to = put(to, count, 2);
    to = put(to, length, 4);
    to = put(to, directory, 4);
    to = put(to, 0, 2);
    FUZZ_CHECK(to == file + size);
    *out_size = size;
    return file;
}
