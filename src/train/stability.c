/* The stability test at the end of a training, and the iterations that are added if a model does
 * not pass it. Whether iterations are added depends only on the settings and the weights, so
 * that a resumed run is bit-identical to an uninterrupted one. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "core/schedule.h"
#include "nca/damage.h"
#include "nca/rollout.h"
#include "train/session.h"

enum {
    ROLLOUTS = 8,
    CUTS_EACH = NCA_REGENERATION_CUTS / ROLLOUTS, /* cuts of a rollout with each shape */
    PIECE = 100,                                  /* steps between two calls of the callback */
    LOOK = 25                                     /* steps between two looks after a cut */
};
/* The largest accepted increase of the loss between the two measurements. The fire masks alone
 * change the mean of a stable model by 1 %, and values below `noise` are not visible. A model whose
 * loss has risen by 17 % lost one rollout of 16 in the next 8000 steps. */
static const double rise = 1.05;
static const double noise = 1e-5;
/* The largest accepted loss; a larger one is visible at once. */
static const double most_loss = NCA_STABILITY_MOST;

/* A running test. */
typedef struct trial {
    const nca_session *session;
    nca_rollout *rollout; /* of ROLLOUTS samples */
    float *grown;         /* (ROLLOUTS,H,W,C) the states that are cut; NULL: none are */
    float *state;         /* (H,W,C) for one of them */
    size_t values;        /* H*W*C */
    nca_keep_going *going;
    void *user;
} trial;

static double loss_of(const trial *t, size_t sample)
{
    const nca__problem *problem = &t->session->problem;
    nca_rollout_get(t->state, t->rollout, sample);
    return problem->task->distance(t->state, problem, t->session->settings.n_channels);
}

static bool is_alive(const trial *t, size_t sample)
{
    return nca_rollout_alive(t->rollout, sample) > 0;
}

static void measure(double *out_loss, size_t *out_surviving, const trial *t)
{
    double sum = 0.0;
    *out_surviving = 0;
    for (size_t sample = 0; sample < ROLLOUTS; sample++) {
        const double loss = loss_of(t, sample);
        sum += loss;
        *out_surviving += isfinite(loss) && is_alive(t, sample);
    }
    *out_loss = sum / ROLLOUTS;
}

static nca_status run(const trial *t, size_t until, nca_error *error)
{
    nca_status status = NCA_OK;
    while (status == NCA_OK && nca_rollout_steps(t->rollout) < until) {
        const size_t left = until - nca_rollout_steps(t->rollout);
        if (t->going != NULL && !t->going(t->user)) {
            return nca__fail(error, NCA_INTERRUPTED, "the stability test was stopped on request");
        }
        status = nca_rollout_run(t->rollout, left < PIECE ? left : PIECE, error);
    }
    return status;
}

/* ---- Stability -------------------------------------------------------------------------------*/

/* The step after which the rollouts are cut. */
static size_t grown_at(const trial *t)
{
    const size_t longest = t->session->settings.steps_max;
    return longest < NCA_STABILITY_EARLY ? longest : NCA_STABILITY_EARLY;
}

static nca_status test_stability(nca_stability *result, const trial *t, nca_error *error)
{
    nca_status status = NCA_OK;
    if (t->grown != NULL) {
        status = run(t, grown_at(t), error);
        for (size_t sample = 0; sample < ROLLOUTS; sample++) {
            nca_rollout_get(t->grown + sample * t->values, t->rollout, sample);
        }
    }
    if (status == NCA_OK) {
        status = run(t, NCA_STABILITY_EARLY, error);
    }
    if (status == NCA_OK) {
        measure(&result->early, &result->surviving, t);
        status = run(t, NCA_STABILITY_LATE, error);
    }
    if (status == NCA_OK) {
        measure(&result->late, &result->surviving, t);
        result->drifts = !(result->late <= rise * result->early + noise);
        result->stable =
            result->surviving == ROLLOUTS && !result->drifts && result->late <= most_loss;
        result->passed = result->stable;
    }
    return status;
}

/* ---- Regeneration ----------------------------------------------------------------------------*/

/* Whether the training cuts with the shape. */
static bool is_trained_with(const nca_settings *settings, nca_damage_shape shape)
{
    return settings->damage_shape == shape ||
           (settings->damage_shape == NCA_DAMAGE_MIXED && shape != NCA_DAMAGE_CELLS);
}

/* Restores the grown states and cuts each of them. */
static void cut_all(const trial *t, nca_damage_shape shape, uint32_t number)
{
    const nca_session *session = t->session;
    const nca_settings *settings = &session->settings;
    nca_rollout_set_steps(t->rollout, grown_at(t));
    for (uint32_t sample = 0; sample < ROLLOUTS; sample++) {
        const float *grown = t->grown + sample * t->values;
        const nca_living living = {.grid = grown,
                                   .height = session->problem.height,
                                   .width = session->problem.width,
                                   .channels = settings->n_channels,
                                   .alive_channel = settings->alive_channel,
                                   .alive_threshold = settings->alive_threshold};
        const nca_damage damage = nca_damage_draw_in(session->problem.damage_area, shape,
                                                     settings->seed, sample, number, &living);
        nca_rollout_set(t->rollout, sample, grown);
        nca_rollout_damage(t->rollout, sample, &damage);
    }
}

