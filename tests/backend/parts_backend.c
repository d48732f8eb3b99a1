#include "backend/parts_backend.h"

#include <math.h>
#include <stdlib.h>

#include "backend/batch_case.h"
#include "backend/device_choice.h"
#include "base/error.h"

typedef struct divided {
    nca__batch base; /* first */
    size_t batch, parameters, values;
    size_t count;
    nca__batch *parts[BACKEND_PARTS];
    size_t first[BACKEND_PARTS + 1]; /* the samples of part i are first[i]..first[i+1]-1 */
    float *sample_gradients;         /* (B, parameters) */
} divided;

backend_calls calls;

void backend_use(nca_device device, const nca__backend *backend, int fails_at)
{
    calls = (backend_calls){.fails_at = fails_at};
    nca__backend_register(device, backend);
}

static const divided *divided_of(const nca__batch *batch)
{
    return (const divided *)batch;
}

/* ---- Parts -----------------------------------------------------------------------------------*/

static size_t count_of(const nca__batch_options *options, size_t count)
{
    return options->batch < count ? options->batch : count;
}

/* The options of part i of `count`. */
static nca__batch_options part_options(const nca__batch_options *options, size_t count, size_t i)
{
    nca__batch_options part = *options;
    const size_t first = options->batch * i / count;
    part.backend = &nca__backend_cpu;
    part.batch = options->batch * (i + 1) / count - first;
    part.batch_total = options->batch;
    part.first_sample = options->first_sample + (uint32_t)first;
    return part;
}

/* The part that contains a sample of the batch; *sample becomes the index within that part. */
static nca__batch *part_of(const nca__batch *base, size_t *sample)
{
    const divided *batch = divided_of(base);
    size_t i = 0;
    while (*sample >= batch->first[i + 1]) {
        i++;
    }
    *sample -= batch->first[i];
    return batch->parts[i];
}

static void parts_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                         const nca__batch_options *options, size_t most)
{
    const size_t count = count_of(options, most);
    *out_states = *out_other = 0;
    for (size_t i = 0; i < count; i++) {
        const nca__batch_options part = part_options(options, count, i);
        size_t states, other;
        nca__batch_memory(&states, &other, out_least, &part);
        *out_states += states;
        *out_other += other;
    }
}

static void parts_destroy(nca__batch *base)
{
    divided *batch = (divided *)base;
    for (size_t i = 0; i < batch->count; i++) {
        nca__batch_destroy(batch->parts[i]);
    }
    free(batch->sample_gradients);
    free(batch);
    calls.destroyed++;
}

static nca_status parts_create(nca__batch **out_batch, const nca__batch_options *options,
                               size_t most, nca_error *error)
{
    divided *batch = batch_allocate(1, sizeof *batch);
    batch->batch = options->batch;
    batch->parameters = nca_parameter_count(&options->automaton);
    batch->values = options->height * options->width * options->automaton.channels;
    batch->count = count_of(options, most);
    batch->sample_gradients = batch_allocate(batch->batch * batch->parameters, sizeof(float));
    calls.created++;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < batch->count && status == NCA_OK; i++) {
        const nca__batch_options part = part_options(options, batch->count, i);
        status = nca__batch_create(&batch->parts[i], &part, error);
        batch->first[i + 1] = batch->first[i] + part.batch;
    }
    if (status != NCA_OK) {
        parts_destroy(&batch->base);
        return status;
    }
    *out_batch = &batch->base;
    return NCA_OK;
}

static unsigned parts_threads(const nca__batch *batch)
{
    return nca__batch_threads(divided_of(batch)->parts[0]);
}

static const char *parts_kernels(const nca__batch *batch)
{
    return nca__batch_kernels(divided_of(batch)->parts[0]);
}

static void parts_watch(nca__batch *batch, double (*now)(void))
{
    for (size_t i = 0; i < divided_of(batch)->count; i++) {
        nca__batch_watch(divided_of(batch)->parts[i], now);
    }
}

static void parts_add_profile(nca_profile *profile, const nca__batch *batch)
{
    for (size_t i = 0; i < divided_of(batch)->count; i++) {
        nca__batch_add_profile(profile, divided_of(batch)->parts[i]);
    }
}

static void parts_set_parameters(nca__batch *batch, const float *parameters)
{
    calls.parameters++;
    for (size_t i = 0; i < divided_of(batch)->count; i++) {
        nca__batch_set_parameters(divided_of(batch)->parts[i], parameters);
    }
}

static void parts_set_fire_rate(nca__batch *batch, float fire_rate)
{
    calls.fire_rates++;
    for (size_t i = 0; i < divided_of(batch)->count; i++) {
        nca__batch_set_fire_rate(divided_of(batch)->parts[i], fire_rate);
    }
}

/* ---- Passes ----------------------------------------------------------------------------------*/

