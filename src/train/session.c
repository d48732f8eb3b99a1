/* The training session as an object: made, asked, run to its end, taken apart. What happens in an
 * iteration stands in iterate.c, files in checkpoint_*.c. */
#include "train/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/utf8.h"

/* ---- The session's own copy of the target ----------------------------------------------------*/

static void free_target(nca_target *target)
{
    if (target != NULL) {
        free(target->rgba);
        free(target->source);
        free(target);
    }
}

/* The source is a path, which may hold any bytes, but checkpoints and models keep text: what is not
 * becomes '?' here, once. */
static nca_target *copy_target(const nca_target *target)
{
    nca_target *copy = calloc(1, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    const size_t bytes = target->height * target->width * 4 * sizeof(float);
    copy->height = target->height;
    copy->width = target->width;
    copy->padding = target->padding;
    copy->rgba = malloc(bytes);
    copy->source = strdup(target->source != NULL ? target->source : "");
    if (copy->rgba == NULL || copy->source == NULL) {
        free_target(copy);
        return NULL;
    }
    memcpy(copy->rgba, target->rgba, bytes);
    nca__clean_text(copy->source);
    return copy;
}

bool nca__all_finite(const float *values, size_t count)
{
    /* Whole blocks without a branch, so that the compiler can use wide registers. */
    enum {
        BLOCK = 1024
    };
    for (size_t start = 0; start < count; start += BLOCK) {
        const size_t size = count - start < BLOCK ? count - start : BLOCK;
        unsigned bad = 0;
        for (size_t i = 0; i < size; i++) {
            uint32_t bits;
            memcpy(&bits, values + start + i, sizeof bits);
            bad |= (bits & 0x7f800000u) == 0x7f800000u;
        }
        if (bad != 0) {
            return false;
        }
    }
    return true;
}

static nca_status check_target(const nca_target *target, nca_error *error)
{
    if (target == NULL || target->rgba == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "the target has no image");
    }
    if (target->height < 1 || target->height > NCA_MAX_SIDE || target->width < 1 ||
        target->width > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "target: expected sides of 1 to %d cells, found %zu x %zu", NCA_MAX_SIDE,
                         target->height, target->width);
    }
    if (!nca__all_finite(target->rgba, target->height * target->width * 4)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "target: expected finite values, found a NaN or an infinity");
    }
    return NCA_OK;
}

/* ---- Creation --------------------------------------------------------------------------------*/

static nca_status find_kernels(const nca_kernels **out_kernels, const char *name, nca_error *error)
{
    if (strcmp(name, "auto") == 0 || name[0] == 0) {
        *out_kernels = nca_kernels_best();
        return NCA_OK;
    }
    const nca_kernels *kernels = nca_kernels_named(name);
    if (kernels == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "kernels: this build has no kernel set \"%s\"; use \"auto\" or \"scalar\"",
                         name);
    }
    const char *missing = nca_kernels_missing(kernels);
    if (missing != NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "kernels: this machine does not have %s, which the kernel set \"%s\" "
                         "needs; use \"auto\"",
                         missing, name);
    }
    *out_kernels = kernels;
    return NCA_OK;
}

/* A precision is never replaced by something else: what cannot train in it is an error. */
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

/* Cuts at the room there is, never inside a UTF-8 sequence. */
static void copy_text(char out[NCA_MODEL_TEXT], const char *text)
{
    size_t length = strnlen(text, NCA_MODEL_TEXT);
    if (length == NCA_MODEL_TEXT) {
        length = nca__utf8_cut(text, length - 1);
    }
    memcpy(out, text, length);
    out[length] = 0;
}

