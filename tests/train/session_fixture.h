/* Small sessions for the tests of this folder: a disc of 8 cells in a grid of 10, 8 channels, 16
 * hidden units, a pool of 12; and the comparison of complete sessions. */
#ifndef NCA_TESTS_SESSION_FIXTURE_H
#define NCA_TESTS_SESSION_FIXTURE_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assert_ok.h"
#include "train/session.h"

enum {
    SMALL_HEIGHT = 10,
    SMALL_WIDTH = 11,
    SMALL_CELLS = SMALL_HEIGHT * SMALL_WIDTH,
    GROWTH_RECIPES = NCA_RECIPE_CLASSIFY /* number of recipes of task grow, which come first */
};

/* `recipe` is one of task grow. */
static inline nca_settings small_settings(nca_recipe recipe, nca_experiment experiment)
{
    nca_settings settings;
    nca_settings_default(&settings);
    nca_settings_apply_recipe(&settings, recipe);
    settings.experiment = experiment;
    settings.img_size = 8;
    settings.padding = 1;
    settings.n_channels = 8;
    settings.hidden = 16;
    settings.batch_size = 5;
    settings.pool_size = 12;
    settings.steps_min = 5;
    settings.steps_max = 9;
    settings.damage = 2;
    settings.iterations = 20;
    settings.extension = 0;
    settings.decay_at = 12;
    settings.warmup = settings.warmup > 5 ? 5 : settings.warmup;
    settings.seed = 0x123456789abcdefu;
    settings.threads = 1;
    return settings;
}

/* A disc, orange in one half and blue in the other. */
static inline nca_target small_target(float rgba[SMALL_CELLS * 4])
{
    for (int cell = 0; cell < SMALL_CELLS; cell++) {
        const int row = cell / SMALL_WIDTH, column = cell % SMALL_WIDTH;
        const int dy = 2 * row - (SMALL_HEIGHT - 1), dx = 2 * column - (SMALL_WIDTH - 1);
        const float alpha = dx * dx + dy * dy <= 64 ? 1.0f : 0.0f;
        rgba[cell * 4 + 0] = dx < 0 ? alpha : 0.0f;
        rgba[cell * 4 + 1] = 0.5f * alpha;
        rgba[cell * 4 + 2] = dx < 0 ? 0.0f : alpha;
        rgba[cell * 4 + 3] = alpha;
    }
    return (nca_target){.height = SMALL_HEIGHT,
                        .width = SMALL_WIDTH,
                        .padding = 1,
                        .rgba = rgba,
                        .source = (char *)(uintptr_t) "a small disc"};
}

static inline nca_session *small_session(const nca_settings *settings)
{
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    nca_session *session = NULL;
    assert_ok(nca_session_create(&session, settings, &target, &failure));
    return session;
}

/* Creates none; the error says why. */
static inline nca_status refused_session(const nca_settings *settings, const nca_target *target,
                                         nca_error *error)
{
    nca_session *session = (nca_session *)1;
    const nca_status status = nca_session_create(&session, settings, target, error);
    assert_true(status == NCA_OK || session == (nca_session *)1);
    assert_int_not_equal(status, NCA_OK);
    return status;
}

static inline void run_session(nca_session *session, uint64_t until)
{
    while (nca_session_iteration(session) < until) {
        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
    }
}

/* The session of a checkpoint; NULL: with its settings unchanged. */
static inline nca_session *resumed_session(const char *path, const nca_settings *changed)
{
    nca_session *session = NULL;
    assert_ok(nca_session_resume(&session, path, changed, &failure));
    return session;
}

/* A state of the pool, whether it is held or implied. */
static inline void slot_state(float *out, const nca_session *session, size_t slot)
{
    if (!nca__pool_get(out, &session->pool, slot)) {
        session->problem.task->begin(out, &session->problem, 0, session->settings.n_channels, 0);
    }
}

