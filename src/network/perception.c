/* The table of perceptions: a fixed filter and its transpose, with the same taps for all channels,
 * and learned filters, for which every channel has its own taps. */
#include "network/perception.h"

#include <string.h>

static size_t fixed_bytes(const nca__shape *shape)
{
    (void)shape;
    return sizeof(nca__stencil);
}

static void fixed_pack(void *taps, const nca__shape *shape, const float *flat,
                       const nca_automaton *automaton)
{
    (void)shape, (void)flat;
    nca__stencil *stencil = taps;
    nca_automaton_filters(stencil->x, stencil->y, automaton);
}

static void fixed_perceive(nca__perceive *job, const void *taps, const nca_kernels *kernels)
{
    job->stencil = taps;
    kernels->perceive(job);
}

static void fixed_spread(nca__spread *job, const void *taps, const nca_kernels *kernels)
{
    job->stencil = taps;
    kernels->spread(job);
}

static const nca__perception fixed = {
    .bytes = fixed_bytes,
    .pack = fixed_pack,
    .perceive = fixed_perceive,
    .spread = fixed_spread,
};

/* Packed: (tap rows, Cp), with padding 0. */
static size_t learned_bytes(const nca__shape *shape)
{
    return shape->tap_rows * shape->padded_channels * sizeof(float);
}

static void learned_pack(void *taps, const nca__shape *shape, const float *flat,
                         const nca_automaton *automaton)
{
    const float *from = nca_parameters_view((float *)flat, automaton).taps; /* only read */
    float *to = taps;
    memset(to, 0, learned_bytes(shape));
    for (size_t row = 0; row < shape->tap_rows; row++) {
        memcpy(to + row * shape->padded_channels, from + row * shape->channels,
               shape->channels * sizeof *to);
    }
}

static void learned_perceive(nca__perceive *job, const void *taps, const nca_kernels *kernels)
{
    job->taps = taps;
    kernels->perceive_learned(job);
}

static void learned_spread(nca__spread *job, const void *taps, const nca_kernels *kernels)
{
    job->taps = taps;
    kernels->spread_learned(job);
}

static void learned_sum(const nca__perceive *job, const nca_kernels *kernels)
{
    kernels->sum_taps(job);
}

static const nca__perception learned = {
    .bytes = learned_bytes,
    .pack = learned_pack,
    .perceive = learned_perceive,
    .spread = learned_spread,
    .sum = learned_sum,
};

const nca__perception *nca__perception_of(const nca_automaton *automaton)
{
    return automaton->filter == NCA_FILTER_LEARNED ? &learned : &fixed;
}
