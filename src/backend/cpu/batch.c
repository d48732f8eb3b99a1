/* The CPU backend: a batch of grids on a team of threads, with its memory, forward passes and
 * training passes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/cpu/band_schedule.h"
#include "backend/cpu/team.h"
#include "base/error.h"
#include "base/saturate.h"
#include "nca/machine.h"
#include "tape/tape.h"

enum {
    ALIGNMENT = 64,
    RUN_PIECE = 1024 /* number of steps of one forward program */
};

typedef struct cpu_batch {
    nca__batch base; /* must be first */
    nca__batch_options options;
    size_t max_steps, interval; /* of the tapes */
    nca__engine engine;
    nca__team *team;
    nca__schedule schedule;
    nca__stopwatch *watches; /* one per worker, used while time is measured */
    float *sample_gradients; /* (B, parameters); empty when forward only */
    void **blocks;           /* all allocations, freed together */
    size_t block_count;
    const nca__batch_pass *training; /* the current pass */
    nca__pass running;               /* the current part of a forward run */
} cpu_batch;

/* Casts a batch of this backend to its type. */
static cpu_batch *own(nca__batch *batch)
{
    return (cpu_batch *)batch;
}

static const cpu_batch *own_const(const nca__batch *batch)
{
    return (const cpu_batch *)batch;
}

/* ---- Memory ----------------------------------------------------------------------------------*/

/* The memory of a batch: the number of slots (samples processed at once) and the kept states. */
typedef struct plan {
    size_t slots, max_steps, interval;
    size_t state_bytes; /* of all slots */
    size_t least_limit;
} plan;

static plan plan_make(const nca__batch_options *options, const nca__engine *engine)
{
    plan result = {.slots = options->batch, .max_steps = RUN_PIECE, .interval = 0};
    if (options->max_steps == 0) {
        result.state_bytes =
            nca__saturating_multiply(result.slots, nca__tape_state_bytes(engine, RUN_PIECE, 0));
        return result;
    }
    unsigned threads = options->threads == 0 ? nca_core_count() : options->threads;
    result.max_steps = options->max_steps;
    result.slots = options->batch < threads ? options->batch : threads;
    size_t limit = options->memory_limit == 0 ? SIZE_MAX : options->memory_limit;
    size_t smallest = nca__tape_interval(engine, options->max_steps, 0);
    result.least_limit = nca__tape_state_bytes(engine, options->max_steps, smallest);
    /* If the limit requires it, fewer samples are processed at once; the threads then share their
     * bands. */
    while (result.slots > 1 && limit / result.slots < result.least_limit) {
        result.slots--;
    }
    result.interval = nca__tape_interval(engine, options->max_steps, limit / result.slots);
    result.state_bytes = nca__saturating_multiply(
        result.slots, nca__tape_state_bytes(engine, options->max_steps, result.interval));
    return result;
}

/* The engine for these options. `block` as for nca__engine_make. */
static nca__engine engine_of(const nca__batch_options *options, const nca_kernels *kernels,
                             void *block)
{
    const nca__network *network = nca__network_of(options->precision);
    nca__engine engine = nca__engine_make(&options->automaton, options->height, options->width,
                                          kernels, network, block);
    engine.kept_hidden_bytes = network->keeps_hidden ? options->kept_hidden : 0;
    engine.objective = options->objective;
    engine.losses = options->losses > 0 ? options->losses : 1;
    return engine;
}

/* Size of the gradients that a training pass computes for each sample. */
static size_t gradient_bytes(const nca__batch_options *options)
{
    size_t sample = nca_parameter_count(&options->automaton) * sizeof(float);
    return options->max_steps == 0 ? 0 : nca__saturating_multiply(options->batch, sample);
}

static void cpu_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options)
{
    nca__engine engine = engine_of(options, &nca__kernels_scalar, NULL);
    plan result = plan_make(options, &engine);
    unsigned threads = options->threads == 0 ? nca_core_count() : options->threads;
    /* A single tape cannot overflow within the limits of a grid and an automaton, but many can. */
    size_t rest = nca__tape_bytes(&engine, result.max_steps, result.interval) -
                  nca__tape_state_bytes(&engine, result.max_steps, result.interval);
    size_t other = nca__saturating_multiply(result.slots, rest);
    other = nca__saturating_add(other, gradient_bytes(options));
    other = nca__saturating_add(other,
                                nca__saturating_multiply(threads, nca__workspace_bytes(&engine)));
    other = nca__saturating_add(other, nca__engine_bytes(&engine));
    *out_states = result.state_bytes;
    *out_other = other;
    *out_least = result.least_limit;
}

