/* The tape of one sample: its memory, its program of phases, and all phases except forward and
 * backward steps. */
#include "tape/tape.h"

#include <string.h>

#include "core/alive.h"
#include "core/carve.h"

enum operation {
    LOAD,
    COUNT,
    UPDATE,
    MASK,
    MEASURE,
    LOSS,
    GRADIENT,
    REOPEN,
    BACKWARD,
    SPREAD,
    FINISH,
};

/* ---- Memory ----------------------------------------------------------------------------------*/

static size_t planes_kept(size_t max_steps, size_t interval)
{
    return interval == 0 ? 2 : max_steps / interval + 1;
}

static size_t planes_between(size_t interval)
{
    return interval == 0 ? 0 : interval - 1;
}

/* Each forward step and its mask at most twice; backward and spread; load, loss, gradient,
 * finish, one reopen per segment, and measure and gradient of each further loss. */
static size_t most_phases(size_t max_steps, size_t interval, size_t losses)
{
    return interval == 0 ? 2 * max_steps + 2 : 7 * max_steps + 4 + 2 * (losses - 1);
}

static size_t sums_asked(const nca__engine *engine)
{
    return engine->objective != NULL ? engine->objective->sums : 0;
}

static void carve_training(nca__tape *tape, uintptr_t *cursor)
{
    const nca__layout *layout = &tape->engine->layout;
    tape->d = nca__carve(cursor, layout->plane_floats * sizeof(float));
    /* A row and a cell of zeros before and after, as neighbours of the halo's cells. */
    const size_t filtered = tape->engine->shape.filtered;
    const size_t margin = filtered * (layout->row_stride + layout->padded_channels);
    tape->dp = nca__carve(cursor, margin * sizeof(float));
    tape->dp = nca__carve(cursor, filtered * layout->plane_floats * sizeof(float));
    nca__carve(cursor, margin * sizeof(float));
    tape->d_spans = nca__carve(cursor, layout->height * sizeof *tape->d_spans);
    tape->dp_spans = nca__carve(cursor, layout->height * sizeof *tape->dp_spans);
    tape->kept_hidden =
        nca__kept_carve(cursor, tape->engine, tape->max_steps, tape->engine->kept_hidden_bytes);
    tape->sums =
        nca__carve(cursor, layout->bands * nca__sums_floats(&tape->engine->shape) * sizeof(float));
}

static nca__tape carve_all(uintptr_t *cursor, const nca__engine *engine, size_t max_steps,
                           size_t interval)
{
    const nca__layout *layout = &engine->layout;
    size_t plane_bytes = layout->plane_floats * sizeof(float);
    nca__tape tape = {.engine = engine, .max_steps = max_steps, .interval = interval};
    tape.kept = nca__carve(cursor, planes_kept(max_steps, interval) * plane_bytes);
    tape.segment = nca__carve(cursor, planes_between(interval) * plane_bytes);
    tape.spans = nca__carve(cursor, (planes_kept(max_steps, interval) + planes_between(interval)) *
                                        layout->height * sizeof *tape.spans);
    tape.over_x = nca__carve(cursor, layout->mark_bytes);
    tape.over_y = nca__carve(cursor, layout->mark_bytes);
    tape.live =
        nca__carve(cursor, (interval == 0 ? 1 : max_steps) * layout->height * layout->width);
    const size_t sums = layout->bands * sums_asked(engine);
    tape.band_sums = nca__carve(cursor, engine->losses * sums * sizeof(double));
    tape.totals = nca__carve(cursor, sums * sizeof(double));
    tape.band_alive = nca__carve(cursor, layout->bands * sizeof(size_t));
    tape.program =
        nca__carve(cursor, most_phases(max_steps, interval, engine->losses) * sizeof(nca__phase));
    if (interval != 0) {
        carve_training(&tape, cursor);
    }
    return tape;
}

size_t nca__tape_state_bytes(const nca__engine *engine, size_t max_steps, size_t interval)
{
    return (planes_kept(max_steps, interval) + planes_between(interval)) *
           engine->layout.plane_floats * sizeof(float);
}

