/* Training: a session is created from settings and a target and advanced one iteration at a time.
 * Its complete state can be saved and resumed; the result is bit-identical to an uninterrupted
 * session.
 *
 *     nca_session *session;
 *     nca_session_create(&session, &settings, target, &error);
 *     while (nca_session_iteration(session) < settings.iterations) {
 *         nca_iteration report;
 *         if (nca_session_step(session, &report, &error) != NCA_OK) ...
 *     }
 *     nca_model_save(nca_session_model(session), "model.safetensors", &error);
 *
 * The only files that a session accesses are those given to nca_session_save and
 * nca_session_resume. */
#ifndef NCA_TRAIN_H
#define NCA_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/damage.h"
#include "nca/export.h"
#include "nca/model.h"
#include "nca/profile.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/target.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time, also inside its callbacks; different sessions are independent of
 * each other. Its worker threads run only during calls. */
typedef struct nca_session nca_session;

/* The result of an iteration. */
typedef struct nca_iteration {
    uint64_t iteration; /* counted from 1 */
    uint32_t steps;     /* T */
    double loss;        /* mean over the batch, after the rollout; may be NaN if dropped */
    double smooth_loss; /* mean of the last 50 losses that were not dropped; NaN before the first */
    float learning_rate;
    size_t tensors;                        /* number of norms: nca_tensor_count of the automaton */
    double gradient_norm[NCA_MAX_TENSORS]; /* L2 norm of each tensor before normalisation */
    size_t alive_cells;                    /* over the batch, after the rollout */
    bool dropped; /* not finite: there was no update, and the samples were replaced by seeds */
    uint64_t dropped_total;
} nca_iteration;

/* The maximum number of bytes that a session with these settings needs: for the sample pool, the
 * states of the rollouts, and the rest. `height` and `width` are those of the target, including
 * padding. All are SIZE_MAX for settings or a size that nca_session_create refuses. */
typedef struct nca_session_memory {
    size_t pool, states, other;
} nca_session_memory;
NCA_API nca_session_memory nca_session_memory_needed(const nca_settings *settings, size_t height,
                                                     size_t width);
/* NCA_LIMIT if that is more than this machine has; the message says what needs how much and
 * which settings to lower. nca_session_create makes the same check; call this first if creating
 * the target takes long. Other errors: NCA_INVALID_ARGUMENT (settings that nca_session_create
 * refuses). */
NCA_API nca_status nca_session_fits(const nca_settings *settings, size_t height, size_t width,
                                    nca_error *error);

/* Checks the settings and draws the initial parameters. Settings and target are copied. Errors:
 * NCA_INVALID_ARGUMENT (settings that nca_settings_check refuses; a target without an image;
 * settings with an initial model, `init` or `init_digest`, because a session reads no files: see
 * nca_session_create_from), NCA_UNSUPPORTED (a kernel set or a precision that is not available on
 * this machine), NCA_LIMIT (a sample pool that does not fit into this machine's memory, with the
 * required size; a memory_limit below what one step needs; threads cannot be started),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_session_create(nca_session **out_session, const nca_settings *settings,
                                      const nca_target *target, nca_error *error);
/* The same, but the initial parameters are copied from a model: to continue training a model, for
 * another image or with other settings. Everything else starts from the beginning: iterations,
 * moments, sample pool. The settings n_channels, hidden, filter, filter_count (for learned filters)
 * and output_bias must be those of the model (nca_settings_follow_automaton), the model must have
 * no input channels, and settings->init_digest, unless it is empty, must be the digest of its
 * parameters; otherwise NCA_MISMATCH. Afterwards nca_session_settings contains the digest. Other
 * errors as above. */
NCA_API nca_status nca_session_create_from(nca_session **out_session, const nca_settings *settings,
                                           const nca_target *target, const nca_model *initial,
                                           nca_error *error);
NCA_API void nca_session_destroy(nca_session *session); /* accepts NULL */