/* Zeroed memory, aligned to a cache line and owned by the batch; NULL if out of memory. Pages of
 * large blocks use physical memory only when they are touched. */
static void *allocate(cpu_batch *batch, size_t bytes)
{
    unsigned char *block = bytes > SIZE_MAX - ALIGNMENT ? NULL : calloc(1, bytes + ALIGNMENT);
    if (block == NULL) {
        return NULL;
    }
    batch->blocks[batch->block_count++] = block;
    return block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT) % ALIGNMENT;
}

static bool allocate_slots(cpu_batch *batch)
{
    nca__schedule *schedule = &batch->schedule;
    size_t bands = schedule->bands;
    for (size_t i = 0; i < schedule->slot_count; i++) {
        nca__slot *slot = &schedule->slots[i];
        void *tape =
            allocate(batch, nca__tape_bytes(&batch->engine, batch->max_steps, batch->interval));
        slot->progress = allocate(batch, bands * sizeof *slot->progress);
        slot->claimed = allocate(batch, bands * sizeof *slot->claimed);
        if (tape == NULL || slot->progress == NULL || slot->claimed == NULL) {
            return false;
        }
        slot->tape = nca__tape_carve(tape, &batch->engine, batch->max_steps, batch->interval);
    }
    return true;
}

static bool allocate_all(cpu_batch *batch, unsigned threads)
{
    nca__schedule *schedule = &batch->schedule;
    enum {
        BLOCKS_PER_SLOT = 3,
        OTHER_BLOCKS = 5
    };
    batch->blocks = calloc(BLOCKS_PER_SLOT * schedule->slot_count + threads + OTHER_BLOCKS,
                           sizeof *batch->blocks);
    if (batch->blocks == NULL) {
        return false;
    }
    const nca__engine measured = engine_of(&batch->options, batch->options.kernels, NULL);
    void *parameters = allocate(batch, nca__engine_bytes(&measured));
    schedule->slots = allocate(batch, schedule->slot_count * sizeof *schedule->slots);
    schedule->workspaces = allocate(batch, threads * sizeof *schedule->workspaces);
    batch->watches = allocate(batch, threads * sizeof *batch->watches);
    batch->sample_gradients = allocate(batch, gradient_bytes(&batch->options));
    if (parameters == NULL || schedule->slots == NULL || schedule->workspaces == NULL ||
        batch->watches == NULL || batch->sample_gradients == NULL) {
        return false;
    }
    batch->engine = engine_of(&batch->options, batch->options.kernels, parameters);
    for (unsigned i = 0; i < threads; i++) {
        void *block = allocate(batch, nca__workspace_bytes(&batch->engine));
        if (block == NULL) {
            return false;
        }
        schedule->workspaces[i] = nca__workspace_carve(block, &batch->engine);
    }
    return allocate_slots(batch);
}

static void cpu_destroy(nca__batch *base)
{
    cpu_batch *batch = own(base);
    nca__team_destroy(batch->team);
    pthread_cond_destroy(&batch->schedule.changed);
    pthread_mutex_destroy(&batch->schedule.mutex);
    for (size_t i = 0; i < batch->block_count; i++) {
        free(batch->blocks[i]);
    }
    free(batch->blocks);
    free(batch);
}

static nca_status cpu_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error)
{
    assert(options->batch > 0 && options->height > 0 && options->width > 0);
    cpu_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return nca__fail_memory(error, "a batch", sizeof *batch);
    }
    batch->options = *options;
    if (options->batch_total == 0) {
        batch->options.batch_total = options->batch;
    }
    assert(nca__network_of(options->precision)->form(options->kernels) != NULL);
    assert(options->max_steps == 0 || nca__network_of(options->precision)->backward != NULL);
    nca__engine shape_only = engine_of(options, options->kernels, NULL);
    plan memory = plan_make(options, &shape_only);
    batch->max_steps = memory.max_steps;
    batch->interval = memory.interval;
    batch->schedule.slot_count = memory.slots;
    batch->schedule.bands = shape_only.layout.bands;
    batch->schedule.fixed = memory.interval == 0;
    batch->schedule.samples = options->batch;
    batch->schedule.user = batch;
    pthread_mutex_init(&batch->schedule.mutex, NULL);
    pthread_cond_init(&batch->schedule.changed, NULL);
    nca_status status = NCA_OK;
    if (options->memory_limit != 0 && memory.state_bytes > options->memory_limit) {
        status = nca__fail(error, NCA_LIMIT,
                           "memory_limit: %zu bytes are too few for the states of %zu steps on a "
                           "grid of %zux%zu; set it to at least %zu",
                           options->memory_limit, options->max_steps, options->height,
                           options->width, memory.least_limit);
        goto failed;
    }
    status = nca__team_create(&batch->team, options->threads, error);
    if (status != NCA_OK) {
        goto failed;
    }
    if (!allocate_all(batch, nca__team_size(batch->team))) {
        size_t states;
        size_t other;
        size_t least;
        cpu_memory(&states, &other, &least, options);
        status =
            nca__fail_memory(error, "the states of a batch", nca__saturating_add(states, other));
        goto failed;
    }
    *out_batch = &batch->base;
    return NCA_OK;
