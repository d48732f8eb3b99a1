/* Internal: JSON made of parts.
 *
 * Memory that could not be had makes the whole NULL: a part that is NULL makes NULL of what it is
 * put into, so one look at the end is enough. */
#ifndef NCA_BASE_JSON_H
#define NCA_BASE_JSON_H

#include <jansson.h>

/* Puts a value, owned, into an object; without either there is no object any more. */
void nca__json_put(json_t **object, const char *key, json_t *value);
/* Likewise to the end of an array. */
void nca__json_append(json_t **array, json_t *value);
/* Names and paths may hold any bytes; jansson takes UTF-8 alone. The text is cleaned
 * (base/error.h). */
json_t *nca__json_text(const char *text);

/* The whole as text (free() it), or NULL without memory. json_dumps alone does not do: it overlooks
 * a key for which it found no room, and goes on. */
char *nca__json_dump(const json_t *json, size_t flags);

#endif
