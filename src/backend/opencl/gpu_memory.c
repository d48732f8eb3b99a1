/* The memory of a batch: how it is divided, the buffers on the device, and the forms of the
 * weights. */
#include <stdlib.h>
#include <string.h>

#include "backend/opencl/gpu_batch.h"
#include "base/error.h"
#include "base/saturate.h"
#include "base/size_text.h"

/* Rows of perceptions and hidden layers are kept for as many samples as fit into this. */
static const size_t SCRATCH_BYTES = (size_t)1 << 30;

static size_t whole_lanes(size_t count)
{
    return (count + NCA__CL_LANES - 1) / NCA__CL_LANES * NCA__CL_LANES;
}

gpu_shape nca__gpu_shape_make(const nca_automaton *automaton)
{
    gpu_shape shape = {
        .channels = automaton->channels,
        .hidden = automaton->hidden,
        .maps = nca_perception_maps(automaton),
        .input_channels = automaton->input_channels,
    };
    shape.filtered = shape.maps - 1;
    shape.inputs = shape.maps * shape.channels;
    shape.channel_floats = whole_lanes(shape.channels);
    shape.hidden_floats = whole_lanes(shape.hidden);
    shape.input_floats = whole_lanes(shape.inputs);
    shape.tap_count =
        automaton->filter == NCA_FILTER_LEARNED ? shape.filtered * 9 * shape.channels : 0;
    shape.sum_rows = shape.inputs + 1 + shape.channels;
    shape.sum_floats = shape.sum_rows * shape.hidden_floats + shape.channels + shape.tap_count;
    shape.parameters = nca_parameter_count(automaton) -
                       automaton->head_outputs * ((size_t)automaton->head_inputs + 1);
    return shape;
}

/* ---- The plan --------------------------------------------------------------------------------*/

/* States of a sample with `interval`: those that are kept, and those of a segment between them. */
static size_t planes_of(size_t steps, size_t interval)
{
    return steps / interval + 1 + (interval - 1);
}

/* The interval that recomputes the fewest steps within `limit` bytes, or else the one with the
 * fewest states. */
static size_t choose_interval(size_t steps, size_t plane_bytes, size_t limit)
{
    size_t best = 0, least = 1;
    for (size_t interval = 1; interval == 1 || interval <= steps; interval++) {
        const size_t planes = planes_of(steps, interval);
        const size_t again = steps / interval * (interval - 1);
        if (nca__saturating_multiply(planes, plane_bytes) <= limit &&
            (best == 0 || again < steps / best * (best - 1))) {
            best = interval;
        }
        least = planes < planes_of(steps, least) ? interval : least;
    }
    return best > 0 ? best : least;
}

/* Bytes of the rows of backward.cl, for each sample. */
static size_t scratch_bytes(const gpu_shape *shape, size_t cells)
{
    const size_t floats = shape->inputs + shape->channels + 2 * shape->hidden_floats;
    return nca__saturating_multiply(cells, floats * sizeof(float));
}

/* Bytes of the other buffers of training, for each sample. */
static size_t training_bytes(const nca__batch_options *options, const gpu_shape *shape,
                             const nca__layout *layout)
{
    const size_t cells = layout->height * layout->width;
    const size_t gradients = (1 + shape->filtered) * shape->channels * sizeof(float);
    const size_t of_cells = gradients + sizeof(cl_uint) + options->max_steps;
    const size_t of_bands = shape->sum_floats * sizeof(float) + sizeof(cl_uint);
    size_t bytes = nca__saturating_multiply(cells, of_cells);
    bytes = nca__saturating_add(bytes, layout->bands * of_bands);
    bytes = nca__saturating_add(bytes, 2 * layout->height * sizeof(cl_int));
    return nca__saturating_add(bytes, shape->parameters * sizeof(float));
}

