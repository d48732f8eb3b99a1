/* Internal: the name closest to a mistyped one. */
#ifndef NCA_BASE_NEAREST_H
#define NCA_BASE_NEAREST_H

#include <stddef.h>

/* '-' and '_' are equivalent, because options are spelled learning-rate and keys learning_rate. */
static inline char nca__folded(char c)
{
    return c == '-' ? '_' : c;
}

/* The one of `count` names that is closest to a mistyped one, or NULL if none is close. NULL
 * entries are skipped; upper and lower case differ. */
const char *nca__nearest_name(const char *typed, const char *const *names, size_t count);

#endif
