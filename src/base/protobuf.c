/* See protobuf.h. Every field is a key, 8 * field + type, and a value. */
#include "base/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum {
    VARINT = 0,
    EIGHT_BYTES = 1,
    LENGTH_DELIMITED = 2,
    FOUR_BYTES = 5
};

/* Seven bits a byte, the lowest first; the high bit of a byte says that another one follows. */
static void put_varint(nca__growing_text *out, uint64_t value)
{
    char bytes[10];
    size_t count = 0;
    do {
        const unsigned more = value > 0x7f ? 0x80 : 0;
        bytes[count++] = (char)((value & 0x7f) | more);
        value >>= 7;
    } while (value > 0);
    nca__grow(out, bytes, count);
}

static void put_key(nca__growing_text *out, unsigned field, unsigned type)
{
    put_varint(out, 8 * field + type);
}

void nca__protobuf_integer(nca__growing_text *out, unsigned field, uint64_t value)
{
    put_key(out, field, VARINT);
    put_varint(out, value);
}

static void put_little(nca__growing_text *out, uint64_t bits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char byte = (char)(bits >> (8 * i));
        nca__grow(out, &byte, 1);
    }
}

void nca__protobuf_double(nca__growing_text *out, unsigned field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(out, field, EIGHT_BYTES);
    put_little(out, bits, sizeof bits);
}

void nca__protobuf_float(nca__growing_text *out, unsigned field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(out, field, FOUR_BYTES);
    put_little(out, bits, sizeof bits);
}

void nca__protobuf_bytes(nca__growing_text *out, unsigned field, const void *bytes, size_t count)
{
    put_key(out, field, LENGTH_DELIMITED);
    put_varint(out, count);
    nca__grow(out, bytes, count);
}

void nca__protobuf_text(nca__growing_text *out, unsigned field, const char *text)
{
    nca__protobuf_bytes(out, field, text, strlen(text));
}

void nca__protobuf_message(nca__growing_text *out, unsigned field, nca__growing_text *message)
{
    if (message->text != NULL) {
        nca__protobuf_bytes(out, field, message->text, message->length);
    } else {
        free(out->text);
        out->text = NULL;
    }
    free(message->text);
    message->text = NULL;
}
