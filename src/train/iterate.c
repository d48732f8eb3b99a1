/* One iteration of training: draws the batch, runs it forward and backward, updates the parameters
 * and returns the states to the pool. All random values are a function of the seed and the
 * iteration, and everything else depends only on the session's state. An iteration therefore gives
 * the same bits when it is repeated, on any machine.
 *
 * An iteration with values that are not all finite changes only its counters and the slots of
 * the affected samples, which are reset to the seed. An iteration whose pass fails changes
 * nothing: everything written before the pass is scratch memory, or is computed again from the
 * iteration number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "core/optimisers.h"
#include "core/seed_survival.h"
#include "nca/philox.h"
#include "train/session.h"

static const uint32_t rate_word = 0x40000000u; /* in word 1 of the counter */

/* The stopwatch for this thread's work between the rollouts; NULL if time is not measured. */
static nca__stopwatch *watch(nca_session *session)
{
    return session->watch.now != NULL ? &session->watch : NULL;
}

static size_t state_values(const nca_session *session)
{
    const nca__problem *problem = &session->problem;
    return problem->height * problem->width * session->settings.n_channels;
}

static uint32_t draw_steps(const nca_session *session, uint32_t iteration)
{
    const nca_settings *settings = &session->settings;
    uint32_t words[4];
    nca_draw(words, settings->seed, NCA_STREAM_STEPS, 0, 0, 0, iteration);
    return settings->steps_min + nca_below(words[0], settings->steps_max - settings->steps_min + 1);
}

/* ---- Ranking ---------------------------------------------------------------------------------*/

/* Highest loss first; equal losses keep their order. */
static int compare_ranks(const void *a, const void *b)
{
    const nca__rank *first = a;
    const nca__rank *second = b;
    if (first->loss != second->loss) {
        return first->loss > second->loss ? -1 : 1;
    }
    return first->position < second->position ? -1 : 1;
}

/* Sorts the positions of the batch by session->losses into session->ranks. */
static void rank_batch(nca_session *session)
{
    const uint32_t batch = session->settings.batch_size;
    for (uint32_t b = 0; b < batch; b++) {
        session->ranks[b] = (nca__rank){session->losses[b], b};
    }
    qsort(session->ranks, batch, sizeof *session->ranks, compare_ranks);
}

/* The number of best samples that are damaged; never includes the one that is reset to the seed. */
static uint32_t damage_count(const nca_session *session)
{
    const nca_settings *settings = &session->in_effect;
    if (!session->problem.damage) {
        return 0;
    }
    return settings->damage < settings->batch_size ? settings->damage : settings->batch_size - 1;
}

/* After a test that found the model not stable, half as much damage lets more samples grow old, so
 * that the model learns what follows after hundreds of steps. */
static float damage_rate(const nca_session *session)
{
    const float rate = session->in_effect.damage_rate;
    return session->counters.unstable ? rate * 0.5f : rate;
}

/* Uses a separate counter word, so that the cuts do not depend on the rate. */
static bool is_spared(const nca_session *session, uint32_t position, uint32_t iteration)
{
    uint32_t words[4];
    nca_draw(words, session->settings.seed, NCA_STREAM_DAMAGE, 0, rate_word, position, iteration);
    return nca_uniform(words[0]) >= damage_rate(session);
}

static void damage_sample(nca_session *session, uint32_t position, uint32_t iteration)
{
    const nca_settings *settings = &session->in_effect;
    if (is_spared(session, position, iteration)) {
        return;
    }
    const nca_living living = {
        .grid = session->state_at[position],
        .height = session->problem.height,
        .width = session->problem.width,
        .channels = settings->n_channels,
        .alive_channel = settings->alive_channel,
        .alive_threshold = settings->alive_threshold,
        .input_channels = session->problem.input_channels,
    };
    const nca_damage damage =
        nca_damage_draw_in(session->problem.damage_area, settings->damage_shape, settings->seed,
                           position, iteration, &living);
    nca_damage_apply(session->state_at[position], living.height, living.width, living.channels,
                     &damage);
}

static void begin_sample(nca_session *session, uint32_t position, size_t sample, uint32_t epoch)
{
    const nca__problem *problem = &session->problem;
    nca__lap(watch(session), NCA_PART_INITIAL);
    problem->task->begin(session->state_at[position], problem, sample, session->settings.n_channels,
                         epoch);
    nca__lap(watch(session), NCA_PART_POOL);
}

/* ---- The batch -------------------------------------------------------------------------------*/

static size_t sample_of_slot(const nca_session *session, uint32_t slot)
{
    return slot % session->problem.samples;
}

