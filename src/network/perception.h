/* Internal: what a cell perceives of its neighbourhood, one row a kind.
 *
 * A kind gives K maps per channel (nca_perception_maps): identity first, then K - 1 that are 3x3
 * filters of the state. A row packs its taps, fills the perception of a chunk of cells, takes the
 * gradient of the filters' outputs to the state and, where the taps are parameters, to the taps.
 * Whoever perceives calls the row of the automaton and knows neither taps nor kinds. To add a kind:
 * its number of maps in core/automaton.c, its row here and in nca__perception_of, and kernels where
 * its taps are not those of a stencil. */
#ifndef NCA_NETWORK_PERCEPTION_H
#define NCA_NETWORK_PERCEPTION_H

#include "kernels/table.h"
#include "network/weights.h"

typedef struct nca__perception {
    /* Bytes of the packed taps, 64-byte aligned. */
    size_t (*bytes)(const nca__shape *shape);
    /* Packs them from the automaton's filter and angle and from the flat parameters. */
    void (*pack)(void *taps, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton);
    /* The state around the job's cells to p (count, K*Cp); the row adds the taps to the job. */
    void (*perceive)(nca__perceive *job, const void *taps, const nca_kernels *kernels);
    /* The gradient dp ((K-1)*Cp a cell) of the filters' outputs, added to that of the state. */
    void (*spread)(nca__spread *job, const void *taps, const nca_kernels *kernels);
    /* The gradient of the taps, from that of p, added to the job's sums (tap rows, Cp), cell after
     * cell, so that each sum continues from the chunk before. NULL: the taps are no parameters. */
    void (*sum)(const nca__perceive *job, const nca_kernels *kernels);
} nca__perception;

/* The row of a valid automaton. */
const nca__perception *nca__perception_of(const nca_automaton *automaton);

#endif