size_t nca__tape_bytes(const nca__engine *engine, size_t max_steps, size_t interval)
{
    uintptr_t cursor = 0;
    carve_all(&cursor, engine, max_steps, interval);
    return (size_t)cursor;
}

size_t nca__tape_interval(const nca__engine *engine, size_t max_steps, size_t limit)
{
    size_t best = 1;
    size_t best_again = SIZE_MAX; /* number of steps that the best interval recomputes */
    size_t least = 1;
    size_t least_bytes = SIZE_MAX;
    for (size_t interval = 1; interval == 1 || interval <= max_steps; interval++) {
        size_t bytes = nca__tape_state_bytes(engine, max_steps, interval);
        size_t again = max_steps / interval * (interval - 1);
        if (bytes <= limit && again < best_again) {
            best = interval;
            best_again = again;
        }
        if (bytes < least_bytes) {
            least = interval;
            least_bytes = bytes;
        }
    }
    return best_again == SIZE_MAX ? least : best;
}

nca__tape nca__tape_carve(void *block, const nca__engine *engine, size_t max_steps, size_t interval)
{
    uintptr_t cursor = (uintptr_t)block;
    nca__tape tape = carve_all(&cursor, engine, max_steps, interval);
    /* The marks beyond a zero boundary; no step writes them. */
    memset(tape.over_x, nca__zero_is_over(engine), engine->layout.mark_bytes);
    memset(tape.over_y, nca__zero_is_over(engine), engine->layout.mark_bytes);
    return tape;
}

/* The plane of x(t): first the planes that are kept, then those of the segment. */
static size_t plane_of(const nca__tape *tape, size_t t)
{
    if (tape->interval == 0) {
        return (tape->held + t) % 2;
    }
    return t % tape->interval == 0
               ? t / tape->interval
               : planes_kept(tape->max_steps, tape->interval) + t % tape->interval - 1;
}

float *nca__tape_state(const nca__tape *tape, size_t t)
{
    const size_t kept = planes_kept(tape->max_steps, tape->interval);
    const size_t plane = plane_of(tape, t);
    const size_t floats = tape->engine->layout.plane_floats;
    return plane < kept ? tape->kept + plane * floats : tape->segment + (plane - kept) * floats;
}

nca__span *nca__tape_span(const nca__tape *tape, size_t t, size_t row)
{
    return tape->spans + plane_of(tape, t) * tape->engine->layout.height + row;
}

uint8_t *nca__tape_live(const nca__tape *tape, size_t t)
{
    size_t cells = tape->engine->layout.height * tape->engine->layout.width;
    return tape->interval == 0 ? tape->live : tape->live + (t - 1) * cells;
}

/* ---- The program -----------------------------------------------------------------------------*/

static void emit(nca__tape *tape, enum operation operation, size_t step)
{
    tape->program[tape->phases++] = (nca__phase){(uint32_t)operation, (uint32_t)step};
}

/* The number of losses of the pass, of which number 0 is that of the final state. */
static size_t losses_of(const nca__tape *tape)
{
    return tape->pass.asked != NULL ? tape->engine->losses : 1;
}

/* The step that leads to the state of loss j. */
static size_t step_of_loss(const nca__tape *tape, size_t j)
{
    return nca__loss_step(tape->pass.steps, losses_of(tape), j);
}

/* Steps first..last forward. */
static void emit_forward(nca__tape *tape, size_t first, size_t last)
{
    for (size_t t = first; t <= last; t++) {
        emit(tape, UPDATE, t);
        emit(tape, MASK, t);
    }
}

/* All steps forward. Every loss is measured here and not on the way back, because a gradient may
 * need the sums over the whole grid. */
static void emit_rollout(nca__tape *tape)
{
    size_t done = 0;
    for (size_t j = losses_of(tape) - 1; j > 0; j--) {
        emit_forward(tape, done + 1, step_of_loss(tape, j));
        emit(tape, MEASURE, j);
        done = step_of_loss(tape, j);
    }
    emit_forward(tape, done + 1, tape->pass.steps);
    emit(tape, LOSS, 0);
}

