/* Internal: the order of a data set in an epoch. */
#ifndef NCA_CORE_SHUFFLE_H
#define NCA_CORE_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

/* Fills order (count) with a permutation of 0..count-1 that depends only on seed and epoch: the
 * Fisher-Yates shuffle with stream NCA_STREAM_SHUFFLE. count is 1 to UINT32_MAX. */
void nca__shuffle(uint32_t *order, size_t count, uint64_t seed, uint32_t epoch);

#endif
