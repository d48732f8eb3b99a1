/* For tests: pickles built opcode by opcode. */
#ifndef NCA_TESTS_MODEL_PICKLE_TEXT_H
#define NCA_TESTS_MODEL_PICKLE_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pickle_text {
    uint8_t bytes[8192];
    size_t size;
} pickle_text;

/* Opcodes as a string literal, which may contain zero bytes. */
#define PUT(p, literal) pickle_put(p, literal, sizeof(literal) - 1)

static inline void pickle_put(pickle_text *p, const void *bytes, size_t size)
{
    if (p->size + size > sizeof p->bytes) {
        abort();
    }
    memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

/* BINUNICODE */
static inline void pickle_put_text(pickle_text *p, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);
    PUT(p, "X");
    pickle_put(p, &length, sizeof length);
    pickle_put(p, text, length);
}

/* LONG1 of 8 bytes: any integer */
static inline void pickle_put_number(pickle_text *p, int64_t value)
{
    PUT(p, "\x8a\x08");
    pickle_put(p, &value, sizeof value);
}

static inline void pickle_put_tuple(pickle_text *p, const int64_t *values, size_t count)
{
    PUT(p, "(");
    for (size_t i = 0; i < count; i++) {
        pickle_put_number(p, values[i]);
    }
    PUT(p, "t");
}

/* A tensor as needed by a test, valid or not. */
typedef struct tensor_text {
    const char *name, *type, *key; /* "Float": torch.FloatStorage */
    int64_t elements, offset;
    size_t rank, stride_rank;
    int64_t shape[10], strides[10];
} tensor_text;

/* name: _rebuild_tensor_v2(...), inside an open dictionary */
static inline void pickle_put_tensor(pickle_text *p, const tensor_text *tensor)
{
    char line[64];
    int length = snprintf(line, sizeof line, "ctorch\n%sStorage\n", tensor->type);
    pickle_put_text(p, tensor->name);
    PUT(p, "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_put_text(p, "storage");
    pickle_put(p, line, (size_t)length);
    pickle_put_text(p, tensor->key);
    pickle_put_text(p, "cpu");
    pickle_put_number(p, tensor->elements);
    PUT(p, "tQ");
    pickle_put_number(p, tensor->offset);
    pickle_put_tuple(p, tensor->shape, tensor->rank);
    pickle_put_tuple(p, tensor->strides, tensor->stride_rank);
    PUT(p, "\x89"
           "ccollections\nOrderedDict\n)RtR");
}

#endif
