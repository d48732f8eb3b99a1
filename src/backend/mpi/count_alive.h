/* Internal: the number of cells of a state (H,W,C) whose neighbourhood is alive, as
 * nca__batch_alive. */
#ifndef NCA_BACKEND_MPI_COUNT_ALIVE_H
#define NCA_BACKEND_MPI_COUNT_ALIVE_H

#include "nca/automaton.h"

size_t nca__count_alive(const float *state, const nca_automaton *automaton, size_t height,
                        size_t width);

#endif