static void load_samples(nca_session *session, uint32_t iteration)
{
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        const uint32_t slot = session->slots[b];
        if (!nca__pool_get(session->state_at[b], &session->pool, slot)) {
            begin_sample(session, b, sample_of_slot(session, slot), iteration);
        }
    }
}

/* The article's order: the batch is sorted by the loss of its states, the first sample is reset
 * to the seed, and the last few are damaged. */
static void inject_before(nca_session *session, uint32_t iteration)
{
    const nca_settings *settings = &session->settings;
    const nca__problem *problem = &session->problem;
    const uint32_t batch = settings->batch_size;
    for (uint32_t b = 0; b < batch; b++) {
        session->losses[b] =
            problem->task->loss(session->state_at[b], problem,
                                sample_of_slot(session, session->slots[b]), settings->n_channels);
    }
    rank_batch(session);
    memcpy(session->drawn, session->slots, batch * sizeof *session->drawn);
    for (uint32_t b = 0; b < batch; b++) {
        session->slots[b] = session->drawn[session->ranks[b].position];
    }
    load_samples(session, iteration);
    begin_sample(session, 0, sample_of_slot(session, session->slots[0]), iteration);
    for (uint32_t i = 1; i <= damage_count(session); i++) {
        damage_sample(session, batch - i, iteration);
    }
}

/* Setting `carry`: whether a sample continues from its final state of the previous iteration. */
static bool is_carried(const nca_settings *settings, uint32_t position, uint32_t iteration)
{
    uint32_t words[4];
    nca_draw(words, settings->seed, NCA_STREAM_POOL, 0, 0, position, iteration);
    return iteration > 0 && nca_uniform(words[0]) < settings->carry;
}

/* Position b of the batch is the sample that was drawn in the last iteration in which it was not
 * carried, so a checkpoint need not contain the samples, only their states. The first carried
 * samples are damaged. */
static void draw_carried(nca_session *session, uint32_t iteration)
{
    const nca_settings *settings = &session->settings;
    uint32_t left = session->problem.damage ? session->in_effect.damage : 0;
    for (uint32_t b = 0; b < settings->batch_size; b++) {
        uint32_t begun = iteration;
        while (is_carried(settings, b, begun)) {
            begun--;
        }
        const uint64_t number = (uint64_t)begun * settings->batch_size + b;
        nca__epochs_draw(&session->samples[b], &session->epochs, number, 1, settings->seed);
        session->slots[b] = b;
        if (begun == iteration || !nca__pool_get(session->state_at[b], &session->pool, b)) {
            begin_sample(session, b, session->samples[b],
                         (uint32_t)(number / session->epochs.samples));
        } else if (left > 0) {
            damage_sample(session, b, iteration);
            left--;
        }
    }
}

/* Fills the states, slots and samples of the batch. */
static void draw_states(nca_session *session, uint32_t iteration)
{
    const nca_settings *settings = &session->settings;
    const uint32_t batch = settings->batch_size;
    if (!session->problem.pool && session->pool.slots > 0) {
        draw_carried(session, iteration);
        return;
    }
    if (!session->problem.pool) {
        const uint64_t first = (uint64_t)iteration * batch;
        nca__epochs_draw(session->samples, &session->epochs, first, batch, settings->seed);
        for (uint32_t b = 0; b < batch; b++) {
            begin_sample(session, b, session->samples[b],
                         (uint32_t)((first + b) / session->epochs.samples));
        }
        return;
    }
    nca__pool_draw(session->slots, &session->pool, batch, settings->seed, iteration);
    load_samples(session, iteration);
    if (settings->injection == NCA_INJECTION_BEFORE) {
        inject_before(session, iteration);
    }
    for (uint32_t b = 0; b < batch; b++) {
        session->samples[b] = (uint32_t)sample_of_slot(session, session->slots[b]);
    }
}

static void draw_batch(nca_session *session, uint32_t iteration)
{
    const nca__problem *problem = &session->problem;
    draw_states(session, iteration);
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        session->asked[b] = problem->task->asked(problem->data, session->samples[b]);
    }
}

/* For viewers. */
static void keep_before(nca_session *session)
{
    const size_t channels = session->settings.n_channels;
    const size_t cells = session->problem.height * session->problem.width;
    for (size_t b = 0; session->before != NULL && b < session->settings.batch_size; b++) {
        const float *state = session->state_at[b];
        float *shown = session->before + b * cells * NCA__SHOWN_CHANNELS;
        for (size_t cell = 0; cell < cells; cell++) {
            memcpy(shown + NCA__SHOWN_CHANNELS * cell, state + channels * cell,
                   NCA__SHOWN_CHANNELS * sizeof *shown);
        }
    }
    session->before_filled = session->before != NULL;
}

