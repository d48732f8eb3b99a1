/* A sixteen-lane instruction set in plain C, so that the blocking of the vector kernels for that
 * width is tested on machines that do not have one. */
#ifndef NCA_TESTS_EMULATED_H
#define NCA_TESTS_EMULATED_H

#include "kernels/table.h"

extern const nca_kernels nca__kernels_emulated;

#endif
