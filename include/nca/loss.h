/* The four losses on the RGBA channels of a grid, and their gradients. Freestanding.
 *
 *   L2 mean (t-x)^2   L1 mean |t-x|   Manhattan sum |t-x|   Hinge mean max(|t-x| - 0.5, 0)
 *
 * Each loss is computed per sample over its H*W*4 values; the loss of a batch is the mean over its
 * samples. t is the target, x the grid. */
#ifndef NCA_LOSS_H
#define NCA_LOSS_H

#include <stddef.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_loss {
    NCA_LOSS_L2,
    NCA_LOSS_L1,
    NCA_LOSS_MANHATTAN,
    NCA_LOSS_HINGE,
    NCA_LOSS_COUNT
} nca_loss;

/* "L2", "L1", "Manhattan", "Hinge"; NULL for any other value. */
NCA_API const char *nca_loss_name(nca_loss loss);

/* The loss of one grid (H,W,C), C >= 4, against a target (H,W,4). The sum runs over the values in
 * row-major order in double precision. NaN if `loss` is not one of the four. */
NCA_API double nca_loss_value(nca_loss loss, const float *grid, const float *target, size_t height,
                              size_t width, size_t channels);

#ifdef __cplusplus
}
#endif
#endif
