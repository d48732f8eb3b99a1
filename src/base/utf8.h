/* Internal: reading UTF-8. */
#ifndef NCA_BASE_UTF8_H
#define NCA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the character at the start of `size` bytes. Returns its length in bytes, or 0 if it is
 * invalid: overlong forms, surrogates and numbers beyond U+10FFFF. A NUL-terminated text is read
 * with a size of SIZE_MAX. */
size_t nca__utf8_read(uint32_t *out_code, const char *text, size_t size);

/* Whether the complete text is UTF-8. */
bool nca__is_utf8(const char *text);

/* Where to truncate a text that has at least `length` bytes followed by another byte or NUL: the
 * last position up to `length` that is not inside a character. */
size_t nca__utf8_cut(const char *text, size_t length);

#endif