gpu_plan nca__gpu_plan_make(const nca__batch_options *options, const gpu_shape *shape,
                            const nca__layout *layout)
{
    const size_t cells = options->height * options->width;
    const size_t plane = cells * shape->channels * sizeof(float);
    const size_t marks = 3 * cells;
    gpu_plan plan = {.slots = options->batch, .planes = 2, .scratch = 1};
    size_t each = marks + cells;
    if (options->max_steps > 0) {
        const size_t limit = options->memory_limit == 0 ? SIZE_MAX : options->memory_limit;
        const size_t steps = options->max_steps;
        plan.least_limit = planes_of(steps, choose_interval(steps, plane, 0)) * plane;
        while (plan.slots > 1 && limit / plan.slots < plan.least_limit) {
            plan.slots--;
        }
        plan.interval = choose_interval(steps, plane, limit / plan.slots);
        plan.planes = planes_of(steps, plan.interval);
        each = nca__saturating_add(marks, training_bytes(options, shape, layout));
        const size_t rows = scratch_bytes(shape, cells);
        plan.scratch = SCRATCH_BYTES / rows;
        plan.scratch = plan.scratch < 1 ? 1 : plan.scratch;
        plan.scratch = plan.scratch < plan.slots ? plan.scratch : plan.slots;
        plan.other_bytes = nca__saturating_multiply(plan.scratch, rows);
    }
    plan.state_bytes = nca__saturating_multiply(plan.slots, plan.planes * plane);
    plan.other_bytes =
        nca__saturating_add(plan.other_bytes, nca__saturating_multiply(plan.slots, each));
    return plan;
}

/* ---- Buffers ---------------------------------------------------------------------------------*/

/* What is needed, what there is, and the memory limit that would fit. */
static nca_status fail_memory(const gpu_batch *batch, nca_error *error)
{
    const gpu_plan *plan = &batch->plan;
    const nca__cl_device *device = batch->device;
    char texts[4][NCA__SIZE_TEXT];
    nca__size_text(texts[0], nca__saturating_add(plan->state_bytes, plan->other_bytes));
    nca__size_text(texts[1], plan->state_bytes);
    nca__size_text(texts[2], (size_t)device->memory);
    if (batch->largest > device->largest) {
        nca__size_text(texts[0], batch->largest);
        nca__size_text(texts[1], (size_t)device->largest);
        return nca__fail(error, NCA_OUT_OF_MEMORY,
                         "%s: this batch needs a buffer of %s, but the driver allows %s; use a "
                         "smaller batch or grid, or device cpu",
                         device->name, texts[0], texts[1]);
    }
    if (plan->interval > 0 && plan->other_bytes < device->memory &&
        device->memory - plan->other_bytes > plan->least_limit) {
        nca__size_text(texts[3], (size_t)(device->memory - plan->other_bytes) / 10 * 9);
        return nca__fail(error, NCA_OUT_OF_MEMORY,
                         "%s: this batch needs %s (%s of them for states), but it has %s; lower "
                         "memory_limit to at most %s, or the batch",
                         device->name, texts[0], texts[1], texts[2], texts[3]);
    }
    return nca__fail(error, NCA_OUT_OF_MEMORY,
                     "%s: this batch needs %s (%s of them for states), but it has %s; use a "
                     "smaller batch or grid, or device cpu",
                     device->name, texts[0], texts[1], texts[2]);
}

static cl_mem make(gpu_batch *batch, size_t bytes)
{
    if (batch->failure != CL_SUCCESS) {
        return NULL;
    }
    cl_int code = CL_SUCCESS;
    batch->largest = bytes > batch->largest ? bytes : batch->largest;
    cl_mem buffer = nca__cl.CreateBuffer(batch->device->context, CL_MEM_READ_WRITE,
                                         bytes > 0 ? bytes : 1, NULL, &code);
    if (code != CL_SUCCESS) {
        batch->failure = code;
        batch->failed = "a buffer";
    }
    return buffer;
}

static cl_mem make_floats(gpu_batch *batch, size_t count, size_t each)
{
    return make(batch,
                nca__saturating_multiply(nca__saturating_multiply(count, each), sizeof(float)));
}

static void make_weights(gpu_batch *batch)
{
    for (int i = 0; i < GPU_WEIGHTS; i++) {
        batch->weights[i] = make_floats(batch, batch->packed_at[i + 1] - batch->packed_at[i], 1);
    }
}

