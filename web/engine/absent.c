/* What the core can call and a page never does: training, bf16 and int8. Without their code the
 * engine is half as large. */
#include "core/bf16_network.h"
#include "core/tape.h"

void nca__backward_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    (void)tape, (void)t, (void)band, (void)workspace;
    __builtin_trap();
}

void nca__spread_band(nca__tape *tape, size_t band)
{
    (void)tape, (void)band;
    __builtin_trap();
}

void nca__bf16_forward(nca__workspace *workspace, const nca__engine *engine, const float *x)
{
    (void)workspace, (void)engine, (void)x;
    __builtin_trap();
}

void nca__int8_forward(nca__workspace *workspace, const nca__engine *engine, const float *x)
{
    (void)workspace, (void)engine, (void)x;
    __builtin_trap();
}

void nca__bf16_weights_pack(nca__bf16_weights *weights, const nca__weights *packed,
                            const nca__shape *shape, const nca__bf16_kernels *kernels)
{
    (void)weights, (void)packed, (void)shape, (void)kernels;
    __builtin_trap();
}

void nca__int8_weights_pack(nca__int8_weights *weights, const nca__shape *shape, const float *flat,
                            const nca_automaton *automaton)
{
    (void)weights, (void)shape, (void)flat, (void)automaton;
    __builtin_trap();
}

void nca__bf16_chunk_fill(nca__bf16_chunk *chunk, size_t rows)
{
    (void)chunk, (void)rows;
    __builtin_trap();
}

nca__bf16_chunk nca__bf16_chunk_carve(uintptr_t *cursor, const nca__shape *shape, size_t rows)
{
    (void)cursor, (void)shape, (void)rows;
    __builtin_trap();
}

/* Of the bytes that a workspace has for no rows of int8. */
size_t nca__int8_units(const nca__shape *shape)
{
    (void)shape;
    return 0;
}
