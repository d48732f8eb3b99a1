/* Batches whose samples all ask to be the same target: what growth asks, for tests of the layers
 * below it. */
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

/* Fills what nca__batch_pass.asked points to. */
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
