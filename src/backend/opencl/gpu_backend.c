/* The OpenCL backend: the row, creation, and forward passes.
 *
 * A batch of another precision than fp32 is not created here: backend/device_choice.c leaves it to
 * the CPU. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backend/opencl/gpu_batch.h"
#include "base/error.h"
#include "base/saturate.h"
#include "core/alive.h"
#include "nca/philox.h"

enum {
    STEPS_QUEUED = 256 /* before this machine waits for the device, so that no queue grows long */
};

static const gpu_batch *own_const(const nca__batch *batch)
{
    return (const gpu_batch *)batch;
}

/* ---- Memory, creation ------------------------------------------------------------------------*/

/* The options with the values that a 0 stands for. */
static nca__batch_options complete(const nca__batch_options *options)
{
    nca__batch_options result = *options;
    result.batch_total = options->batch_total > 0 ? options->batch_total : options->batch;
    result.losses = options->losses > 0 ? options->losses : 1;
    return result;
}

/* Of this machine's memory: copies of states, and gradients. The kept states are on the device. */
static void gpu_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options)
{
    const nca__batch_options all = complete(options);
    const nca__layout layout = nca__layout_make(&all.automaton, all.height, all.width);
    const gpu_shape shape = nca__gpu_shape_make(&all.automaton);
    const gpu_plan plan = nca__gpu_plan_make(&all, &shape, &layout);
    const size_t state = all.height * all.width * shape.channels * sizeof(float);
    const size_t copies =
        all.max_steps > 0 ? nca__saturating_multiply(plan.slots, all.losses + 1) : all.batch;
    size_t other = nca__saturating_multiply(copies, state);
    if (all.max_steps > 0) {
        const size_t gradient = nca_parameter_count(&all.automaton) * sizeof(float);
        other = nca__saturating_add(other, nca__saturating_multiply(all.batch, gradient));
    }
    *out_states = 0;
    *out_other = other;
    *out_least = plan.least_limit;
}

static void gpu_destroy(nca__batch *base)
{
    gpu_batch *batch = nca__gpu_own(base);
    if (batch->queue != NULL) {
        nca__cl.Finish(batch->queue);
    }
    nca__gpu_release(batch);
    for (int i = 0; i < GPU_KERNELS; i++) {
        if (batch->kernels[i] != NULL) {
            nca__cl.ReleaseKernel(batch->kernels[i]);
        }
    }
    if (batch->queue != NULL) {
        nca__cl.ReleaseCommandQueue(batch->queue);
    }
    free(batch);
}

static nca_status create_kernels(gpu_batch *batch, nca_error *error)
{
    static const char *const names[GPU_KERNELS] = {
        [GPU_ZERO] = "zero",           [GPU_MARK] = "mark",         [GPU_UPDATE] = "update",
        [GPU_MASK] = "mask",           [GPU_COLLECT] = "collect",   [GPU_BACKWARD] = "backward",
        [GPU_SUM_W1_W2] = "sum_w1_w2", [GPU_SUM_REST] = "sum_rest", [GPU_SPREAD] = "spread",
        [GPU_REDUCE] = "reduce",
    };
    cl_program program;
    const nca_status status =
        nca__cl_program(&program, batch->device, &batch->options.automaton, error);
    if (status != NCA_OK) {
        return status;
    }
    cl_int code;
    batch->queue = nca__cl.CreateCommandQueue(batch->device->context, batch->device->id, 0, &code);
    for (int i = 0; i < GPU_KERNELS && code == CL_SUCCESS; i++) {
        batch->kernels[i] = nca__cl.CreateKernel(program, names[i], &code);
    }
    return code == CL_SUCCESS ? NCA_OK : nca__cl_fail(error, batch->device, "a kernel", code);
}

static nca_status check_limit(const gpu_batch *batch, nca_error *error)
{
    const nca__batch_options *options = &batch->options;
    if (options->memory_limit == 0 || batch->plan.state_bytes <= options->memory_limit ||
        options->max_steps == 0) {
        return NCA_OK;
    }
    return nca__fail(error, NCA_LIMIT,
                     "memory_limit: %zu bytes are too few for the states of %zu steps on a grid of "
                     "%zux%zu; set it to at least %zu",
                     options->memory_limit, options->max_steps, options->height, options->width,
                     batch->plan.least_limit);
}

