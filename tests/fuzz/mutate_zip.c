/* A mutator for zip archives: after most changes the checksums of stored members are corrected, and
 * some changes are made to the contents of a member, in place. */
#include <stdbool.h>
#include <string.h>

#include "data/png_surgery.h"
#include "fuzz/mutate.h"

enum {
    DIRECTORY_ENTRY = 46,
    END = 22,
    MOST_MEMBERS = 32
};

/* A member according to the directory: the positions of its entry, its local header and its
 * bytes. */
typedef struct member {
    size_t entry, header, bytes, size;
    bool stored;
} member;

static size_t number(const uint8_t *bytes, size_t size)
{
    size_t value = 0;
    for (size_t i = size; i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static bool find_member(member *out, const uint8_t *bytes, size_t size, size_t entry)
{
    if (entry > size || size - entry < DIRECTORY_ENTRY || memcmp(bytes + entry, "PK\1\2", 4) != 0) {
        return false;
    }
    *out = (member){.entry = entry,
                    .header = number(bytes + entry + 42, 4),
                    .size = number(bytes + entry + 20, 4),
                    .stored = number(bytes + entry + 10, 2) == 0};
    if (out->header > entry || entry - out->header < 30) {
        return false;
    }
    out->bytes = out->header + 30 + number(bytes + out->header + 26, 2) +
                 number(bytes + out->header + 28, 2);
    return out->bytes <= size && out->size <= size - out->bytes;
}

/* The members that can be found from the end record of the directory. */
static size_t find_members(member *out, const uint8_t *bytes, size_t size)
{
    size_t end = size < END ? 0 : size - END + 1;
    do {
        if (end == 0) {
            return 0;
        }
        end--;
    } while (memcmp(bytes + end, "PK\5\6", 4) != 0);
    size_t count = 0, entry = number(bytes + end + 16, 4);
    while (count < MOST_MEMBERS && find_member(&out[count], bytes, size, entry)) {
        entry += DIRECTORY_ENTRY + number(bytes + entry + 28, 2) + number(bytes + entry + 30, 2) +
                 number(bytes + entry + 32, 2);
        count++;
    }
    return count;
}

static void put_checksum(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> (8 * i));
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
    member members[MOST_MEMBERS];
    size_t count = find_members(members, bytes, size);
    if (count > 0 && seed % 3 == 0 && members[seed / 3 % count].size > 0) {
        member *chosen = &members[seed / 3 % count];
        LLVMFuzzerMutate(bytes + chosen->bytes, chosen->size, chosen->size);
    } else {
        size = LLVMFuzzerMutate(bytes, size, limit);
        count = find_members(members, bytes, size);
    }
    for (size_t i = 0; i < count && seed % 8 != 0; i++) {
        if (members[i].stored) {
            uint32_t checksum = crc32_of(bytes + members[i].bytes, members[i].size);
            put_checksum(bytes + members[i].entry + 16, checksum);
            put_checksum(bytes + members[i].header + 14, checksum);
        }
    }
    return size;
}
