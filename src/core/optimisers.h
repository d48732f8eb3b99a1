/* Internal: the optimisers, one row each in optimisers.c. */
#ifndef NCA_CORE_OPTIMISERS_H
#define NCA_CORE_OPTIMISERS_H

#include "nca/adam.h"
#include "nca/kernels.h"
#include "nca/optimiser.h"

/* One update. The arrays have the layout of the parameters; both moments are initially 0, and an
 * optimiser that needs only one does not use v. */
typedef struct nca__update {
    float *parameters, *m, *v;
    const float *gradient;
    const nca_automaton *automaton;
    nca_adam adam; /* an optimiser that has only a momentum uses beta1 */
    float rate;
    uint64_t t; /* number of this update, counted from 1 */
    void *scratch;
    const nca_kernels *kernels;
} nca__update;

/* Bytes of scratch memory, which must be 64-byte aligned; 0: none. */
size_t nca__optimiser_scratch(nca_optimiser optimiser, const nca_automaton *automaton);
void nca__optimiser_update(nca_optimiser optimiser, const nca__update *update);

#endif
