/* Internal: the objectives of classification, one for each read-out. A read-out makes the class
 * scores of an image from the read-out channels of its cells: from their mean or their largest
 * value over the grid, with or without a dense layer; or every cell has scores, and a loss, of its
 * own. docs/classification.md has the formulas. */
#ifndef NCA_TASK_CLASSIFY_OBJECTIVE_H
#define NCA_TASK_CLASSIFY_OBJECTIVE_H

#include "core/class_loss_terms.h"
#include "core/objective.h"
#include "nca/readout.h"

/* The objective's data for a sample. */
typedef struct nca__class_asked {
    const nca__class_loss *loss;
    size_t first, features; /* the read-out channels */
    const uint8_t *answer;  /* as for nca__class_loss_of */
} nca__class_asked;

/* Never NULL. The loss of every objective is a number of sums that does not depend on the data, so
 * they have room for NCA_MAX_CLASSES features. NCA_READOUT_CELLS uses no head. */
const nca__objective *nca__class_objective(nca_readout readout);

/* The scores (classes) of a final state (H,W,C) outside of a training, in the order of cells. */
void nca__class_scores(double *scores, nca_readout readout, const float *state, size_t cells,
                       size_t channels, size_t first, size_t features, const nca__head *head);

#endif