/* Runs one iteration. NCA_DIVERGED if the training cannot succeed any more: after 10 dropped
 * iterations in a row, 50 iterations after which no sample has a living cell, or 20 iterations
 * whose loss is as large as if every RGBA value were off by more than 10; the message says which,
 * and what to try. NCA_DEVICE_LOST or NCA_OUT_OF_MEMORY if the device of the settings fails: the
 * session is then as before the call, and can be saved, or stepped again, which repeats the
 * iteration with the same bits. Other errors: NCA_LIMIT (all iterations are done). */
NCA_API nca_status nca_session_step(nca_session *session, nca_iteration *out_report,
                                    nca_error *error);

/* The total number of iterations: `settings.iterations` and those that nca_session_extend has
 * added. */
NCA_API uint64_t nca_session_total(const nca_session *session);
/* The number of iterations done, and the current model (borrowed; changes with the next step). */
NCA_API uint64_t nca_session_iteration(const nca_session *session);
NCA_API const nca_model *nca_session_model(const nca_session *session);
/* The model to save and to measure: with settings.average_decay above 0 the one whose weights are
 * the average, else nca_session_model. Borrowed; changes with the next step. */
NCA_API const nca_model *nca_session_result(const nca_session *session);
/* The settings as given, with all changes in `changes`: a session with these settings and the
 * target repeats this one. */
NCA_API const nca_settings *nca_session_settings(const nca_session *session);
/* The settings in effect for the next iteration: the above with all changes that are due. The model
 * has the fire rate of the last iteration done. */
NCA_API const nca_settings *nca_session_in_effect(const nca_session *session);
NCA_API const nca_target *nca_session_target(const nca_session *session);
/* The kernel set and thread count in use. */
NCA_API const char *nca_session_kernels(const nca_session *session);
NCA_API unsigned nca_session_threads(const nca_session *session);

/* Changes a setting that can change during training (nca/changes.h) from the next iteration on, and
 * adds the change to the list in the settings. Errors: those of nca_settings_change and
 * nca_settings_check; on failure nothing changes. */
NCA_API nca_status nca_session_change(nca_session *session, const char *key, const char *value,
                                      nca_error *error);

/* ---- The stability test ----------------------------------------------------------------------
 * Eight rollouts of the model from the seed, with the session's random seed, threads, kernels and
 * device. The model is stable if all are alive after NCA_STABILITY_LATE steps and their mean L2 is
 * then at most NCA_STABILITY_MOST, and at most 1.05 times that after NCA_STABILITY_EARLY steps,
 * plus 1e-5.
 *
 * A stable model that is trained with damage must regenerate as well. Each rollout is cut after
 * `steps_max` steps, but at most NCA_STABILITY_EARLY, twice with each shape of the training (with
 * shape mixed: circle, half plane and square). A cut is restored if the rollout's L2 is at most
 * NCA_STABILITY_MOST within NCA_REGENERATION_STEPS steps. At least NCA_REGENERATION_LEAST of the
 * NCA_REGENERATION_CUTS cuts of each shape must be restored. */
enum {
    NCA_STABILITY_EARLY = 500,
    NCA_STABILITY_LATE = 2000,
    NCA_REGENERATION_STEPS = 200,
    NCA_REGENERATION_CUTS = 16,
    NCA_REGENERATION_LEAST = 15
};
#define NCA_STABILITY_MOST 1e-3

typedef struct nca_stability {
    size_t rollouts;    /* 0: not tested */
    size_t surviving;   /* with a living cell and finite values after the last step */
    double early, late; /* mean L2 after NCA_STABILITY_EARLY and NCA_STABILITY_LATE steps */
    bool drifts;        /* whether the L2 has risen by more than that */
    bool stable;        /* whether the model is stable */
    bool passed;        /* whether the test is passed: stable, and regenerates if that is tested */
    size_t cuts;        /* number of cuts of `worst`; 0: regeneration was not tested */
    size_t restored;    /* number of those that were restored */
    nca_damage_shape worst; /* the shape of which the fewest cuts were restored */
    uint64_t added;         /* number of iterations that nca_session_extend has added */
} nca_stability;

/* Tests the current model. `going` may be NULL. Errors: NCA_INTERRUPTED, NCA_OUT_OF_MEMORY, and
 * those of nca_rollout_create and nca_rollout_run. */
