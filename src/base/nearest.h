/* Internal: the name closest to a mistyped one. */
#ifndef NCA_BASE_NEAREST_H
#define NCA_BASE_NEAREST_H

#include <stddef.h>

/* Keys and options are the same names: learning_rate, learning-rate. */
static inline char nca__folded(char c)
{
    return c == '-' ? '_' : c;
}

/* The one of `count` names that is closest to a mistyped one, or NULL if none is close. NULL
 * entries are skipped; capitals count as other letters. */
const char *nca__nearest_name(const char *typed, const char *const *names, size_t count);

#endif