static nca_status find_device(nca__cl_device **out_device, size_t index, nca_error *error)
{
    nca__cl_device *devices;
    size_t count;
    nca_status status = nca__cl_devices(&devices, &count, error);
    if (status != NCA_OK) {
        return status;
    }
    if (index >= count || devices[index].problem != NULL) {
        return nca__fail(error, NCA_DEVICE_LOST, "opencl:%zu: there is no such device any more",
                         index);
    }
    *out_device = &devices[index];
    return nca__cl_device_use(*out_device, error);
}

static nca_status gpu_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error)
{
    assert(options->batch > 0 && options->height > 0 && options->width > 0);
    assert(options->precision == NCA_PRECISION_FP32);
    gpu_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return nca__fail_memory(error, "a batch", sizeof *batch);
    }
    batch->options = complete(options);
    batch->failure = CL_SUCCESS;
    nca_status status = find_device(&batch->device, options->device, error);
    if (status == NCA_OK) {
        const nca_automaton *automaton = &options->automaton;
        batch->shape = nca__gpu_shape_make(automaton);
        batch->layout = nca__layout_make(automaton, options->height, options->width);
        batch->plan = nca__gpu_plan_make(&batch->options, &batch->shape, &batch->layout);
        batch->cells = options->height * options->width;
        batch->values = batch->cells * batch->shape.channels;
        batch->fire_threshold = nca_fire_threshold(automaton->fire_rate);
        batch->head.inputs = automaton->head_inputs;
        batch->head.outputs = automaton->head_outputs;
        status = check_limit(batch, error);
    }
    if (status == NCA_OK) {
        status = create_kernels(batch, error);
    }
    if (status == NCA_OK) {
        status = nca__gpu_allocate(batch, error);
    }
    if (status != NCA_OK) {
        gpu_destroy(&batch->base);
        return status;
    }
    *out_batch = &batch->base;
    return NCA_OK;
}

nca_status nca__gpu_report(gpu_batch *batch, nca_error *error)
{
    if (batch->failure == CL_SUCCESS) {
        return NCA_OK;
    }
    const cl_int code = batch->failure;
    if (batch->queue != NULL) {
        nca__cl.Finish(
            batch->queue); /* commands before the failure may still use the caller's memory */
    }
    batch->failure = CL_SUCCESS;
    batch->packed_changed = true;
    return nca__cl_fail(error, batch->device, batch->failed, code);
}

/* ---- What a batch is -------------------------------------------------------------------------*/

/* The device does the work, and one thread feeds it. The kernel set is the one that the rest of the
 * program uses. */
static unsigned gpu_threads(const nca__batch *base)
{
    (void)base;
    return 1;
}

static const char *gpu_kernel_set(const nca__batch *base)
{
    return nca_kernels_name(own_const(base)->options.kernels);
}

static void gpu_watch(nca__batch *base, double (*now)(void))
{
    gpu_batch *batch = nca__gpu_own(base);
    batch->now = now;
    memset(&batch->profile, 0, sizeof batch->profile);
}

static void gpu_add_profile(nca_profile *profile, const nca__batch *base)
{
    const gpu_batch *batch = own_const(base);
    for (int part = 0; part < NCA_PART_COUNT; part++) {
        profile->seconds[part] += batch->profile.seconds[part];
    }
}

static void gpu_set_parameters(nca__batch *base, const float *parameters)
{
    nca__gpu_pack(nca__gpu_own(base), parameters);
}

static void gpu_set_fire_rate(nca__batch *base, float fire_rate)
{
    gpu_batch *batch = nca__gpu_own(base);
    batch->options.automaton.fire_rate = fire_rate;
    batch->fire_threshold = nca_fire_threshold(fire_rate);
}

/* ---- Forward only ----------------------------------------------------------------------------*/

static float *state_of(const gpu_batch *batch, size_t sample)
{
    return batch->states + sample * batch->values;
}

static void gpu_get(float *out_state, const nca__batch *base, size_t sample)
{
    const gpu_batch *batch = own_const(base);
    memcpy(out_state, state_of(batch, sample), batch->values * sizeof *out_state);
}