static void make_training(gpu_batch *batch)
{
    const gpu_plan *plan = &batch->plan;
    const gpu_shape *shape = &batch->shape;
    const size_t bands = plan->slots * batch->layout.bands;
    const size_t rows = plan->scratch * batch->cells;
    batch->d = make_floats(batch, plan->slots, batch->values);
    batch->dp = make_floats(batch, plan->slots * shape->filtered, batch->values);
    batch->list = make(batch, plan->slots * batch->cells * sizeof(cl_uint));
    batch->counts = make(batch, bands * sizeof(cl_uint));
    batch->begins = make(batch, plan->slots * batch->layout.height * sizeof(cl_int));
    batch->ends = make(batch, plan->slots * batch->layout.height * sizeof(cl_int));
    batch->p = make_floats(batch, rows, shape->inputs);
    batch->dx = make_floats(batch, rows, shape->channels);
    batch->h = make_floats(batch, rows, shape->hidden_floats);
    batch->dh = make_floats(batch, rows, shape->hidden_floats);
    batch->sums = make_floats(batch, bands, shape->sum_floats);
    batch->gradients = make_floats(batch, plan->slots, shape->parameters);
}

static bool allocate_host(gpu_batch *batch)
{
    const nca__batch_options *options = &batch->options;
    const bool trains = options->max_steps > 0;
    const size_t states = trains ? batch->plan.slots * options->losses : options->batch;
    const size_t parameters = trains ? nca_parameter_count(&options->automaton) : 0;
    const size_t heads = batch->head.outputs * (batch->head.inputs + 1);
    batch->planes = calloc(batch->plan.planes, sizeof *batch->planes);
    batch->packed = calloc(batch->packed_at[GPU_WEIGHTS] + heads, sizeof *batch->packed);
    batch->states = calloc(states, batch->values * sizeof(float));
    batch->changed = calloc(options->batch, sizeof *batch->changed);
    batch->d_host = calloc(trains ? batch->plan.slots : 1, batch->values * sizeof(float));
    batch->sample_gradients = calloc(options->batch, parameters * sizeof(float) + 1);
    batch->objective_sums = calloc(trains ? batch->plan.slots * options->losses + 1 : 1,
                                   trains ? options->objective->sums * sizeof(double) : 1);
    return batch->planes != NULL && batch->packed != NULL && batch->states != NULL &&
           batch->changed != NULL && batch->d_host != NULL && batch->sample_gradients != NULL &&
           batch->objective_sums != NULL;
}

/* Where each form begins in `packed`, and the sizes of all. */
static void place_weights(gpu_batch *batch)
{
    const gpu_shape *shape = &batch->shape;
    const size_t sizes[GPU_WEIGHTS] = {
        [GPU_TAPS] = shape->tap_count > 0 ? shape->tap_count : shape->filtered * 9,
        [GPU_W1] = shape->inputs * shape->hidden_floats,
        [GPU_B1] = shape->hidden_floats,
        [GPU_W2] = shape->hidden * shape->channel_floats,
        [GPU_B2] = shape->channel_floats,
        [GPU_W1_BACK] = shape->hidden * shape->input_floats,
        [GPU_W2_BACK] = shape->channels * shape->hidden_floats,
    };
    for (int i = 0; i < GPU_WEIGHTS; i++) {
        batch->packed_at[i + 1] = batch->packed_at[i] + sizes[i];
    }
}

