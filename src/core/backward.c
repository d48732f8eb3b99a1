/* One step backward, band by band: gradients through the masks and the update network, then
 * through the perception.
 *
 * With D the gradient of x(t):  dy = D where live, else 0;  for cells that fired
 *   ddx = step * dy    dh = (W2' ddx) where h > 0    dp = W1' dh
 *   dW2 += ddx h'      db2 += ddx                    dW1 += dh p'     db1 += dh
 * and the gradient of x(t-1) is dy + identity part of dp + the filters' transposes of the rest.
 * The masks are steps; their gradient is taken as zero, as PyTorch takes it. */
#include <string.h>

#include "core/tape.h"

/* The sums over the chunk's cells, each continuing from the chunk before. */
static void sum_gradients(const nca__workspace *workspace, const nca__engine *engine,
                          const nca__sums *sums)
{
    const nca__shape *shape = &engine->shape;
    nca__matmul job = {.rows = shape->inputs,
                       .columns = shape->padded_hidden,
                       .depth = workspace->count,
                       .a = workspace->p,
                       .a_row = 1,
                       .a_depth = shape->inputs,
                       .b = workspace->dh,
                       .b_stride = shape->hidden_stride,
                       .out = sums->w1,
                       .out_stride = shape->hidden_stride,
                       .start = sums->w1,
                       .start_stride = shape->hidden_stride};
    engine->kernels->matmul(&job); /* dW1 (K*Cp, N) */
    job.rows = 1;
    job.a = workspace->ones;
    job.a_row = 0;
    job.a_depth = 1;
    job.out = sums->b1;
    job.start = sums->b1;
    engine->kernels->matmul(&job); /* db1 (N) */
    job.rows = shape->channels;
    job.a = workspace->dx;
    job.a_row = 1;
    job.a_depth = shape->padded_channels;
    job.b = workspace->h;
    job.out = sums->w2;
    job.start = sums->w2;
    engine->kernels->matmul(&job); /* dW2 (C, N) */
    job.rows = 1;
    job.columns = shape->padded_channels;
    job.a = workspace->ones;
    job.a_row = 0;
    job.a_depth = 1;
    job.b = workspace->dx;
    job.b_stride = shape->padded_channels;
    job.out = sums->b2;
    job.start = sums->b2;
    engine->kernels->matmul(&job); /* db2 (C) */
}

/* Gradients of the hidden layer and of the perception. */
static void network_backward(nca__workspace *workspace, const nca__engine *engine)
{
    const nca__shape *shape = &engine->shape;
    nca__matmul hidden = {
        .out = workspace->dh,
        .out_stride = shape->hidden_stride,
        .a = workspace->dx,
        .a_row = shape->padded_channels,
        .a_depth = 1,
        .b = engine->weights.w2_out_hidden,
        .b_stride = shape->hidden_stride,
        .rows = workspace->count,
        .columns = shape->padded_hidden,
        .depth = shape->channels,
        .gate = workspace->h,
        .gate_stride = shape->hidden_stride,
    };
    engine->kernels->matmul(&hidden);
    nca__matmul perception = {
        .out = workspace->dp,
        .out_stride = shape->inputs,
        .a = workspace->dh,
        .a_row = shape->hidden_stride,
        .a_depth = 1,
        .b = engine->weights.w1_hidden_in,
        .b_stride = shape->inputs,
        .rows = workspace->count,
        .columns = shape->inputs,
        .depth = shape->hidden,
    };
    engine->kernels->matmul(&perception);
}

static void backward_chunk(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__shape *shape = &engine->shape;
    size_t channels = shape->padded_channels;
    if (workspace->count == 0) {
        return;
    }
    nca__hidden_forward(workspace, engine, nca__tape_state(tape, t - 1));
    for (size_t i = 0; i < workspace->count; i++) {
        const float *d = tape->d + workspace->cell_at[i] * channels;
        for (size_t c = 0; c < channels; c++) {
            workspace->dx[i * channels + c] = engine->automaton.step_size * d[c];
        }
    }
    network_backward(workspace, engine);
    nca__sums sums = nca__sums_carve(tape->sums + band * nca__sums_floats(shape), shape);
    sum_gradients(workspace, engine, &sums);
    for (size_t i = 0; i < workspace->count; i++) {
        float *d = tape->d + workspace->cell_at[i] * channels;
        const float *dp = workspace->dp + i * shape->inputs;
        for (size_t c = 0; c < channels; c++) {
            d[c] += dp[c];
        }
        memcpy(tape->dp + 2 * workspace->state_at[i], dp + channels, 2 * channels * sizeof(float));
        tape->dp_written[workspace->cell_at[i]] = 1;
    }
    workspace->count = 0;
}

/* Cuts the gradient of cells that the masks zeroed, and clears what the step after this one left
 * in dp for cells that are not active now. Collects the active cells. */
static void backward_row(nca__tape *tape, size_t t, size_t band, size_t row,
                         nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    size_t channels = layout->padded_channels;
    const uint8_t *live = nca__tape_live(tape, t) + row * layout->width;
    uint32_t step = tape->pass.first_step + (uint32_t)(t - 1);
    size_t first = 0;
    size_t last = 0;
    bool any = nca__extent(&first, &last, live, layout->width);
    const uint8_t *fired =
        any ? nca__draw_row(workspace, engine, &tape->pass.firing, step, row, first, last) : NULL;
    tape->dp_rows[row] = 0;
    for (size_t column = 0; column < layout->width; column++) {
        size_t cell = row * layout->width + column;
        size_t at = nca__state_at(layout, row, column);
        if (!live[column]) {
            memset(tape->d + cell * channels, 0, channels * sizeof(float));
        }
        if (live[column] && fired[column - first]) {
            tape->dp_rows[row] = 1;
            workspace->state_at[workspace->count] = at;
            workspace->cell_at[workspace->count] = cell;
            workspace->count++;
            if (workspace->count == NCA__CHUNK) {
                backward_chunk(tape, t, band, workspace);
            }
        } else if (tape->dp_written[cell]) {
            memset(tape->dp + 2 * at, 0, 2 * channels * sizeof(float));
            tape->dp_written[cell] = 0;
        }
    }
}

void nca__backward_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    size_t begin = nca__band_begin(layout, band);
    size_t end = nca__band_end(layout, band);
    workspace->count = 0;
    for (size_t row = begin; row < end; row++) {
        backward_row(tape, t, band, row, workspace);
    }
    backward_chunk(tape, t, band, workspace);
    for (size_t row = begin; row < end; row++) {
        nca__wrap_row(tape->dp, layout, row, 2 * layout->padded_channels);
    }
}

/* Whether the row or a neighbour has a gradient to spread. Rows beyond a zero boundary have none,
 * and rows beyond a torus's edge are those of the other side. */
static bool row_receives(const nca__tape *tape, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    size_t height = layout->height;
    bool above = row > 0 ? tape->dp_rows[row - 1] : layout->circular && tape->dp_rows[height - 1];
    bool below = row + 1 < height ? tape->dp_rows[row + 1] : layout->circular && tape->dp_rows[0];
    return above || below || tape->dp_rows[row];
}

void nca__spread_band(nca__tape *tape, size_t band)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        if (!row_receives(tape, row)) {
            continue;
        }
        nca__spread job = {
            .d = tape->d + row * layout->width * layout->padded_channels,
            .dp = tape->dp + 2 * nca__state_at(layout, row, 0),
            .dp_row_stride = 2 * layout->row_stride,
            .count = layout->width,
            .channels = layout->padded_channels,
            .stencil = &engine->stencil,
        };
        engine->kernels->spread(&job);
    }
}
