/* For tests and fuzzers: the checksums and lengths of PNG files. */
#ifndef TESTS_DATA_PNG_SURGERY_H
#define TESTS_DATA_PNG_SURGERY_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_of(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1u ? 0xedb88320u : 0u);
        }
    }
    return ~crc;
}

static inline uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void put_big_endian(uint8_t *b, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        b[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* Corrects the checksums of a PNG's chunks, as far as its lengths can be followed. */
static inline void repair_png(uint8_t *data, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = big_endian(data + at);
        if (length > size - at - 12) {
            return;
        }
        put_big_endian(data + at + 8 + length, crc32_of(data + at + 4, length + 4));
        at += 12 + length;
    }
}

#endif
