/* Internal: the parameters in the form that the kernels need, and gradients in the flat layout.
 *
 * Np and Cp are N and C padded. Ns is the stride of a row of N values: Np, or 16 more, so that the
 * elements of a column never map to the same few cache sets. */
#ifndef NCA_NETWORK_WEIGHTS_H
#define NCA_NETWORK_WEIGHTS_H

#include <stddef.h>

#include "nca/automaton.h"

typedef struct nca__shape {
    size_t channels, padded_channels; /* C, Cp */
    size_t input_channels; /* the first channels: their rows of W2 and b2 are 0 when packed */
    size_t maps;           /* K */
    size_t filtered;       /* K - 1: number of maps without identity */
    size_t inputs;         /* K * Cp: size of the perception, padded per map */
    size_t hidden, padded_hidden; /* N, Np */
    size_t hidden_stride;         /* Ns */
    size_t tap_rows; /* rows of perception.taps: (K - 1) * 9 with learned filters, else 0 */
} nca__shape;

nca__shape nca__shape_make(const nca_automaton *automaton);
/* Converts perception index k*C + c of the flat layout to k*Cp + c of the padded one. */
size_t nca__padded_input(const nca__shape *shape, size_t input);

/* Carved from one block of nca__weights_floats() floats. */
typedef struct nca__weights {
    float *w1_in_hidden;  /* (K*Cp, Ns): W1 transposed, for h; its gradient has the same layout */
    float *w1_hidden_in;  /* (N, K*Cp): W1, for the gradient of p */
    float *b1;            /* (Ns) */
    float *w2_hidden_out; /* (N, Cp): W2 transposed, for dx */
    float *w2_out_hidden; /* (C, Ns): W2, for the gradient of h; its gradient has the same layout */
    float *b2;            /* (Cp), zero without output bias */
} nca__weights;

size_t nca__weights_floats(const nca__shape *shape);
nca__weights nca__weights_carve(float *block, const nca__shape *shape);
void nca__weights_pack(nca__weights *weights, const nca__shape *shape, const float *flat,
                       const nca_automaton *automaton);

/* The gradient sums of one block, padded: (K*Cp, Ns), (Ns), (C, Ns), (Cp), (tap rows, Cp). */
typedef struct nca__sums {
    float *w1, *b1, *w2, *b2, *taps;
} nca__sums;

size_t nca__sums_floats(const nca__shape *shape);
nca__sums nca__sums_carve(float *block, const nca__shape *shape);
/* flat += sums, element by element. */
void nca__sums_add(float *flat, const nca__sums *sums, const nca__shape *shape,
                   const nca_automaton *automaton);

#endif
