/* The two functions of <string.h> that the core calls, for a target without a C library; the
 * compiler replaces the calls with instructions. */
#ifndef NCA_WEB_STRING_H
#define NCA_WEB_STRING_H

#include <stddef.h>

void *memcpy(void *restrict out, const void *restrict from, size_t bytes);
void *memset(void *out, int value, size_t bytes);

#endif
