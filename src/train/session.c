/* The training session as an object: creation, queries, the loop over all iterations, destruction.
 * iterate.c contains the iteration, checkpoint_*.c the files. */
#include "train/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "nca/devices.h"

/* ---- Creation --------------------------------------------------------------------------------*/

static nca_status find_kernels(const nca_kernels **out_kernels, const char *name, nca_error *error)
{
    if (strcmp(name, "auto") == 0 || name[0] == 0) {
        *out_kernels = nca_kernels_best();
        return NCA_OK;
    }
    const nca_kernels *kernels = nca_kernels_named(name);
    char sets[NCA_KERNELS_TEXT];
    nca_kernels_list(sets, sizeof sets);
    if (kernels == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "kernels: this build has no kernel set \"%s\"; use %s", name, sets);
    }
    const char *missing = nca_kernels_missing(kernels);
    if (missing != NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "kernels: this machine does not have %s, which the kernel set \"%s\" "
                         "needs; use %s",
                         missing, name, sets);
    }
    *out_kernels = kernels;
    return NCA_OK;
}

/* A precision is never replaced by another one: if it cannot be used for training, that is an
 * error. */
static nca_status check_precision(const nca_settings *settings, const nca_kernels *kernels,
                                  nca_error *error)
{
    const char *missing = nca_kernels_missing_for(kernels, settings->precision);
    if (missing == NULL) {
        return NCA_OK;
    }
    return nca__fail(
        error, NCA_UNSUPPORTED,
        "precision: %s is not available with the kernel set %s on this machine, which does not "
        "have %s; use precision fp32, or kernels scalar for the same results at lower speed",
        nca_precision_name(settings->precision), nca_kernels_name(kernels), missing);
}

static nca_status create_model(nca_session *session, nca_error *error)
{
    const nca_settings *settings = &session->settings;
    const nca__problem *problem = &session->problem;
    const nca_automaton automaton = nca__session_automaton(settings, problem);
    nca_status status = nca_model_create(&session->model, &automaton, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_model_info *info = &session->model->info;
    info->height = (uint32_t)problem->height;
    info->width = (uint32_t)problem->width;
    info->seed = settings->seed;
    info->loss = NAN;
    nca_settings_get(info->experiment, NCA_MODEL_TEXT, settings, nca_setting_named("experiment"));
    nca_settings_get(info->recipe, NCA_MODEL_TEXT, settings, nca_setting_named("recipe"));
    return problem->task->describe != NULL ? problem->task->describe(session->model, problem, error)
                                           : NCA_OK;
}

static bool allocate(nca_session *session)
{
    const size_t batch = session->settings.batch_size;
    const size_t parameters = session->parameter_count;
    const size_t scratch = nca__session_scratch(&session->settings, &session->problem);
    const nca__problem *problem = &session->problem;
    const size_t values = problem->height * problem->width * session->settings.n_channels;
    session->m = calloc(parameters, sizeof(float));
    session->v = calloc(parameters, sizeof(float));
    session->gradient = calloc(parameters, sizeof(float));
    session->backup = calloc(parameters, 3 * sizeof(float));
    session->scratch = scratch > 0 ? aligned_alloc(64, (scratch + 63) / 64 * 64) : NULL;
    session->states = calloc(batch, values * sizeof(float));
    session->state_at = calloc(batch, sizeof *session->state_at);
    session->samples = calloc(batch, sizeof *session->samples);
    session->asked = calloc(batch, sizeof *session->asked);
    session->losses = calloc(batch, sizeof *session->losses);
    session->alive = calloc(batch, sizeof *session->alive);
    session->slots = calloc(batch, sizeof *session->slots);
    session->drawn = calloc(batch, sizeof *session->drawn);
    session->ranks = calloc(batch, sizeof *session->ranks);
    session->blamed = calloc(batch, sizeof *session->blamed);
    if (session->m == NULL || session->v == NULL || session->gradient == NULL ||
        session->backup == NULL || (scratch > 0 && session->scratch == NULL) ||
        session->states == NULL || session->state_at == NULL || session->samples == NULL ||
        session->asked == NULL || session->losses == NULL || session->alive == NULL ||
        session->slots == NULL || session->drawn == NULL || session->ranks == NULL ||
        session->blamed == NULL) {
        return false;
    }
    for (size_t b = 0; b < batch; b++) {
        session->state_at[b] = session->states + b * values;
    }
    const size_t slots = nca__session_slots(&session->settings, problem);
    const bool has_pool =
        slots == 0 || nca__pool_init(&session->pool, slots, problem->height, problem->width,
                                     session->settings.n_channels);
    return has_pool && (problem->pool || nca__epochs_init(&session->epochs, problem->samples));
}

static nca_status check_problem(const nca__problem *problem, const nca_settings *settings,
                                nca_error *error)
{
    if (problem->samples < 1 || problem->samples > UINT32_MAX) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected 1 to %lu samples, found %zu",
                         problem->task->name, (unsigned long)UINT32_MAX, problem->samples);
    }
    const nca_automaton automaton = nca__session_automaton(settings, problem);
    const char *wrong = nca_automaton_problem(&automaton);
    if (wrong != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: %s", problem->task->name, wrong);
    }
    return problem->task->check != NULL ? problem->task->check(problem, settings, error) : NCA_OK;
}

