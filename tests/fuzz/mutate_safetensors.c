/* A mutator for safetensors: most changes are made to the JSON of the header, and its length is
 * adjusted, so that the reader is tested with the change and not with a wrong length. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutate.h"

enum {
    PREFIX = 8
};

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
    uint64_t header = 0;
    if (size >= PREFIX) {
        memcpy(&header, bytes, PREFIX);
    }
    if (seed % 8 == 0 || header == 0 || header > size - PREFIX || limit <= size) {
        return LLVMFuzzerMutate(bytes, size, limit);
    }
    /* Copies the header to a separate buffer with room to grow, then combines everything again. */
    size_t room = (size_t)header + (limit - size);
    size_t data = size - PREFIX - (size_t)header;
    uint8_t *json = malloc(room);
    if (json == NULL) {
        return size;
    }
    memcpy(json, bytes + PREFIX, (size_t)header);
    size_t changed = LLVMFuzzerMutate(json, (size_t)header, room);
    memmove(bytes + PREFIX + changed, bytes + PREFIX + header, data);
    memcpy(bytes + PREFIX, json, changed);
    free(json);
    header = changed;
    memcpy(bytes, &header, PREFIX);
    return PREFIX + changed + data;
}
