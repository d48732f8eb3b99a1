/* Internal: how the vector kernels keep their sums in registers. Loops over registers must be
 * unrolled whole, since a register has no address, and functions that take their sizes as constants
 * must be part of their caller. */
#ifndef NCA_KERNELS_UNROLL_H
#define NCA_KERNELS_UNROLL_H

#define NCA_INLINE static inline __attribute__((always_inline))

/* Clang takes gcc's wish too, but too late: the sums are in memory by then. */
#if defined(__clang__)
#define NCA_UNROLL _Pragma("clang loop unroll(full)")
#else
#define NCA_UNROLL _Pragma("GCC unroll 32")
#endif

#endif
