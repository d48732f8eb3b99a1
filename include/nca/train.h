/* Training: a session that is created from settings and a target and advanced one iteration at a
 * time. Its whole state can be saved and resumed, and the result has the same bits as without.
 *
 *     nca_session *session;
 *     nca_session_create(&session, &settings, target, &error);
 *     while (nca_session_iteration(session) < settings.iterations) {
 *         nca_iteration report;
 *         if (nca_session_step(session, &report, &error) != NCA_OK) ...
 *     }
 *     nca_model_save(nca_session_model(session), "model.safetensors", &error);
 *
 * A session knows nothing of terminals, and of files only what nca_session_save and
 * nca_session_resume are given. */
#ifndef NCA_TRAIN_H
#define NCA_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/model.h"
#include "nca/profile.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/target.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time, also inside of its callbacks; different sessions are independent of
 * each other. It runs its own threads during a call only. */
typedef struct nca_session nca_session;

/* What one iteration did. */
typedef struct nca_iteration {
    uint64_t iteration; /* counted from 1 */
    uint32_t steps;     /* T */
    double loss;        /* mean over the batch, after the rollout; may be NaN when dropped */
    double smooth_loss; /* mean of the last 50 losses that were not dropped; NaN before the first */
    float learning_rate;
    size_t tensors; /* how many norms there are: nca_tensor_count of the automaton */
    double gradient_norm[NCA_MAX_TENSORS]; /* L2 norm of each tensor before normalisation */
    size_t alive_cells;                    /* over the batch, after the rollout */
    bool dropped; /* not finite: no update was made, the samples were re-seeded */
    uint64_t dropped_total;
} nca_iteration;

/* Bytes that a session with these settings takes at most: the pool, the rollouts' states, the
 * rest. `height` and `width` are the target's, padding included. All are SIZE_MAX for settings or a
 * size that nca_session_create refuses. */
typedef struct nca_session_memory {
    size_t pool, states, other;
} nca_session_memory;
NCA_API nca_session_memory nca_session_memory_needed(const nca_settings *settings, size_t height,
                                                     size_t width);
/* NCA_LIMIT when that is more than this machine has; the message says what takes how much and what
 * to lower. nca_session_create asks it too; ask it first where making the target takes long.
 * Other errors: NCA_INVALID_ARGUMENT (settings that nca_session_create refuses). */
NCA_API nca_status nca_session_fits(const nca_settings *settings, size_t height, size_t width,
                                    nca_error *error);

/* Checks the settings, refuses a pool that cannot fit into this machine's memory (NCA_LIMIT, with
 * what it needs), and draws the initial parameters. Settings and target are copied.
 * NCA_INVALID_ARGUMENT also for settings with an initial model (`init`, `init_digest`): a session
 * reads no files, see nca_session_create_from.
 * Other errors: NCA_INVALID_ARGUMENT (settings that nca_settings_check refuses, a target without an
 * image), NCA_UNSUPPORTED (a kernel set or a precision that this machine does not have),
 * NCA_OUT_OF_MEMORY; NCA_LIMIT also for a memory_limit below what one step takes, and where threads
 * cannot be started. */
NCA_API nca_status nca_session_create(nca_session **out_session, const nca_settings *settings,
                                      const nca_target *target, nca_error *error);
/* The same, but the parameters are those of a model, which is only read: to train a trained model
 * on, for another image or with other settings. Everything else begins anew: iterations, moments,
 * pool. The settings n_channels, hidden, filter, filter_count (of learned filters) and output_bias
 * must be the model's (nca_settings_follow_automaton), the model must have no input channels, and
 * settings->init_digest, unless it is empty, must be the digest of its parameters: else
 * NCA_MISMATCH. nca_session_settings then has the digest.
 * Errors besides: as above. */
NCA_API nca_status nca_session_create_from(nca_session **out_session, const nca_settings *settings,
                                           const nca_target *target, const nca_model *initial,
                                           nca_error *error);
NCA_API void nca_session_destroy(nca_session *session); /* accepts NULL */

/* One iteration. NCA_DIVERGED when the training cannot succeed any more: after 10 dropped
 * iterations in a row, 50 after which no sample has a living cell, or 20 whose loss is as large as
 * if every RGBA value were off by more than 10; the message says which, and what to try.
 * Other errors: NCA_LIMIT (all iterations are done). NCA_DEVICE_LOST and NCA_OUT_OF_MEMORY where
 * the device of the settings fails; the session is then as before the call, and can be saved or
 * stepped again, which repeats the iteration to the bit. */
NCA_API nca_status nca_session_step(nca_session *session, nca_iteration *out_report,
                                    nca_error *error);

/* How many iterations there will be: `settings.iterations` and those that nca_session_extend has
 * added. */
NCA_API uint64_t nca_session_total(const nca_session *session);
/* Iterations done, and the model as it is now (borrowed; changes with the next step). */
NCA_API uint64_t nca_session_iteration(const nca_session *session);
NCA_API const nca_model *nca_session_model(const nca_session *session);
/* The settings as given, with every change in `changes`: with these and the target a session
 * repeats this one. */
NCA_API const nca_settings *nca_session_settings(const nca_session *session);
/* The settings in effect for the next iteration: those, with the changes due by then. The model has
 * the fire rate of the last iteration done. */
NCA_API const nca_settings *nca_session_in_effect(const nca_session *session);
NCA_API const nca_target *nca_session_target(const nca_session *session);
/* The kernel set and thread count in use. */
NCA_API const char *nca_session_kernels(const nca_session *session);
NCA_API unsigned nca_session_threads(const nca_session *session);