/* Adds the number of rollouts that are restored to `restored`. */
static nca_status watch_cuts(size_t *restored, const trial *t, nca_error *error)
{
    bool done[ROLLOUTS] = {false};
    size_t count = 0;
    nca_status status = NCA_OK;
    const size_t cut_at = nca_rollout_steps(t->rollout);
    for (size_t steps = LOOK; steps <= NCA_REGENERATION_STEPS && count < ROLLOUTS; steps += LOOK) {
        status = run(t, cut_at + steps, error);
        if (status != NCA_OK) {
            return status;
        }
        for (size_t sample = 0; sample < ROLLOUTS; sample++) {
            if (!done[sample] && loss_of(t, sample) <= most_loss && is_alive(t, sample)) {
                done[sample] = true;
                count++;
            }
        }
    }
    *restored += count;
    return status;
}

static nca_status test_regeneration(nca_stability *result, const trial *t, nca_error *error)
{
    nca_status status = NCA_OK;
    for (int k = 0; k < NCA_DAMAGE_SHAPES && status == NCA_OK; k++) {
        const nca_damage_shape shape = (nca_damage_shape)k;
        size_t restored = 0;
        if (!is_trained_with(&t->session->settings, shape)) {
            continue;
        }
        for (uint32_t number = 0; number < CUTS_EACH && status == NCA_OK; number++) {
            cut_all(t, shape, number);
            status = watch_cuts(&restored, t, error);
        }
        if (result->cuts == 0 || restored < result->restored) {
            result->cuts = NCA_REGENERATION_CUTS;
            result->restored = restored;
            result->worst = shape;
        }
    }
    result->passed = result->restored >= NCA_REGENERATION_LEAST;
    return status;
}

/* ---- The test --------------------------------------------------------------------------------*/

static nca_status open_trial(trial *t, const nca_session *session, nca_error *error)
{
    const nca__problem *problem = &session->problem;
    t->session = session;
    t->values = problem->height * problem->width * session->settings.n_channels;
    const size_t states = problem->damage && session->settings.damage > 0 ? ROLLOUTS + 1 : 1;
    t->state = calloc(states, t->values * sizeof *t->state);
    if (t->state == NULL) {
        return nca__fail_memory(error, "the states of the stability test",
                                states * t->values * sizeof *t->state);
    }
    t->grown = states > 1 ? t->state + t->values : NULL;
    nca_rollout_options options;
    nca_rollout_options_default(&options, nca_session_result(session));
    options.batch = ROLLOUTS;
    options.seed = session->settings.seed;
    options.threads = session->settings.threads;
    options.device = session->settings.device;
    options.kernels = nca_kernels_named(nca_session_kernels(session));
    return nca_rollout_create(&t->rollout, nca_session_result(session), &options, error);
}

nca_status nca_session_test_stability(nca_stability *out_stability, const nca_session *session,
                                      nca_keep_going *going, void *user, nca_error *error)
{
    if (session->problem.task->distance == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED, "a training of the task %s has no stability test",
                         session->problem.task->name);
    }
    trial t = {.going = going, .user = user};
    nca_stability result = {.rollouts = ROLLOUTS};
    nca_status status = open_trial(&t, session, error);
    if (status == NCA_OK) {
        status = test_stability(&result, &t, error);
    }
    if (status == NCA_OK && result.stable && t.grown != NULL) {
        status = test_regeneration(&result, &t, error);
    }
    nca_rollout_destroy(t.rollout);
    free(t.state);
    if (status == NCA_OK) {
        *out_stability = result;
    }
    return status;
}

/* ---- The extension ---------------------------------------------------------------------------*/

/* Without a pool no state is used again, so the model does not learn to be stable; and some
 * schedules end with the last iteration. */
static bool has_test(const nca_session *session)
{
    const nca_settings *settings = &session->settings;
    return settings->extension > 0 && session->problem.pool &&
           session->problem.task->distance != NULL &&
           nca__schedule_ends(settings->schedule) != NCA__ENDS_WITH_TRAINING;
}

/* In iterations; 0 if all have been added. */
static uint64_t still_to_add(const nca_session *session)
{
    const uint64_t most = session->settings.extension;
    const uint64_t left = most > session->counters.added ? most - session->counters.added : 0;
    return left < NCA_EXTENSION_STEP ? left : NCA_EXTENSION_STEP;
}

uint64_t nca_session_total(const nca_session *session)
{
    return session->settings.iterations + session->counters.added;
}

nca_status nca_session_extend(nca_stability *out_stability, nca_session *session,
                              nca_keep_going *going, void *user, nca_error *error)
{
    nca_stability result = {0};
    if (has_test(session) && session->counters.iteration >= nca_session_total(session)) {
        nca_status status = nca_session_test_stability(&result, session, going, user, error);
        if (status != NCA_OK) {
            return status;
        }
        result.added = result.passed ? 0 : still_to_add(session);
        session->counters.unstable = !result.stable;
    }
    session->counters.added += result.added;
    *out_stability = result;
    return NCA_OK;
}
