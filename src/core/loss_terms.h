/* Internal: the pieces of a loss, so that a grid can be taken in bands. */
#ifndef NCA_CORE_LOSS_TERMS_H
#define NCA_CORE_LOSS_TERMS_H

#include "nca/loss.h"

/* `sum` and the loss's terms of `count` cells, added one after the other. Of cell i the
 * values cells[i * cell_stride ..+4] are compared with those of `wanted` (count,4). */
double nca__loss_sum(double sum, nca_loss loss, const float *cells, size_t cell_stride,
                     const float *wanted, size_t count);

/* What the sum over a grid of that many cells is multiplied with to give the sample's loss. */
double nca__loss_scale(nca_loss loss, size_t cells);

/* Writes d(loss)/d(value) times `scale` into channels 0-3 of `gradient`, whose layout is that of
 * `cells`; other channels stay as they are. A kink has slope 0, as in PyTorch. */
void nca__loss_backward(float *gradient, nca_loss loss, const float *cells, size_t cell_stride,
                        const float *wanted, size_t count, double scale);

/* The sample's loss where every value of a grid of that many cells differs from what is wanted
 * by `difference`. */
double nca__loss_of_difference(nca_loss loss, double difference, size_t cells);

#endif
