/* Internal: the parameters as the int8 kernels want them. */
#ifndef NCA_NETWORK_INT8_WEIGHTS_H
#define NCA_NETWORK_INT8_WEIGHTS_H

#include "kernels/int8.h"
#include "network/weights.h"

/* Hidden units, padded for the int8 kernels (Nq). */
size_t nca__int8_units(const nca__shape *shape);

/* The hidden layer (K*Cp, Nq) and the output layer (Nq, Cp), carved from one block of
 * nca__int8_weights_bytes() bytes, 64-byte aligned. */
typedef struct nca__int8_weights {
    nca__int8_layer hidden, output;
} nca__int8_weights;

size_t nca__int8_weights_bytes(const nca__shape *shape);
nca__int8_weights nca__int8_weights_carve(void *block, const nca__shape *shape);

/* Quantises the weights of each output (a row of W1, a row of W2) with a scale of its own:
 * w = byte * scale, byte = round(w * 127 / m), scale = m / 127, m the largest |w| of the row. Where
 * m is tiny the row counts as zero. A hidden unit with a weight or bias that is not finite is 0
 * always, as in fp32 one with a NaN is; a channel with such a weight gets NaN. */
void nca__int8_weights_pack(nca__int8_weights *weights, const nca__shape *shape, const float *flat,
                            const nca_automaton *automaton);

#endif
