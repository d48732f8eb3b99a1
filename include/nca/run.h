/* A run: a training and its folder. A run is started or resumed, trained with checkpoints, metrics
 * and events, saved and drawn. docs/file-formats.md describes the files in the folder.
 *
 *     nca_settings settings;                       (nca/settings.h; `output` is the folder)
 *     nca_run_options options;
 *     nca_run_options_default(&options);
 *     nca_run *run = NULL;
 *     nca_status status = nca_run_open(&run, &settings, &options, &error);
 *     if (status == NCA_OK) status = nca_run_train(run, &error);
 *     if (status == NCA_OK && nca_run_is_complete(run)) status = nca_run_draw(run, &error);
 *     nca_run_close(run);
 *
 * A run that was stopped, killed or interrupted by a crash is resumed with nca_run_resume_settings
 * and options.start = NCA_RUN_RESUME. The result is bit-identical to an uninterrupted run.
 *
 * Functions on one run may be called from one thread at a time, also inside its callbacks; other
 * threads may use other runs at the same time. The folder is locked (flock) while a run in it is
 * open, so that two programs cannot train in it. */
#ifndef NCA_RUN_H
#define NCA_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/labelled.h"
#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/target.h"
#include "nca/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time, also inside its callbacks; different runs are independent of each
 * other. */
typedef struct nca_run nca_run;

typedef enum nca_run_start {
    NCA_RUN_NEW,     /* in a folder without a run */
    NCA_RUN_REPLACE, /* the same, or replacing an existing run */
    NCA_RUN_RESUME   /* from the folder's checkpoint */
} nca_run_start;

