/* The dense passes of a chunk in bf16, forward and backward.
 *
 * A matrix is paired along if it is the left factor of a product, and across if it is the right
 * factor or is summed over cells. A pass writes its result in the forms that later passes read:
 *
 *   forward    p along, h along
 *   backward   p along and across, h across, dx along and across, dh along and across
 *
 * Rows that only fill up a chunk are zero in p and dx, so they add nothing to a sum over cells. */
#include "core/carve.h"
#include "kernels/table.h"
#include "network/bf16_weights.h"
#include "network/network.h"

/* The weights in fp32, whose biases are the start values of the passes, and rounded to bf16. */
typedef struct packed {
    nca__weights fp32;
    nca__bf16_weights rounded;
} packed;

static void weights_carve(float **out_fp32, uint32_t **out_rounded, uintptr_t *cursor,
                          const nca__shape *shape)
{
    *out_fp32 = nca__carve(cursor, nca__weights_floats(shape) * sizeof(float));
    *out_rounded = nca__carve(cursor, nca__bf16_weights_words(shape) * sizeof(uint32_t));
}

static packed weights_of(void *block, const nca__shape *shape)
{
    uintptr_t cursor = (uintptr_t)block;
    float *fp32;
    uint32_t *rounded;
    weights_carve(&fp32, &rounded, &cursor, shape);
    return (packed){nca__weights_carve(fp32, shape), nca__bf16_weights_carve(rounded, shape)};
}

static nca__bf16_chunk chunk_of(void *scratch, const nca__shape *shape)
{
    uintptr_t cursor = (uintptr_t)scratch;
    return nca__bf16_chunk_carve(&cursor, shape, NCA__CHUNK);
}

static size_t weights_bytes(const nca__shape *shape)
{
    uintptr_t cursor = 0;
    float *fp32;
    uint32_t *rounded;
    weights_carve(&fp32, &rounded, &cursor, shape);
    return (size_t)cursor;
}

static size_t scratch_bytes(const nca__shape *shape)
{
    uintptr_t cursor = 0;
    nca__bf16_chunk_carve(&cursor, shape, NCA__CHUNK);
    return (size_t)cursor;
}

static void pack(void *weights, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton, const void *form)
{
    packed to = weights_of(weights, shape);
    nca__weights_pack(&to.fp32, shape, flat, automaton);
    nca__bf16_weights_pack(&to.rounded, &to.fp32, shape, form);
}

static void prepare(void *scratch, const nca__shape *shape)
{
    nca__bf16_chunk chunk = chunk_of(scratch, shape);
    nca__bf16_chunk_fill(&chunk, NCA__CHUNK);
}

/* The data shared by the parts of a pass. */
typedef struct pass {
    const nca__network_job *job;
    const nca__bf16_kernels *kernels;
    packed weights;
    nca__bf16_chunk chunk;
} pass;

static pass pass_begin(const nca__network_job *job)
{
    return (pass){job, job->form, weights_of(job->weights, job->shape),
                  chunk_of(job->scratch, job->shape)};
}

/* Rounds the perception of the chunk; if requested, also paired across cells. */
static void round_perception(const pass *w, bool across)
{
    const nca__shape *shape = w->job->shape;
    const nca__bf16_chunk *chunk = &w->chunk;
    const nca__bf16_pack job = {
        .along = chunk->p_along,
        .along_stride = chunk->p_stride,
        .across = across ? chunk->p_across : NULL,
        .across_stride = shape->inputs,
        .from = w->job->p,
        .from_stride = shape->inputs,
        .count = w->job->count,
        .rows = nca__network_rows(w->job),
        .columns = shape->inputs,
    };
    w->kernels->pack(&job);
}

/* The hidden layer: paired along for the output layer, or across for the gradients. */
static void hidden_forward(const pass *w, bool across)
{
    const nca__shape *shape = w->job->shape;
    const nca__bf16_chunk *chunk = &w->chunk;
    const nca__bf16_matmul job = {
        .along = across ? NULL : chunk->h_along,
        .along_stride = chunk->h_stride,
        .across = across ? chunk->h_across : NULL,
        .across_stride = shape->hidden_stride,
        .a = chunk->p_along,
        .a_row = chunk->p_stride,
        .a_pair = 1,
        .b = w->weights.rounded.w1_in_hidden,
        .b_stride = shape->hidden_stride,
        .rows = nca__network_rows(w->job),
        .columns = shape->padded_hidden,
        .pairs = shape->inputs / 2,
        .start = w->weights.fp32.b1,
        .relu = true,
    };
    w->kernels->matmul(&job);
}

static void forward(const nca__network_job *job)
{
    const pass work = pass_begin(job);
    const pass *w = &work;
    const nca__shape *shape = w->job->shape;
    const nca__bf16_chunk *chunk = &w->chunk;
    round_perception(w, false);
    nca__lap(job->watch, NCA_PART_HIDDEN);
    hidden_forward(w, false);
    nca__lap(job->watch, NCA_PART_OUTPUT);
    const nca__bf16_matmul output = {
        .out = w->job->dx,
        .out_stride = shape->padded_channels,
        .a = chunk->h_along,
        .a_row = chunk->h_stride,
        .a_pair = 1,
        .b = w->weights.rounded.w2_hidden_out,
        .b_stride = shape->padded_channels,
        .rows = nca__network_rows(w->job),
        .columns = shape->padded_channels,
        .pairs = shape->padded_hidden / 2,
        .start = w->weights.fp32.b2,
    };
    w->kernels->matmul(&output);
}