/* The gradient of a loss is added to that of its state x(t), which is complete after step t + 1;
 * that step has read x(t), so the plane of x(t) is present. */
static void emit_backward(nca__tape *tape, size_t steps)
{
    size_t interval = tape->interval, loss = 1;
    /* The segment whose intermediate states are available: the last one of the forward pass. */
    size_t present = steps == 0 ? 0 : (steps - 1) / interval;
    for (size_t t = steps; t >= 1; t--) {
        size_t segment = (t - 1) / interval;
        if (loss < losses_of(tape) && t == step_of_loss(tape, loss)) {
            emit(tape, GRADIENT, loss++);
        }
        if (segment != present && (t - 1) % interval != 0) {
            emit(tape, REOPEN, segment * interval);
            emit_forward(tape, segment * interval + 1, t - 1);
            present = segment;
        }
        emit(tape, BACKWARD, t);
        emit(tape, SPREAD, t);
    }
}

/* Whether the pass needs a gradient that depends on the sums over the whole grid. */
static bool waits_for_sums(const nca__tape *tape)
{
    return tape->pass.backward && tape->pass.asked != NULL && tape->engine->objective->waits;
}

bool nca__tape_waits(const nca__tape *tape, size_t phase)
{
    return tape->program[phase].operation == GRADIENT && tape->program[phase].step == 0;
}

void nca__tape_begin(nca__tape *tape, const nca__pass *pass)
{
    const nca__layout *layout = &tape->engine->layout;
    tape->held = (tape->held + tape->pass.steps) % 2;
    tape->pass = *pass;
    tape->phases = 0;
    memset(tape->band_sums, 0,
           tape->engine->losses * layout->bands * sums_asked(tape->engine) * sizeof(double));
    if (pass->initial != NULL) {
        tape->held = 0;
        emit(tape, LOAD, 0);
    }
    emit_rollout(tape);
    if (pass->backward) {
        if (waits_for_sums(tape)) {
            emit(tape, GRADIENT, 0);
        }
        emit_backward(tape, pass->steps);
        emit(tape, FINISH, 0);
        size_t sums = nca__sums_floats(&tape->engine->shape);
        memset(tape->d, 0, layout->plane_floats * sizeof(float));
        memset(tape->dp, 0, tape->engine->shape.filtered * layout->plane_floats * sizeof(float));
        for (size_t row = 0; row < layout->height; row++) {
            tape->d_spans[row] = (nca__span){0, layout->width};
            tape->dp_spans[row] = (nca__span){0, 0};
        }
        memset(tape->sums, 0, layout->bands * sums * sizeof(float));
    }
}

void nca__tape_load(nca__tape *tape, const float *state)
{
    tape->held = 0;
    tape->pass = (nca__pass){.initial = state};
    tape->phases = 0;
    emit(tape, LOAD, 0);
    emit(tape, COUNT, 0);
}

/* ---- Phases ----------------------------------------------------------------------------------*/

/* Computes the alive marks of a state that was not just written by a step. */
static void mark_band(nca__tape *tape, const float *x, size_t band)
{
    const nca__engine *engine = tape->engine;
    if (!engine->masked) {
        return;
    }
    for (size_t row = nca__band_begin(&engine->layout, band);
         row < nca__band_end(&engine->layout, band); row++) {
        nca__mark_row(tape->over_x, &engine->layout, x, row,
                      (size_t)engine->automaton.alive_channel, engine->automaton.alive_threshold);
        nca__fill_mark_halo(tape->over_x, &engine->layout, row);
    }
}

static size_t count_alive(const nca__tape *tape, size_t row, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    if (!tape->engine->masked) {
        return layout->width;
    }
    nca__marks_near(workspace->near, workspace->scratch, layout, tape->over_x, row, 1);
    size_t alive = 0;
    for (size_t column = 0; column < layout->width; column++) {
        alive += workspace->near[column];
    }
    return alive;
}