/* Gives a setting that can change while a training runs (nca/changes.h) another value from the next
 * iteration on, and puts that into the settings' list of changes. Errors as of
 * nca_settings_change; nothing has changed then. */
NCA_API nca_status nca_session_change(nca_session *session, const char *key, const char *value,
                                      nca_error *error);

/* ---- The stability test ----------------------------------------------------------------------
 * Eight rollouts of the model from the seed, with the session's own seed, threads, kernels and
 * device. It passes when all are alive after NCA_STABILITY_LATE steps and their mean L2 is then at
 * most 1.25 times that after NCA_STABILITY_EARLY steps, plus 1e-5. */
enum {
    NCA_STABILITY_EARLY = 500,
    NCA_STABILITY_LATE = 2000
};

typedef struct nca_stability {
    size_t rollouts;    /* 0: not tested */
    size_t surviving;   /* with a living cell and finite values, at the last of the steps */
    double early, late; /* mean L2 after NCA_STABILITY_EARLY and NCA_STABILITY_LATE steps */
    bool stable;
    uint64_t added; /* iterations that nca_session_extend has added */
} nca_stability;

/* Tests the model as it is now. `going` may be NULL. NCA_INTERRUPTED, NCA_OUT_OF_MEMORY.
 * Other errors: as of nca_rollout_create and nca_rollout_run. */
NCA_API nca_status nca_session_test_stability(nca_stability *out_stability,
                                              const nca_session *session, nca_keep_going *going,
                                              void *user, nca_error *error);
/* To be called when nca_session_total iterations are done. In the experiments persistent and
 * regenerating with `settings.extension` above 0, unless the schedule is cosine, it tests the
 * model. If the model fails, 300 iterations are added to the total, and the training goes on, until
 * `settings.extension` have been added. Errors as above; then nothing has changed. nca_session_run
 * calls it itself. */
NCA_API nca_status nca_session_extend(nca_stability *out_stability, nca_session *session,
                                      nca_keep_going *going, void *user, nca_error *error);

/* Runs until `settings.iterations` are done, with those that nca_session_extend adds, or the
 * callback returns false (NCA_INTERRUPTED, unless that was the last iteration). `progress` may be
 * NULL. */
typedef bool nca_progress(const nca_session *session, const nca_iteration *report, void *user);
/* Other errors: as of nca_session_step and nca_session_extend. */
NCA_API nca_status nca_session_run(nca_session *session, nca_progress *progress, void *user,
                                   nca_error *error);

/* Writes weights, Adam moments, pool, counters, target and settings; whole or not at all.
 * Errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_session_save(const nca_session *session, const char *path, nca_error *error);
/* Continues from a checkpoint. `changed` may hold settings to continue with (NULL: those of the
 * checkpoint); one whose change would break the same bits is refused by name (NCA_MISMATCH).
 * Threads, kernels, memory_limit, checkpoint_every, snapshot_every, device and where results go may
 * change; iterations may change unless the schedule is cosine; the list of changes may from the
 * iterations done on.
 * Other errors: as of nca_checkpoint_settings and nca_session_create. */
NCA_API nca_status nca_session_resume(nca_session **out_session, const char *path,
                                      const nca_settings *changed, nca_error *error);
/* The first setting for which nca_session_resume refuses to change `saved`, the settings of a
 * checkpoint after `done` iterations, into `changed`; NULL when it refuses none. */
NCA_API const nca_setting *nca_session_refused(const nca_settings *saved,
                                               const nca_settings *changed, uint64_t done);
/* The settings inside a checkpoint, without the rest.
 * Errors: NCA_NOT_FOUND (no such file, or a setting in it that is unknown), NCA_IO, NCA_FORMAT (no
 * checkpoint, or a damaged one), NCA_INVALID_ARGUMENT (a setting in it has no valid value),
 * NCA_UNSUPPORTED (a later format version; libyaml is not installed), NCA_LIMIT, NCA_OUT_OF_MEMORY.
 */
NCA_API nca_status nca_checkpoint_settings(nca_settings *out_settings, uint64_t *out_iteration,
                                           const char *path, nca_error *error);

/* Looking on, between iterations. The state (H,W,C) of a sample of the batch as the last iteration
 * left it, borrowed until the next; undefined when that failed; NULL beyond the batch. */
NCA_API const float *nca_session_sample(const nca_session *session, size_t sample);
/* The same before its rollout, RGBA (H,W,4) alone: kept while `keep` is true, which costs a copy an
 * iteration. nca_session_sample_before is NULL until an iteration has run since.
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_session_keep_before(nca_session *session, bool keep, nca_error *error);
NCA_API const float *nca_session_sample_before(const nca_session *session, size_t sample);
/* Slots of the sample pool, 0 in experiment growing; the state (H,W,C) of one is copied out. For a
 * slot beyond the last nothing is copied, and the function returns false. */
NCA_API size_t nca_session_pool_size(const nca_session *session);
NCA_API bool nca_session_pool_sample(float *out_state, const nca_session *session, size_t slot);

/* Takes the time of the parts of every iteration from now on. That costs a few per cent itself and
 * changes no result. Begun again, it starts from zero. */
NCA_API void nca_session_profile_begin(nca_session *session);
/* Ends it and gives the seconds; all zero when it had not begun. */
NCA_API void nca_session_profile_end(nca_profile *out_profile, nca_session *session);

#ifdef __cplusplus
}
#endif
#endif