/* dh and dp from dx. */
static void layer_gradients(const pass *w)
{
    const nca__shape *shape = w->job->shape;
    const nca__bf16_chunk *chunk = &w->chunk;
    const size_t rows = nca__network_rows(w->job);
    const nca__bf16_pack update = {
        .along = chunk->dx_along,
        .along_stride = chunk->dx_stride,
        .across = chunk->dx_across,
        .across_stride = shape->padded_channels,
        .from = w->job->dx,
        .from_stride = shape->padded_channels,
        .count = w->job->count,
        .rows = rows,
        .columns = shape->padded_channels,
    };
    w->kernels->pack(&update);
    const nca__bf16_matmul hidden = {
        .along = chunk->dh_along,
        .along_stride = chunk->h_stride,
        .across = chunk->dh_across,
        .across_stride = shape->hidden_stride,
        .a = chunk->dx_along,
        .a_row = chunk->dx_stride,
        .a_pair = 1,
        .b = w->weights.rounded.w2_out_hidden,
        .b_stride = shape->hidden_stride,
        .rows = rows,
        .columns = shape->padded_hidden,
        .pairs = shape->padded_channels / 2,
        .gate = chunk->h_across,
        .gate_stride = shape->hidden_stride,
    };
    w->kernels->matmul(&hidden);
    const nca__bf16_matmul perception = {
        .out = w->job->dp,
        .out_stride = shape->inputs,
        .a = chunk->dh_along,
        .a_row = chunk->h_stride,
        .a_pair = 1,
        .b = w->weights.rounded.w1_hidden_in,
        .b_stride = shape->inputs,
        .rows = rows,
        .columns = shape->inputs,
        .pairs = shape->padded_hidden / 2,
    };
    w->kernels->matmul(&perception);
}

/* The sums over the chunk's cells, two cells per step; each continues from the previous chunk. */
static void sum_gradients(const pass *w, const nca__sums *sums)
{
    const nca__shape *shape = w->job->shape;
    const nca__bf16_chunk *chunk = &w->chunk;
    const size_t pairs = (w->job->count + 1) / 2;
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
    w->kernels->matmul(&job); /* dW1 (K*Cp, N) */
    job.rows = 1;
    job.a = chunk->ones;
    job.a_row = 0;
    job.a_pair = 1;
    job.out = sums->b1;
    job.start = sums->b1;
    w->kernels->matmul(&job); /* db1 (N) */
    job.rows = shape->channels;
    job.a = chunk->dx_across;
    job.a_row = 1;
    job.a_pair = shape->padded_channels;
    job.b = chunk->h_across;
    job.out = sums->w2;
    job.start = sums->w2;
    w->kernels->matmul(&job); /* dW2 (C, N) */
    job.rows = 1;
    job.columns = shape->padded_channels;
    job.a = chunk->ones;
    job.a_row = 0;
    job.a_pair = 1;
    job.b = chunk->dx_across;
    job.b_stride = shape->padded_channels;
    job.out = sums->b2;
    job.start = sums->b2;
    w->kernels->matmul(&job); /* db2 (C) */
}

static void backward(const nca__network_job *job, const nca__sums *sums)
{
    const pass work = pass_begin(job);
    round_perception(&work, true);
    nca__lap(job->watch, NCA_PART_HIDDEN_AGAIN);
    hidden_forward(&work, true);
    nca__lap(job->watch, NCA_PART_LAYER_GRADIENTS);
    layer_gradients(&work);
    nca__lap(job->watch, NCA_PART_WEIGHT_GRADIENTS);
    sum_gradients(&work, sums);
}

static const void *form_in_turn(const nca_kernels *kernels)
{
    return kernels->bf16;
}

static const void *form_in_pieces(const nca_kernels *kernels)
{
    return kernels->bf16_pieces;
}

static const char *missing_in_turn(const nca_kernels *kernels)
{
    return kernels->bf16 == NULL ? "bf16 kernels" : kernels->bf16->missing();
}

static const char *missing_in_pieces(const nca_kernels *kernels)
{
    return kernels->bf16_pieces == NULL ? "bf16-amx kernels" : kernels->bf16_pieces->missing();
}

const nca__network nca__network_bf16 = {
    .name = "bf16",
    .missing = missing_in_turn,
    .form = form_in_turn,
    .weights_bytes = weights_bytes,
    .scratch_bytes = scratch_bytes,
    .pack = pack,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};

const nca__network nca__network_bf16_amx = {
    .name = "bf16-amx",
    .missing = missing_in_pieces,
    .form = form_in_pieces,
    .weights_bytes = weights_bytes,
    .scratch_bytes = scratch_bytes,
    .pack = pack,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