/* Whether the pass that begins is the one to fail. */
static bool is_lost(void)
{
    return calls.run + calls.trained == calls.fails_at;
}

static nca_status lose(nca_error *error)
{
    return nca__fail(error, NCA_DEVICE_LOST, "the device was lost in pass %d", calls.fails_at);
}

static void parts_get(float *out_state, const nca__batch *batch, size_t sample)
{
    const nca__batch *part = part_of(batch, &sample);
    nca__batch_get(out_state, part, sample);
}

static const float *parts_row(size_t *out_stride, const nca__batch *batch, size_t sample,
                              size_t row)
{
    const nca__batch *part = part_of(batch, &sample);
    return nca__batch_row(out_stride, part, sample, row);
}

static void parts_set(nca__batch *batch, size_t sample, const float *state)
{
    calls.states++;
    nca__batch *part = part_of(batch, &sample);
    nca__batch_set(part, sample, state);
}

static size_t parts_alive(const nca__batch *batch, size_t sample)
{
    const nca__batch *part = part_of(batch, &sample);
    return nca__batch_alive(part, sample);
}

static nca_status parts_run(nca__batch *base, uint64_t first_step, size_t steps, uint64_t seed,
                            uint32_t iteration, nca_error *error)
{
    const divided *batch = divided_of(base);
    calls.run++;
    nca_status status = nca__batch_run(batch->parts[0], first_step, steps, seed, iteration, error);
    if (is_lost()) {
        return lose(error);
    }
    for (size_t i = 1; i < batch->count && status == NCA_OK; i++) {
        status = nca__batch_run(batch->parts[i], first_step, steps, seed, iteration, error);
    }
    return status;
}

/* Part i of a training pass. */
static nca_status train_part(const divided *batch, size_t i, const nca__batch_pass *pass,
                             nca_error *error)
{
    const size_t first = batch->first[i];
    nca__batch_pass part = *pass;
    part.asked += first;
    part.initial += first;
    part.final = pass->final != NULL ? pass->final + first : NULL;
    part.losses += first;
    part.alive = pass->alive != NULL ? pass->alive + first : NULL;
    part.initial_gradient = pass->initial_gradient != NULL ? pass->initial_gradient + first : NULL;
    part.gradient = NULL;
    part.sample_gradients = batch->sample_gradients + first * batch->parameters;
    return nca__batch_train(batch->parts[i], &part, error);
}

/* Overwrites what a caller must not use after a failure. */
static void spoil(const divided *batch, const nca__batch_pass *pass)
{
    for (size_t sample = 0; sample < batch->batch; sample++) {
        pass->losses[sample] = (double)NAN;
        for (size_t i = 0; pass->final != NULL && i < batch->values; i++) {
            pass->final[sample][i] = NAN;
        }
    }
    for (size_t i = 0; i < batch->parameters; i++) {
        pass->gradient[i] = NAN;
    }
}

static nca_status parts_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error)
{
    const divided *batch = divided_of(base);
    calls.trained++;
    nca_status status = train_part(batch, 0, pass, error);
    if (is_lost()) {
        spoil(batch, pass);
        return lose(error);
    }
    for (size_t i = 1; i < batch->count && status == NCA_OK; i++) {
        status = train_part(batch, i, pass, error);
    }
    for (size_t i = 0; i < batch->parameters; i++) {
        pass->gradient[i] = 0.0f;
        for (size_t sample = 0; sample < batch->batch; sample++) {
            pass->gradient[i] += batch->sample_gradients[sample * batch->parameters + i];
        }
    }
    return status;
}

/* ---- The rows --------------------------------------------------------------------------------*/

static void counting_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                            const nca__batch_options *options)
{
    parts_memory(out_states, out_other, out_least, options, 1);
}

static void dividing_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                            const nca__batch_options *options)
{
    parts_memory(out_states, out_other, out_least, options, BACKEND_PARTS);
}

static nca_status counting_create(nca__batch **out_batch, const nca__batch_options *options,
                                  nca_error *error)
{
    return parts_create(out_batch, options, 1, error);
}

static nca_status dividing_create(nca__batch **out_batch, const nca__batch_options *options,
                                  nca_error *error)
{
    return parts_create(out_batch, options, BACKEND_PARTS, error);
}

#define ROW(kind)                                                                                  \
    {                                                                                              \
        .name = #kind, .memory = kind##_memory, .create = kind##_create, .destroy = parts_destroy, \
        .threads = parts_threads, .kernels = parts_kernels, .watch = parts_watch,                  \
        .add_profile = parts_add_profile, .set_parameters = parts_set_parameters,                  \
        .set_fire_rate = parts_set_fire_rate, .get = parts_get, .row = parts_row,                  \
        .set = parts_set, .run = parts_run, .alive = parts_alive, .train = parts_train             \
    }
const nca__backend backend_counting = ROW(counting);
const nca__backend backend_dividing = ROW(dividing);
