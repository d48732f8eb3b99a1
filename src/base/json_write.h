/* Internal: writes JSON sequentially to a growing text.
 *
 * Objects and arrays are begun and ended; a value belongs to the innermost one. In an object each
 * value has a key; in an array, and for the outermost value, the key is NULL. If out of memory, the
 * text becomes NULL and stays NULL, so checking it once at the end is sufficient. Keys and strings
 * are UTF-8. */
#ifndef NCA_BASE_JSON_WRITE_H
#define NCA_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/growing_text.h"

enum {
    NCA__JSON_WRITE_DEPTH = 16
};

typedef struct nca__json_writer {
    nca__growing_text out; /* free(out.text) */
    unsigned indent;       /* spaces for each level; 0: one line without spaces */
    int digits;            /* significant digits of numbers with a fraction */
    unsigned depth;
    bool empty;                          /* the innermost object or array has no values yet */
    char closing[NCA__JSON_WRITE_DEPTH]; /* the bracket that ends each level */
} nca__json_writer;

nca__json_writer nca__json_writer_make(unsigned indent, int digits);

void nca__json_begin_object(nca__json_writer *w, const char *key);
void nca__json_begin_array(nca__json_writer *w, const char *key);
void nca__json_end(nca__json_writer *w);

void nca__json_string(nca__json_writer *w, const char *key, const char *text);
/* A name or path, which may contain any bytes: cleaned (base/error.h). */
void nca__json_clean_string(nca__json_writer *w, const char *key, const char *text);
void nca__json_integer(nca__json_writer *w, const char *key, int64_t value);
/* JSON has no infinity and no NaN: both become null. */
void nca__json_real(nca__json_writer *w, const char *key, double value);
void nca__json_bool(nca__json_writer *w, const char *key, bool value);
void nca__json_null(nca__json_writer *w, const char *key);
/* Bytes as base64. NULL means out of memory. */
void nca__json_bytes(nca__json_writer *w, const char *key, const void *bytes, size_t count);

#endif
