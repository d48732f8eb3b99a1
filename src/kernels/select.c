/* The kernel sets of this build and the choice among them. */
#include "kernels/int8.h"
#include "kernels/table.h"

static const nca_kernels *const sets[] = {
    &nca__kernels_scalar,
#if NCA_HAS_WASM
    &nca__kernels_wasm,
#endif
#ifndef NCA_TWO_ROUNDINGS /* the instructions of these have one */
#if defined(__x86_64__)
    &nca__kernels_avx2,   &nca__kernels_avx512,
#endif
#if NCA_HAS_NEON
    &nca__kernels_neon,
#endif
#endif
};

enum {
    SET_COUNT = sizeof sets / sizeof sets[0]
};

const nca_kernels *nca_kernels_at(size_t index)
{
    return index < SET_COUNT ? sets[index] : NULL;
}

static int same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

const nca_kernels *nca_kernels_named(const char *name)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (same_text(sets[i]->name, name)) {
            return sets[i];
        }
    }
    return NULL;
}

const nca_kernels *nca_kernels_best(void)
{
    size_t i = SET_COUNT - 1;
    while (i > 0 && sets[i]->missing() != NULL) {
        i--;
    }
    return sets[i];
}

const char *nca_kernels_name(const nca_kernels *kernels)
{
    return kernels->name;
}

const char *nca_kernels_missing(const nca_kernels *kernels)
{
    return kernels->missing();
}

const nca__int8_kernels *nca__int8_for(const nca_kernels *kernels)
{
    const nca__int8_kernels *own = kernels->int8;
    while (own != NULL && own->missing() != NULL) {
        own = own->otherwise;
    }
    return own != NULL ? own : &nca__int8_scalar;
}

static const char *missing_int8(const nca_kernels *kernels)
{
    if (kernels == &nca__kernels_scalar) {
        return NULL;
    }
    const char *missing = "int8 kernels";
    for (const nca__int8_kernels *own = kernels->int8; own != NULL && missing != NULL;
         own = own->otherwise) {
        missing = own->missing();
    }
    return missing;
}

static const char *missing_bf16(const nca__bf16_kernels *form, const char *name)
{
    return form == NULL ? name : form->missing();
}

const char *nca_kernels_missing_for(const nca_kernels *kernels, nca_precision precision)
{
    const char *missing = kernels->missing();
    if (missing != NULL) {
        return missing;
    }
    switch (precision) {
    case NCA_PRECISION_BF16:
        return missing_bf16(kernels->bf16, "bf16 kernels");
    case NCA_PRECISION_BF16_AMX:
        return missing_bf16(kernels->bf16_pieces, "bf16-amx kernels");
    case NCA_PRECISION_INT8:
        return missing_int8(kernels);
    case NCA_PRECISION_FP32:
    case NCA_PRECISION_COUNT:
        break;
    }
    return NULL;
}

const char *nca_precision_name(nca_precision precision)
{
    static const char *const names[] = {"fp32", "bf16", "bf16-amx", "int8"};
    return (unsigned)precision < NCA_PRECISION_COUNT ? names[precision] : NULL;
}