NCA_API nca_status nca_session_test_stability(nca_stability *out_stability,
                                              const nca_session *session, nca_keep_going *going,
                                              void *user, nca_error *error);
/* Call this when nca_session_total iterations are done. In the experiments persistent and
 * regenerating, if `settings.extension` is above 0 and the schedule is not cosine, it tests the
 * model. If the model fails, 300 iterations are added to the total, and training can continue; this
 * can be repeated until `settings.extension` iterations have been added. Errors as above; on
 * failure nothing changes. nca_session_run calls this function itself. */
NCA_API nca_status nca_session_extend(nca_stability *out_stability, nca_session *session,
                                      nca_keep_going *going, void *user, nca_error *error);

/* Runs until `settings.iterations` are done, including those that nca_session_extend adds, or until
 * the callback returns false (NCA_INTERRUPTED, unless that was the last iteration). `progress` may
 * be NULL. */
typedef bool nca_progress(const nca_session *session, const nca_iteration *report, void *user);
/* Other errors: as of nca_session_step and nca_session_extend. */
NCA_API nca_status nca_session_run(nca_session *session, nca_progress *progress, void *user,
                                   nca_error *error);

/* Writes weights, Adam moments, sample pool, counters, target and settings, whole or not at all.
 * Errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_session_save(const nca_session *session, const char *path, nca_error *error);
/* Continues from a checkpoint. `changed` is the settings to continue with, or NULL for those of the
 * checkpoint. A change that would change the bits of the result is refused by name (NCA_MISMATCH).
 * Threads, kernels, memory_limit, checkpoint_every, snapshot_every, device and the output paths may
 * change; iterations may change unless the schedule is cosine; the list of changes may change after
 * the iterations done. Other errors: those of nca_checkpoint_settings and nca_session_create. */
NCA_API nca_status nca_session_resume(nca_session **out_session, const char *path,
                                      const nca_settings *changed, nca_error *error);
/* The first setting for which nca_session_resume refuses to change `saved`, the settings of a
 * checkpoint after `done` iterations, into `changed`; NULL if it refuses none. */
NCA_API const nca_setting *nca_session_refused(const nca_settings *saved,
                                               const nca_settings *changed, uint64_t done);
/* Reads only the settings of a checkpoint. Errors: NCA_NOT_FOUND (no such file, or an unknown
 * setting in it), NCA_IO, NCA_FORMAT (not a checkpoint, or a damaged one), NCA_INVALID_ARGUMENT (a
 * setting in it has an invalid value), NCA_UNSUPPORTED (a later format version; libyaml is not
 * installed), NCA_LIMIT, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_checkpoint_settings(nca_settings *out_settings, uint64_t *out_iteration,
                                           const char *path, nca_error *error);

/* For inspection between iterations: the state (H,W,C) of a sample of the batch after the last
 * iteration, borrowed until the next one; undefined if that iteration failed; NULL beyond the
 * batch.
 */
NCA_API const float *nca_session_sample(const nca_session *session, size_t sample);
/* The same before the rollout, only RGBA (H,W,4). It is kept while `keep` is true, which costs one
 * copy per iteration. nca_session_sample_before is NULL until an iteration has run since. Errors:
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_session_keep_before(nca_session *session, bool keep, nca_error *error);
NCA_API const float *nca_session_sample_before(const nca_session *session, size_t sample);
/* The number of slots of the sample pool, 0 in experiment growing; and a copy of the state (H,W,C)
 * of a slot. For a slot beyond the last, nothing is copied and the function returns false. */
NCA_API size_t nca_session_pool_size(const nca_session *session);
NCA_API bool nca_session_pool_sample(float *out_state, const nca_session *session, size_t slot);

/* Measures the time of the parts of every iteration from now on. The measurement itself costs a few
 * per cent and changes no result. Another call restarts from zero. */
NCA_API void nca_session_profile_begin(nca_session *session);
/* Ends the measurement and returns the seconds; all zero if it had not begun. */
NCA_API void nca_session_profile_end(nca_profile *out_profile, nca_session *session);

#ifdef __cplusplus
}
#endif
#endif
