/* Internal: random orders of the images of a data set. */
#ifndef NCA_CORE_SHUFFLE_H
#define NCA_CORE_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

#include "nca/philox.h"

/* Fills order (count) with a permutation of 0..count-1 that depends only on seed and epoch: the
 * Fisher-Yates shuffle with stream NCA_STREAM_SHUFFLE. count is 1 to UINT32_MAX. */
void nca__shuffle(uint32_t *order, size_t count, uint64_t seed, uint32_t epoch);
/* The same with another stream and what the stream calls an iteration. */
void nca__shuffle_by(uint32_t *order, size_t count, uint64_t seed, nca_stream stream,
                     uint32_t iteration);

#endif
