/* Internal: the parts of a loss, for computing it band by band. */
#ifndef NCA_CORE_LOSS_TERMS_H
#define NCA_CORE_LOSS_TERMS_H

#include "nca/loss.h"

/* `sum` plus the loss's terms of `count` cells, added in order. For cell i, the values cells[i *
 * cell_stride ..+4] are compared with those of `wanted` (count,4). */
double nca__loss_sum(double sum, nca_loss loss, const float *cells, size_t cell_stride,
                     const float *wanted, size_t count);

/* The factor that turns the sum over a grid with this number of cells into the sample's loss. */
double nca__loss_scale(nca_loss loss, size_t cells);

/* Adds d(loss)/d(value) times `scale` to channels 0-3 of `gradient`, which has the layout of
 * `cells`; other channels are not changed. At kinks the slope is 0, as in PyTorch. */
void nca__loss_backward(float *gradient, nca_loss loss, const float *cells, size_t cell_stride,
                        const float *wanted, size_t count, double scale);

/* The loss of a sample whose every value differs from the wanted one by `difference`, for a grid
 * with this number of cells. */
double nca__loss_of_difference(nca_loss loss, double difference, size_t cells);

#endif
