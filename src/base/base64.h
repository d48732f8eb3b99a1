/* Internal: bytes as text (RFC 4648, section 4). */
#ifndef NCA_BASE_BASE64_H
#define NCA_BASE_BASE64_H

#include <stddef.h>

/* Number of characters for this number of bytes, without the final 0. */
size_t nca__base64_length(size_t bytes);
/* Writes these characters and a 0. */
void nca__base64(char *out, const void *bytes, size_t count);

#endif
