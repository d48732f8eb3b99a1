/* The data shared by all samples, scratch memory, and code that both the forward and the backward
 * pass need. */
#include "tape/engine.h"

#include <string.h>

#include "core/carve.h"
#include "nca/philox.h"

/* Starting at address 0, only the offsets are meaningful; the last one is the size. */
static void carve_parameters(uintptr_t *cursor, nca__engine *engine)
{
    engine->taps = nca__carve(cursor, engine->perception->bytes(&engine->shape));
    engine->weights = nca__carve(cursor, engine->network->weights_bytes(&engine->shape));
    engine->head.w =
        nca__carve(cursor, engine->head.outputs * engine->head.inputs * sizeof *engine->head.w);
    engine->head.b = nca__carve(cursor, engine->head.outputs * sizeof *engine->head.b);
}

nca__engine nca__engine_make(const nca_automaton *automaton, size_t height, size_t width,
                             const nca_kernels *kernels, const nca__network *network, void *block)
{
    nca__engine engine = {
        .automaton = *automaton,
        .layout = nca__layout_make(automaton, height, width),
        .shape = nca__shape_make(automaton),
        .kernels = kernels,
        .perception = nca__perception_of(automaton),
        .network = network,
        .form = network->form(kernels),
        .fire_threshold = nca_fire_threshold(automaton->fire_rate),
        .masked = automaton->alive_channel >= 0,
        .losses = 1,
        .head = {.inputs = automaton->head_inputs, .outputs = automaton->head_outputs},
    };
    if (block != NULL) {
        uintptr_t cursor = (uintptr_t)block;
        carve_parameters(&cursor, &engine);
    }
    return engine;
}

size_t nca__engine_bytes(const nca__engine *engine)
{
    nca__engine measured = *engine;
    uintptr_t cursor = 0;
    carve_parameters(&cursor, &measured);
    return (size_t)cursor;
}

void nca__engine_set_fire_rate(nca__engine *engine, float fire_rate)
{
    engine->automaton.fire_rate = fire_rate;
    engine->fire_threshold = nca_fire_threshold(fire_rate);
}

void nca__engine_set_parameters(nca__engine *engine, const float *parameters)
{
    engine->perception->pack(engine->taps, &engine->shape, parameters, &engine->automaton);
    engine->network->pack(engine->weights, &engine->shape, parameters, &engine->automaton,
                          engine->form);
    const nca__head *head = &engine->head;
    if (head->outputs > 0) {
        const float *w = parameters + nca_tensor_named(&engine->automaton, "head.w").offset;
        const float *b = parameters + nca_tensor_named(&engine->automaton, "head.b").offset;
        memcpy(head->w, w, head->outputs * head->inputs * sizeof *w);
        memcpy(head->b, b, head->outputs * sizeof *b);
    }
}

/* With a NULL block only the offsets are meaningful; the last one is the size. */
static nca__workspace carve_all(uintptr_t *cursor, const nca__engine *engine)
{
    const nca__shape *shape = &engine->shape;
    size_t width = engine->layout.width;
    nca__workspace workspace = {
        .p = nca__carve(cursor, NCA__CHUNK * shape->inputs * sizeof(float)),
        .dx = nca__carve(cursor, NCA__CHUNK * shape->padded_channels * sizeof(float)),
        .dp = nca__carve(cursor, NCA__CHUNK * shape->inputs * sizeof(float)),
        .network = nca__carve(cursor, engine->network->scratch_bytes(shape)),
        .state_at = nca__carve(cursor, NCA__CHUNK * sizeof(size_t)),
        .kept_at = nca__carve(cursor, NCA__CHUNK * sizeof(uint32_t)),
        .row_at = nca__carve(cursor, NCA__CHUNK * sizeof(uint32_t)),
        .column_at = nca__carve(cursor, NCA__CHUNK * sizeof(uint32_t)),
        .candidates = nca__carve(cursor, width),
        .near = nca__carve(cursor, width),
        .scratch = nca__carve(cursor, width + 4),
        .fired =
            nca__carve(cursor, nca__most_band_rows(&engine->layout) * width + 8 + 4 * NCA_LANES),
    };
    return workspace;
}

size_t nca__workspace_bytes(const nca__engine *engine)
{
    uintptr_t cursor = 0;
    carve_all(&cursor, engine);
    return (size_t)cursor;
}

nca__workspace nca__workspace_carve(void *block, const nca__engine *engine)
{
    uintptr_t cursor = (uintptr_t)block;
    nca__workspace workspace = carve_all(&cursor, engine);
    if (engine->network->prepare != NULL) {
        engine->network->prepare(workspace.network, &engine->shape);
    }
    return workspace;
}

/* Every column is written, but counts only if it is marked: this avoids branches that cannot be
 * predicted. */
