/* Kernel sets: the same arithmetic for different CPUs, with bit-identical results. Freestanding. */
#ifndef NCA_KERNELS_H
#define NCA_KERNELS_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An opaque type; its functions are in src/kernels/table.h. Sets are constants, so any thread may
 * use them. */
typedef struct nca_kernels nca_kernels;

enum {
    NCA_KERNELS_TEXT = 128
};

/* The sets of this build, slowest first: "scalar" (the definition), then "avx2" and "avx512" on
 * x86-64 or "neon" on 64-bit ARM. NULL beyond the last. */
NCA_API const nca_kernels *nca_kernels_at(size_t index);
/* The set of that name, or NULL if this build does not have it. */
NCA_API const nca_kernels *nca_kernels_named(const char *name);
/* The fastest set that this CPU and operating system can run. Never NULL. */
NCA_API const nca_kernels *nca_kernels_best(void);
NCA_API const char *nca_kernels_name(const nca_kernels *kernels);
/* For messages: "auto, scalar, avx2 or avx512", the names of the sets that this CPU can run.
 * Truncated to `size` bytes with the ending 0; NCA_KERNELS_TEXT bytes are enough. */
NCA_API void nca_kernels_list(char *out, size_t size);
/* NULL if this CPU can run the set, else the missing feature ("AVX-512 F" ...). */
NCA_API const char *nca_kernels_missing(const nca_kernels *kernels);
/* NULL if the set can compute in a precision on this machine, else what is missing: a variant of
 * the set ("a bf16 form") or a feature of the CPU. int8 is always available: without the CPU
 * features it runs the definition, which gives the same bits but is slower than fp32. If the answer
 * depends on AMX, this function asks Linux to allow this process to use tiles. The permission is
 * permanent and requires larger signal stacks. */
NCA_API const char *nca_kernels_missing_for(const nca_kernels *kernels, nca_precision precision);

#ifdef __cplusplus
}
#endif
#endif