static inline void assert_sessions_equal(const nca_session *a, const nca_session *b)
{
    const size_t bytes = a->parameter_count * sizeof(float);
    assert_int_equal(a->parameter_count, b->parameter_count);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
    assert_memory_equal(a->model->parameters, b->model->parameters, bytes);
    assert_memory_equal(a->m, b->m, bytes);
    assert_memory_equal(nca_session_result(a)->parameters, nca_session_result(b)->parameters,
                        bytes);
    assert_memory_equal(a->v, b->v, bytes);
    assert_memory_equal(a->recent, b->recent, sizeof a->recent);
    assert_memory_equal(&a->model->info, &b->model->info, sizeof a->model->info);
    assert_int_equal(a->pool.slots, b->pool.slots);
    const size_t values = a->problem.height * a->problem.width * a->settings.n_channels;
    float *states = malloc(2 * values * sizeof *states);
    assert_non_null(states);
    for (size_t slot = 0; slot < a->pool.slots; slot++) {
        slot_state(states, a, slot);
        slot_state(states + values, b, slot);
        assert_int_equal(a->pool.is_grown[slot], b->pool.is_grown[slot]);
        assert_memory_equal(states, states + values, values * sizeof *states);
    }
    free(states);
}

/* ---- The gradient ------------------------------------------------------------------------------
 */

/* Returns the mean loss of a pass over the first samples and writes its gradient. */
static inline double pass_of(nca_session *session, float *gradient, uint32_t steps)
{
    const nca__problem *problem = &session->problem;
    double losses[16], sum = 0.0;
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        problem->task->begin(session->state_at[b], problem, b, session->settings.n_channels, 0);
        session->asked[b] = problem->task->asked(problem->data, b);
    }
    nca__session_refresh(session);
    const nca__batch_pass pass = {.steps = steps,
                                  .asked = session->asked,
                                  .initial = (const float *const *)session->state_at,
                                  .losses = losses,
                                  .gradient = gradient};
    assert_ok(nca__batch_train(session->batch, &pass, &failure));
    for (uint32_t b = 0; b < session->settings.batch_size; b++) {
        sum += losses[b];
    }
    return sum / session->settings.batch_size;
}

/* Compares the gradient of rollouts of so many steps with finite differences. */
static inline void assert_gradient_by_differences(nca_session *session, uint32_t steps,
                                                  const char *what)
{
    float *parameters = session->model->parameters;
    float *gradient = calloc(session->parameter_count, sizeof *gradient);
    float *unused = calloc(session->parameter_count, sizeof *unused);
    assert_true(gradient != NULL && unused != NULL);
    pass_of(session, gradient, steps);
    /* W2, b2 and the head, for which the loss is smooth here except for the ReLUs of later
     * steps. */
    const nca_tensor w2 = nca_tensor_named(&session->model->automaton, "update.w2");
    const size_t head = nca_tensor_named(&session->model->automaton, "head.w").offset;
    for (size_t at = w2.offset; at < session->parameter_count; at += at + 31 < head ? 31 : 1) {
        const float kept = parameters[at], step = 2e-3f;
        parameters[at] = kept + step;
        const double above = pass_of(session, unused, steps);
        parameters[at] = kept - step;
        const double below = pass_of(session, unused, steps);
        const double slope = (above - below) / (2.0 * (double)step);
        parameters[at] = kept;
        if (!(fabs(slope - (double)gradient[at]) <= 0.02 * fabs(slope) + 2e-4)) {
            fail_msg("%s: parameter %zu: gradient %g, by differences %g", what, at,
                     (double)gradient[at], slope);
        }
    }
    free(gradient);
    free(unused);
}

/* ---- A temporary folder ------------------------------------------------------------------------
 */

typedef struct test_folder {
    char path[256];
    char file[300]; /* a name in it */
} test_folder;

static inline int make_folder(void **state)
{
    static test_folder folder;
    const char *base = getenv("TMPDIR");
    snprintf(folder.path, sizeof folder.path, "%.200s/nca-train-XXXXXX",
             base != NULL && base[0] != 0 ? base : "/tmp");
    if (mkdtemp(folder.path) == NULL) {
        return -1;
    }
    snprintf(folder.file, sizeof folder.file, "%s/checkpoint.safetensors", folder.path);
    *state = &folder;
    return 0;
}

/* The number of files in the folder, for checking that nothing was left behind. */
static inline size_t count_files(const char *path)
{
    size_t count = 0;
    DIR *directory = opendir(path);
    if (directory != NULL) {
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
            count += entry->d_name[0] != '.';
        }
        closedir(directory);
    }
    return count;
}

static inline int remove_folder(void **state)
{
    const test_folder *folder = *state;
    DIR *directory = opendir(folder->path);
    if (directory != NULL) {
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                unlinkat(dirfd(directory), entry->d_name, 0);
            }
        }
        closedir(directory);
    }
    return rmdir(folder->path);
}

#endif
