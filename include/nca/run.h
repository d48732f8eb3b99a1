/* A run: a training and its folder. A run is begun or resumed, trained with its checkpoints,
 * metrics and events, saved and drawn. What stands in the folder is in docs/file-formats.md.
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
 * A run that was stopped, killed or interrupted by a crash is continued with
 * nca_run_resume_settings and options.start = NCA_RUN_RESUME. It then gives the same bits as one
 * that was never stopped.
 *
 * Functions on one run may be called from one thread at a time, and inside of its callbacks; other
 * runs may be used by other threads at the same time. A folder is locked (flock) while a run in it
 * is open, so that two programs cannot train in it. */
#ifndef NCA_RUN_H
#define NCA_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/target.h"
#include "nca/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time, also inside of its callbacks; different runs are independent of
 * each other. */
typedef struct nca_run nca_run;

typedef enum nca_run_start {
    NCA_RUN_NEW,     /* in a folder without a run */
    NCA_RUN_REPLACE, /* likewise, or in the place of the run that is there */
    NCA_RUN_RESUME   /* from the folder's checkpoint */
} nca_run_start;

typedef struct nca_run_options {
    nca_run_start start;
    /* Folder of the MedMNIST files where settings.root is empty; NULL: the working folder. */
    const char *data_root;
    /* Callbacks; each may be NULL. keep_going is asked between pieces of work: when it returns
     * false, the training is saved and ends, as after iterated has returned false. */
    nca_keep_going *keep_going;
    /* After each iteration, and after what the run saves after it. False ends the training. */
    bool (*iterated)(nca_run *run, const nca_iteration *report, void *user);
    /* After a model has failed the stability test and iterations were added. */
    void (*extended)(nca_run *run, const nca_stability *stability, void *user);
    /* Something that the user should know and that is no error, in one line. */
    void (*notice)(const char *text, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_run_options;

/* A new run, without callbacks. */
NCA_API void nca_run_options_default(nca_run_options *out);

/* ---- Resuming --------------------------------------------------------------------------------*/

/* The settings with which a run is resumed: those of its checkpoint, with `output` set to where the
 * folder is now, and with the changes of settings that were made after the checkpoint and are in
 * config.yaml only. *out_done is the iteration of the checkpoint. The caller may then change what
 * nca_session_resume lets change. A config.yaml that cannot be read is no error: its later changes
 * are ignored, and *out_notice (may be NULL) says why; its status is NCA_OK otherwise. The folder
 * is settled first. Errors as of nca_checkpoint_settings; NCA_NOT_FOUND without a checkpoint. */
NCA_API nca_status nca_run_resume_settings(nca_settings *out_settings, uint64_t *out_done,
                                           nca_error *out_notice, const char *folder,
                                           nca_error *error);

/* The first setting that prevents a run from being resumed with `changed`, or NULL: one that breaks
 * the same bits (nca_session_refused), or fewer iterations than are done. `saved` and `done` are
 * those of the checkpoint. */
NCA_API const nca_setting *nca_run_refused(const nca_settings *saved, const nca_settings *changed,
                                           uint64_t done);

/* Whether all files of a finished run are in settings->output, and its config.yaml says these
 * settings. */
NCA_API bool nca_run_is_finished(const nca_settings *settings);

/* ---- A run -----------------------------------------------------------------------------------*/

/* Makes the session and checks everything that can be refused. Changes no file of a run; a run that
 * is to be resumed is locked. Settings are copied; the options' data_root is not needed afterwards.
 * Release with nca_run_close. Errors: as of nca_run_target, nca_session_create and
 * nca_run_take_initial, or nca_session_resume; NCA_EXISTS when another program trains in the
 * folder; NCA_INVALID_ARGUMENT for fewer iterations than are done; NCA_IO. */
NCA_API nca_status nca_run_open(nca_run **out_run, const nca_settings *settings,
                                const nca_run_options *options, nca_error *error);

/* Makes and locks the folder and opens the files in it. nca_run_train does it where it was not
 * done. With NCA_RUN_REPLACE, a run that has a model or a checkpoint stays until the new run has a
 * checkpoint; should the new one end before, the old one is as it was. NCA_EXISTS when there is a
 * run and it is not to be replaced, or another program trains in the folder; NCA_FORMAT when the
 * metrics of a run that is resumed are damaged; NCA_NOT_FOUND, NCA_IO, NCA_LIMIT,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_run_begin(nca_run *run, nca_error *error);

/* Trains until all iterations are done, with those of the stability test (nca_session_extend), or
 * until a callback ends it; saves checkpoints, snapshots and at last the model. Stopped early is
 * NCA_OK: nca_run_is_complete tells. It may be called again to go on. NCA_DIVERGED when the
 * training cannot succeed any more; NCA_IO; NCA_OUT_OF_MEMORY. NCA_DEVICE_LOST where the device of
 * the settings fails: a checkpoint of the iterations done is written before, from which the run can
 * be resumed.
 * Also what nca_run_begin, nca_session_extend and nca_model_save_as return. */
NCA_API nca_status nca_run_train(nca_run *run, nca_error *error);

/* After a training that diverged, or whose model is not stable: removes what it has written and
 * begins again in its place with the next random seed, and from the same model where it started
 * from one. Its changes of settings are kept. Errors as of nca_run_open and nca_run_begin. */
NCA_API nca_status nca_run_retry(nca_run *run, nca_error *error);

/* Gives a setting another value from the next iteration on (nca_session_change), between
 * iterations. config.yaml has it before the training does: killed at any moment, the run is resumed
 * to the bits of one that had the change from the start. On failure nothing has changed: errors as
 * of nca_settings_change and nca_settings_save; NCA_INVALID_ARGUMENT before nca_run_begin. */
NCA_API nca_status nca_run_change(nca_run *run, const char *key, const char *value,
                                  nca_error *error);

/* Writes a checkpoint now, between iterations. NCA_INVALID_ARGUMENT before nca_run_begin; other
 * errors as of nca_session_save. */
NCA_API nca_status nca_run_checkpoint(nca_run *run, nca_error *error);

/* Draws the pictures of a trained run: loss.png, loss.svg, the animation, filmstrip.png,
 * comparison.png. NCA_INTERRUPTED when keep_going returns false; errors as of nca_growth_run. */
NCA_API nca_status nca_run_draw(nca_run *run, nca_error *error);

/* Releases everything and unlocks the folder; a new run that has not come to replace the old one is
 * removed. NULL is allowed. */
NCA_API void nca_run_close(nca_run *run);

/* ---- Looking at a run; what is returned is borrowed, and changes with the next iteration ------*/

NCA_API const nca_settings *nca_run_settings(const nca_run *run);
/* To look at (nca/train.h); it must not be stepped or changed. */
NCA_API nca_session *nca_run_session(const nca_run *run);
/* The report of the last iteration; iteration 0 before the first. */
NCA_API const nca_iteration *nca_run_last(const nca_run *run);
/* The last stability test; 0 rollouts: there was none. */
NCA_API const nca_stability *nca_run_stability(const nca_run *run);
/* Whether all iterations are done, and no test asks for more. */
NCA_API bool nca_run_is_complete(const nca_run *run);
/* Whether an old run is still in place, which this one is to replace. NULL is allowed: false. */
NCA_API bool nca_run_is_replacing(const nca_run *run);
/* The losses of all iterations in metrics.csv, oldest first; *out_first is the iteration of the
 * first. */
NCA_API const double *nca_run_losses(const nca_run *run, size_t *out_count, uint64_t *out_first);
/* Seconds of training in all starts of the run, and since nca_run_open. */
NCA_API double nca_run_seconds(const nca_run *run);
NCA_API double nca_run_seconds_open(const nca_run *run);
/* Where the animation of a run with these settings is. */
NCA_API const char *nca_run_animation(nca_run_path *out, const nca_settings *settings);

/* ---- Runs that start from a model -------------------------------------------------------------*/

/* Prepares the settings of a run that starts from a model, settings->init: a model file, a run
 * folder (its model), or a PyTorch file, whose filter, boundary and fire rate are those of the
 * settings. The settings of the automaton that are not given get the model's values
 * (nca_settings_follow_automaton), and init_digest the digest of its weights. `given` is by the
 * index of the setting; NULL: all are given. Does nothing where `init` is empty. Errors: as of
 * nca_model_load or nca_model_load_torch; NCA_MISMATCH where a given setting does not fit the
 * model, or init_digest is that of other weights. On failure the settings are unchanged.
 *
 * nca_run_open takes the model itself and copies it to NCA_RUN_INIT in the folder of the run; this
 * function is for programs whose users give some of the settings only. */
NCA_API nca_status nca_run_take_initial(nca_settings *settings, const bool *given,
                                        nca_error *error);

/* ---- Targets of runs -------------------------------------------------------------------------*/

/* The target that the settings describe; `data_root` as in the options. Release with
 * nca_target_destroy. Errors as of nca_target_create. */
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
