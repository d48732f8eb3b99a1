/* Internal: JSON read into a tree, strictly (RFC 8259), from untrusted bytes.
 *
 * Rejects duplicate keys in an object, NUL in a string, bytes that are not UTF-8, integers
 * beyond 64 bits, and more than NCA__JSON_DEPTH nested values. Memory is linear in the length of
 * the text. */
#ifndef NCA_BASE_JSON_READ_H
#define NCA_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

enum {
    NCA__JSON_DEPTH = 64
};

typedef enum nca__json_kind {
    NCA__JSON_NULL,
    NCA__JSON_BOOL,
    NCA__JSON_INTEGER,
    NCA__JSON_REAL, /* its value is not kept */
    NCA__JSON_STRING,
    NCA__JSON_ARRAY,
    NCA__JSON_OBJECT
} nca__json_kind;

typedef struct nca__json_node {
    nca__json_kind kind;
    uint32_t count;     /* number of values of an array or object */
    uint32_t first;     /* index of the first of them */
    uint32_t next;      /* index of the next value; 0: none */
    const char *key;    /* in an object, else NULL */
    const char *string; /* of a STRING */
    int64_t integer;    /* of an INTEGER or a BOOL */
} nca__json_node;

typedef struct nca__json {
    nca__json_node *nodes; /* the first is the root */
    uint32_t count, capacity;
    char *text; /* owns every key and string */
} nca__json;

/* An error in a text and its byte offset. */
typedef struct nca__json_problem {
    const char *text;
    size_t at;
} nca__json_problem;

/* NCA_FORMAT with *out_problem filled, NCA_OUT_OF_MEMORY. Release with nca__json_free, which
 * accepts a zeroed struct. */
nca_status nca__json_parse(nca__json *out, nca__json_problem *out_problem, const char *text,
                           size_t size);
void nca__json_free(nca__json *json);

/* The value of a key in an object; NULL if there is none or `object` is not an object. */
const nca__json_node *nca__json_find(const nca__json *json, const nca__json_node *object,
                                     const char *key);
/* The first value of an array or object, and the value after one; NULL if there is none. */
const nca__json_node *nca__json_first(const nca__json *json, const nca__json_node *owner);
const nca__json_node *nca__json_next(const nca__json *json, const nca__json_node *node);

#endif
