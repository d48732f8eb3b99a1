/* For tests: safetensors bytes built by hand, and checks of messages. */
#ifndef NCA_TESTS_MODEL_RAW_FILE_H
#define NCA_TESTS_MODEL_RAW_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca/status.h"

typedef struct raw_file {
    uint8_t *bytes;
    size_t size;
} raw_file;

/* Length, the header unchanged, then `data_size` bytes 0, 1, 2 ... free() the bytes. */
static inline raw_file make_raw(const char *header, size_t data_size)
{
    uint64_t length = strlen(header);
    raw_file raw = {.size = 8 + length + data_size};
    raw.bytes = malloc(raw.size);
    if (raw.bytes == NULL) {
        abort();
    }
    memcpy(raw.bytes, &length, 8);
    memcpy(raw.bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++) {
        raw.bytes[8 + length + i] = (uint8_t)i;
    }
    return raw;
}

/* splitmix64: any generator would be sufficient, and this one has three lines. */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

#define assert_says(error, part)                                                   \
    do {                                                                           \
        if (strstr((error).message, part) == NULL) {                               \
            fail_msg("\"%s\" does not say \"%s\"", (error).message, part);         \
        }                                                                          \
        if ((error).message[0] == '\0' || strchr((error).message, '\n') != NULL) { \
            fail_msg("\"%s\" is not one line", (error).message);                   \
        }                                                                          \
    } while (0)

#endif
