/* The memory of bf16 training, and the rounded weights. */
#include "network/bf16_weights.h"

#include "core/carve.h"
#include "core/layout.h"
#include "kernels/table.h"

size_t nca__bf16_weights_words(const nca__shape *shape)
{
    return shape->inputs / 2 * shape->hidden_stride + shape->padded_hidden / 2 * shape->inputs +
           shape->padded_hidden / 2 * shape->padded_channels +
           shape->padded_channels / 2 * shape->hidden_stride;
}

nca__bf16_weights nca__bf16_weights_carve(uint32_t *block, const nca__shape *shape)
{
    nca__bf16_weights weights;
    weights.w1_in_hidden = block;
    weights.w1_hidden_in = weights.w1_in_hidden + shape->inputs / 2 * shape->hidden_stride;
    weights.w2_hidden_out = weights.w1_hidden_in + shape->padded_hidden / 2 * shape->inputs;
    weights.w2_out_hidden =
        weights.w2_hidden_out + shape->padded_hidden / 2 * shape->padded_channels;
    return weights;
}

/* Depths that only fill up the last words are zero, so they do not change any sum. */
void nca__bf16_weights_pack(nca__bf16_weights *to, const nca__weights *from,
                            const nca__shape *shape, const nca__bf16_kernels *kernels)
{
    nca__bf16_pack job = {.across = to->w1_in_hidden,
                          .across_stride = shape->hidden_stride,
                          .from = from->w1_in_hidden,
                          .from_stride = shape->hidden_stride,
                          .count = shape->inputs,
                          .rows = shape->inputs,
                          .columns = shape->padded_hidden};
    kernels->pack(&job);
    job.across = to->w2_out_hidden;
    job.from = from->w2_out_hidden;
    job.count = shape->channels;
    job.rows = shape->padded_channels;
    kernels->pack(&job);
    job = (nca__bf16_pack){.across = to->w1_hidden_in,
                           .across_stride = shape->inputs,
                           .from = from->w1_hidden_in,
                           .from_stride = shape->inputs,
                           .count = shape->hidden,
                           .rows = shape->padded_hidden,
                           .columns = shape->inputs};
    kernels->pack(&job);
    job.across = to->w2_hidden_out;
    job.across_stride = shape->padded_channels;
    job.from = from->w2_hidden_out;
    job.from_stride = shape->padded_channels;
    job.columns = shape->padded_channels;
    kernels->pack(&job);
}

/* Words of a row of `columns` paired along: whole cache lines, and an odd number of them if there
 * are several, so that the rows of a tile do not map to the same few cache sets. */
static size_t along_stride(size_t columns)
{
    const size_t words = nca__pad(columns / 2);
    const size_t lines = words / NCA_LANES;
    return lines > 1 && lines % 2 == 0 ? words + NCA_LANES : words;
}

nca__bf16_chunk nca__bf16_chunk_carve(uintptr_t *cursor, const nca__shape *shape, size_t cells)
{
    nca__bf16_chunk chunk = {.p_stride = along_stride(shape->inputs),
                             .h_stride = along_stride(shape->padded_hidden),
                             .dx_stride = along_stride(shape->padded_channels)};
    const size_t word = sizeof(uint32_t);
    chunk.p_along = nca__carve(cursor, cells * chunk.p_stride * word);
    chunk.p_across = nca__carve(cursor, cells / 2 * shape->inputs * word);
    chunk.h_along = nca__carve(cursor, cells * chunk.h_stride * word);
    chunk.h_across = nca__carve(cursor, cells / 2 * shape->hidden_stride * word);
    chunk.dx_along = nca__carve(cursor, cells * chunk.dx_stride * word);
    chunk.dx_across = nca__carve(cursor, cells / 2 * shape->padded_channels * word);
    chunk.dh_along = nca__carve(cursor, cells * chunk.h_stride * word);
    chunk.dh_across = nca__carve(cursor, cells / 2 * shape->hidden_stride * word);
    chunk.ones = nca__carve(cursor, cells / 2 * word);
    return chunk;
}

void nca__bf16_chunk_fill(nca__bf16_chunk *chunk, size_t cells)
{
    for (size_t i = 0; i < cells / 2; i++) {
        chunk->ones[i] = 0x3F803F80u;
    }
}