static nca_status check(const nca_kernels **out_kernels, const nca_settings *settings,
                        const nca__problem *problem, nca_error *error)
{
    nca_status status = nca_settings_check(settings, error);
    status = status == NCA_OK ? check_problem(problem, settings, error) : status;
    status = status == NCA_OK ? find_kernels(out_kernels, settings->kernels, error) : status;
    status = status == NCA_OK ? check_precision(settings, *out_kernels, error) : status;
    if (status == NCA_OK) {
        status = nca_device_choose(NULL, settings->device, settings->precision, error);
    }
    return status == NCA_OK ? nca__session_fits(settings, problem, error) : status;
}

nca_status nca__session_new(nca_session **out_session, const nca_settings *settings,
                            nca__problem *problem, nca_error *error)
{
    const nca_kernels *kernels = NULL;
    nca_status status = check(&kernels, settings, problem, error);
    nca_session *session = status == NCA_OK ? calloc(1, sizeof *session) : NULL;
    if (session == NULL) {
        nca__problem_free(problem);
        return status == NCA_OK ? nca__fail_memory(error, "training session", sizeof *session)
                                : status;
    }
    session->settings = *settings;
    session->kernels = kernels;
    session->problem = *problem;
    *problem = (nca__problem){0};
    /* A program may have filled the struct itself; lists are compared and written in normalised
     * form. */
    nca_settings_set(&session->settings, "changes", settings->changes, NULL);
    nca__session_settle(session);
    const nca__batch_options options =
        nca__session_batch_options(settings, &session->problem, kernels);
    session->parameter_count = nca_parameter_count(&options.automaton);
    if (!allocate(session)) {
        const nca_session_memory needed = nca__session_memory_needed(settings, &session->problem);
        status = nca__fail_memory(error, "training session", needed.pool + needed.other);
    }
    status = status == NCA_OK ? create_model(session, error) : status;
    if (status == NCA_OK && settings->average_decay > 0.0f) {
        status = nca_model_copy(&session->average, session->model, error);
    }
    status = status == NCA_OK ? nca__batch_create(&session->batch, &options, error) : status;
    if (status != NCA_OK) {
        nca_session_destroy(session);
        return status;
    }
    *out_session = session;
    return NCA_OK;
}

void nca_session_destroy(nca_session *session)
{
    if (session == NULL) {
        return;
    }
    nca__batch_destroy(session->batch);
    nca_model_destroy(session->model);
    nca_model_destroy(session->average);
    nca__problem_free(&session->problem);
    nca__pool_free(&session->pool);
    nca__epochs_free(&session->epochs);
    free(session->m);
    free(session->v);
    free(session->gradient);
    free(session->backup);
    free(session->scratch);
    free(session->states);
    free(session->state_at);
    free(session->before);
    free(session->samples);
    free(session->asked);
    free(session->losses);
    free(session->alive);
    free(session->slots);
    free(session->drawn);
    free(session->ranks);
    free(session->blamed);
    free(session);
}

/* ---- Queries --------------------------------------------------------------------------------- */

size_t nca__session_recent_count(const nca_session *session)
{
    const uint64_t updates = session->counters.updates;
    return updates < NCA__RECENT_LOSSES ? (size_t)updates : NCA__RECENT_LOSSES;
}

double nca__session_smooth_loss(const nca_session *session)
{
    const size_t count = nca__session_recent_count(session);
    const uint64_t oldest = session->counters.updates - count;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += session->recent[(oldest + i) % NCA__RECENT_LOSSES];
    }
    return count > 0 ? sum / (double)count : NAN;
}

