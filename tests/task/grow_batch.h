/* Batches whose samples all have the same target: the objective of growth, for tests of lower
 * layers. */
#ifndef NCA_TESTS_GROW_BATCH_H
#define NCA_TESTS_GROW_BATCH_H

#include "backend/batch.h"
#include "task/grow_objective.h"

enum {
    GROW_MOST_SAMPLES = 64
};

typedef struct grow_batch {
    nca__grow_asked own;
    const void *asked[GROW_MOST_SAMPLES];
} grow_batch;

/* Fills the data for nca__batch_pass.asked. */
static inline const void *const *grow_batch_fill(grow_batch *out, nca_loss loss,
                                                 const float *target)
{
    out->own = (nca__grow_asked){.loss = loss, .target = target};
    for (size_t b = 0; b < GROW_MOST_SAMPLES; b++) {
        out->asked[b] = &out->own;
    }
    return out->asked;
}

#endif
