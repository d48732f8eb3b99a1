/* Internal: scratch memory of the fp32 network, shared by its two passes. */
#ifndef NCA_NETWORK_FP32_NETWORK_H
#define NCA_NETWORK_FP32_NETWORK_H

#include "network/network.h"

typedef struct nca__fp32_scratch {
    float *h;    /* (NCA__CHUNK, Ns) hidden layer, if it is not kept */
    float *dh;   /* (NCA__CHUNK, Ns) its gradient */
    float *ones; /* (NCA__CHUNK) ones, for sums over cells */
} nca__fp32_scratch;

nca__fp32_scratch nca__fp32_scratch_carve(uintptr_t *cursor, const nca__shape *shape);

/* Writes relu(W1 p + b1) (M, Ns) to `out`; `ahead` as in nca__matmul. */
void nca__fp32_hidden(float *out, const nca__network_job *job, const float *ahead,
                      size_t ahead_floats);

#endif
