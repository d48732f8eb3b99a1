/* Kernel sets: the same arithmetic for different processors, bit for bit. Freestanding. */
#ifndef NCA_KERNELS_H
#define NCA_KERNELS_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A set is opaque here; src/kernels/table.h has its functions. Sets are constants: any thread may
 * use them. */
typedef struct nca_kernels nca_kernels;

/* The sets of this build, slowest first: "scalar" (the definition), then "avx2", "avx512" on x86-64
 * or "neon" on 64-bit ARM. NULL beyond the last. */
NCA_API const nca_kernels *nca_kernels_at(size_t index);
/* The set of that name, or NULL when this build has none. */
NCA_API const nca_kernels *nca_kernels_named(const char *name);
/* The fastest set that this processor and operating system run. Never NULL. */
NCA_API const nca_kernels *nca_kernels_best(void);
NCA_API const char *nca_kernels_name(const nca_kernels *kernels);
/* NULL when this processor runs the set, else what it lacks ("AVX-512 F" ...). */
NCA_API const char *nca_kernels_missing(const nca_kernels *kernels);
/* NULL when the set can compute in a precision here, else what is lacking: a form of the set itself
 * ("a bf16 form"), or something of the processor. int8 is never refused: where it lacks something
 * it runs the definition, to the same bits but slower than fp32. Where an answer depends on AMX,
 * Linux is asked to let this process use tiles, which stays: signal stacks must be larger then. */
NCA_API const char *nca_kernels_missing_for(const nca_kernels *kernels, nca_precision precision);

#ifdef __cplusplus
}
#endif
#endif
