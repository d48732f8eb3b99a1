/* A batch of grids on a team of threads: memory, forward runs and training passes. */
#include "run/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/saturate.h"
#include "nca/machine.h"
#include "run/band_schedule.h"
#include "run/team.h"
#include "tape/tape.h"

enum {
    ALIGNMENT = 64,
    RUN_PIECE = 1024 /* steps of one forward program */
};

struct nca__batch {
    nca__batch_options options;
    size_t max_steps, interval; /* of the tapes */
    nca__engine engine;
    nca__team *team;
    nca__schedule schedule;
    nca__stopwatch *watches; /* one per worker, in use while time is taken */
    float *sample_gradients; /* (B, parameters); empty when forward only */
    void **blocks;           /* everything allocated, freed together */
    size_t block_count;
    const nca__batch_pass *training; /* the pass under way */
    nca__pass running;               /* the piece of a forward run under way */
};

/* ---- Memory ----------------------------------------------------------------------------------*/

/* How a batch lies in memory: slots (samples that are under way at once) and kept states. */
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
    /* Fewer samples at once, when the limit asks for it: the threads then share their bands. */
    while (result.slots > 1 && limit / result.slots < result.least_limit) {
        result.slots--;
    }
    result.interval = nca__tape_interval(engine, options->max_steps, limit / result.slots);
    result.state_bytes = nca__saturating_multiply(
        result.slots, nca__tape_state_bytes(engine, options->max_steps, result.interval));
    return result;
}

/* The engine as the options ask for it. `block` as for nca__engine_make. */
static nca__engine engine_of(const nca__batch_options *options, const nca_kernels *kernels,
                             void *block)
{
    const nca__network *network = nca__network_of(options->precision);
    nca__engine engine = nca__engine_make(&options->automaton, options->height, options->width,
                                          kernels, network, block);
    engine.kept_hidden_bytes = network->keeps_hidden ? options->kept_hidden : 0;
    engine.objective = options->objective;
    return engine;
}

/* Of the gradients that a training pass sums up sample by sample. */
static size_t gradient_bytes(const nca__batch_options *options)
{
    size_t sample = nca_parameter_count(&options->automaton) * sizeof(float);
    return options->max_steps == 0 ? 0 : nca__saturating_multiply(options->batch, sample);
}

void nca__batch_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                       const nca__batch_options *options)
{
    nca__engine engine = engine_of(options, &nca__kernels_scalar, NULL);
    plan result = plan_make(options, &engine);
    unsigned threads = options->threads == 0 ? nca_core_count() : options->threads;
    /* One tape cannot overflow within the limits of a grid and an automaton; many can. */
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

/* Zeroed memory on a cache line, owned by the batch; NULL when there is none. Large blocks take
 * real memory only where they are touched. */
static void *allocate(nca__batch *batch, size_t bytes)
{
    unsigned char *block = bytes > SIZE_MAX - ALIGNMENT ? NULL : calloc(1, bytes + ALIGNMENT);
    if (block == NULL) {
        return NULL;
    }
    batch->blocks[batch->block_count++] = block;
    return block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT) % ALIGNMENT;
}

static bool allocate_slots(nca__batch *batch)
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

static bool allocate_all(nca__batch *batch, unsigned threads)
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

nca_status nca__batch_create(nca__batch **out_batch, const nca__batch_options *options,
                             nca_error *error)
{
    assert(options->batch > 0 && options->height > 0 && options->width > 0);
    nca__batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        return nca__fail_memory(error, "a batch", sizeof *batch);
    }
    batch->options = *options;
    if (options->kernels == NULL) {
        batch->options.kernels = nca_kernels_best();
    }
    assert(nca__network_of(options->precision)->form(batch->options.kernels) != NULL);
    assert(options->max_steps == 0 || nca__network_of(options->precision)->backward != NULL);
    nca__engine shape_only = engine_of(options, batch->options.kernels, NULL);
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
        nca__batch_memory(&states, &other, &least, options);
        status =
            nca__fail_memory(error, "the states of a batch", nca__saturating_add(states, other));
        goto failed;
    }
    *out_batch = batch;
    return NCA_OK;
failed:
    nca__batch_destroy(batch);
    return status;
}

void nca__batch_destroy(nca__batch *batch)
{
    if (batch == NULL) {
        return;
    }
    nca__team_destroy(batch->team);
    pthread_cond_destroy(&batch->schedule.changed);
    pthread_mutex_destroy(&batch->schedule.mutex);
    for (size_t i = 0; i < batch->block_count; i++) {
        free(batch->blocks[i]);
    }
    free(batch->blocks);
    free(batch);
}

unsigned nca__batch_threads(const nca__batch *batch)
{
    return nca__team_size(batch->team);
}

const nca_kernels *nca__batch_kernels(const nca__batch *batch)
{
    return batch->options.kernels;
}

void nca__batch_watch(nca__batch *batch, double (*now)(void))
{
    const unsigned threads = nca__team_size(batch->team);
    memset(batch->watches, 0, threads * sizeof *batch->watches);
    for (unsigned i = 0; i < threads; i++) {
        batch->watches[i].now = now;
        batch->schedule.workspaces[i].watch = now != NULL ? &batch->watches[i] : NULL;
    }
}

void nca__batch_add_profile(nca_profile *profile, const nca__batch *batch)
{
    for (unsigned i = 0; i < nca__team_size(batch->team); i++) {
        for (int part = 0; part < NCA_PART_COUNT; part++) {
            profile->seconds[part] += batch->watches[i].profile.seconds[part];
        }
    }
}

