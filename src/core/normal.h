/* Internal: normal random numbers with the same bits on every machine. Freestanding. */
#ifndef NCA_CORE_NORMAL_H
#define NCA_CORE_NORMAL_H

#include <stdint.h>

/* Four numbers with mean 0 and standard deviation 1 from a block of random words (nca/philox.h):
 * Box and Muller's transform of each pair. */
void nca__normals(double out[4], const uint32_t words[4]);

#endif