size_t nca__chunk_add(nca__workspace *workspace, const nca__layout *layout, const uint8_t *marks,
                      size_t row, size_t begin, size_t end)
{
    size_t *restrict state_at = workspace->state_at;
    uint32_t *restrict row_at = workspace->row_at;
    uint32_t *restrict column_at = workspace->column_at;
    const size_t cell = layout->padded_channels;
    size_t at = nca__state_at(layout, row, begin);
    size_t count = workspace->count;
    size_t column = begin;
    for (; column < end && count < NCA__CHUNK; column++, at += cell) {
        state_at[count] = at;
        row_at[count] = (uint32_t)row;
        column_at[count] = (uint32_t)column;
        count += marks[column];
    }
    workspace->count = count;
    return column;
}

/* The row of the grid in which the cells of a row have their numbers; total_rows is 0 for a whole
 * one. */
static size_t row_of_grid(const nca__firing *firing, size_t row)
{
    const size_t place = firing->first_row + row;
    return place >= firing->total_rows ? place - firing->total_rows : place;
}

void nca__draw_begin(nca__workspace *workspace)
{
    workspace->fired_block = SIZE_MAX;
}

const uint8_t *nca__draw_row(nca__workspace *workspace, const nca__engine *engine,
                             const nca__firing *firing, uint32_t step, size_t row, size_t first,
                             size_t last)
{
    const size_t cell = row_of_grid(firing, row) * engine->layout.width + first;
    /* At the first row of the band, and where the rows of a strip go on at row 0 of the grid. */
    if (cell / 4 < workspace->fired_block) {
        workspace->fired_block = (cell - first) / 4;
        workspace->drawn_block = workspace->fired_block;
    }
    const size_t end = (cell + (last - first)) / 4 + 1;
    const size_t drawn = workspace->drawn_block;
    size_t block = cell / 4 > drawn ? cell / 4 : drawn;
    if (block < end) {
        /* Rounded up to the number that the widest vector draws at once; the next row uses the
         * rest. */
        const size_t blocks = (end - block + NCA_LANES - 1) / NCA_LANES * NCA_LANES;
        nca__fire job = {
            .fired = workspace->fired + 4 * (block - workspace->fired_block),
            .blocks = blocks,
            .counter = {(uint32_t)block, step,
                        ((uint32_t)NCA_STREAM_FIRE << 24) | (firing->sample & 0xFFFFFFu),
                        firing->iteration},
            .key = {(uint32_t)firing->seed, (uint32_t)(firing->seed >> 32)},
            .threshold = engine->fire_threshold,
        };
        engine->kernels->fire(&job);
        workspace->drawn_block = block + blocks;
    }
    return workspace->fired + cell - 4 * workspace->fired_block;
}

bool nca__extent(size_t *first, size_t *last, const uint8_t *marks, size_t count)
{
    size_t begin = 0;
    while (begin < count && marks[begin] == 0) {
        begin++;
    }
    if (begin == count) {
        return false;
    }
    size_t end = count - 1;
    while (marks[end] == 0) {
        end--;
    }
    *first = begin;
    *last = end;
    return true;
}

size_t nca__run_end(const uint8_t *marks, size_t from, size_t count)
{
    /* Compares eight marks at a time, because runs are long. */
    const uint64_t eight = marks[from] * UINT64_C(0x0101010101010101);
    uint64_t word;
    size_t end = from + 1;
    for (; end + sizeof word <= count; end += sizeof word) {
        memcpy(&word, marks + end, sizeof word);
        if (word != eight) {
            break;
        }
    }
    while (end < count && (marks[end] != 0) == (marks[from] != 0)) {
        end++;
    }
    return end;
}

nca__perceive nca__perceive_job(const nca__workspace *workspace, const nca__engine *engine,
                                const float *x, float *p)
{
    const nca__shape *shape = &engine->shape;
    return (nca__perceive){
        .p = p,
        .p_stride = shape->inputs,
        .grid = x,
        .row_stride = engine->layout.row_stride,
        .cells = workspace->state_at,
        .count = workspace->count,
        .channels = shape->padded_channels,
        .filtered = shape->filtered,
    };
}

void nca__perceive_chunk(nca__workspace *workspace, const nca__engine *engine, const float *x)
{
    nca__perceive perceive = nca__perceive_job(workspace, engine, x, workspace->p);
    nca__lap(workspace->watch, NCA_PART_PERCEPTION);
    engine->perception->perceive(&perceive, engine->taps, engine->kernels);
}

nca__network_job nca__network_job_of(const nca__workspace *workspace, const nca__engine *engine)
{
    return (nca__network_job){
        .shape = &engine->shape,
        .kernels = engine->kernels,
        .form = engine->form,
        .weights = engine->weights,
        .scratch = workspace->network,
        .watch = workspace->watch,
        .count = workspace->count,
        .p = workspace->p,
        .dx = workspace->dx,
        .dp = workspace->dp,
    };
}
