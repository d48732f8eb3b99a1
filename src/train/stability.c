/* The stability test at the end of a training, and the iterations that are added if a model does
 * not pass it. Whether iterations are added depends only on the settings and the weights, so
 * that a resumed run is bit-identical to an uninterrupted one. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "core/schedule.h"
#include "nca/rollout.h"
#include "train/session.h"

enum {
    ROLLOUTS = 8,
    PIECE = 100 /* steps between two calls of the callback */
};
/* The largest accepted increase of the loss between the two measurements. The fire masks alone
 * change it by a few per cent, and values below `noise` are not visible. The loss of a model
 * that drifts at least doubles. */
static const double rise = 1.25;
static const double noise = 1e-5;
/* The largest accepted loss; a larger one is visible at once. */
static const double most_loss = NCA_STABILITY_MOST;

/* `state` has room for one state. */
static void measure(double *out_loss, size_t *out_surviving, const nca_rollout *rollout,
                    const nca_session *session, float *state)
{
    const nca__problem *problem = &session->problem;
    double sum = 0.0;
    *out_surviving = 0;
    for (size_t sample = 0; sample < ROLLOUTS; sample++) {
        nca_rollout_get(state, rollout, sample);
        const double loss = problem->task->distance(state, problem, session->settings.n_channels);
        sum += loss;
        *out_surviving += isfinite(loss) && nca_rollout_alive(rollout, sample) > 0;
    }
    *out_loss = sum / ROLLOUTS;
}

static nca_status run(nca_rollout *rollout, size_t until, nca_keep_going *going, void *user,
                      nca_error *error)
{
    nca_status status = NCA_OK;
    while (status == NCA_OK && nca_rollout_steps(rollout) < until) {
        if (going != NULL && !going(user)) {
            return nca__fail(error, NCA_INTERRUPTED, "the stability test was stopped on request");
        }
        status = nca_rollout_run(rollout, PIECE, error);
    }
    return status;
}

nca_status nca_session_test_stability(nca_stability *out_stability, const nca_session *session,
                                      nca_keep_going *going, void *user, nca_error *error)
{
    const nca__problem *problem = &session->problem;
    const size_t values = problem->height * problem->width * session->settings.n_channels;
    if (problem->task->distance == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED, "a training of the task %s has no stability test",
                         problem->task->name);
    }
    float *state = malloc(values * sizeof *state);
    if (state == NULL) {
        return nca__fail_memory(error, "a state of the stability test", values * sizeof *state);
    }
    nca_rollout_options options;
    nca_rollout_options_default(&options, nca_session_result(session));
    options.batch = ROLLOUTS;
    options.seed = session->settings.seed;
    options.threads = session->settings.threads;
    options.device = session->settings.device;
    options.kernels = nca_kernels_named(nca_session_kernels(session));
    nca_rollout *rollout;
    nca_status status = nca_rollout_create(&rollout, nca_session_result(session), &options, error);
    if (status != NCA_OK) {
        free(state);
        return status;
    }
    nca_stability result = {.rollouts = ROLLOUTS};
    status = run(rollout, NCA_STABILITY_EARLY, going, user, error);
    if (status == NCA_OK) {
        measure(&result.early, &result.surviving, rollout, session, state);
        status = run(rollout, NCA_STABILITY_LATE, going, user, error);
    }
    if (status == NCA_OK) {
        measure(&result.late, &result.surviving, rollout, session, state);
    }
    nca_rollout_destroy(rollout);
    free(state);
    if (status != NCA_OK) {
        return status;
    }
    result.drifts = !(result.late <= rise * result.early + noise);
    result.stable = result.surviving == ROLLOUTS && !result.drifts && result.late <= most_loss;
    *out_stability = result;
    return NCA_OK;
}

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
        result.added = result.stable ? 0 : still_to_add(session);
    }
    session->counters.added += result.added;
    *out_stability = result;
    return NCA_OK;
}
