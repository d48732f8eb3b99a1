/* One step forward, band by band: update the cells that fire, then mask what is not alive.
 *
 * y (H,W,C) is x + step * dx in cells that fire, else x. Only candidates run the network: cells
 * within a distance of two from a mark in x. A dead cell next to an alive cell becomes zero at the
 * end of the step, but before that its y may set the marks of its neighbours, so it must be
 * computed. */
#include <string.h>

#include "core/alive.h"
#include "tape/tape.h"

/* Clears the update of the padding channels. It is normally 0, but if a hidden unit is not finite,
 * its product with a weight of 0 is NaN, which would spread through perception. */
static void clear_padding(float *dx, const nca__shape *shape, size_t count)
{
    size_t padding = shape->padded_channels - shape->channels;
    for (size_t i = 0; padding > 0 && i < count; i++) {
        memset(dx + i * shape->padded_channels + shape->channels, 0, padding * sizeof *dx);
    }
}

/* Zeroes a cell, except for its input channels. */
static void clear_cell(float *cell, const nca__shape *shape)
{
    memset(cell + shape->input_channels, 0,
           (shape->padded_channels - shape->input_channels) * sizeof *cell);
}

/* Copies the input channels of the chunk's cells. Adding an update of 0 would not be enough: it
 * does not preserve -0, and is NaN if a hidden unit is not finite. */
static void keep_inputs(float *y, const float *x, const nca__workspace *workspace,
                        const nca__shape *shape)
{
    for (size_t i = 0; shape->input_channels > 0 && i < workspace->count; i++) {
        memcpy(y + workspace->state_at[i], x + workspace->state_at[i],
               shape->input_channels * sizeof *y);
    }
}

/* Runs the network on the chunk, and writes y and its marks. */
static void update_chunk(nca__tape *tape, size_t t, nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__shape *shape = &engine->shape;
    const float *x = nca__tape_state(tape, t - 1);
    float *y = nca__tape_state(tape, t);
    if (workspace->count == 0) {
        return;
    }
    nca__perceive_chunk(workspace, engine, x);
    nca__network_job job = nca__network_job_of(workspace, engine);
    job.hidden = workspace->hidden;
    engine->network->forward(&job);
    nca__lap(workspace->watch, NCA_PART_SCATTER);
    clear_padding(workspace->dx, shape, workspace->count);
    nca__advance advance = {
        .y = y,
        .x = x,
        .dx = workspace->dx,
        .cells = workspace->state_at,
        .count = workspace->count,
        .channels = shape->padded_channels,
        .step = engine->automaton.step_size,
    };
    engine->kernels->advance(&advance);
    keep_inputs(y, x, workspace, shape);
    if (engine->masked) {
        const nca__layout *layout = &engine->layout;
        const uint8_t *live = nca__tape_live(tape, t);
        size_t channel = (size_t)engine->automaton.alive_channel;
        for (size_t i = 0; i < workspace->count; i++) {
            const size_t row = workspace->row_at[i];
            const size_t column = workspace->column_at[i];
            float *cell = y + workspace->state_at[i];
            tape->over_y[nca__mark_at(layout, row, column)] =
                cell[channel] > engine->automaton.alive_threshold;
            if ((live[row * layout->width + column] & NCA__LIVE) == 0) {
                clear_cell(cell, shape);
            }
        }
    }
    if (workspace->hidden != NULL) {
        workspace->hidden += workspace->count * shape->hidden_stride;
    }
    workspace->count = 0;
    nca__lap(workspace->watch, NCA_PART_PACK);
}

/* Copies a row whose dead cells keep their input channels. */
static void copy_row_of_inputs(nca__tape *tape, size_t t, const uint8_t *alive, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t at = nca__state_at(layout, row, 0);
    float *y = nca__tape_state(tape, t) + at;
    memcpy(y, nca__tape_state(tape, t - 1) + at,
           layout->width * layout->padded_channels * sizeof(float));
    for (size_t column = 0; column < layout->width; column++) {
        if (!alive[column]) {
            clear_cell(y + column * layout->padded_channels, &tape->engine->shape);
        }
    }
    *nca__tape_span(tape, t, row) = (nca__span){0, layout->width};
}

/* Copies the cells of a row that are alive before the step, run by run, and zeroes dead cells that
 * still have values from an earlier use of the plane. */
static void copy_row(nca__tape *tape, size_t t, const uint8_t *alive, size_t row)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t cell = layout->padded_channels;
    const float *x = nca__tape_state(tape, t - 1) + nca__state_at(layout, row, 0);
    float *y = nca__tape_state(tape, t) + nca__state_at(layout, row, 0);
    nca__span *held = nca__tape_span(tape, t, row);
    if (!tape->engine->masked) {
        memcpy(y, x, layout->width * cell * sizeof(float));
        *held = (nca__span){0, layout->width};
        return;
    }
    if (tape->engine->shape.input_channels > 0) {
        copy_row_of_inputs(tape, t, alive, row);
        return;
    }
    size_t first;
    size_t last;
    nca__span kept = {0, 0};
    if (nca__extent(&first, &last, alive, layout->width)) {
        kept = (nca__span){first, last + 1};
    }
    const nca__span written = nca__span_union(*held, kept);
    size_t end;
    for (size_t column = written.begin; column < written.end; column = end) {
        end = nca__run_end(alive, column, written.end);
        const size_t run = (end - column) * cell * sizeof(float);
        if (alive[column]) {
            memcpy(y + column * cell, x + column * cell, run);
        } else {
            memset(y + column * cell, 0, run);
        }
    }
    *held = kept;
}

