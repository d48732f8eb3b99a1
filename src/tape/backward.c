/* One step backward, band by band: gradients through the masks and the update network, then through
 * the perception.
 *
 * Let D be the gradient of x(t) (H,W,C). Then dy = D where a cell is live, else 0. For cells that
 * fired, the network computes dp from ddx = step * dy, and adds to the gradients of its weights
 * (network/network.h). The gradient of x(t-1) is dy + the identity part of dp + the transposed
 * filters applied to the rest. The masks are step functions; their gradient is taken as zero, as in
 * PyTorch. */
#include <string.h>

#include "tape/tape.h"

/* Kept rows that this thread will need next: for the next chunk of the band, or for the previous
 * step. */
typedef struct upcoming {
    const float *rows;
    size_t floats;
} upcoming;

static upcoming upcoming_rows(const nca__tape *tape, size_t t, size_t band,
                              const nca__workspace *workspace)
{
    size_t passed = 0;
    if (workspace->count == NCA__CHUNK) {
        passed = workspace->kept_at[NCA__CHUNK - 1] + 1;
    } else if (t > 1) {
        t--;
    }
    const float *rows = nca__kept_find(&tape->kept_hidden, t, band);
    if (rows == NULL) {
        return (upcoming){NULL, 0};
    }
    const size_t stride = tape->kept_hidden.row_floats;
    const size_t left = nca__kept_count(&tape->kept_hidden, t, band) - passed;
    return (upcoming){rows + passed * stride, (left < NCA__CHUNK ? left : NCA__CHUNK) * stride};
}

/* The chunk's contribution to the gradient of the taps. */
static void sum_taps(const nca__engine *engine, const nca__workspace *workspace, const float *x,
                     const nca__sums *sums)
{
    if (engine->perception->sum == NULL) {
        return;
    }
    nca__perceive job = nca__perceive_job(workspace, engine, x, workspace->dp);
    job.sums = sums->taps;
    nca__lap(workspace->watch, NCA_PART_WEIGHT_GRADIENTS);
    engine->perception->sum(&job, engine->kernels);
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
    for (size_t i = 0; shape->input_channels > 0 && i < workspace->count; i++) {
        memset(workspace->dx + i * shape->padded_channels, 0,
               shape->input_channels * sizeof(float));
    }
    nca__perceive_chunk(workspace, engine, x);
    const upcoming next = upcoming_rows(tape, t, band, workspace);
    nca__network_job job = nca__network_job_of(workspace, engine);
    job.kept = nca__kept_find(&tape->kept_hidden, t, band);
    job.kept_at = workspace->kept_at;
    job.ahead = next.rows;
    job.ahead_floats = next.floats;
    engine->network->backward(&job, &sums);
    sum_taps(engine, workspace, x, &sums);
    nca__lap(workspace->watch, NCA_PART_SCATTER);
    const nca__deliver deliver = {
        .d = tape->d,
        .dp = tape->dp,
        .p = workspace->dp,
        .p_stride = shape->inputs,
        .cells = workspace->state_at,
        .count = workspace->count,
        .channels = shape->padded_channels,
        .filtered = shape->filtered,
    };
    engine->kernels->deliver(&deliver);
    workspace->count = 0;
    nca__lap(workspace->watch, NCA_PART_PACK);
}

/* Sets the gradient of cells that the masks zeroed to 0, except for input channels, and clears what
 * the following step has left in dp. */
static void clear_row(nca__tape *tape, const uint8_t *live, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t channels = layout->padded_channels;
    const size_t at = nca__state_at(layout, row, 0);
    const size_t inputs = tape->engine->shape.input_channels;
    nca__span *d = &tape->d_spans[row];
    nca__span *dp = &tape->dp_spans[row];
    for (size_t column = 0; inputs > 0 && column < layout->width; column++) {
        if ((live[column] & NCA__LIVE) == 0) {
            memset(tape->d + at + column * channels + inputs, 0,
                   (channels - inputs) * sizeof(float));
        }
    }
    for (size_t column = d->begin, end; inputs == 0 && column < d->end; column = end) {
        end = column + 1;
        while (end < d->end && (live[end] & NCA__LIVE) == (live[column] & NCA__LIVE)) {
            end++;
        }
        if ((live[column] & NCA__LIVE) == 0) {
            memset(tape->d + at + column * channels, 0, (end - column) * channels * sizeof(float));
        }
    }
    while (inputs == 0 && d->begin < d->end && (live[d->begin] & NCA__LIVE) == 0) {
        d->begin++;
    }
    while (inputs == 0 && d->begin < d->end && (live[d->end - 1] & NCA__LIVE) == 0) {
        d->end--;
    }
    const size_t filtered = tape->engine->shape.filtered;
    memset(tape->dp + filtered * (at + dp->begin * channels), 0,
           (dp->end - dp->begin) * filtered * channels * sizeof(float));
    *dp = (nca__span){0, 0};
}

/* Prefetches a row of the state that the next backward step will read: the rest of the rollout was
 * processed since its last use, so it is no longer in the fast caches. */
static void prefetch_row(const nca__tape *tape, size_t t, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    if (t < 2) {
        return;
    }
    const nca__span span = tape->d_spans[row]; /* a good estimate of the cells that will be alive */
    const float *x = nca__tape_state(tape, t - 2) + nca__state_at(layout, row, span.begin);
    for (size_t at = 0; at < (span.end - span.begin) * layout->padded_channels; at += NCA_LANES) {
        __builtin_prefetch(x + at, 0, 2);
    }
}

/* Adds the cells of columns begin..end-1 that were alive and fired, until the chunk is full;
 * returns the column after the last one examined. *fired counts the cells of the band that
 * fired. */
