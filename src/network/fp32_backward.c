/* The update network in fp32, backward: from ddx (M, Cp), the gradient of the update,
 *
 *   dh = (W2' ddx) where h > 0    dp = W1' dh                          the gradients of the layers
 *   dW2 += ddx h'   db2 += ddx    dW1 += dh p'   db1 += dh             sums over the cells
 *
 * The hidden layer h was kept by the forward pass or is recomputed with the same bits. ' is the
 * transpose; M is the number of cells of the chunk. */
#include <string.h>

#include "kernels/table.h"
#include "network/fp32_network.h"

/* Kept rows are used in place, unless there are rows of cells between them that have died. */
static const float *hidden_again(const nca__network_job *job, float *scratch)
{
    const size_t stride = job->shape->hidden_stride;
    const size_t count = job->count;
    nca__lap(job->watch, NCA_PART_HIDDEN_AGAIN);
    if (job->kept == NULL) {
        nca__fp32_hidden(scratch, job, NULL, 0);
        return scratch;
    }
    const uint32_t first = job->kept_at[0];
    if (job->kept_at[count - 1] - first == count - 1) {
        return job->kept + first * stride;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(scratch + i * stride, job->kept + job->kept_at[i] * stride, stride * sizeof(float));
    }
    return scratch;
}

/* dh (M, Ns) and dp (M, K*Cp) from dx. */
static void layer_gradients(const nca__network_job *job, float *dh, const float *h)
{
    const nca__shape *shape = job->shape;
    const nca__weights weights = nca__weights_carve(job->weights, shape);
    nca__lap(job->watch, NCA_PART_LAYER_GRADIENTS);
    nca__matmul hidden = {
        .out = dh,
        .out_stride = shape->hidden_stride,
        .a = job->dx,
        .a_row = shape->padded_channels,
        .a_depth = 1,
        .b = weights.w2_out_hidden,
        .b_stride = shape->hidden_stride,
        .rows = nca__network_rows(job),
        .columns = shape->padded_hidden,
        .depth = shape->channels,
        .gate = h,
        .gate_stride = shape->hidden_stride,
    };
    job->kernels->matmul(&hidden);
    nca__matmul perception = {
        .out = job->dp,
        .out_stride = shape->inputs,
        .a = dh,
        .a_row = shape->hidden_stride,
        .a_depth = 1,
        .b = weights.w1_hidden_in,
        .b_stride = shape->inputs,
        .rows = nca__network_rows(job),
        .columns = shape->inputs,
        .depth = shape->hidden,
        .ahead = job->ahead,
        .ahead_floats = job->ahead_floats,
    };
    job->kernels->matmul(&perception);
}

/* The sums over the chunk's cells; each continues from the previous chunk. */
static void sum_gradients(const nca__network_job *job, const nca__sums *sums, const float *dh,
                          const float *h, const float *ones)
{
    const nca__shape *shape = job->shape;
    nca__lap(job->watch, NCA_PART_WEIGHT_GRADIENTS);
    nca__matmul sum = {.rows = shape->inputs,
                       .columns = shape->padded_hidden,
                       .depth = job->count,
                       .a = job->p,
                       .a_row = 1,
                       .a_depth = shape->inputs,
                       .b = dh,
                       .b_stride = shape->hidden_stride,
                       .out = sums->w1,
                       .out_stride = shape->hidden_stride,
                       .start = sums->w1,
                       .start_stride = shape->hidden_stride};
    job->kernels->matmul(&sum); /* dW1 (K*Cp, N) */
    sum.rows = 1;
    sum.a = ones;
    sum.a_row = 0;
    sum.a_depth = 1;
    sum.out = sums->b1;
    sum.start = sums->b1;
    job->kernels->matmul(&sum); /* db1 (N) */
    sum.rows = shape->channels;
    sum.a = job->dx;
    sum.a_row = 1;
    sum.a_depth = shape->padded_channels;
    sum.b = h;
    sum.out = sums->w2;
    sum.start = sums->w2;
    job->kernels->matmul(&sum); /* dW2 (C, N) */
    sum.rows = 1;
    sum.columns = shape->padded_channels;
    sum.a = ones;
    sum.a_row = 0;
    sum.a_depth = 1;
    sum.b = job->dx;
    sum.b_stride = shape->padded_channels;
    sum.out = sums->b2;
    sum.start = sums->b2;
    job->kernels->matmul(&sum); /* db2 (C) */
}

void nca__fp32_backward(const nca__network_job *job, const nca__sums *sums)
{
    uintptr_t cursor = (uintptr_t)job->scratch;
    const nca__fp32_scratch own = nca__fp32_scratch_carve(&cursor, job->shape);
    const float *h = hidden_again(job, own.h);
    layer_gradients(job, own.dh, h);
    sum_gradients(job, sums, own.dh, h, own.ones);
}
