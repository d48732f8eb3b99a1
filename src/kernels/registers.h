/* Internal: macros that make the compiler keep the operands of the vector kernels in registers. */
#ifndef NCA_KERNELS_REGISTERS_H
#define NCA_KERNELS_REGISTERS_H

/* Functions that take sizes as constants must be inlined into their caller. */
#define NCA_INLINE static inline __attribute__((always_inline))

/* NCA_UNROLL: loops over registers must be unrolled completely, since registers cannot be indexed.
 * Clang also accepts gcc's pragma, but applies it too late: the sums are already in memory by then.
 *
 * NCA_APART: gcc would compute a pointer from its neighbour and need a register for every distance;
 * this hides from it that the pointers are related. Clang does not need it. */
#if defined(NCA_SANITIZED) /* every access is checked: unrolled code would take minutes to compile \
                            */
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
