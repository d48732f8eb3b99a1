/* Internal: bytes as text (RFC 4648, section 4). */
#ifndef NCA_BASE_BASE64_H
#define NCA_BASE_BASE64_H

#include <stddef.h>

/* Characters for so many bytes, without the 0 at the end. */
size_t nca__base64_length(size_t bytes);
/* Writes them and a 0. */
void nca__base64(char *out, const void *bytes, size_t count);

#endif
