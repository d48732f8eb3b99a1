/* Internal: weights whose seed cell survives its first update. Freestanding. */
#ifndef NCA_CORE_SEED_SURVIVAL_H
#define NCA_CORE_SEED_SURVIVAL_H

#include "nca/automaton.h"

/* Makes the alive channel of the seed cell, after it has been updated once and alone, at least
 * `least`, by the smallest change of the alive channel's row of w2 and its entry of b2. Does
 * nothing where it is so already, where the automaton has no alive masking, where the seed does not
 * set the alive channel (0 to 2), or where no change can help. */
void nca__keep_seed_alive(float *parameters, const nca_automaton *automaton, float least);

#endif
