/* Compares a kernel set with the scalar one, bit for bit: unusual sizes, extreme values, no
 * overrun.
 *
 * Uses no test framework, so that it can also run cross-compiled on an emulated CPU. */
#ifndef NCA_TESTS_COMPARE_SETS_H
#define NCA_TESTS_COMPARE_SETS_H

#include "kernels/table.h"

/* NULL if every kernel of the set gives the bits of the scalar set, else the first call that
 * differs, and where; overwritten by the next call. This CPU must be able to run the set. */
const char *difference_from_scalar(const nca_kernels *set);

#endif
