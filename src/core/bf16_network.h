/* Internal: the update network of a chunk in bf16, where the engine was told to (engine->bf16).
 *
 * The inputs of the dense layers are rounded to bf16: perception, hidden layer, weights, and the
 * gradients of the update and of the hidden layer. Sums, biases and all else are fp32. */
#ifndef NCA_CORE_BF16_NETWORK_H
#define NCA_CORE_BF16_NETWORK_H

#include "core/engine.h"

/* Fills workspace->dx, the update of the chunk's cells, from the state x. */
void nca__bf16_forward(nca__workspace *workspace, const nca__engine *engine, const float *x);

/* From workspace->dx, its gradient, fills workspace->dp and adds to the sums. */
void nca__bf16_backward(nca__workspace *workspace, const nca__engine *engine, const float *x,
                        const nca__sums *sums);

#endif
