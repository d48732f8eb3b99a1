/* A training pass on an OpenCL device, one group of samples at a time: the program of
 * src/tape/tape.c.
 *
 * The objective is code of a task and runs on this machine: the states that it is applied to are
 * copied here, and the gradient of the state goes back. */
#include <assert.h>
#include <string.h>

#include "backend/opencl/gpu_batch.h"
#include "base/clock.h"
#include "core/alive.h"

/* A group of samples in a pass. */
typedef struct group {
    gpu_batch *batch;
    const nca__batch_pass *pass;
    size_t first, count; /* its samples */
    size_t present;      /* the segment whose states are on the device */
    double *sums;        /* (losses, objective's sums) of the sample being measured */
} group;

static size_t step_of_loss(const group *g, size_t j)
{
    return nca__loss_step(g->pass->steps, g->batch->options.losses, j);
}

/* ---- States ----------------------------------------------------------------------------------*/

/* The plane of x(t): first those that are kept, then those of a segment. */
static cl_mem plane_of(const gpu_batch *batch, size_t t)
{
    const size_t interval = batch->plan.interval;
    const size_t kept = batch->options.max_steps / interval + 1;
    return batch->planes[t % interval == 0 ? t / interval : kept + t % interval - 1];
}

static void run_forward(group *g, size_t first, size_t last)
{
    gpu_batch *batch = g->batch;
    const gpu_firing firing = {.seed = g->pass->seed,
                               .iteration = g->pass->iteration,
                               .first_sample = g->first,
                               .samples = g->count};
    for (size_t t = first; t <= last; t++) {
        nca__gpu_step(batch, plane_of(batch, t), plane_of(batch, t - 1), &firing, (uint32_t)(t - 1),
                      t - 1);
    }
}

/* The state of loss j of a sample of the group, on this machine. */
static float *state_of_loss(const group *g, size_t j, size_t i)
{
    const gpu_batch *batch = g->batch;
    return batch->states + (j * batch->plan.slots + i) * batch->values;
}

/* All steps; the states of the losses are copied on the way. */
static void roll_out(group *g)
{
    gpu_batch *batch = g->batch;
    size_t done = 0;
    for (size_t i = 0; i < g->count; i++) {
        nca__gpu_write(batch, plane_of(batch, 0), i * batch->values, g->pass->initial[g->first + i],
                       batch->values);
    }
    nca__gpu_mark(batch, plane_of(batch, 0), g->count);
    for (size_t j = batch->options.losses; j-- > 0;) {
        const size_t t = step_of_loss(g, j);
        run_forward(g, done + 1, t);
        nca__gpu_read(state_of_loss(g, j, 0), batch, plane_of(batch, t), 0,
                      g->count * batch->values);
        done = t;
    }
    nca__gpu_finish(batch);
    g->present = g->pass->steps == 0 ? 0 : (g->pass->steps - 1) / batch->plan.interval;
}

/* ---- The objective ---------------------------------------------------------------------------*/

static nca__row row_of(const gpu_batch *batch, const float *state, size_t row)
{
    const size_t channels = batch->shape.channels;
    return (nca__row){.cells = state + row * batch->layout.width * channels,
                      .stride = channels,
                      .row = row,
                      .height = batch->layout.height,
                      .width = batch->layout.width};
}

/* The sums over a state: rows in a band, then bands. `band_sums` is room for those of a band. */
static void measure(double *totals, double *band_sums, const gpu_batch *batch, const void *asked,
                    const float *state)
{
    const nca__objective *objective = batch->options.objective;
    memset(totals, 0, objective->sums * sizeof *totals);
    for (size_t band = 0; band < batch->layout.bands; band++) {
        memset(band_sums, 0, objective->sums * sizeof *band_sums);
        for (size_t row = nca__band_begin(&batch->layout, band);
             row < nca__band_end(&batch->layout, band); row++) {
            const nca__row cells = row_of(batch, state, row);
            objective->measure(band_sums, asked, &cells);
        }
        for (size_t i = 0; objective->join == NULL && i < objective->sums; i++) {
            totals[i] += band_sums[i];
        }
        if (objective->join != NULL) {
            objective->join(totals, band_sums);
        }
    }
}

