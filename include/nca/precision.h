/* The precision of the dense layers (docs/precision.md). Freestanding. */
#ifndef NCA_PRECISION_H
#define NCA_PRECISION_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* States, perception, masks and the sum of state and update are always fp32. */
typedef enum nca_precision {
    NCA_PRECISION_FP32,
    NCA_PRECISION_BF16,     /* training only; sums as vdpbf16ps of AVX512-BF16 computes them */
    NCA_PRECISION_BF16_AMX, /* training only; sums as tdpbf16ps of AMX, whose bits differ */
    NCA_PRECISION_INT8,     /* rollouts only */
    NCA_PRECISION_COUNT
} nca_precision;

/* "fp32", "bf16", "bf16-amx", "int8"; NULL for any other value. */
NCA_API const char *nca_precision_name(nca_precision precision);

#ifdef __cplusplus
}
#endif
#endif