/* Adds the candidates among columns first..last that fire to the chunk, and records which cells
 * fired for the backward pass. */
static void collect_row(nca__tape *tape, size_t t, size_t row, size_t first, size_t last,
                        nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    const uint32_t step = tape->pass.first_step + (uint32_t)(t - 1);
    nca__lap(workspace->watch, NCA_PART_FIRE);
    const uint8_t *fired =
        nca__draw_row(workspace, engine, &tape->pass.firing, step, row, first, last);
    nca__lap(workspace->watch, NCA_PART_PACK);
    uint8_t *candidates = workspace->candidates;
    uint8_t *live = nca__tape_live(tape, t) + row * layout->width;
    for (size_t column = first; column <= last; column++) {
        candidates[column] &= fired[column - first];
        live[column] |= (uint8_t)(candidates[column] * NCA__FIRED);
    }
    for (size_t column = first; column <= last;) {
        column = nca__chunk_add(workspace, layout, candidates, row, column, last + 1);
        if (workspace->count == NCA__CHUNK) {
            update_chunk(tape, t, workspace);
        }
    }
}

void nca__update_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    const size_t rows = nca__band_end(layout, band) - nca__band_begin(layout, band);
    float *kept = nca__kept_begin(&tape->kept_hidden, t, band, rows * layout->width);
    workspace->hidden = kept;
    workspace->count = 0;
    nca__draw_begin(workspace);
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        uint8_t *alive = nca__tape_live(tape, t) + row * layout->width;
        nca__lap(workspace->watch, NCA_PART_MASKS);
        size_t first = 0;
        size_t last = layout->width - 1;
        bool some = true;
        if (engine->masked) {
            size_t marks = nca__mark_at(layout, row, 0);
            nca__marks_near(alive, workspace->scratch, layout, tape->over_x, row, 1);
            nca__marks_near(workspace->candidates, workspace->scratch, layout, tape->over_x, row,
                            2);
            memcpy(tape->over_y + marks, tape->over_x + marks, layout->width);
            some = nca__extent(&first, &last, workspace->candidates, layout->width);
        } else {
            memset(alive, NCA__LIVE, layout->width);
            memset(workspace->candidates, 1, layout->width);
        }
        nca__lap(workspace->watch, NCA_PART_COPY);
        copy_row(tape, t, alive, row);
        if (some) {
            collect_row(tape, t, row, first, last, workspace);
        }
    }
    update_chunk(tape, t, workspace);
    if (kept != NULL) {
        const size_t floats = (size_t)(workspace->hidden - kept);
        nca__kept_end(&tape->kept_hidden, t, band, floats / engine->shape.hidden_stride);
    }
    for (size_t row = nca__band_begin(layout, band);
         engine->masked && row < nca__band_end(layout, band); row++) {
        nca__fill_mark_halo(tape->over_y, layout, row);
    }
}

void nca__mask_band(nca__tape *tape, size_t t, size_t band, nca__workspace *workspace)
{
    const nca__engine *engine = tape->engine;
    const nca__layout *layout = &engine->layout;
    float *y = nca__tape_state(tape, t);
    const uint8_t zero_is_over = nca__zero_is_over(engine);
    /* If the alive channel is an input channel, it is not zeroed with its cell. */
    const bool frozen = engine->automaton.alive_channel < (int32_t)engine->shape.input_channels;
    const uint8_t kept = frozen ? NCA__LIVE : 0; /* a bit, so that no cell takes a branch */
    nca__lap(workspace->watch, NCA_PART_MASKS);
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        if (engine->masked) {
            const size_t width = layout->width;
            uint8_t *live = nca__tape_live(tape, t) + row * width;
            uint8_t *over_x = tape->over_x + nca__mark_at(layout, row, 0);
            const uint8_t *over_y = tape->over_y + nca__mark_at(layout, row, 0);
            nca__marks_near(workspace->near, workspace->scratch, layout, tape->over_y, row, 1);
            const uint8_t *near = workspace->near;
            for (size_t column = 0; column < width; column++) {
                if ((live[column] & NCA__LIVE) != 0 && !near[column]) {
                    live[column] &= NCA__FIRED;
                    clear_cell(y + nca__state_at(layout, row, column), &engine->shape);
                }
                over_x[column] =
                    ((live[column] | kept) & NCA__LIVE) != 0 ? over_y[column] : zero_is_over;
            }
            nca__fill_mark_halo(tape->over_x, layout, row);
        }
        nca__fill_halo(y, layout, row, layout->padded_channels);
    }
}
