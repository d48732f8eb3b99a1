/* Internal: conversion of other floating point types to float32. */
#ifndef NCA_MODEL_WIDEN_H
#define NCA_MODEL_WIDEN_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/safetensors.h"

/* IEEE 754 binary16, and the upper half of a float32; both conversions are exact. */
float nca__float_from_half(uint16_t bits);
float nca__float_from_bfloat16(uint16_t bits);

/* Whether nca__widen can read a tensor of this type. */
bool nca__can_widen(nca_dtype dtype);
/* Converts all values of a tensor to float32: F16 and BF16 exactly, F64 rounded to nearest. */
void nca__widen(float *out, const nca_tensor_view *tensor);

#endif
