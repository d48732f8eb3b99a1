/* Profile of the training time: the parts of an iteration. nca_session_profile_begin (nca/train.h)
 * starts the measurement. */
#ifndef NCA_PROFILE_H
#define NCA_PROFILE_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The parts of an iteration; docs/performance.md describes each. */
typedef enum nca_part {
    NCA_PART_PERCEPTION,   /* filters of the cells that fire, forward and again in the backward pass
                            */
    NCA_PART_HIDDEN,       /* hidden layer, forward */
    NCA_PART_OUTPUT,       /* output layer */
    NCA_PART_HIDDEN_AGAIN, /* hidden layer, recomputed in the backward pass */
    NCA_PART_LAYER_GRADIENTS,  /* dh and dp */
    NCA_PART_WEIGHT_GRADIENTS, /* dW1, db1, dW2, db2 */
    NCA_PART_FIRE,             /* fire masks (Philox) */
    NCA_PART_MASKS,            /* alive masks */
    NCA_PART_COPY,             /* copying of cells that do not change */
    NCA_PART_PACK,             /* lists of the cells that fire */
    NCA_PART_SCATTER,          /* writing results of the layers back into the grids */
    NCA_PART_SPREAD,           /* adding the gradient of the perception to the neighbours */
    NCA_PART_LOSS,             /* loss, its gradient, states in and out */
    NCA_PART_REDUCTION,        /* adding up the gradients of bands and samples */
    NCA_PART_INITIAL,          /* initial states: images read and augmented, seeds */
    NCA_PART_POOL,             /* batches from the pool and back, ranking, checks */
    NCA_PART_OPTIMISER,        /* norms, Adam, packing the weights */
    NCA_PART_WAITING,          /* waiting threads, and distribution of the work */
    NCA_PART_COUNT
} nca_part;

/* "perception", "hidden layer", ...; NULL for any other value. */
NCA_API const char *nca_part_name(nca_part part);

/* Seconds, summed over all threads, waiting included. */
typedef struct nca_profile {
    double seconds[NCA_PART_COUNT];
} nca_profile;

#ifdef __cplusplus
}
#endif
#endif
