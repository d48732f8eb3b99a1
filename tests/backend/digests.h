/* Digests of whole computations: rollouts, gradients, a small training. They are equal for all
 * kernel sets, compilers and CPUs that give the same bits. Their values, and those of whole
 * trainings, are in tests/fixtures/digests.txt (tests/train/test_digests.c).
 *
 * This file uses no test framework, only the core, the kernels and the batches of src/backend. */
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
    DIGESTS = 6
};

/* FNV-1a over the bytes of memory (Fowler, Noll, Vo). */
uint64_t digest_bytes(const void *data, size_t bytes);

/* Computes all of them with one kernel set. */
void digests_compute(digest out[DIGESTS], const nca_kernels *kernels);

#endif
