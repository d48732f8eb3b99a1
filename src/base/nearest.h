/* Internal: nearest names, what somebody who mistyped one probably meant. */
#ifndef NCA_BASE_NEAREST_H
#define NCA_BASE_NEAREST_H

#include <stddef.h>

/* Keys and options are the same names: learning_rate, learning-rate. */
static inline char nca__folded(char c)
{
    return c == '-' ? '_' : c;
}

/* The one of `count` names that is nearest to a misspelt one, or NULL when none is near. NULL
 * entries are skipped; capitals count as other letters. */
const char *nca__nearest_name(const char *typed, const char *const *names, size_t count);

#endif
