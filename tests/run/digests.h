/* Digests of whole computations: rollouts, gradients, a small training. Two kernel sets, two
 * compilers or two kinds of processor agree on them or do not give the same bits.
 *
 * Knows nothing of test frameworks; needs the core, the kernels and src/run's batches only. */
#ifndef NCA_TESTS_DIGESTS_H
#define NCA_TESTS_DIGESTS_H

#include <stddef.h>
#include <stdint.h>

#include "nca/kernels.h"

typedef struct digest {
    const char *name;
    uint64_t value;
} digest;

enum {
    DIGESTS = 4
};

/* Computes all of them with one kernel set. */
void digests_compute(digest out[DIGESTS], const nca_kernels *kernels);

#endif
