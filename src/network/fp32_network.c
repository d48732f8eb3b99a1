/* The update network in fp32: memory, packing and the forward pass. This is the definition; the
 * deviations of the other precisions from it are documented (docs/precision.md). */
#include "network/fp32_network.h"

#include "core/carve.h"
#include "kernels/table.h"

nca__fp32_scratch nca__fp32_scratch_carve(uintptr_t *cursor, const nca__shape *shape)
{
    return (nca__fp32_scratch){
        .h = nca__carve(cursor, NCA__CHUNK * shape->hidden_stride * sizeof(float)),
        .dh = nca__carve(cursor, NCA__CHUNK * shape->hidden_stride * sizeof(float)),
        .ones = nca__carve(cursor, NCA__CHUNK * sizeof(float)),
    };
}

static const void *form(const nca_kernels *kernels)
{
    return kernels;
}

static size_t weights_bytes(const nca__shape *shape)
{
    return nca__weights_floats(shape) * sizeof(float);
}

static size_t scratch_bytes(const nca__shape *shape)
{
    uintptr_t cursor = 0;
    nca__fp32_scratch_carve(&cursor, shape);
    return (size_t)cursor;
}

static void pack(void *weights, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton, const void *unused)
{
    (void)unused;
    nca__weights to = nca__weights_carve(weights, shape);
    nca__weights_pack(&to, shape, flat, automaton);
}

static void prepare(void *scratch, const nca__shape *shape)
{
    uintptr_t cursor = (uintptr_t)scratch;
    const nca__fp32_scratch own = nca__fp32_scratch_carve(&cursor, shape);
    for (size_t i = 0; i < NCA__CHUNK; i++) {
        own.ones[i] = 1.0f;
    }
}

void nca__fp32_hidden(float *out, const nca__network_job *job, const float *ahead,
                      size_t ahead_floats)
{
    const nca__shape *shape = job->shape;
    const nca__weights weights = nca__weights_carve(job->weights, shape);
    const nca__matmul hidden = {
        .out = out,
        .out_stride = shape->hidden_stride,
        .a = job->p,
        .a_row = shape->inputs,
        .a_depth = 1,
        .b = weights.w1_in_hidden,
        .b_stride = shape->hidden_stride,
        .rows = nca__network_rows(job),
        .columns = shape->padded_hidden,
        .depth = shape->inputs,
        .start = weights.b1,
        .relu = true,
        .ahead = ahead,
        .ahead_floats = ahead_floats,
    };
    job->kernels->matmul(&hidden);
}

static void forward(const nca__network_job *job)
{
    const nca__shape *shape = job->shape;
    const nca__weights weights = nca__weights_carve(job->weights, shape);
    uintptr_t cursor = (uintptr_t)job->scratch;
    const nca__fp32_scratch own = nca__fp32_scratch_carve(&cursor, shape);
    /* If the layer is kept, the next one will be written after it. */
    float *hidden = job->hidden != NULL ? job->hidden : own.h;
    const size_t floats = nca__network_rows(job) * shape->hidden_stride;
    nca__lap(job->watch, NCA_PART_HIDDEN);
    nca__fp32_hidden(hidden, job, job->hidden != NULL ? hidden + floats : NULL, floats);
    const nca__matmul output = {
        .out = job->dx,
        .out_stride = shape->padded_channels,
        .a = hidden,
        .a_row = shape->hidden_stride,
        .a_depth = 1,
        .b = weights.w2_hidden_out,
        .b_stride = shape->padded_channels,
        .rows = nca__network_rows(job),
        .columns = shape->padded_channels,
        .depth = shape->hidden,
        .start = weights.b2,
    };
    nca__lap(job->watch, NCA_PART_OUTPUT);
    job->kernels->matmul(&output);
}

const nca__network nca__network_fp32 = {
    .name = "fp32",
    .keeps_hidden = true,
    .form = form,
    .weights_bytes = weights_bytes,
    .scratch_bytes = scratch_bytes,
    .pack = pack,
    .prepare = prepare,
    .forward = forward,
    .backward = nca__fp32_backward,
};
