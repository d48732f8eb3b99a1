/* A kernel set against the scalar one, bit for bit: awkward sizes, extreme values, no overrun.
 *
 * Knows nothing of test frameworks, so that it also runs where there is none: cross-compiled, on
 * an emulated processor. */
#ifndef NCA_TESTS_COMPARE_SETS_H
#define NCA_TESTS_COMPARE_SETS_H

#include "kernels/table.h"

/* NULL when every kernel of the set gives the scalar set's bits, else which call differs first, and
 * where; overwritten by the next call. The set must run on this processor. */
const char *difference_from_scalar(const nca_kernels *set);

#endif