failed:
    cpu_destroy(&batch->base);
    return status;
}

static unsigned cpu_threads(const nca__batch *base)
{
    const cpu_batch *batch = own_const(base);
    return nca__team_size(batch->team);
}

static const char *cpu_kernels(const nca__batch *base)
{
    const cpu_batch *batch = own_const(base);
    return nca_kernels_name(batch->options.kernels);
}

static void cpu_watch(nca__batch *base, double (*now)(void))
{
    cpu_batch *batch = own(base);
    const unsigned threads = nca__team_size(batch->team);
    memset(batch->watches, 0, threads * sizeof *batch->watches);
    for (unsigned i = 0; i < threads; i++) {
        batch->watches[i].now = now;
        batch->schedule.workspaces[i].watch = now != NULL ? &batch->watches[i] : NULL;
    }
}

static void cpu_add_profile(nca_profile *profile, const nca__batch *base)
{
    const cpu_batch *batch = own_const(base);
    for (unsigned i = 0; i < nca__team_size(batch->team); i++) {
        for (int part = 0; part < NCA_PART_COUNT; part++) {
            profile->seconds[part] += batch->watches[i].profile.seconds[part];
        }
    }
}

static void cpu_set_parameters(nca__batch *base, const float *parameters)
{
    cpu_batch *batch = own(base);
    nca__engine_set_parameters(&batch->engine, parameters);
}

static void cpu_set_fire_rate(nca__batch *base, float fire_rate)
{
    cpu_batch *batch = own(base);
    batch->options.automaton.fire_rate = fire_rate;
    nca__engine_set_fire_rate(&batch->engine, fire_rate);
}

/* Calls begin, runs all phases, and calls end for every sample, on the team. */
static void run_samples(cpu_batch *batch, void (*begin)(void *, nca__slot *, nca__workspace *),
                        void (*end)(void *, nca__slot *, nca__workspace *))
{
    batch->schedule.begin = begin;
    batch->schedule.end = end;
    nca__schedule_reset(&batch->schedule);
    nca__team_run(batch->team, nca__schedule_work, &batch->schedule);
}

/* ---- Forward only ----------------------------------------------------------------------------*/

/* The plane of a sample's state. */
static const float *state_plane(const cpu_batch *batch, size_t sample)
{
    const nca__tape *tape = &batch->schedule.slots[sample].tape;
    assert(batch->interval == 0);
    return nca__tape_state(tape, tape->pass.steps);
}

static void cpu_get(float *out_state, const nca__batch *base, size_t sample)
{
    const cpu_batch *batch = own_const(base);
    nca__rows_out(out_state, &batch->engine.layout, state_plane(batch, sample), 0,
                  batch->options.height);
}

static const float *cpu_row(size_t *out_stride, const nca__batch *base, size_t sample, size_t row)
{
    const cpu_batch *batch = own_const(base);
    const nca__layout *layout = &batch->engine.layout;
    assert(row < layout->height);
    *out_stride = layout->padded_channels;
    return state_plane(batch, sample) + nca__state_at(layout, row, 0);
}

static void cpu_set(nca__batch *base, size_t sample, const float *state)
{
    cpu_batch *batch = own(base);
    nca__tape *tape = &batch->schedule.slots[sample].tape;
    assert(batch->interval == 0);
    nca__tape_load(tape, state);
    for (size_t phase = 0; phase < tape->phases; phase++) {
        for (size_t band = 0; band < batch->schedule.bands; band++) {
            nca__tape_run(tape, phase, band, &batch->schedule.workspaces[0]);
        }
    }
}

/* The sample whose fire masks a sample of the batch has. */
static uint32_t mask_sample(const cpu_batch *batch, size_t sample)
{
    const uint32_t own = batch->options.first_sample + (uint32_t)sample;
    return batch->options.mask_sets > 0 ? own % batch->options.mask_sets : own;
}

