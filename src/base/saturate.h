/* Internal: sums and products of sizes that stay at SIZE_MAX when they overflow, for computing
 * memory sizes: a size that overflows cannot be allocated either. */
#ifndef NCA_BASE_SATURATE_H
#define NCA_BASE_SATURATE_H

#include <stddef.h>
#include <stdint.h>

static inline size_t nca__saturating_add(size_t a, size_t b)
{
    size_t sum;
    return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

static inline size_t nca__saturating_multiply(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

#endif
