/* The kernel sets of this build, and the selection among them. */
#include "kernels/int8.h"
#include "kernels/table.h"

static const nca_kernels *const sets[] = {
    &nca__kernels_scalar,
#if NCA_HAS_WASM
    &nca__kernels_wasm,
#endif
#ifndef NCA_TWO_ROUNDINGS /* the instructions of these sets have one rounding */
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

/* Appends a text at *length as far as it fits. */
static void append(char *out, size_t size, size_t *length, const char *text)
{
    for (; *text != '\0' && *length + 1 < size; text++) {
        out[(*length)++] = *text;
    }
}

void nca_kernels_list(char *out, size_t size)
{
    size_t length = 0;
    const nca_kernels *last = nca_kernels_best();
    append(out, size, &length, "auto");
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (sets[i]->missing() == NULL) {
            append(out, size, &length, sets[i] == last ? " or " : ", ");
            append(out, size, &length, sets[i]->name);
        }
    }
    if (size > 0) {
        out[length] = '\0';
    }
}

const nca__int8_kernels *nca__int8_for(const nca_kernels *kernels)
{
    const nca__int8_kernels *own = kernels->int8;
    while (own != NULL && own->missing() != NULL) {
        own = own->otherwise;
    }
    return own != NULL ? own : &nca__int8_scalar;
}