/* Copies the states after the run back to their slots; with injection after the run, the slot
 * with the highest loss is reset to the seed and those with the lowest are damaged. */
static void return_batch(nca_session *session, uint32_t iteration)
{
    const uint32_t batch = session->settings.batch_size;
    if (session->pool.slots == 0) {
        return;
    }
    const bool inject = session->problem.pool && session->settings.injection == NCA_INJECTION_AFTER;
    if (inject) {
        rank_batch(session);
        for (uint32_t i = 1; i <= damage_count(session); i++) {
            damage_sample(session, session->ranks[batch - i].position, iteration);
        }
    }
    for (uint32_t b = 0; b < batch; b++) {
        nca__pool_set(&session->pool, session->slots[b], session->state_at[b]);
    }
    if (inject) {
        nca__pool_reseed(&session->pool, session->slots[session->ranks[0].position]);
    }
}

/* ---- The update ------------------------------------------------------------------------------*/

/* Marks the samples whose loss or state is not finite; returns their number. */
static uint32_t blame_samples(nca_session *session)
{
    uint32_t blamed = 0;
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        session->blamed[b] = !isfinite(session->losses[b]) ||
                             !nca__all_finite(session->state_at[b], state_values(session));
        blamed += session->blamed[b];
    }
    return blamed;
}

/* Scales a gradient whose norm over all tensors exceeds the limit. The norms of the report are
 * those before it was normalised. */
static void clip_gradient(nca_session *session)
{
    double square = 0.0, norms[NCA_MAX_TENSORS] = {0};
    nca_gradient_norms(norms, session->gradient, &session->model->automaton);
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        square += norms[i] * norms[i];
    }
    const double most = (double)session->settings.gradient_clip;
    if (square > most * most) {
        const float scale = (float)(most / sqrt(square));
        for (size_t i = 0; i < session->parameter_count; i++) {
            session->gradient[i] *= scale;
        }
    }
}

/* Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019. Tensors of rank 1 are
 * biases. */
static void decay_weights(nca_session *session, float rate)
{
    const nca_automaton *automaton = &session->model->automaton;
    const float factor = 1.0f - rate * session->settings.weight_decay;
    for (size_t k = 0; k < nca_tensor_count(automaton); k++) {
        const nca_tensor tensor = nca_tensor_at(automaton, k);
        float *weights = session->model->parameters + tensor.offset;
        for (size_t i = 0; tensor.rank > 1 && i < tensor.rows * tensor.columns; i++) {
            weights[i] *= factor;
        }
    }
}

/* The first updates count more, so that the average soon forgets the initial weights. */
static void update_average(nca_session *session)
{
    const double t = (double)session->counters.updates;
    const double decay = fmin((double)session->settings.average_decay, (1.0 + t) / (10.0 + t));
    const float share = (float)(1.0 - decay);
    const float *weights = session->model->parameters;
    float *average = session->average->parameters;
    for (size_t i = 0; i < session->parameter_count; i++) {
        average[i] += share * (weights[i] - average[i]);
    }
}

static void apply_gradient(nca_session *session, float rate)
{
    const nca_settings *settings = &session->settings;
    const nca__update update = {
        .parameters = session->model->parameters,
        .m = session->m,
        .v = session->v,
        .gradient = session->gradient,
        .automaton = &session->model->automaton,
        .adam = nca_settings_adam(settings),
        .rate = rate,
        .t = session->counters.updates + 1,
        .scratch = session->scratch,
        .kernels = session->kernels,
    };
    nca__optimiser_update(settings->optimiser, &update);
}

/* Updates the parameters. Returns false and changes nothing if the update or its result is not
 * finite: a square that overflows in Adam's v would freeze its parameter forever. */
static bool update_parameters(nca_session *session, const double *norms, float rate)
{
    const size_t count = session->parameter_count;
    const size_t bytes = count * sizeof(float);
    float *parameters = session->model->parameters;
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        if (!isfinite(norms[i])) {
            return false;
        }
    }
    if (session->settings.normalise_gradient) {
        nca_gradient_normalise(session->gradient, norms, &session->model->automaton);
    }
    if (session->settings.gradient_clip > 0.0f) {
        clip_gradient(session);
    }
    memcpy(session->backup, parameters, bytes);
    memcpy(session->backup + count, session->m, bytes);
    memcpy(session->backup + 2 * count, session->v, bytes);
    if (session->settings.weight_decay > 0.0f) {
        decay_weights(session, rate);
    }
    apply_gradient(session, rate);
    if (session->settings.seed_survival > 0.0f) {
        nca__keep_seed_alive(parameters, &session->model->automaton,
                             session->settings.seed_survival, session->scratch);
    }
    if (nca__all_finite(parameters, count) && nca__all_finite(session->m, count) &&
        nca__all_finite(session->v, count)) {
        return true;
    }
    memcpy(parameters, session->backup, bytes);
    memcpy(session->m, session->backup + count, bytes);
    memcpy(session->v, session->backup + 2 * count, bytes);
    return false;
}

