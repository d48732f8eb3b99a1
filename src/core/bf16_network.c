/* The dense passes of a chunk in bf16, forward and backward.
 *
 * Each matrix is paired along where it stands left of a product, across where it stands right or is
 * summed over cells. A pass writes its result in the forms that the passes behind it read:
 *
 *   forward    p along, h along
 *   backward   p along and across, h across, dx along and across, dh along and across
 *
 * Rows that fill a chunk up are zero in p and dx, so that they add nothing to a sum over cells. */
#include "core/bf16_network.h"

/* Perception of the chunk, rounded; also paired across cells when asked for. */
static void perceive(nca__workspace *workspace, const nca__engine *engine, const float *x,
                     bool across)
{
    const nca__shape *shape = &engine->shape;
    const nca__bf16_chunk *chunk = &workspace->bf16;
    nca__perceive_chunk(workspace, engine, x);
    const nca__bf16_pack job = {
        .along = chunk->p_along,
        .along_stride = chunk->p_stride,
        .across = across ? chunk->p_across : NULL,
        .across_stride = shape->inputs,
        .from = workspace->p,
        .from_stride = shape->inputs,
        .count = workspace->count,
        .rows = nca__chunk_rows(workspace),
        .columns = shape->inputs,
    };
    engine->bf16->pack(&job);
}

/* The hidden layer: paired along for the output layer, or across for the gradients. */
static void hidden_forward(const nca__workspace *workspace, const nca__engine *engine, bool across)
{
    const nca__shape *shape = &engine->shape;
    const nca__bf16_chunk *chunk = &workspace->bf16;
    const nca__bf16_matmul job = {
        .along = across ? NULL : chunk->h_along,
        .along_stride = chunk->h_stride,
        .across = across ? chunk->h_across : NULL,
        .across_stride = shape->hidden_stride,
        .a = chunk->p_along,
        .a_row = chunk->p_stride,
        .a_pair = 1,
        .b = engine->bf16_weights.w1_in_hidden,
        .b_stride = shape->hidden_stride,
        .rows = nca__chunk_rows(workspace),
        .columns = shape->padded_hidden,
        .pairs = shape->inputs / 2,
        .start = engine->weights.b1,
        .relu = true,
    };
    engine->bf16->matmul(&job);
}

void nca__bf16_forward(nca__workspace *workspace, const nca__engine *engine, const float *x)
{
    const nca__shape *shape = &engine->shape;
    const nca__bf16_chunk *chunk = &workspace->bf16;
    perceive(workspace, engine, x, false);
    nca__lap(workspace->watch, NCA_PART_HIDDEN);
    hidden_forward(workspace, engine, false);
    nca__lap(workspace->watch, NCA_PART_OUTPUT);
    const nca__bf16_matmul output = {
        .out = workspace->dx,
        .out_stride = shape->padded_channels,
        .a = chunk->h_along,
        .a_row = chunk->h_stride,
        .a_pair = 1,
        .b = engine->bf16_weights.w2_hidden_out,
        .b_stride = shape->padded_channels,
        .rows = nca__chunk_rows(workspace),
        .columns = shape->padded_channels,
        .pairs = shape->padded_hidden / 2,
        .start = engine->weights.b2,
    };
    engine->bf16->matmul(&output);
}

/* dh and dp from dx. */
static void gradients_backward(nca__workspace *workspace, const nca__engine *engine)
{
    const nca__shape *shape = &engine->shape;
    const nca__bf16_chunk *chunk = &workspace->bf16;
    const size_t rows = nca__chunk_rows(workspace);
    const nca__bf16_pack update = {
        .along = chunk->dx_along,
        .along_stride = chunk->dx_stride,
        .across = chunk->dx_across,
        .across_stride = shape->padded_channels,
        .from = workspace->dx,
        .from_stride = shape->padded_channels,
        .count = workspace->count,
        .rows = rows,
        .columns = shape->padded_channels,
    };
    engine->bf16->pack(&update);
    const nca__bf16_matmul hidden = {
        .along = chunk->dh_along,
        .along_stride = chunk->h_stride,
        .across = chunk->dh_across,
        .across_stride = shape->hidden_stride,
        .a = chunk->dx_along,
        .a_row = chunk->dx_stride,
        .a_pair = 1,
        .b = engine->bf16_weights.w2_out_hidden,
        .b_stride = shape->hidden_stride,
        .rows = rows,
        .columns = shape->padded_hidden,
        .pairs = shape->padded_channels / 2,
        .gate = chunk->h_across,
        .gate_stride = shape->hidden_stride,
    };
    engine->bf16->matmul(&hidden);
    const nca__bf16_matmul perception = {
        .out = workspace->dp,
        .out_stride = shape->inputs,
        .a = chunk->dh_along,
        .a_row = chunk->h_stride,
        .a_pair = 1,
        .b = engine->bf16_weights.w1_hidden_in,
        .b_stride = shape->inputs,
        .rows = rows,
        .columns = shape->inputs,
        .pairs = shape->padded_hidden / 2,
    };
    engine->bf16->matmul(&perception);
}

/* The sums over the chunk's cells, two cells a step, each continuing from the chunk before. */
static void sum_gradients(const nca__workspace *workspace, const nca__engine *engine,
                          const nca__sums *sums)
{
    const nca__shape *shape = &engine->shape;
    const nca__bf16_chunk *chunk = &workspace->bf16;
    const size_t pairs = (workspace->count + 1) / 2;
    nca__bf16_matmul job = {.out = sums->w1,
                            .out_stride = shape->hidden_stride,
                            .a = chunk->p_across,
                            .a_row = 1,
                            .a_pair = shape->inputs,
                            .b = chunk->dh_across,
                            .b_stride = shape->hidden_stride,
                            .rows = shape->inputs,
                            .columns = shape->padded_hidden,
                            .pairs = pairs,
                            .start = sums->w1,
                            .start_stride = shape->hidden_stride};
    engine->bf16->matmul(&job); /* dW1 (K*Cp, N) */
    job.rows = 1;
    job.a = chunk->ones;
    job.a_row = 0;
    job.a_pair = 1;
    job.out = sums->b1;
    job.start = sums->b1;
    engine->bf16->matmul(&job); /* db1 (N) */
    job.rows = shape->channels;
    job.a = chunk->dx_across;
    job.a_row = 1;
    job.a_pair = shape->padded_channels;
    job.b = chunk->h_across;
    job.out = sums->w2;
    job.start = sums->w2;
    engine->bf16->matmul(&job); /* dW2 (C, N) */
    job.rows = 1;
    job.columns = shape->padded_channels;
    job.a = chunk->ones;
    job.a_row = 0;
    job.a_pair = 1;
    job.b = chunk->dx_across;
    job.b_stride = shape->padded_channels;
    job.out = sums->b2;
    job.start = sums->b2;
    engine->bf16->matmul(&job); /* db2 (C) */
}

void nca__bf16_backward(nca__workspace *workspace, const nca__engine *engine, const float *x,
                        const nca__sums *sums)
{
    perceive(workspace, engine, x, true);
    nca__lap(workspace->watch, NCA_PART_HIDDEN_AGAIN);
    hidden_forward(workspace, engine, true);
    nca__lap(workspace->watch, NCA_PART_LAYER_GRADIENTS);
    gradients_backward(workspace, engine);
    nca__lap(workspace->watch, NCA_PART_WEIGHT_GRADIENTS);
    sum_gradients(workspace, engine, sums);
}