/* The sums of loss j of a sample of the group. */
static double *sums_of(const group *g, size_t j, size_t i)
{
    const size_t sums = g->batch->options.objective->sums;
    return g->sums + (i * g->batch->options.losses + j) * sums;
}

static double weight_of_loss(const gpu_batch *batch)
{
    return 1.0 / (double)batch->options.batch_total / (double)batch->options.losses;
}

static void measure_sample(const group *g, size_t i)
{
    const gpu_batch *batch = g->batch;
    const nca__objective *objective = batch->options.objective;
    const void *asked = g->pass->asked[g->first + i];
    const size_t losses = batch->options.losses;
    double sum = 0.0;
    for (size_t j = 0; j < losses && asked != NULL; j++) {
        double *totals = sums_of(g, j, i);
        measure(totals, sums_of(g, 0, batch->plan.slots), batch, asked, state_of_loss(g, j, i));
        sum += objective->loss(totals, asked, batch->cells, &batch->head);
    }
    g->pass->losses[g->first + i] = sum / (double)(asked != NULL ? losses : 1);
}

/* Adds the gradient of loss j to that of the states, d_host. */
static void add_gradient(const group *g, size_t j)
{
    gpu_batch *batch = g->batch;
    const nca__objective *objective = batch->options.objective;
    for (size_t i = 0; i < g->count; i++) {
        const void *asked = g->pass->asked[g->first + i];
        const float *state = state_of_loss(g, j, i);
        float *d = batch->d_host + i * batch->values;
        for (size_t row = 0; asked != NULL && row < batch->layout.height; row++) {
            const nca__row cells = row_of(batch, state, row);
            objective->gradient(d + (cells.cells - state), asked, &cells, sums_of(g, j, i),
                                &batch->head, weight_of_loss(batch));
        }
    }
    nca__gpu_write(batch, batch->d, 0, batch->d_host, g->count * batch->values);
}

/* ---- Backward --------------------------------------------------------------------------------*/

/* The gradient of a loss is added to that of its state x(t), which is complete after step t + 1. */
static void run_backward(group *g)
{
    gpu_batch *batch = g->batch;
    const size_t interval = batch->plan.interval;
    const size_t values = g->count * batch->values;
    size_t loss = 1;
    for (size_t t = g->pass->steps; t >= 1; t--) {
        const size_t segment = (t - 1) / interval;
        if (loss < batch->options.losses && t == step_of_loss(g, loss)) {
            nca__gpu_read(batch->d_host, batch, batch->d, 0, values);
            nca__gpu_finish(batch);
            add_gradient(g, loss++);
        }
        if (segment != g->present && (t - 1) % interval != 0) {
            nca__gpu_mark(batch, plane_of(batch, segment * interval), g->count);
            run_forward(g, segment * interval + 1, t - 1);
            g->present = segment;
        }
        nca__gpu_step_back(batch, plane_of(batch, t - 1), g->count, t - 1);
    }
}

static void add_head_gradient(float *flat, const group *g, size_t i)
{
    const gpu_batch *batch = g->batch;
    const nca__objective *objective = batch->options.objective;
    const void *asked = g->pass->asked[g->first + i];
    const nca_parameters to = nca_parameters_view(flat, &batch->options.automaton);
    const nca__head gradient = {.inputs = batch->head.inputs,
                                .outputs = batch->head.outputs,
                                .w = to.head_w,
                                .b = to.head_b};
    for (size_t j = 0; j < batch->options.losses; j++) {
        objective->head_gradient(&gradient, sums_of(g, j, i), asked, batch->cells, &batch->head,
                                 weight_of_loss(batch));
    }
}