void nca__batch_set_parameters(nca__batch *batch, const float *parameters)
{
    nca__engine_set_parameters(&batch->engine, parameters);
}

void nca__batch_set_fire_rate(nca__batch *batch, float fire_rate)
{
    batch->options.automaton.fire_rate = fire_rate;
    nca__engine_set_fire_rate(&batch->engine, fire_rate);
}

/* Runs begin, all phases and end of every sample on the team. */
static void run_samples(nca__batch *batch, void (*begin)(void *, nca__slot *, nca__workspace *),
                        void (*end)(void *, nca__slot *, nca__workspace *))
{
    batch->schedule.begin = begin;
    batch->schedule.end = end;
    nca__schedule_reset(&batch->schedule);
    nca__team_run(batch->team, nca__schedule_work, &batch->schedule);
}

/* ---- Forward only ----------------------------------------------------------------------------*/

/* The plane of a sample's state. */
static const float *state_plane(const nca__batch *batch, size_t sample)
{
    const nca__tape *tape = &batch->schedule.slots[sample].tape;
    assert(batch->interval == 0);
    return nca__tape_state(tape, tape->pass.steps);
}

void nca__batch_get(float *out_state, const nca__batch *batch, size_t sample)
{
    nca__rows_out(out_state, &batch->engine.layout, state_plane(batch, sample), 0,
                  batch->options.height);
}

const float *nca__batch_row(size_t *out_stride, const nca__batch *batch, size_t sample, size_t row)
{
    const nca__layout *layout = &batch->engine.layout;
    assert(row < layout->height);
    *out_stride = layout->padded_channels;
    return state_plane(batch, sample) + nca__state_at(layout, row, 0);
}

void nca__batch_set(nca__batch *batch, size_t sample, const float *state)
{
    nca__tape *tape = &batch->schedule.slots[sample].tape;
    assert(batch->interval == 0);
    nca__tape_begin(tape, &(nca__pass){.initial = state});
    for (size_t phase = 0; phase < tape->phases; phase++) {
        for (size_t band = 0; band < batch->schedule.bands; band++) {
            nca__tape_run(tape, phase, band, &batch->schedule.workspaces[0]);
        }
    }
}

static void run_begin(void *user, nca__slot *slot, nca__workspace *workspace)
{
    (void)workspace;
    const nca__batch *batch = user;
    nca__pass pass = batch->running;
    pass.firing.sample = batch->options.first_sample + (uint32_t)slot->sample;
    nca__tape_begin(&slot->tape, &pass);
}

static void run_end(void *user, nca__slot *slot, nca__workspace *workspace)
{
    (void)workspace;
    (void)user;
    (void)slot;
}

void nca__batch_run(nca__batch *batch, uint64_t first_step, size_t steps, uint64_t seed,
                    uint32_t iteration)
{
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
}

size_t nca__batch_alive(const nca__batch *batch, size_t sample)
{
    return nca__tape_alive(&batch->schedule.slots[sample].tape);
}

/* ---- Training --------------------------------------------------------------------------------*/

static void train_begin(void *user, nca__slot *slot, nca__workspace *workspace)
{
    nca__lap(workspace->watch, NCA_PART_LOSS);
    const nca__batch *batch = user;
    const nca__batch_pass *training = batch->training;
    size_t sample = slot->sample;
    nca__tape_begin(&slot->tape,
                    &(nca__pass){
                        .firing = {.seed = training->seed,
                                   .sample = (uint32_t)sample,
                                   .iteration = training->iteration},
                        .steps = training->steps,
                        .backward = true,
                        .asked = training->asked[sample],
                        .loss_weight = 1.0 / (double)batch->options.batch,
                        .initial = training->initial[sample],
                        .final = training->final != NULL ? training->final[sample] : NULL,
                        .initial_gradient = training->initial_gradient != NULL
                                                ? training->initial_gradient[sample]
                                                : NULL,
                    });
}

static void train_end(void *user, nca__slot *slot, nca__workspace *workspace)
{
    nca__lap(workspace->watch, NCA_PART_REDUCTION);
    const nca__batch *batch = user;
    const nca__batch_pass *training = batch->training;
    size_t parameters = nca_parameter_count(&batch->options.automaton);
    float *gradient = batch->sample_gradients + slot->sample * parameters;
    memset(gradient, 0, parameters * sizeof(float));
    nca__tape_add_gradient(gradient, &slot->tape);
    training->losses[slot->sample] = nca__tape_loss(&slot->tape);
    if (training->alive != NULL) {
        training->alive[slot->sample] = nca__tape_alive(&slot->tape);
    }
}

void nca__batch_train(nca__batch *batch, const nca__batch_pass *pass)
{
    assert(batch->interval != 0 && pass->steps <= batch->max_steps);
    size_t parameters = nca_parameter_count(&batch->options.automaton);
    batch->training = pass;
    run_samples(batch, train_begin, train_end);
    batch->training = NULL;
    memset(pass->gradient, 0, parameters * sizeof(float));
    for (size_t sample = 0; sample < batch->options.batch; sample++) {
        const float *gradient = batch->sample_gradients + sample * parameters;
        for (size_t i = 0; i < parameters; i++) {
            pass->gradient[i] += gradient[i];
        }
    }
}
