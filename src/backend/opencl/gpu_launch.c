/* Commands of an OpenCL queue: copies and launches. */
#include <assert.h>

#include "backend/opencl/gpu_batch.h"

static void keep_failure(gpu_batch *batch, cl_int code, const char *what)
{
    if (code != CL_SUCCESS && batch->failure == CL_SUCCESS) {
        batch->failure = code;
        batch->failed = what;
    }
}

/* ---- Copies ----------------------------------------------------------------------------------*/

void nca__gpu_write(gpu_batch *batch, cl_mem to, size_t first, const float *from, size_t count)
{
    if (batch->failure == CL_SUCCESS && count > 0) {
        keep_failure(batch,
                     nca__cl.EnqueueWriteBuffer(batch->queue, to, CL_FALSE, first * sizeof *from,
                                                count * sizeof *from, from, 0, NULL, NULL),
                     "a copy to it");
    }
}

void nca__gpu_read(float *to, gpu_batch *batch, cl_mem from, size_t first, size_t count)
{
    if (batch->failure == CL_SUCCESS && count > 0) {
        keep_failure(batch,
                     nca__cl.EnqueueReadBuffer(batch->queue, from, CL_FALSE, first * sizeof *to,
                                               count * sizeof *to, to, 0, NULL, NULL),
                     "a copy from it");
    }
}

void nca__gpu_finish(gpu_batch *batch)
{
    if (batch->failure == CL_SUCCESS) {
        keep_failure(batch, nca__cl.Finish(batch->queue), "the pass");
    }
}

void nca__gpu_send_weights(gpu_batch *batch)
{
    if (!batch->packed_changed) {
        return;
    }
    for (int i = 0; i < GPU_WEIGHTS; i++) {
        const size_t at = batch->packed_at[i];
        nca__gpu_write(batch, batch->weights[i], 0, batch->packed + at,
                       batch->packed_at[i + 1] - at);
    }
    batch->packed_changed = batch->failure != CL_SUCCESS;
}

/* ---- Launches --------------------------------------------------------------------------------*/

/* A kernel whose arguments are being set, in order. */
typedef struct launch {
    gpu_batch *batch;
    cl_kernel kernel;
    cl_uint next;
    const char *what;
} launch;

static launch launch_of(gpu_batch *batch, gpu_kernels which, const char *what)
{
    return (launch){.batch = batch, .kernel = batch->kernels[which], .what = what};
}

static void give(launch *l, const void *value, size_t size)
{
    if (l->batch->failure == CL_SUCCESS) {
        keep_failure(l->batch, nca__cl.SetKernelArg(l->kernel, l->next, size, value), l->what);
    }
    l->next++;
}

static void give_buffer(launch *l, cl_mem buffer)
{
    give(l, &buffer, sizeof buffer);
}

static void give_uint(launch *l, size_t value)
{
    const cl_uint number = (cl_uint)value;
    assert(number == value);
    give(l, &number, sizeof number);
}

static void give_float(launch *l, float value)
{
    give(l, &value, sizeof value);
}

/* x is a number of whole groups. */
static void start(launch *l, size_t x, size_t y, size_t z)
{
    if (l->batch->failure != CL_SUCCESS || x == 0) {
        return;
    }
    const size_t global[3] = {x, y, z};
    const size_t local[3] = {NCA__CL_GROUP, 1, 1};
    keep_failure(l->batch,
                 nca__cl.EnqueueNDRangeKernel(l->batch->queue, l->kernel, 3, NULL, global, local, 0,
                                              NULL, NULL),
                 l->what);
}

/* Rounds up to whole groups; the kernels ignore work-items beyond the last. */
static size_t whole(size_t items)
{
    return (items + NCA__CL_GROUP - 1) / NCA__CL_GROUP * NCA__CL_GROUP;
}

static size_t band_cells(const gpu_batch *batch)
{
    return batch->layout.band_rows * batch->layout.width;
}

void nca__gpu_zero(gpu_batch *batch, cl_mem buffer, size_t count)
{
    launch l = launch_of(batch, GPU_ZERO, "zero");
    const cl_ulong floats = count;
    give_buffer(&l, buffer);
    give(&l, &floats, sizeof floats);
    start(&l, whole(count), 1, 1);
}

void nca__gpu_mark(gpu_batch *batch, cl_mem state, size_t samples)
{
    if (batch->options.automaton.alive_channel < 0) {
        return;
    }
    const cl_ulong cells = samples * batch->cells;
    launch l = launch_of(batch, GPU_MARK, "mark");
    give_buffer(&l, batch->over);
    give_buffer(&l, state);
    give(&l, &cells, sizeof cells);
    give_float(&l, batch->options.automaton.alive_threshold);
    start(&l, whole(samples * batch->cells), 1, 1);
}

static void update(gpu_batch *batch, cl_mem y, cl_mem x, const gpu_firing *firing, uint32_t time)
{
    const nca_automaton *automaton = &batch->options.automaton;
    const nca__batch_options *options = &batch->options;
    const cl_uint2 key = {{(cl_uint)firing->seed, (cl_uint)(firing->seed >> 32)}};
    const cl_ulong shift = options->first_row * options->width;
    const cl_ulong total =
        options->total_rows > 0 ? options->total_rows * options->width : (cl_ulong)batch->cells;
    launch l = launch_of(batch, GPU_UPDATE, "update");
    give_buffer(&l, y);
    give_buffer(&l, batch->over_y);
    give_buffer(&l, batch->begun);
    give_buffer(&l, x);
    give_buffer(&l, batch->over);
    for (int i = GPU_TAPS; i <= GPU_B2; i++) {
        give_buffer(&l, batch->weights[i]);
    }
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    give_float(&l, automaton->step_size);
    give_float(&l, automaton->alive_threshold);
    give_uint(&l, batch->fire_threshold);
    give_uint(&l, batch->options.first_sample + firing->first_sample);
    give_uint(&l, batch->options.mask_sets);
    give_uint(&l, time);
    give_uint(&l, firing->iteration);
    give(&l, &key, sizeof key);
    give(&l, &shift, sizeof shift);
    give(&l, &total, sizeof total);
    const size_t quarters = (batch->cells + 3) / 4;
    start(&l, whole(quarters), firing->samples, 1);
}