static const float *gpu_row(size_t *out_stride, const nca__batch *base, size_t sample, size_t row)
{
    const gpu_batch *batch = own_const(base);
    assert(row < batch->layout.height);
    *out_stride = batch->shape.channels;
    return state_of(batch, sample) + row * batch->layout.width * batch->shape.channels;
}

static void gpu_set(nca__batch *base, size_t sample, const float *state)
{
    gpu_batch *batch = nca__gpu_own(base);
    memcpy(state_of(batch, sample), state, batch->values * sizeof *state);
    batch->changed[sample] = true;
}

static void send_states(gpu_batch *batch)
{
    for (size_t sample = 0; sample < batch->options.batch; sample++) {
        if (batch->changed[sample]) {
            nca__gpu_write(batch, batch->planes[batch->held], sample * batch->values,
                           state_of(batch, sample), batch->values);
            batch->changed[sample] = false;
        }
    }
}

static nca_status gpu_run(nca__batch *base, uint64_t first_step, size_t steps, uint64_t seed,
                          uint32_t iteration, nca_error *error)
{
    gpu_batch *batch = nca__gpu_own(base);
    const size_t samples = batch->options.batch;
    const gpu_firing firing = {.seed = seed, .iteration = iteration, .samples = samples};
    assert(batch->plan.interval == 0);
    nca__gpu_send_weights(batch);
    send_states(batch);
    nca__gpu_mark(batch, batch->planes[batch->held], samples);
    for (size_t i = 0; i < steps; i++) {
        const size_t to = 1 - batch->held;
        nca__gpu_step(batch, batch->planes[to], batch->planes[batch->held], &firing,
                      (uint32_t)(first_step + i), 0);
        batch->held = to;
        if (i % STEPS_QUEUED == STEPS_QUEUED - 1) {
            nca__gpu_finish(batch);
        }
    }
    nca__gpu_read(batch->states, batch, batch->planes[batch->held], 0, samples * batch->values);
    nca__gpu_finish(batch);
    if (batch->failure != CL_SUCCESS) {
        memset(batch->changed, true, samples); /* the next pass sends the states again */
    }
    return nca__gpu_report(batch, error);
}

/* Whether a cell of a state is above the alive threshold; outside the grid is a copy or 0. */
static bool is_over(const gpu_batch *batch, const float *state, size_t row, size_t column)
{
    const nca_automaton *automaton = &batch->options.automaton;
    const bool nowhere = row == NCA__NOWHERE || column == NCA__NOWHERE;
    const size_t cell = row * batch->layout.width + column;
    const float value =
        nowhere ? 0.0f : state[cell * batch->shape.channels + (size_t)automaton->alive_channel];
    return value > automaton->alive_threshold;
}

size_t nca__gpu_alive(const gpu_batch *batch, const float *state)
{
    const nca__layout *layout = &batch->layout;
    if (batch->options.automaton.alive_channel < 0) {
        return batch->cells;
    }
    size_t alive = 0;
    for (size_t cell = 0; cell < batch->cells; cell++) {
        const ptrdiff_t row = (ptrdiff_t)(cell / layout->width);
        const ptrdiff_t column = (ptrdiff_t)(cell % layout->width);
        bool near = false;
        for (int i = 0; i < 9 && !near; i++) {
            near =
                is_over(batch, state,
                        nca__boundary_source(layout->boundary, row + i / 3 - 1, layout->height),
                        nca__boundary_source(layout->boundary, column + i % 3 - 1, layout->width));
        }
        alive += near;
    }
    return alive;
}

static size_t gpu_alive(const nca__batch *base, size_t sample)
{
    const gpu_batch *batch = own_const(base);
    return nca__gpu_alive(batch, state_of(batch, sample));
}

/* ---- The row ---------------------------------------------------------------------------------*/

const nca__backend nca__backend_opencl = {
    .name = "opencl",
    .memory = gpu_memory,
    .create = gpu_create,
    .destroy = gpu_destroy,
    .threads = gpu_threads,
    .kernels = gpu_kernel_set,
    .watch = gpu_watch,
    .add_profile = gpu_add_profile,
    .set_parameters = gpu_set_parameters,
    .set_fire_rate = gpu_set_fire_rate,
    .get = gpu_get,
    .row = gpu_row,
    .set = gpu_set,
    .run = gpu_run,
    .alive = gpu_alive,
    .train = nca__gpu_train,
};
