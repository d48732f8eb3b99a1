/* Conversion of the floating point types of files to float32. */
#include "model/widen.h"

#include <math.h>
#include <string.h>

/* 1 bit sign, 5 exponent, 10 fraction. */
float nca__float_from_half(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    float fraction = (float)(bits & 1023);
    float value;
    if (exponent == 31) {
        value = fraction == 0 ? INFINITY : NAN;
    } else if (exponent == 0) {
        value = fraction * 0x1p-24f;
    } else {
        value = ldexpf(fraction + 1024, exponent - 25);
    }
    return bits >> 15 ? -value : value;
}

float nca__float_from_bfloat16(uint16_t bits)
{
    uint32_t word = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

bool nca__can_widen(nca_dtype dtype)
{
    return dtype == NCA_DTYPE_F32 || dtype == NCA_DTYPE_F16 || dtype == NCA_DTYPE_BF16 ||
           dtype == NCA_DTYPE_F64;
}

void nca__widen(float *out, const nca_tensor_view *tensor)
{
    const char *at = tensor->data;
    if (tensor->dtype == NCA_DTYPE_F32) {
        if (tensor->bytes > 0) {
            memcpy(out, at, tensor->bytes);
        }
        return;
    }
    if (tensor->dtype == NCA_DTYPE_F64) {
        for (size_t i = 0; i < tensor->bytes / sizeof(double); i++) {
            double value;
            memcpy(&value, at + i * sizeof value, sizeof value);
            out[i] = (float)value;
        }
        return;
    }
    for (size_t i = 0; i < tensor->bytes / sizeof(uint16_t); i++) {
        uint16_t bits;
        memcpy(&bits, at + i * sizeof bits, sizeof bits);
        out[i] = tensor->dtype == NCA_DTYPE_F16 ? nca__float_from_half(bits)
                                                : nca__float_from_bfloat16(bits);
    }
}
