/* Internal: the parameters in the form that the int8 kernels need. */
#ifndef NCA_NETWORK_INT8_WEIGHTS_H
#define NCA_NETWORK_INT8_WEIGHTS_H

#include "kernels/int8.h"
#include "network/weights.h"

/* Nq: the number of hidden units, padded for the int8 kernels. */
size_t nca__int8_units(const nca__shape *shape);

/* The hidden layer (K*Cp, Nq) and the output layer (Nq, Cp), carved from one block of
 * nca__int8_weights_bytes() bytes, 64-byte aligned. */
typedef struct nca__int8_weights {
    nca__int8_layer hidden, output;
} nca__int8_weights;

size_t nca__int8_weights_bytes(const nca__shape *shape);
nca__int8_weights nca__int8_weights_carve(void *block, const nca__shape *shape);

/* Quantises the weights of each output (a row of W1, a row of W2) with its own scale: w = byte *
 * scale, byte = round(w * 127 / m), scale = m / 127, where m is the largest |w| of the row. If m is
 * tiny, the row counts as zero. A hidden unit with a weight or bias that is not finite is always 0,
 * as it is in fp32 if the value is NaN; a channel with such a weight becomes NaN. */
void nca__int8_weights_pack(nca__int8_weights *weights, const nca__shape *shape, const float *flat,
                            const nca_automaton *automaton);

#endif
