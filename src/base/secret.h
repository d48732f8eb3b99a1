/* Internal: comparing untrusted input with a secret. */
#ifndef NCA_BASE_SECRET_H
#define NCA_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `size` bytes are equal to the secret. Takes the same time wherever they differ, so that
 * the response time does not reveal how much of a guess is correct. */
bool nca__is_secret(const char *bytes, const char *secret, size_t size);

#endif
