/* How the class scores of an image are read out of its cells. docs/classification.md has the
 * formulas. Any number of threads may call all functions at once. */
#ifndef NCA_READOUT_H
#define NCA_READOUT_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_readout {
    NCA_READOUT_MEAN,  /* the mean of each read-out channel over the grid */
    NCA_READOUT_MAX,   /* its largest value */
    NCA_READOUT_CELLS, /* the mean; in training every cell has a loss of its own ("per-cell",
                          Randazzo et al., "Self-classifying MNIST Digits", Distill 2020) */
    NCA_READOUT_COUNT
} nca_readout;

/* "mean", "max", "per-cell"; NULL for any other value. */
NCA_API const char *nca_readout_name(nca_readout readout);

#ifdef __cplusplus
}
#endif
#endif
