/* Comparing in constant time. */
#include "base/secret.h"

bool nca__is_secret(const char *bytes, const char *secret, size_t size)
{
    unsigned char different = 0;
    for (size_t i = 0; i < size; i++) {
        different |= (unsigned char)(bytes[i] ^ secret[i]);
    }
    return different == 0;
}
