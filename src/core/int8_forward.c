/* The update network of a chunk in int8: perception in fp32, then both dense layers on bytes. */
#include "core/engine.h"

void nca__int8_forward(nca__workspace *workspace, const nca__engine *engine, const float *x)
{
    const nca__shape *shape = &engine->shape;
    const size_t units = nca__int8_units(shape);
    const size_t rows = nca__chunk_rows(workspace);
    nca__perceive_chunk(workspace, engine, x);
    nca__int8_quantise quantise = {
        .q = workspace->p_bytes,
        .scale = workspace->p_scales,
        .p = workspace->p,
        .p_stride = shape->inputs,
        .rows = rows,
        .depth = shape->inputs,
    };
    engine->int8->quantise(&quantise);
    nca__int8_hidden hidden = {
        .h = workspace->h_bytes,
        .h_scale = workspace->h_scales,
        .p = workspace->p_bytes,
        .p_scale = workspace->p_scales,
        .layer = &engine->int8_weights.hidden,
        .v = workspace->h,
        .rows = rows,
        .depth = shape->inputs,
        .units = units,
    };
    nca__lap(workspace->watch, NCA_PART_HIDDEN);
    engine->int8->hidden(&hidden);
    nca__int8_output output = {
        .out = workspace->dx,
        .h = workspace->h_bytes,
        .h_scale = workspace->h_scales,
        .layer = &engine->int8_weights.output,
        .rows = rows,
        .depth = units,
        .columns = shape->padded_channels,
    };
    nca__lap(workspace->watch, NCA_PART_OUTPUT);
    engine->int8->output(&output);
}