/* The iteration changes only counters and slots that are reset to the seed: those of the
 * affected samples, or all slots if no sample can be identified. Without a pool, all slots too: one
 * may still hold the state of the sample before this one, with another image. */
static void drop_iteration(nca_session *session, uint32_t blamed)
{
    for (uint32_t b = 0; session->pool.slots > 0 && b < session->settings.batch_size; b++) {
        if (blamed == 0 || session->blamed[b] || !session->problem.pool) {
            nca__pool_reseed(&session->pool, session->slots[b]);
        }
    }
    session->counters.dropped++;
    session->counters.dropped_in_a_row++;
}

static double mean_loss(const nca_session *session)
{
    double sum = 0.0;
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        sum += session->losses[b];
    }
    return sum / (double)session->settings.batch_size;
}

static nca_status run_batch(nca_session *session, uint32_t steps, uint32_t iteration,
                            nca_error *error)
{
    const nca__batch_pass pass = {
        .steps = steps,
        .seed = session->settings.seed,
        .iteration = iteration,
        .asked = session->asked,
        .initial = (const float *const *)session->state_at,
        .final = session->state_at,
        .losses = session->losses,
        .alive = session->alive,
        .gradient = session->gradient,
    };
    return nca__batch_train(session->batch, &pass, error);
}

/* What follows a pass: the parameters and the pool are updated, or the iteration is dropped. */
static void take_batch(nca_session *session, nca_iteration *report, uint32_t iteration)
{
    nca__counters *counters = &session->counters;
    const uint32_t blamed = blame_samples(session);
    nca__lap(watch(session), NCA_PART_OPTIMISER);
    report->dropped =
        blamed > 0 || !update_parameters(session, report->gradient_norm, report->learning_rate);
    nca__lap(watch(session), NCA_PART_POOL);
    if (report->dropped) {
        drop_iteration(session, blamed);
        return;
    }
    return_batch(session, iteration);
    session->recent[counters->updates % NCA__RECENT_LOSSES] = report->loss;
    if (session->average != NULL) {
        update_average(session);
    }
    counters->updates++;
    counters->dropped_in_a_row = 0;
}

nca_status nca__session_iterate(nca_session *session, nca_iteration *out_report, nca_error *error)
{
    nca__counters *counters = &session->counters;
    if (counters->iteration >= UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT, "the training has finished: all %lu iterations are done",
                         (unsigned long)UINT32_MAX);
    }
    const uint32_t iteration = (uint32_t)counters->iteration;
    const nca_schedule schedule = nca_settings_schedule(&session->in_effect);
    nca_iteration report = {.iteration = counters->iteration + 1};
    nca__batch_set_fire_rate(session->batch, session->in_effect.fire_rate);
    report.steps = draw_steps(session, iteration);
    report.learning_rate = nca_schedule_rate(&schedule, iteration);

    nca__lap_first(watch(session), NCA_PART_POOL);
    draw_batch(session, iteration);
    keep_before(session);
    nca__lap(watch(session), NCA_PART_WAITING);
    nca_status status = run_batch(session, report.steps, iteration, error);
    if (status != NCA_OK) {
        session->before_filled = false; /* belonged to the failed iteration */
        return status;
    }
    session->model->automaton.fire_rate = session->in_effect.fire_rate;
    nca__lap_first(watch(session), NCA_PART_OPTIMISER);
    report.loss = mean_loss(session);
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        report.alive_cells += session->alive[b];
    }
    report.tensors = nca_tensor_count(&session->model->automaton);
    nca_gradient_norms(report.gradient_norm, session->gradient, &session->model->automaton);

    nca__lap(watch(session), NCA_PART_POOL);
    take_batch(session, &report, iteration);
    counters->iteration++;
    nca__session_settle_when_due(session);
    nca__lap(watch(session), NCA_PART_OPTIMISER);
    nca__session_refresh(session);
    nca__lap(watch(session), NCA_PART_WAITING);
    report.smooth_loss = nca__session_smooth_loss(session);
    report.dropped_total = counters->dropped;
    status = nca__session_check_progress(session, &report, error);
    if (status == NCA_OK) {
        *out_report = report;
    }
    return status;
}
