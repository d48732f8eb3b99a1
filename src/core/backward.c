/* One step backward, band by band: gradients through the masks and the update network, then
 * through the perception.
 *
 * With D the gradient of x(t):  dy = D where live, else 0;  for cells that fired
 *   ddx = step * dy    dh = (W2' ddx) where h > 0    dp = W1' dh
 *   dW2 += ddx h'      db2 += ddx                    dW1 += dh p'     db1 += dh
 * and the gradient of x(t-1) is dy + identity part of dp + the filters' transposes of the rest.
 * The masks are steps; their gradient is taken as zero, as PyTorch takes it. */
#include <string.h>

#include "core/bf16_network.h"
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
        .rows = nca__chunk_rows(workspace),
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
        .rows = nca__chunk_rows(workspace),
        .columns = shape->inputs,
        .depth = shape->hidden,
    };
    engine->kernels->matmul(&perception);
}

static void backward_chunk(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__shape *shape = &engine->shape;
    if (workspace->count == 0) {
        return;
    }
    const float *x = nca__tape_state(tape, t - 1);
    const nca__sums sums = nca__sums_carve(tape->sums + band * nca__sums_floats(shape), shape);
    nca__lap(workspace->watch, NCA_PART_SCATTER);
    const nca__collect collect = {
        .dx = workspace->dx,
        .d = tape->d,
        .cells = workspace->state_at,
        .count = workspace->count,
        .channels = shape->padded_channels,
        .step = engine->automaton.step_size,
    };
    engine->kernels->collect(&collect);
    if (engine->bf16 != NULL) {
        nca__bf16_backward(workspace, engine, x, &sums);
    } else {
        nca__hidden_forward(workspace, engine, x, NCA_PART_HIDDEN_AGAIN);
        nca__lap(workspace->watch, NCA_PART_LAYER_GRADIENTS);
        network_backward(workspace, engine);
        nca__lap(workspace->watch, NCA_PART_WEIGHT_GRADIENTS);
        sum_gradients(workspace, engine, &sums);
    }
    nca__lap(workspace->watch, NCA_PART_SCATTER);
    const nca__deliver deliver = {
        .d = tape->d,
        .dp = tape->dp,
        .p = workspace->dp,
        .p_stride = shape->inputs,
        .cells = workspace->state_at,
        .count = workspace->count,
        .channels = shape->padded_channels,
    };
    engine->kernels->deliver(&deliver);
    workspace->count = 0;
    nca__lap(workspace->watch, NCA_PART_PACK);
}

/* Cuts the gradient of cells that the masks zeroed, and forgets what the step after this one left
 * in dp. */
static void clear_row(nca__tape *tape, const uint8_t *live, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t channels = layout->padded_channels;
    const size_t at = nca__state_at(layout, row, 0);
    nca__span *d = &tape->d_spans[row];
    nca__span *dp = &tape->dp_spans[row];
    for (size_t column = d->begin, end; column < d->end; column = end) {
        end = column + 1;
        while (end < d->end && (live[end] & NCA__LIVE) == (live[column] & NCA__LIVE)) {
            end++;
        }
        if ((live[column] & NCA__LIVE) == 0) {
            memset(tape->d + at + column * channels, 0, (end - column) * channels * sizeof(float));
        }
    }
    while (d->begin < d->end && (live[d->begin] & NCA__LIVE) == 0) {
        d->begin++;
    }
    while (d->begin < d->end && (live[d->end - 1] & NCA__LIVE) == 0) {
        d->end--;
    }
    memset(tape->dp + 2 * (at + dp->begin * channels), 0,
           (dp->end - dp->begin) * 2 * channels * sizeof(float));
    *dp = (nca__span){0, 0};
}

/* Asks for a row of the state that the next step back will read: between two uses of a state lies
 * the rest of the rollout, so it is no longer in the fast caches. */
static void prefetch_row(const nca__tape *tape, size_t t, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    if (t < 2) {
        return;
    }
    const nca__span span = tape->d_spans[row]; /* near enough to what will be alive then */
    const float *x = nca__tape_state(tape, t - 2) + nca__state_at(layout, row, span.begin);
    for (size_t at = 0; at < (span.end - span.begin) * layout->padded_channels; at += NCA_LANES) {
        __builtin_prefetch(x + at, 0, 2);
    }
}

/* Puts the cells that were alive and fired into the chunk. */
static void backward_row(nca__tape *tape, size_t t, size_t band, size_t row,
                         nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    const uint8_t *live = nca__tape_live(tape, t) + row * layout->width;
    clear_row(tape, live, row);
    prefetch_row(tape, t, row);
    size_t begin = 0;
    size_t end = layout->width;
    while (begin < end && live[begin] != NCA__ACTIVE) {
        begin++;
    }
    while (begin < end && live[end - 1] != NCA__ACTIVE) {
        end--;
    }
    for (size_t column = begin; column < end;) {
        column = nca__chunk_add(workspace, layout, live, NCA__ACTIVE, row, column, end);
        if (workspace->count == NCA__CHUNK) {
            backward_chunk(tape, t, band, workspace);
        }
    }
    tape->dp_spans[row] = (nca__span){begin, end};
}

void nca__backward_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    size_t begin = nca__band_begin(layout, band);
    size_t end = nca__band_end(layout, band);
    workspace->count = 0;
    nca__lap(workspace->watch, NCA_PART_PACK);
    for (size_t row = begin; row < end; row++) {
        backward_row(tape, t, band, row, workspace);
    }
    backward_chunk(tape, t, band, workspace);
    for (size_t row = begin; row < end; row++) {
        nca__wrap_row(tape->dp, layout, row, 2 * layout->padded_channels);
    }
}

/* The columns of a row that have a gradient to receive. Rows beyond a zero boundary have none to
 * give, and rows beyond a torus's edge are those of the other side. */
static nca__span receiving(const nca__tape *tape, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t height = layout->height;
    const nca__span none = {0, 0};
    const nca__span *spans = tape->dp_spans;
    nca__span span = spans[row];
    span = nca__span_union(span, row > 0            ? spans[row - 1]
                                 : layout->circular ? spans[height - 1]
                                                    : none);
    span = nca__span_union(span, row + 1 < height   ? spans[row + 1]
                                 : layout->circular ? spans[0]
                                                    : none);
    if (span.begin == span.end) {
        return none;
    }
    if (layout->circular && (span.begin == 0 || span.end == layout->width)) {
        return (nca__span){0, layout->width};
    }
    return (nca__span){span.begin == 0 ? 0 : span.begin - 1,
                       span.end == layout->width ? span.end : span.end + 1};
}

void nca__spread_band(nca__tape *tape, size_t band)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        const nca__span span = receiving(tape, row);
        if (span.begin == span.end) {
            continue;
        }
        const size_t at = nca__state_at(layout, row, span.begin);
        const nca__spread job = {
            .d = tape->d + at,
            .dp = tape->dp + 2 * at,
            .dp_row_stride = 2 * layout->row_stride,
            .count = span.end - span.begin,
            .channels = layout->padded_channels,
            .stencil = &engine->stencil,
        };
        engine->kernels->spread(&job);
        tape->d_spans[row] = nca__span_union(tape->d_spans[row], span);
    }
}
