/* Internal: weights for which the seed cell survives its first two updates. */
#ifndef NCA_CORE_SEED_SURVIVAL_H
#define NCA_CORE_SEED_SURVIVAL_H

#include "nca/automaton.h"

/* Bytes of scratch memory for nca__keep_seed_alive, aligned as a double. */
size_t nca__seed_survival_scratch(const nca_automaton *automaton);

/* Makes the alive channel of the seed cell at least `least` after its first update, alone, and
 * after a second step in which it fires, for every subset of the nine cells around it that fires in
 * the first step. Subsets for which a neighbour is above the threshold are ignored. Each correction
 * is the smallest change of the alive channel's row of w2 and its entry of b2. The number of
 * corrections is limited, so weights that are far off may need several calls. Does nothing if the
 * seed survives already, if the automaton has no alive masking or has input channels, if the seed
 * does not set the alive channel (0 to 2), or if no change can help. */
void nca__keep_seed_alive(float *parameters, const nca_automaton *automaton, float least,
                          void *scratch);

#endif