nca_status nca__gpu_allocate(gpu_batch *batch, nca_error *error)
{
    const gpu_plan *plan = &batch->plan;
    const size_t marks = nca__saturating_multiply(plan->slots, batch->cells);
    place_weights(batch);
    if (!allocate_host(batch)) {
        return nca__fail_memory(
            error, "the states of a batch",
            nca__saturating_multiply(batch->options.batch, batch->values * sizeof(float)));
    }
    if (nca__saturating_add(plan->state_bytes, plan->other_bytes) > batch->device->memory) {
        return fail_memory(batch, error);
    }
    batch->head.w = batch->packed + batch->packed_at[GPU_WEIGHTS];
    batch->head.b = batch->head.w + batch->head.outputs * batch->head.inputs;
    make_weights(batch);
    for (size_t i = 0; i < plan->planes; i++) {
        batch->planes[i] = make_floats(batch, plan->slots, batch->values);
    }
    batch->over = make(batch, marks);
    batch->over_y = make(batch, marks);
    batch->begun = make(batch, marks);
    const size_t steps = batch->options.max_steps > 0 ? batch->options.max_steps : 1;
    batch->live = make(batch, nca__saturating_multiply(marks, steps));
    if (batch->options.max_steps > 0) {
        make_training(batch);
    }
    if (batch->failure == CL_MEM_OBJECT_ALLOCATION_FAILURE ||
        batch->failure == CL_OUT_OF_RESOURCES || batch->failure == CL_INVALID_BUFFER_SIZE) {
        return fail_memory(batch, error);
    }
    return nca__gpu_report(batch, error);
}

static void release(cl_mem buffer)
{
    if (buffer != NULL) {
        nca__cl.ReleaseMemObject(buffer);
    }
}

void nca__gpu_release(gpu_batch *batch)
{
    for (size_t i = 0; batch->planes != NULL && i < batch->plan.planes; i++) {
        release(batch->planes[i]);
    }
    for (int i = 0; i < GPU_WEIGHTS; i++) {
        release(batch->weights[i]);
    }
    const cl_mem others[] = {batch->over,   batch->over_y, batch->begun, batch->live,
                             batch->d,      batch->dp,     batch->list,  batch->counts,
                             batch->begins, batch->ends,   batch->p,     batch->dx,
                             batch->h,      batch->dh,     batch->sums,  batch->gradients};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        release(others[i]);
    }
    free(batch->planes);
    free(batch->packed);
    free(batch->states);
    free(batch->changed);
    free(batch->d_host);
    free(batch->sample_gradients);
    free(batch->objective_sums);
}

/* ---- Weights ---------------------------------------------------------------------------------*/

static void pack_layers(gpu_batch *batch, const nca_parameters *from)
{
    const gpu_shape *shape = &batch->shape;
    const size_t lanes = NCA__CL_LANES;
    const size_t first = shape->input_channels;
    float *to[GPU_WEIGHTS];
    for (int i = 0; i < GPU_WEIGHTS; i++) {
        to[i] = batch->packed + batch->packed_at[i];
    }
    for (size_t n = 0; n < shape->hidden; n++) {
        for (size_t i = 0; i < shape->inputs; i++) {
            const float w = from->w1[n * shape->inputs + i];
            to[GPU_W1][(n / lanes * shape->inputs + i) * lanes + n % lanes] = w;
            to[GPU_W1_BACK][n * shape->input_floats + i] = w;
        }
        to[GPU_B1][n] = from->b1[n];
        for (size_t c = first; c < shape->channels; c++) {
            const float w = from->w2[(c - first) * shape->hidden + n];
            to[GPU_W2][n * shape->channel_floats + c] = w;
            to[GPU_W2_BACK][c * shape->hidden_floats + n] = w;
        }
    }
    if (from->b2 != NULL) {
        memcpy(to[GPU_B2] + first, from->b2, (shape->channels - first) * sizeof(float));
    }
}

void nca__gpu_pack(gpu_batch *batch, const float *parameters)
{
    const nca_automaton *automaton = &batch->options.automaton;
    const nca_parameters from = nca_parameters_view((float *)parameters, automaton); /* only read */
    const nca__head *head = &batch->head;
    float *taps = batch->packed + batch->packed_at[GPU_TAPS];
    if (from.taps != NULL) {
        memcpy(taps, from.taps, batch->shape.tap_count * sizeof *taps);
    } else {
        nca_automaton_filters(taps, taps + 9, automaton);
    }
    pack_layers(batch, &from);
    if (head->outputs > 0) {
        memcpy(head->w, from.head_w, head->outputs * head->inputs * sizeof *head->w);
        memcpy(head->b, from.head_b, head->outputs * sizeof *head->b);
    }
    batch->packed_changed = true;
}
