/* Internal: additional memory for training in bf16: the weights rounded and paired, and a chunk's
 * matrices in the forms that the passes need.
 *
 * "along" and "across" are the two ways to pair a matrix (src/kernels/bf16.h); sizes are in words
 * of two bf16. Np, Cp and Ns are those of network/weights.h. */
#ifndef NCA_NETWORK_BF16_WEIGHTS_H
#define NCA_NETWORK_BF16_WEIGHTS_H

#include "kernels/bf16.h"
#include "network/weights.h"

/* The four matrices of nca__weights that are right factors of a product, paired across; biases stay
 * fp32. Carved from one block of nca__bf16_weights_words(), 64-byte aligned. */
typedef struct nca__bf16_weights {
    uint32_t *w1_in_hidden;  /* (K*Cp / 2, Ns) */
    uint32_t *w1_hidden_in;  /* (Np / 2, K*Cp) */
    uint32_t *w2_hidden_out; /* (Np / 2, Cp) */
    uint32_t *w2_out_hidden; /* (Cp / 2, Ns) */
} nca__bf16_weights;

size_t nca__bf16_weights_words(const nca__shape *shape);
nca__bf16_weights nca__bf16_weights_carve(uint32_t *block, const nca__shape *shape);
void nca__bf16_weights_pack(nca__bf16_weights *to, const nca__weights *from,
                            const nca__shape *shape, const nca__bf16_kernels *kernels);

/* The matrices of a chunk of M cells. */
typedef struct nca__bf16_chunk {
    uint32_t *p_along, *p_across;   /* (M, p_stride) and (M / 2, K*Cp): perception */
    uint32_t *h_along, *h_across;   /* (M, h_stride) and (M / 2, Ns): hidden layer */
    uint32_t *dx_along, *dx_across; /* (M, dx_stride) and (M / 2, Cp): gradient of the update */
    uint32_t *dh_along, *dh_across; /* like h */
    uint32_t *ones;                 /* (M / 2) pairs of 1, for sums over cells */
    size_t p_stride, h_stride, dx_stride;
} nca__bf16_chunk;

/* Carves a chunk at the cursor; call nca__bf16_chunk_fill once when the memory exists. */
nca__bf16_chunk nca__bf16_chunk_carve(uintptr_t *cursor, const nca__shape *shape, size_t cells);
void nca__bf16_chunk_fill(nca__bf16_chunk *chunk, size_t cells);

#endif