void nca__session_refresh(nca_session *session)
{
    session->model->info.iterations = session->counters.iteration;
    session->model->info.loss = nca__session_smooth_loss(session);
    if (session->average != NULL) {
        session->average->info = session->model->info;
        session->average->automaton.fire_rate = session->model->automaton.fire_rate;
    }
    nca__batch_set_parameters(session->batch, session->model->parameters);
}

void nca__session_begin(nca_session *session)
{
    if (session->average != NULL) {
        memcpy(session->average->parameters, session->model->parameters,
               session->parameter_count * sizeof *session->model->parameters);
    }
    nca__session_refresh(session);
}

uint64_t nca_session_iteration(const nca_session *session)
{
    return session->counters.iteration;
}

const nca_model *nca_session_model(const nca_session *session)
{
    return session->model;
}

const nca_model *nca_session_result(const nca_session *session)
{
    return session->average != NULL ? session->average : session->model;
}

const nca_settings *nca_session_settings(const nca_session *session)
{
    return &session->settings;
}

const char *nca_session_kernels(const nca_session *session)
{
    return nca__batch_kernels(session->batch);
}

unsigned nca_session_threads(const nca_session *session)
{
    return nca__batch_threads(session->batch);
}

/* ---- Running ---------------------------------------------------------------------------------*/

nca_status nca_session_step(nca_session *session, nca_iteration *out_report, nca_error *error)
{
    return nca__session_iterate(session, out_report, error);
}

static nca_status run_iterations(nca_session *session, nca_progress *progress, void *user,
                                 nca_error *error)
{
    const uint64_t iterations = nca_session_total(session);
    while (session->counters.iteration < iterations) {
        nca_iteration report;
        nca_status status = nca_session_step(session, &report, error);
        if (status != NCA_OK) {
            return status;
        }
        /* A request to stop in the last iteration has no effect. */
        if (progress != NULL && !progress(session, &report, user) &&
            session->counters.iteration < iterations) {
            return nca__fail(error, NCA_INTERRUPTED,
                             "training was stopped on request after iteration %llu of %llu",
                             (unsigned long long)session->counters.iteration,
                             (unsigned long long)iterations);
        }
    }
    return NCA_OK;
}

nca_status nca_session_run(nca_session *session, nca_progress *progress, void *user,
                           nca_error *error)
{
    nca_stability stability = {.added = 1};
    nca_status status = NCA_OK;
    while (status == NCA_OK && stability.added > 0) {
        status = run_iterations(session, progress, user, error);
        if (status == NCA_OK) {
            status = nca_session_extend(&stability, session, NULL, NULL, error);
        }
    }
    return status;
}

/* ---- Inspection ------------------------------------------------------------------------------ */

static bool in_batch(const nca_session *session, size_t sample)
{
    return sample < session->settings.batch_size;
}

const float *nca_session_sample(const nca_session *session, size_t sample)
{
    return in_batch(session, sample) ? session->state_at[sample] : NULL;
}

nca_status nca_session_keep_before(nca_session *session, bool keep, nca_error *error)
{
    if (!keep || session->before != NULL) {
        if (!keep) {
            free(session->before);
            session->before = NULL;
            session->before_filled = false;
        }
        return NCA_OK;
    }
    const size_t values = session->settings.batch_size * session->problem.height *
                          session->problem.width * NCA__SHOWN_CHANNELS;
    session->before = calloc(values, sizeof *session->before);
    return session->before != NULL ? NCA_OK
                                   : nca__fail_memory(error, "the batch before its rollout",
                                                      values * sizeof *session->before);
}

const float *nca_session_sample_before(const nca_session *session, size_t sample)
{
    const size_t values = session->problem.height * session->problem.width * NCA__SHOWN_CHANNELS;
    return session->before_filled && in_batch(session, sample) ? session->before + sample * values
                                                               : NULL;
}

size_t nca_session_pool_size(const nca_session *session)
{
    return session->problem.pool ? session->pool.slots : 0;
}

bool nca_session_pool_sample(float *out_state, const nca_session *session, size_t slot)
{
    if (slot >= session->pool.slots) {
        return false;
    }
    nca__pool_get(out_state, &session->pool, slot);
    return true;
}

void nca_session_profile_begin(nca_session *session)
{
    session->watch = (nca__stopwatch){.now = nca__seconds};
    nca__batch_watch(session->batch, nca__seconds);
}

void nca_session_profile_end(nca_profile *out_profile, nca_session *session)
{
    *out_profile = session->watch.profile;
    if (session->watch.now != NULL) {
        nca__batch_add_profile(out_profile, session->batch);
        nca__batch_watch(session->batch, NULL);
    }
    session->watch = (nca__stopwatch){0};
}