/* Where the marks of a step are, as the number of its first sample. */
static void give_live(launch *l, size_t live_step)
{
    give_uint(l, live_step * l->batch->plan.slots);
}

void nca__gpu_step(gpu_batch *batch, cl_mem y, cl_mem x, const gpu_firing *firing, uint32_t time,
                   size_t live_step)
{
    update(batch, y, x, firing, time);
    launch l = launch_of(batch, GPU_MASK, "mask");
    give_buffer(&l, y);
    give_buffer(&l, batch->over);
    give_buffer(&l, batch->live);
    give_live(&l, live_step);
    give_buffer(&l, x);
    give_buffer(&l, batch->over_y);
    give_buffer(&l, batch->begun);
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    give_float(&l, batch->options.automaton.alive_threshold);
    start(&l, whole(batch->values), firing->samples, 1);
}

/* ---- Backward --------------------------------------------------------------------------------*/

static void collect(gpu_batch *batch, size_t samples, size_t live_step)
{
    launch l = launch_of(batch, GPU_COLLECT, "collect");
    give_buffer(&l, batch->list);
    give_buffer(&l, batch->counts);
    give_buffer(&l, batch->begins);
    give_buffer(&l, batch->ends);
    give_buffer(&l, batch->live);
    give_live(&l, live_step);
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    give_uint(&l, batch->layout.band_rows);
    start(&l, batch->layout.bands * NCA__CL_GROUP, samples, 1);
}

/* The samples from..from+count-1 of the group. */
static void backward(gpu_batch *batch, cl_mem x, size_t from, size_t count)
{
    static const gpu_weights read[] = {GPU_TAPS, GPU_W1, GPU_B1, GPU_W1_BACK, GPU_W2_BACK};
    const cl_mem written[] = {batch->p, batch->dx, batch->h, batch->dh, batch->d, batch->dp};
    launch l = launch_of(batch, GPU_BACKWARD, "backward");
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        give_buffer(&l, written[i]);
    }
    give_buffer(&l, x);
    give_buffer(&l, batch->list);
    give_buffer(&l, batch->counts);
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        give_buffer(&l, batch->weights[read[i]]);
    }
    give_uint(&l, from);
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    give_uint(&l, batch->layout.band_rows);
    give_float(&l, batch->options.automaton.step_size);
    const size_t most = nca__most_band_rows(&batch->layout) * batch->layout.width;
    start(&l, whole(most), batch->layout.bands, count);
}

static void sum(gpu_batch *batch, cl_mem x, size_t from, size_t count)
{
    const gpu_shape *shape = &batch->shape;
    launch l = launch_of(batch, GPU_SUM_W1_W2, "sum_w1_w2");
    give_buffer(&l, batch->sums);
    give_buffer(&l, batch->p);
    give_buffer(&l, batch->dx);
    give_buffer(&l, batch->h);
    give_buffer(&l, batch->dh);
    give_buffer(&l, batch->counts);
    give_uint(&l, from);
    give_uint(&l, batch->cells);
    give_uint(&l, band_cells(batch));
    const size_t outputs = shape->sum_rows * (shape->hidden_floats / NCA__CL_LANES);
    start(&l, whole(outputs), batch->layout.bands, count);

    l = launch_of(batch, GPU_SUM_REST, "sum_rest");
    give_buffer(&l, batch->sums);
    give_buffer(&l, batch->dx);
    give_buffer(&l, batch->dp);
    give_buffer(&l, x);
    give_buffer(&l, batch->list);
    give_buffer(&l, batch->counts);
    give_uint(&l, from);
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    give_uint(&l, band_cells(batch));
    start(&l, whole(shape->channels + shape->tap_count), batch->layout.bands, count);
}

static void spread(gpu_batch *batch, size_t samples, size_t live_step)
{
    launch l = launch_of(batch, GPU_SPREAD, "spread");
    give_buffer(&l, batch->d);
    give_buffer(&l, batch->dp);
    give_buffer(&l, batch->live);
    give_live(&l, live_step);
    give_buffer(&l, batch->begins);
    give_buffer(&l, batch->ends);
    give_buffer(&l, batch->weights[GPU_TAPS]);
    give_uint(&l, batch->layout.height);
    give_uint(&l, batch->layout.width);
    start(&l, whole(batch->values), samples, 1);
}

void nca__gpu_step_back(gpu_batch *batch, cl_mem x, size_t samples, size_t live_step)
{
    collect(batch, samples, live_step);
    for (size_t from = 0; from < samples; from += batch->plan.scratch) {
        const size_t left = samples - from;
        const size_t count = left < batch->plan.scratch ? left : batch->plan.scratch;
        backward(batch, x, from, count);
        sum(batch, x, from, count);
    }
    spread(batch, samples, live_step);
}

void nca__gpu_reduce(gpu_batch *batch, size_t samples)
{
    launch l = launch_of(batch, GPU_REDUCE, "reduce");
    give_buffer(&l, batch->gradients);
    give_buffer(&l, batch->sums);
    give_uint(&l, batch->layout.bands);
    start(&l, whole(batch->shape.parameters), samples, 1);
}
