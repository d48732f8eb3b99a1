/* Internal: how the vector kernels make the compiler keep what they work on in registers. */
#ifndef NCA_KERNELS_REGISTERS_H
#define NCA_KERNELS_REGISTERS_H

/* Functions that take their sizes as constants must be part of their caller. */
#define NCA_INLINE static inline __attribute__((always_inline))

/* NCA_UNROLL: loops over registers must be unrolled whole, since a register has no address. Clang
 * takes gcc's wish too, but too late: the sums are in memory by then.
 *
 * NCA_APART: gcc would derive a pointer from its neighbour and need a register for every distance;
 * it is not to know that they are related. Clang does well by itself. */
#if defined(NCA_SANITIZED) /* every access is checked: unrolled, that takes minutes to compile */
#define NCA_UNROLL
#define NCA_APART(pointer) ((void)(pointer))
#elif defined(__clang__)
#define NCA_UNROLL         _Pragma("clang loop unroll(full)")
#define NCA_APART(pointer) ((void)(pointer))
#else
#define NCA_UNROLL         _Pragma("GCC unroll 32")
#define NCA_APART(pointer) __asm__("" : "+r"(pointer))
#endif

#endif