static void run_begin(void *user, nca__slot *slot, nca__workspace *workspace)
{
    (void)workspace;
    const cpu_batch *batch = user;
    nca__pass pass = batch->running;
    pass.firing.sample = mask_sample(batch, slot->sample);
    pass.firing.first_row = batch->options.first_row;
    pass.firing.total_rows = batch->options.total_rows;
    nca__tape_begin(&slot->tape, &pass);
}

static void run_end(void *user, nca__slot *slot, nca__workspace *workspace)
{
    (void)workspace;
    (void)user;
    (void)slot;
}

static nca_status cpu_run(nca__batch *base, uint64_t first_step, size_t steps, uint64_t seed,
                          uint32_t iteration, nca_error *error)
{
    (void)error;
    cpu_batch *batch = own(base);
    assert(batch->interval == 0);
    while (steps > 0) {
        size_t piece = steps < RUN_PIECE ? steps : RUN_PIECE;
        batch->running = (nca__pass){.firing = {.seed = seed, .iteration = iteration},
                                     .first_step = (uint32_t)first_step,
                                     .steps = piece};
        run_samples(batch, run_begin, run_end);
        first_step += piece;
        steps -= piece;
    }
    return NCA_OK;
}

static size_t cpu_alive(const nca__batch *base, size_t sample)
{
    const cpu_batch *batch = own_const(base);
    return nca__tape_alive(&batch->schedule.slots[sample].tape);
}

/* ---- Training --------------------------------------------------------------------------------*/

static void train_begin(void *user, nca__slot *slot, nca__workspace *workspace)
{
    nca__lap(workspace->watch, NCA_PART_LOSS);
    const cpu_batch *batch = user;
    const nca__batch_pass *training = batch->training;
    size_t sample = slot->sample;
    nca__tape_begin(&slot->tape,
                    &(nca__pass){
                        .firing = {.seed = training->seed,
                                   .sample = mask_sample(batch, sample),
                                   .iteration = training->iteration},
                        .steps = training->steps,
                        .backward = true,
                        .asked = training->asked[sample],
                        .loss_weight = 1.0 / (double)batch->options.batch_total,
                        .initial = training->initial[sample],
                        .final = training->final != NULL ? training->final[sample] : NULL,
                        .initial_gradient = training->initial_gradient != NULL
                                                ? training->initial_gradient[sample]
                                                : NULL,
                    });
}

/* (B, parameters): where the samples' contributions to the gradient are stored. */
static float *sample_gradients(const cpu_batch *batch)
{
    return batch->training->sample_gradients != NULL ? batch->training->sample_gradients
                                                     : batch->sample_gradients;
}

static void train_end(void *user, nca__slot *slot, nca__workspace *workspace)
{
    nca__lap(workspace->watch, NCA_PART_REDUCTION);
    const cpu_batch *batch = user;
    const nca__batch_pass *training = batch->training;
    size_t parameters = nca_parameter_count(&batch->options.automaton);
    float *gradient = sample_gradients(batch) + slot->sample * parameters;
    memset(gradient, 0, parameters * sizeof(float));
    nca__tape_add_gradient(gradient, &slot->tape);
    training->losses[slot->sample] = nca__tape_loss(&slot->tape);
    if (training->alive != NULL) {
        training->alive[slot->sample] = nca__tape_alive(&slot->tape);
    }
}

static nca_status cpu_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error)
{
    (void)error;
    cpu_batch *batch = own(base);
    assert(batch->interval != 0 && pass->steps <= batch->max_steps);
    assert(batch->engine.losses <= nca__most_losses(pass->steps));
    size_t parameters = nca_parameter_count(&batch->options.automaton);
    batch->training = pass;
    run_samples(batch, train_begin, train_end);
    if (pass->gradient != NULL) {
        memset(pass->gradient, 0, parameters * sizeof(float));
    }
    for (size_t sample = 0; pass->gradient != NULL && sample < batch->options.batch; sample++) {
        const float *gradient = sample_gradients(batch) + sample * parameters;
        for (size_t i = 0; i < parameters; i++) {
            pass->gradient[i] += gradient[i];
        }
    }
    batch->training = NULL;
    return NCA_OK;
}

/* ---- The row ---------------------------------------------------------------------------------*/

const nca__backend nca__backend_cpu = {
    .name = "cpu",
    .memory = cpu_memory,
    .create = cpu_create,
    .destroy = cpu_destroy,
    .threads = cpu_threads,
    .kernels = cpu_kernels,
    .watch = cpu_watch,
    .add_profile = cpu_add_profile,
    .set_parameters = cpu_set_parameters,
    .set_fire_rate = cpu_set_fire_rate,
    .get = cpu_get,
    .row = cpu_row,
    .set = cpu_set,
    .run = cpu_run,
    .alive = cpu_alive,
    .train = cpu_train,
};
