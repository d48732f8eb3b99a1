/* Internal: tests whether floats are finite. */
#ifndef NCA_BASE_FINITE_H
#define NCA_BASE_FINITE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all values are finite. */
bool nca__all_finite(const float *values, size_t count);

#endif
