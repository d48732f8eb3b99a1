/* Internal: floating point values of fewer or more bits as float32. */
#ifndef NCA_MODEL_WIDEN_H
#define NCA_MODEL_WIDEN_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/safetensors.h"

/* IEEE 754 binary16 and the upper half of a float32; both are exact. */
float nca__float_from_half(uint16_t bits);
float nca__float_from_bfloat16(uint16_t bits);

/* Whether a tensor of safetensors has values that nca__widen reads. */
bool nca__can_widen(nca_dtype dtype);
/* All values of a tensor as float32: F16 and BF16 exactly, F64 rounded to the nearest. */
void nca__widen(float *out, const nca_tensor_view *tensor);

#endif