static void count_band(nca__tape *tape, size_t band, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    size_t alive = 0;
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        alive += count_alive(tape, row, workspace);
    }
    tape->band_alive[band] = alive;
}

static nca__row row_of(const nca__layout *layout, const float *x, size_t row)
{
    return (nca__row){.cells = x + nca__state_at(layout, row, 0),
                      .stride = layout->padded_channels,
                      .row = row,
                      .height = layout->height,
                      .width = layout->width};
}

/* The weight of each loss of the sample in the gradient. */
static double weight_of_loss(const nca__tape *tape)
{
    return tape->pass.loss_weight / (double)losses_of(tape);
}

/* Adds the gradient of a loss to that of the cells of a row of its state. */
static void add_gradient_of_row(const nca__tape *tape, const nca__row *row, const double *sums)
{
    const nca__engine *engine = tape->engine;
    engine->objective->gradient(tape->d + nca__state_at(&engine->layout, row->row, 0),
                                tape->pass.asked, row, sums, &engine->head, weight_of_loss(tape));
}

static double *sums_of_band(const nca__tape *tape, size_t j, size_t band)
{
    return tape->band_sums + (j * tape->engine->layout.bands + band) * sums_asked(tape->engine);
}

static void measure_band(nca__tape *tape, size_t j, size_t band)
{
    const nca__layout *layout = &tape->engine->layout;
    const float *x = nca__tape_state(tape, step_of_loss(tape, j));
    const bool at_once = j == 0 && tape->pass.backward && !waits_for_sums(tape);
    double *sums = sums_of_band(tape, j, band);
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        const nca__row cells = row_of(layout, x, row);
        tape->engine->objective->measure(sums, tape->pass.asked, &cells);
        if (at_once) {
            add_gradient_of_row(tape, &cells, sums);
        }
    }
}

static void loss_band(nca__tape *tape, size_t band, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    count_band(tape, band, workspace);
    if (tape->pass.asked != NULL) {
        measure_band(tape, 0, band);
    }
    if (tape->pass.final != NULL) {
        nca__rows_out(tape->pass.final, layout, nca__tape_state(tape, tape->pass.steps),
                      nca__band_begin(layout, band), nca__band_end(layout, band));
    }
}

/* The sums of loss j over all bands, joined in order. */
static void add_sums(double *totals, const nca__tape *tape, size_t j)
{
    const nca__objective *objective = tape->engine->objective;
    const size_t sums = sums_asked(tape->engine);
    memset(totals, 0, sums * sizeof *totals);
    for (size_t band = 0; band < tape->engine->layout.bands; band++) {
        const double *from = sums_of_band(tape, j, band);
        if (objective->join != NULL) {
            objective->join(totals, from);
            continue;
        }
        for (size_t i = 0; i < sums; i++) {
            totals[i] += from[i];
        }
    }
}

/* Each band adds up the sums itself, so that no band waits for another. Those of an objective that
 * does not wait may be incomplete, and are not needed. */
static void gradient_band(nca__tape *tape, size_t j, size_t band)
{
    const nca__layout *layout = &tape->engine->layout;
    const float *x = nca__tape_state(tape, step_of_loss(tape, j));
    double *totals = tape->totals + band * sums_asked(tape->engine);
    if (waits_for_sums(tape)) {
        add_sums(totals, tape, j);
    }
    for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
        const nca__row cells = row_of(layout, x, row);
        add_gradient_of_row(tape, &cells, totals);
        tape->d_spans[row] = (nca__span){0, layout->width};
    }
}

static void finish_band(nca__tape *tape, size_t band)
{
    const nca__layout *layout = &tape->engine->layout;
    if (tape->pass.initial_gradient == NULL) {
        return;
    }
    nca__rows_out(tape->pass.initial_gradient, layout, tape->d, nca__band_begin(layout, band),
                  nca__band_end(layout, band));
}

