/* Internal: a text buffer that grows; after a failed allocation it stays NULL. */
#ifndef NCA_BASE_GROWING_TEXT_H
#define NCA_BASE_GROWING_TEXT_H

#include <stddef.h>

typedef struct nca__growing_text {
    char *text; /* ends with a 0; free() it */
    size_t length, capacity;
} nca__growing_text;

/* An empty text with room for `capacity` bytes. */
nca__growing_text nca__growing_text_make(size_t capacity);
void nca__grow(nca__growing_text *out, const char *bytes, size_t count);
void nca__grow_text(nca__growing_text *out, const char *text);
/* The entity for a character that has a meaning in markup, otherwise NULL. */
const char *nca__entity(char character);
/* Appends untrusted text as the content of an element: cleaned (base/error.h) and escaped. */
void nca__grow_escaped(nca__growing_text *out, const char *text);

#endif
