/* Internal: the objective of growth: the distance of a state from the target, measured by one of
 * four losses. */
#ifndef NCA_TASK_GROW_OBJECTIVE_H
#define NCA_TASK_GROW_OBJECTIVE_H

#include "core/objective.h"
#include "nca/loss.h"

/* The data of the objective. */
typedef struct nca__grow_asked {
    nca_loss loss;
    const float *target; /* (H,W,4) */
} nca__grow_asked;

extern const nca__objective nca__grow_objective;

#endif