void nca__tape_run(nca__tape *tape, size_t phase, size_t band, nca__workspace *workspace)
{
    const nca__layout *layout = &tape->engine->layout;
    size_t t = tape->program[phase].step;
    switch ((enum operation)tape->program[phase].operation) {
    case LOAD:
        nca__lap(workspace->watch, NCA_PART_LOSS);
        nca__rows_in(nca__tape_state(tape, 0), layout, tape->pass.initial,
                     nca__band_begin(layout, band), nca__band_end(layout, band));
        for (size_t row = nca__band_begin(layout, band); row < nca__band_end(layout, band); row++) {
            *nca__tape_span(tape, 0, row) = (nca__span){0, layout->width};
        }
        mark_band(tape, nca__tape_state(tape, 0), band);
        break;
    case COUNT:
        nca__lap(workspace->watch, NCA_PART_MASKS);
        count_band(tape, band, workspace);
        break;
    case UPDATE:
        nca__update_band(tape, t, band, workspace);
        break;
    case MASK:
        nca__mask_band(tape, t, band, workspace);
        break;
    case MEASURE:
        nca__lap(workspace->watch, NCA_PART_LOSS);
        measure_band(tape, t, band);
        break;
    case LOSS:
        nca__lap(workspace->watch, NCA_PART_LOSS);
        loss_band(tape, band, workspace);
        break;
    case GRADIENT:
        nca__lap(workspace->watch, NCA_PART_LOSS);
        gradient_band(tape, t, band);
        break;
    case REOPEN:
        nca__lap(workspace->watch, NCA_PART_MASKS);
        mark_band(tape, nca__tape_state(tape, t), band);
        break;
    case BACKWARD:
        nca__backward_band(tape, t, band, workspace);
        break;
    case SPREAD:
        nca__lap(workspace->watch, NCA_PART_SPREAD);
        nca__spread_band(tape, band);
        break;
    case FINISH:
        nca__lap(workspace->watch, NCA_PART_LOSS);
        finish_band(tape, band);
        break;
    }
    nca__lap(workspace->watch, NCA_PART_WAITING);
}

/* ---- Results ---------------------------------------------------------------------------------*/

double nca__tape_loss(const nca__tape *tape)
{
    const nca__layout *layout = &tape->engine->layout;
    const size_t losses = losses_of(tape);
    double sum = 0.0;
    for (size_t j = 0; j < losses && tape->pass.asked != NULL; j++) {
        add_sums(tape->totals, tape, j);
        sum += tape->engine->objective->loss(tape->totals, tape->pass.asked,
                                             layout->height * layout->width, &tape->engine->head);
    }
    return sum / (double)losses;
}

size_t nca__tape_alive(const nca__tape *tape)
{
    size_t alive = 0;
    for (size_t band = 0; band < tape->engine->layout.bands; band++) {
        alive += tape->band_alive[band];
    }
    return alive;
}

static void add_head_gradient(float *flat, const nca__tape *tape)
{
    const nca__engine *engine = tape->engine;
    const nca_parameters to = nca_parameters_view(flat, &engine->automaton);
    const nca__head gradient = {.inputs = engine->head.inputs,
                                .outputs = engine->head.outputs,
                                .w = to.head_w,
                                .b = to.head_b};
    for (size_t j = 0; j < losses_of(tape); j++) {
        add_sums(tape->totals, tape, j);
        engine->objective->head_gradient(&gradient, tape->totals, tape->pass.asked,
                                         engine->layout.height * engine->layout.width,
                                         &engine->head, weight_of_loss(tape));
    }
}

void nca__tape_add_gradient(float *flat, const nca__tape *tape)
{
    const nca__objective *objective = tape->engine->objective;
    const nca__shape *shape = &tape->engine->shape;
    for (size_t band = 0; band < tape->engine->layout.bands; band++) {
        nca__sums sums = nca__sums_carve(tape->sums + band * nca__sums_floats(shape), shape);
        nca__sums_add(flat, &sums, shape, &tape->engine->automaton);
    }
    if (tape->pass.asked != NULL && objective->head_gradient != NULL) {
        add_head_gradient(flat, tape);
    }
}