typedef struct nca_run_options {
    nca_run_start start;
    /* Folder of the MedMNIST files if settings.root is empty; NULL: the working directory. */
    const char *data_root;
    /* Callbacks; each may be NULL. keep_going is called between units of work. When it returns
     * false, the training is saved and ends; the same happens when iterated returns false. */
    nca_keep_going *keep_going;
    /* After each iteration, and after anything that was saved for it. False ends the training. */
    bool (*iterated)(nca_run *run, const nca_iteration *report, void *user);
    /* After a model has failed the stability test and iterations were added. */
    void (*extended)(nca_run *run, const nca_stability *stability, void *user);
    /* Information for the user that is not an error, in one line. */
    void (*notice)(const char *text, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_run_options;

/* A new run, without callbacks. */
NCA_API void nca_run_options_default(nca_run_options *out);

/* ---- Resuming --------------------------------------------------------------------------------*/

/* The settings for resuming a run: those of its checkpoint, with `output` set to the folder's
 * current path, and with the changes of settings that were made after the checkpoint, which are
 * only in config.yaml. *out_done is the iteration of the checkpoint. The caller may then change
 * whatever nca_session_resume allows. If config.yaml cannot be read, that is no error: its later
 * changes are ignored, and *out_notice (may be NULL) gets the reason; otherwise its status is
 * NCA_OK. The folder is settled first (nca_run_settle). Errors: those of nca_checkpoint_settings;
 * without a checkpoint NCA_EXISTS (another program is training in the folder) or NCA_NOT_FOUND. */
NCA_API nca_status nca_run_resume_settings(nca_settings *out_settings, uint64_t *out_done,
                                           nca_error *out_notice, const char *folder,
                                           nca_error *error);

/* The first setting that prevents a run from being resumed with `changed`, or NULL: a setting that
 * would change the bits (nca_session_refused), or fewer iterations than are done. `saved` and
 * `done` are those of the checkpoint. */
NCA_API const nca_setting *nca_run_refused(const nca_settings *saved, const nca_settings *changed,
                                           uint64_t done);

/* Whether settings->output contains all files of a finished run with these settings in its
 * config.yaml, and the pictures were drawn after the checkpoint was written. */
NCA_API bool nca_run_is_finished(const nca_settings *settings);

/* ---- A run -----------------------------------------------------------------------------------*/

/* The labelled images that the settings of a classification name; release with nca_labelled_close.
 * `data_root` as in the options. Errors: NCA_INVALID_ARGUMENT (settings.data is empty), and those
 * of nca_labelled_open. */
NCA_API nca_status nca_run_data(nca_labelled **out_data, const nca_settings *settings,
                                const char *data_root, nca_error *error);

/* The options with which nca_run_data opens settings->data, for programs that change some of them.
 * The options point into the settings and to data_root, which must stay valid. */
NCA_API void nca_run_data_options(nca_labelled_options *out, const nca_settings *settings,
                                  const char *data_root);

/* Creates the session and makes all checks. Changes no file of a run; a run to be resumed is
 * locked. Settings are copied; the options' data_root is not needed afterwards. Release with
 * nca_run_close. Errors: those of nca_run_target, nca_session_create and nca_run_take_initial, or
 * nca_session_resume; NCA_EXISTS (another program is training in the folder), NCA_INVALID_ARGUMENT
 * (fewer iterations than are done), NCA_IO. */
NCA_API nca_status nca_run_open(nca_run **out_run, const nca_settings *settings,
                                const nca_run_options *options, nca_error *error);

/* Creates and locks the folder and opens the files in it; nca_run_train calls it if necessary.
 * With NCA_RUN_REPLACE, an existing run with a model or a checkpoint is kept until the new run
 * has a checkpoint; if the new run ends before that, the old run is unchanged. Errors:
 * NCA_EXISTS (the folder has a run that is not to be replaced, or another program is training in
 * it), NCA_FORMAT (the metrics of a resumed run are damaged), NCA_NOT_FOUND, NCA_IO, NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_run_begin(nca_run *run, nca_error *error);

/* Trains until all iterations are done, including those of the stability test (nca_session_extend),
 * until a classification has had no better validation for settings.patience validations, or until a
 * callback ends it; saves checkpoints (also before the stability test), snapshots and finally the
 * model. It returns NCA_OK also if it was ended early: see nca_run_is_complete. Another call
 * continues. Errors: NCA_DIVERGED (the training cannot succeed any more); NCA_DEVICE_LOST (the
 * device of the settings has failed; a checkpoint of the iterations done was written, from which
 * the run can be resumed); NCA_IO, NCA_OUT_OF_MEMORY, and those of nca_run_begin,
 * nca_session_extend and nca_model_save_as. */
NCA_API nca_status nca_run_train(nca_run *run, nca_error *error);

/* After a training that diverged or whose model is not stable: removes the files it has written and
 * starts again with the next random seed, from the same initial model if it had one. Its changes of
 * settings are kept. Errors: those of nca_run_open and nca_run_begin. */
NCA_API nca_status nca_run_retry(nca_run *run, nca_error *error);

/* Changes a setting from the next iteration on (nca_session_change); call it between iterations.
 * config.yaml is written first, so a run that is killed at any moment is resumed with the same bits
 * as one that had the change from the start. On failure nothing changes. Errors: those of
 * nca_settings_change and nca_settings_save; NCA_INVALID_ARGUMENT before nca_run_begin. */
NCA_API nca_status nca_run_change(nca_run *run, const char *key, const char *value,
                                  nca_error *error);

/* Writes a checkpoint now, between iterations. Errors: NCA_INVALID_ARGUMENT before nca_run_begin,
 * and those of nca_session_save. */
NCA_API nca_status nca_run_checkpoint(nca_run *run, nca_error *error);

/* Draws the pictures of a trained run: loss.png, loss.svg, the animation, filmstrip.png,
 * comparison.png. Errors: NCA_INTERRUPTED (keep_going has returned false) and those of
 * nca_growth_run. */
NCA_API nca_status nca_run_draw(nca_run *run, nca_error *error);

/* Releases everything and unlocks the folder; a new run that has not yet replaced the old one is
 * removed. NULL is allowed. */
NCA_API void nca_run_close(nca_run *run);

/* ---- Inspecting a run; results are borrowed and change with the next iteration --------------- */

NCA_API const nca_settings *nca_run_settings(const nca_run *run);
/* For reading (nca/train.h); it must not be stepped or changed. Its time may be measured
 * (nca_session_profile_begin). */
NCA_API nca_session *nca_run_session(const nca_run *run);
/* The report of the last iteration; iteration 0 before the first. */
NCA_API const nca_iteration *nca_run_last(const nca_run *run);
/* The same as a row of the metrics. Borrowed. */
NCA_API const nca_metrics_row *nca_run_last_row(const nca_run *run);
/* The images of a classification; NULL for other tasks. */
NCA_API const nca_labelled *nca_run_images(const nca_run *run);
/* The validations of a classification so far, oldest first, and the index of the best, which is the
 * one of the model in the folder; *out_count is 0 for other tasks, *out_best is *out_count if none
 * has a score. */
NCA_API const nca_validation_row *nca_run_validations(const nca_run *run, size_t *out_count,
                                                      size_t *out_best);
/* The confusion of the last validation (nca/scores.h): (M,M) numbers, or (M,4) for labels; NULL
 * before the first one since the run was opened. */
NCA_API const size_t *nca_run_confusion(const nca_run *run);
/* The last stability test; 0 rollouts: there was none. */
NCA_API const nca_stability *nca_run_stability(const nca_run *run);
/* Whether all iterations are done, including those that the stability test requires. */
NCA_API bool nca_run_is_complete(const nca_run *run);
/* Whether the old run that this run is to replace is still in place. NULL is allowed: false. */
NCA_API bool nca_run_is_replacing(const nca_run *run);
/* The losses of all iterations in metrics.csv, oldest first; *out_first is the iteration of the
 * first. */
NCA_API const double *nca_run_losses(const nca_run *run, size_t *out_count, uint64_t *out_first);
/* Seconds of training over all starts of the run. */
NCA_API double nca_run_seconds(const nca_run *run);
/* The path of the animation of a run with these settings. */
NCA_API const char *nca_run_animation(nca_run_path *out, const nca_settings *settings);

/* ---- Runs that start from a model -------------------------------------------------------------*/

/* Prepares the settings of a run that starts from a model, settings->init: a model file, a run
 * folder (its model), or a PyTorch file, for which filter, boundary and fire rate come from the
 * settings. Automaton settings that are not given get the model's values
 * (nca_settings_follow_automaton), for task classify also `features` and `readout`, and init_digest
 * becomes the digest of its weights. `given` is
 * indexed by setting; NULL: all are given. Does nothing if `init` is empty. On failure the settings
 * are unchanged. Errors: those of nca_model_load or nca_model_load_torch; NCA_MISMATCH (a given
 * setting does not fit the model, or init_digest belongs to other weights).
 *
 * nca_run_open loads the model itself and copies it to NCA_RUN_INIT in the folder of the run; this
 * function is for programs whose users give only some of the settings. */
NCA_API nca_status nca_run_take_initial(nca_settings *settings, const bool *given,
                                        nca_error *error);

/* ---- Targets of runs -------------------------------------------------------------------------*/

/* The target that the settings describe; `data_root` as in the options. Release with
 * nca_target_destroy. Errors: those of nca_target_create. */
NCA_API nca_status nca_run_target(nca_target **out_target, const nca_settings *settings,
                                  const char *data_root, nca_error *error);
/* "photo.png" for some/folder/photo.png, "breastmnist/train/3" for medmnist:breastmnist/train/3 and
 * for medmnist:some/folder/breastmnist.npz/train/3. */
NCA_API const char *nca_run_title(nca_run_path *out, const char *target);
/* "runs/photo", "runs/scan-slice-12" for scan.npy?slice=12, "runs/breastmnist-train-3",
 * "runs/organmnist3d-train-3-axis-x-slice-5". */
NCA_API const char *nca_run_default_folder(nca_run_path *out, const char *target);

#ifdef __cplusplus
}
#endif
#endif