/* The samples' gradients, and those of the initial states. */
static void fetch_gradients(group *g, float *sample_gradients)
{
    gpu_batch *batch = g->batch;
    const nca__batch_pass *pass = g->pass;
    const size_t parameters = nca_parameter_count(&batch->options.automaton);
    nca__gpu_reduce(batch, g->count);
    for (size_t i = 0; i < g->count; i++) {
        float *to = sample_gradients + (g->first + i) * parameters;
        memset(to, 0, parameters * sizeof *to);
        nca__gpu_read(to, batch, batch->gradients, i * batch->shape.parameters,
                      batch->shape.parameters);
        if (pass->initial_gradient != NULL) {
            nca__gpu_read(pass->initial_gradient[g->first + i], batch, batch->d, i * batch->values,
                          batch->values);
        }
    }
    nca__gpu_finish(batch);
    for (size_t i = 0; i < g->count && batch->failure == CL_SUCCESS; i++) {
        if (pass->asked[g->first + i] != NULL && batch->options.objective->head_gradient != NULL) {
            add_head_gradient(sample_gradients + (g->first + i) * parameters, g, i);
        }
    }
}

/* ---- The pass --------------------------------------------------------------------------------*/

static void finish_states(group *g)
{
    gpu_batch *batch = g->batch;
    const nca__batch_pass *pass = g->pass;
    for (size_t i = 0; i < g->count; i++) {
        const float *state = state_of_loss(g, 0, i);
        measure_sample(g, i);
        if (pass->alive != NULL) {
            pass->alive[g->first + i] = nca__gpu_alive(batch, state);
        }
        if (pass->final != NULL) {
            memcpy(pass->final[g->first + i], state, batch->values * sizeof *state);
        }
    }
}

static void train_group(group *g, float *sample_gradients)
{
    gpu_batch *batch = g->batch;
    roll_out(g);
    if (batch->failure != CL_SUCCESS) {
        return;
    }
    finish_states(g);
    memset(batch->d_host, 0, g->count * batch->values * sizeof *batch->d_host);
    add_gradient(g, 0);
    nca__gpu_zero(batch, batch->sums, g->count * batch->layout.bands * batch->shape.sum_floats);
    run_backward(g);
    fetch_gradients(g, sample_gradients);
}

/* The samples' gradients, added in order. */
static void add_samples(float *gradient, const gpu_batch *batch, const float *sample_gradients)
{
    const size_t parameters = nca_parameter_count(&batch->options.automaton);
    memset(gradient, 0, parameters * sizeof *gradient);
    for (size_t sample = 0; sample < batch->options.batch; sample++) {
        for (size_t i = 0; i < parameters; i++) {
            gradient[i] += sample_gradients[sample * parameters + i];
        }
    }
}

nca_status nca__gpu_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error)
{
    gpu_batch *batch = nca__gpu_own(base);
    const size_t slots = batch->plan.slots;
    assert(batch->plan.interval != 0 && pass->steps <= batch->options.max_steps);
    assert(batch->options.losses <= nca__most_losses(pass->steps));
    const double begin = batch->now != NULL ? batch->now() : 0.0;
    float *sample_gradients =
        pass->sample_gradients != NULL ? pass->sample_gradients : batch->sample_gradients;
    nca__gpu_send_weights(batch);
    for (size_t first = 0; first < batch->options.batch; first += slots) {
        const size_t left = batch->options.batch - first;
        group g = {.batch = batch,
                   .pass = pass,
                   .first = first,
                   .count = left < slots ? left : slots,
                   .sums = batch->objective_sums};
        train_group(&g, sample_gradients);
    }
    if (pass->gradient != NULL && batch->failure == CL_SUCCESS) {
        add_samples(pass->gradient, batch, sample_gradients);
    }
    if (batch->now != NULL) {
        batch->profile.seconds[NCA_PART_WAITING] += batch->now() - begin;
    }
    return nca__gpu_report(batch, error);
}
