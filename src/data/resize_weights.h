/* Internal: the weights of Lanczos resampling, which resize.c describes. */
#ifndef NCA_DATA_RESIZE_WEIGHTS_H
#define NCA_DATA_RESIZE_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

enum {
    NCA__WEIGHT_BITS = 32 - 8 - 2
};

/* For all outputs along one axis. */
typedef struct nca__weights {
    size_t outputs, taps; /* taps: the largest number of inputs of an output */
    size_t *first;        /* (outputs) index of the first input of each */
    size_t *count;        /* (outputs) number of inputs */
    int32_t *values;      /* (outputs,taps) 22-bit fixed point */
} nca__weights;

nca_status nca__weights_create(nca__weights *axis, size_t inputs, size_t outputs, nca_error *error);
void nca__weights_destroy(nca__weights *axis);

#endif
