/* The table of perceptions. One kind so far: a fixed filter and its transpose, whose taps all
 * channels share. */
#include "network/perception.h"

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

const nca__perception *nca__perception_of(const nca_automaton *automaton)
{
    (void)automaton;
    return &fixed;
}
