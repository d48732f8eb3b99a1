/* Internal: JSON read into a tree, strictly (RFC 8259), from untrusted bytes.
 *
 * Rejects a key that occurs twice in an object, NUL in a string, bytes that are not UTF-8, whole
 * numbers beyond 64 bits, and more than NCA__JSON_DEPTH nested values. Memory is linear in the
 * text. */
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
    uint32_t count;     /* of an array's or object's values */
    uint32_t first;     /* the first of them */
    uint32_t next;      /* the value behind this one; 0: none */
    const char *key;    /* in an object, else NULL */
    const char *string; /* of a STRING */
    int64_t integer;    /* of an INTEGER or a BOOL */
} nca__json_node;

typedef struct nca__json {
    nca__json_node *nodes; /* the first is the whole */
    uint32_t count, capacity;
    char *text; /* owns every key and string */
} nca__json;

/* An error in a text and its byte offset. */
typedef struct nca__json_problem {
    const char *text;
    size_t at;
} nca__json_problem;

/* NCA_FORMAT with *out_problem filled, NCA_OUT_OF_MEMORY. Release with nca__json_free, which
 * accepts a zeroed one. */
nca_status nca__json_parse(nca__json *out, nca__json_problem *out_problem, const char *text,
                           size_t size);
void nca__json_free(nca__json *json);

/* A value of an object by its key, or NULL, also where `object` is no object. */
const nca__json_node *nca__json_find(const nca__json *json, const nca__json_node *object,
                                     const char *key);
/* The first value of an array or object, and the value after one; NULL if there is none. */
const nca__json_node *nca__json_first(const nca__json *json, const nca__json_node *owner);
const nca__json_node *nca__json_next(const nca__json *json, const nca__json_node *node);

#endif