static size_t add_active(nca__workspace *workspace, const nca__layout *layout, const uint8_t *live,
                         size_t row, size_t begin, size_t end, uint32_t *fired)
{
    size_t *restrict state_at = workspace->state_at;
    uint32_t *restrict kept_at = workspace->kept_at;
    const size_t cell = layout->padded_channels;
    size_t at = nca__state_at(layout, row, begin);
    size_t count = workspace->count;
    uint32_t place = *fired;
    size_t column = begin;
    for (; column < end && count < NCA__CHUNK; column++, at += cell) {
        state_at[count] = at;
        kept_at[count] = place;
        count += live[column] == NCA__ACTIVE;
        place += live[column] >= NCA__FIRED;
    }
    workspace->count = count;
    *fired = place;
    return column;
}

/* Adds the cells that were alive and fired to the chunk. */
static void backward_row(nca__tape *tape, size_t t, size_t band, size_t row,
                         nca__workspace *workspace, uint32_t *fired)
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
    for (size_t column = 0; column < layout->width;) {
        column = add_active(workspace, layout, live, row, column, layout->width, fired);
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
    uint32_t fired = 0;
    workspace->count = 0;
    nca__lap(workspace->watch, NCA_PART_PACK);
    for (size_t row = begin; row < end; row++) {
        backward_row(tape, t, band, row, workspace, &fired);
    }
    backward_chunk(tape, t, band, workspace);
    for (size_t row = begin; layout->boundary->torus && row < end; row++) {
        nca__fill_halo(tape->dp, layout, row,
                       tape->engine->shape.filtered * layout->padded_channels);
    }
}

/* The columns of a row that can receive a gradient. On a torus, the rows beyond an edge are those
 * of the other side; for other boundaries they have no gradient. The gradient of a copy outside
 * comes from the neighbours of its source or from the source itself, so it is also inside these
 * columns. */
static nca__span receiving(const nca__tape *tape, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t height = layout->height;
    const bool torus = layout->boundary->torus;
    const nca__span none = {0, 0};
    const nca__span *spans = tape->dp_spans;
    nca__span span = spans[row];
    span = nca__span_union(span, row > 0 ? spans[row - 1] : torus ? spans[height - 1] : none);
    span = nca__span_union(span, row + 1 < height ? spans[row + 1] : torus ? spans[0] : none);
    if (span.begin == span.end) {
        return none;
    }
    if (torus && (span.begin == 0 || span.end == layout->width)) {
        return (nca__span){0, layout->width};
    }
    return (nca__span){span.begin == 0 ? 0 : span.begin - 1,
                       span.end == layout->width ? span.end : span.end + 1};
}

/* Adds the gradient that the cells from (row_at, column_at) on receive through the filters to the
 * cells of a row from column `to` on; the former may be in the halo. */
static void spread_run(const nca__tape *tape, size_t row, size_t to, ptrdiff_t row_at,
                       ptrdiff_t column_at, size_t count)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    const ptrdiff_t from = (row_at + 1) * (ptrdiff_t)layout->row_stride +
                           (column_at + 1) * (ptrdiff_t)layout->padded_channels;
    const size_t filtered = engine->shape.filtered;
    nca__spread job = {
        .d = tape->d + nca__state_at(layout, row, to),
        .dp = tape->dp + (ptrdiff_t)filtered * from,
        .dp_row_stride = filtered * layout->row_stride,
        .count = count,
        .channels = layout->padded_channels,
        .filtered = filtered,
    };
    engine->perception->spread(&job, engine->taps, engine->kernels);
}

/* The transpose of filling the halo, for one row: adds the gradient of the copies of its cells
 * beyond the left and the right end of row `at`, which is the row itself or one of its copies. */
static void fold_ends(const nca__tape *tape, size_t row, ptrdiff_t at, nca__span span)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t width = layout->width;
    if (span.begin == 0) {
        spread_run(tape, row, layout->boundary->source(-1, width), at, -1, 1);
    }
    if (span.end == width) {
        spread_run(tape, row, layout->boundary->source((ptrdiff_t)width, width), at,
                   (ptrdiff_t)width, 1);
    }
}

/* Adds the gradients of all copies of a row's cells: first those beyond its ends, then those in the
 * rows above and below the grid if these are copies of this row, each followed by its own ends. */
static void fold_copies(const nca__tape *tape, size_t row, nca__span span)
{
    const nca__layout *layout = &tape->engine->layout;
    const nca__boundary *boundary = layout->boundary;
    const ptrdiff_t outside[2] = {-1, (ptrdiff_t)layout->height};
    fold_ends(tape, row, (ptrdiff_t)row, span);
    for (int i = 0; i < 2; i++) {
        if (boundary->source(outside[i], layout->height) == row) {
            spread_run(tape, row, span.begin, outside[i], (ptrdiff_t)span.begin,
                       span.end - span.begin);
            fold_ends(tape, row, outside[i], span);
        }
    }
}

void nca__spread_band(nca__tape *tape, size_t band)
{
    const nca__layout *layout = &tape->engine->layout;
    const bool folds = layout->boundary->source != NULL && !layout->boundary->torus;
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        const nca__span span = receiving(tape, row);
        if (span.begin == span.end) {
            continue;
        }
        spread_run(tape, row, span.begin, (ptrdiff_t)row, (ptrdiff_t)span.begin,
                   span.end - span.begin);
        if (folds) {
            fold_copies(tape, row, span);
        }
        tape->d_spans[row] = nca__span_union(tape->d_spans[row], span);
    }
}
