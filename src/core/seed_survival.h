/* Internal: weights whose seed cell survives its first two updates. Freestanding. */
#ifndef NCA_CORE_SEED_SURVIVAL_H
#define NCA_CORE_SEED_SURVIVAL_H

#include "nca/automaton.h"

/* Bytes of scratch memory for nca__keep_seed_alive, to be aligned as a double. */
size_t nca__seed_survival_scratch(const nca_automaton *automaton);

/* Makes the alive channel of the seed cell at least `least` after it has been updated once, alone,
 * and after a second step in which it fires, whichever of the nine cells around it fired in the
 * first; patterns after which a neighbour is above the threshold are left out. Each correction is
 * the smallest change of the alive channel's row of w2 and its entry of b2; there are a few at
 * most, so that weights far off may need several calls. Does nothing where the seed survives
 * already, where the automaton has no alive masking or has input channels, where the seed does not
 * set the alive channel (0 to 2), or where no change can help. */
void nca__keep_seed_alive(float *parameters, const nca_automaton *automaton, float least,
                          void *scratch);

#endif
