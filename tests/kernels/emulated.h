/* A sixteen-lane instruction set made of plain C, so that the vector kernels' blocking for that
 * width is checked on machines that lack one. */
#ifndef NCA_TESTS_EMULATED_H
#define NCA_TESTS_EMULATED_H

#include "kernels/table.h"

extern const nca_kernels nca__kernels_emulated;

#endif
