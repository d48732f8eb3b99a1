/* Where the time of training goes: the parts of an iteration. nca_session_profile_begin of
 * nca/train.h takes the time. */
#ifndef NCA_PROFILE_H
#define NCA_PROFILE_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The parts of an iteration; docs/performance.md says what each does. */
typedef enum nca_part {
    NCA_PART_PERCEPTION,       /* the filters of the cells that fire, twice: forward and again */
    NCA_PART_HIDDEN,           /* hidden layer, forward */
    NCA_PART_OUTPUT,           /* output layer */
    NCA_PART_HIDDEN_AGAIN,     /* hidden layer, for the backward pass */
    NCA_PART_LAYER_GRADIENTS,  /* dh and dp */
    NCA_PART_WEIGHT_GRADIENTS, /* dW1, db1, dW2, db2 */
    NCA_PART_FIRE,             /* Philox */
    NCA_PART_MASKS,            /* alive masks */
    NCA_PART_COPY,             /* the cells that stay as they are */
    NCA_PART_PACK,             /* lists of the cells that fire */
    NCA_PART_SCATTER,          /* results of the layers back into the grids */
    NCA_PART_SPREAD,           /* gradient of the perception to the neighbours */
    NCA_PART_LOSS,             /* loss, its gradient, states in and out */
    NCA_PART_REDUCTION,        /* gradients of bands and samples added up */
    NCA_PART_POOL,             /* batches from the pool and back, ranking, checks */
    NCA_PART_OPTIMISER,        /* norms, Adam, packing the weights */
    NCA_PART_WAITING,          /* threads that wait, and deciding who does what */
    NCA_PART_COUNT
} nca_part;

/* "perception", "hidden layer", ...; NULL for what is none. */
NCA_API const char *nca_part_name(nca_part part);

/* Seconds of all threads together, waiting included. */
typedef struct nca_profile {
    double seconds[NCA_PART_COUNT];
} nca_profile;

#ifdef __cplusplus
}
#endif
#endif