static nca_status create_model(nca_session *session, nca_error *error)
{
    const nca_settings *settings = &session->settings;
    const nca_target *target = session->target;
    const nca_automaton automaton = nca_settings_automaton(settings);
    nca_status status = nca_model_create(&session->model, &automaton, error);
    if (status != NCA_OK) {
        return status;
    }
    status = nca_model_set_target(session->model, target->rgba, (uint32_t)target->height,
                                  (uint32_t)target->width, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_model_info *info = &session->model->info;
    info->height = (uint32_t)target->height;
    info->width = (uint32_t)target->width;
    info->padding = (uint32_t)target->padding;
    info->seed = settings->seed;
    info->loss = NAN;
    copy_text(info->target, target->source);
    copy_text(info->loss_name, nca_loss_name(settings->loss));
    nca_settings_get(info->experiment, NCA_MODEL_TEXT, settings, nca_setting_named("experiment"));
    nca_settings_get(info->recipe, NCA_MODEL_TEXT, settings, nca_setting_named("recipe"));
    return NCA_OK;
}

static bool allocate(nca_session *session)
{
    const size_t batch = session->settings.batch_size;
    const size_t parameters = session->parameter_count;
    const size_t scratch = nca__session_scratch(&session->settings);
    const size_t values =
        session->target->height * session->target->width * session->settings.n_channels;
    session->m = calloc(parameters, sizeof(float));
    session->v = calloc(parameters, sizeof(float));
    session->gradient = calloc(parameters, sizeof(float));
    session->backup = calloc(parameters, 3 * sizeof(float));
    session->scratch = scratch > 0 ? aligned_alloc(64, (scratch + 63) / 64 * 64) : NULL;
    session->states = calloc(batch, values * sizeof(float));
    session->state_at = calloc(batch, sizeof *session->state_at);
    session->losses = calloc(batch, sizeof *session->losses);
    session->alive = calloc(batch, sizeof *session->alive);
    session->slots = calloc(batch, sizeof *session->slots);
    session->drawn = calloc(batch, sizeof *session->drawn);
    session->ranks = calloc(batch, sizeof *session->ranks);
    session->blamed = calloc(batch, sizeof *session->blamed);
    if (session->m == NULL || session->v == NULL || session->gradient == NULL ||
        session->backup == NULL || (scratch > 0 && session->scratch == NULL) ||
        session->states == NULL || session->state_at == NULL || session->losses == NULL ||
        session->alive == NULL || session->slots == NULL || session->drawn == NULL ||
        session->ranks == NULL || session->blamed == NULL) {
        return false;
    }
    for (size_t b = 0; b < batch; b++) {
        session->state_at[b] = session->states + b * values;
    }
    return session->settings.experiment == NCA_EXPERIMENT_GROWING ||
           nca__pool_init(&session->pool, session->settings.pool_size, session->target->height,
                          session->target->width, session->settings.n_channels);
}

nca_status nca__session_new(nca_session **out_session, const nca_settings *settings,
                            const nca_target *target, nca_error *error)
{
    const nca_kernels *kernels = NULL;
    nca_status status = nca_settings_check(settings, error);
    status = status == NCA_OK ? check_target(target, error) : status;
    status = status == NCA_OK ? find_kernels(&kernels, settings->kernels, error) : status;
    status = status == NCA_OK ? check_precision(settings, kernels, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    status = nca_session_fits(settings, target->height, target->width, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        return nca__fail_memory(error, "training session", sizeof *session);
    }
    session->settings = *settings;
    session->kernels = kernels;
    /* A program may have filled the struct itself; lists are compared and written normalised. */
    nca_settings_set(&session->settings, "changes", settings->changes, NULL);
    nca__session_settle(session);
    session->target = copy_target(target);
    const nca_automaton automaton = nca_settings_automaton(settings);
    session->parameter_count = nca_parameter_count(&automaton);
    if (session->target == NULL || !allocate(session)) {
        const nca_session_memory needed =
            nca_session_memory_needed(settings, target->height, target->width);
        status = nca__fail_memory(error, "training session", needed.pool + needed.other);
        goto failed;
    }
    status = create_model(session, error);
    if (status != NCA_OK) {
        goto failed;
    }
    const nca__batch_options options =
        nca__session_batch_options(settings, target->height, target->width, kernels);
    status = nca__batch_create(&session->batch, &options, error);
    if (status != NCA_OK) {
        goto failed;
    }
    *out_session = session;
    return NCA_OK;
failed:
    nca_session_destroy(session);
    return status;
}

void nca_session_destroy(nca_session *session)
{
    if (session == NULL) {
        return;
    }
    nca__batch_destroy(session->batch);
    nca_model_destroy(session->model);
    free_target(session->target);
    nca__pool_free(&session->pool);
    free(session->m);
    free(session->v);
    free(session->gradient);
    free(session->backup);
    free(session->scratch);
    free(session->states);
    free(session->state_at);
    free(session->before);
    free(session->losses);
    free(session->alive);
    free(session->slots);
    free(session->drawn);
    free(session->ranks);
    free(session->blamed);
    free(session);
}

/* ---- Questions -------------------------------------------------------------------------------*/

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
    nca__batch_set_parameters(session->batch, session->model->parameters);
}

uint64_t nca_session_iteration(const nca_session *session)
{
    return session->counters.iteration;
}

const nca_model *nca_session_model(const nca_session *session)
{
    return session->model;
}

const nca_settings *nca_session_settings(const nca_session *session)
{
    return &session->settings;
}

const nca_target *nca_session_target(const nca_session *session)
{
    return session->target;
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
        /* A wish to stop that comes with the last iteration has nothing left to stop. */
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

/* ---- Looking on ------------------------------------------------------------------------------*/

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
    const nca_target *target = session->target;
    const size_t values = session->settings.batch_size * target->height * target->width * 4;
    session->before = calloc(values, sizeof *session->before);
    return session->before != NULL ? NCA_OK
                                   : nca__fail_memory(error, "the batch before its rollout",
                                                      values * sizeof *session->before);
}

const float *nca_session_sample_before(const nca_session *session, size_t sample)
{
    const size_t values = session->target->height * session->target->width * 4;
    return session->before_filled && in_batch(session, sample) ? session->before + sample * values
                                                               : NULL;
}

size_t nca_session_pool_size(const nca_session *session)
{
    return session->pool.slots;
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
