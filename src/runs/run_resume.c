/* All decisions about an existing run: the settings for resuming it, which of them may differ, and
 * whether it is finished. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "nca/changes.h"
#include "nca/run.h"
#include "runs/folder.h"
#include "runs/run_resume.h"

/* The changes of settings after iteration `done`, that of the checkpoint, from the folder's
 * config.yaml: a change made during training is written there immediately, but to a checkpoint
 * later. A file that is missing or belongs to another run changes nothing. */
static nca_status recall_changes(nca_settings *settings, const char *folder, uint64_t done,
                                 nca_error *error)
{
    nca_run_path config;
    nca_run_file(&config, folder, NCA_RUN_CONFIG);
    nca_settings *written = malloc(sizeof *written);
    if (written == NULL) {
        return nca__fail_memory(error, "settings", sizeof *written);
    }
    nca_settings_default(written);
    nca_status status = NCA_OK;
    if (access(config.text, F_OK) == 0 || errno != ENOENT) {
        status = nca_settings_load(written, config.text, error);
        if (status == NCA_OK && nca_changes_agree(NULL, settings, written, done)) {
            status = nca_settings_set(settings, "changes", written->changes, error);
        }
    }
    free(written);
    return status;
}

nca_status nca__run_checkpoint_settings(nca_settings *out_settings, uint64_t *out_done,
                                        nca_error *out_notice, const char *folder, nca_error *error)
{
    nca_error notice = {.status = NCA_OK};
    nca_settings settings;
    uint64_t done;
    nca_status status = nca_checkpoint_settings(
        &settings, &done, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CHECKPOINT), error);
    if (status == NCA_OK) { /* the folder may have been moved since */
        status = nca_settings_set(&settings, "output", folder, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    recall_changes(&settings, folder, done, &notice);
    if (out_notice != NULL) {
        *out_notice = notice;
    }
    *out_settings = settings;
    *out_done = done;
    return NCA_OK;
}

nca_status nca_run_resume_settings(nca_settings *out_settings, uint64_t *out_done,
                                   nca_error *out_notice, const char *folder, nca_error *error)
{
    nca_run_settle(folder);
    const nca_status status =
        nca__run_checkpoint_settings(out_settings, out_done, out_notice, folder, error);
    /* A run that another program has just started has no checkpoint yet. */
    return status == NCA_NOT_FOUND && nca__run_is_busy(folder) ? nca__run_fail_busy(error, folder)
                                                               : status;
}

const nca_setting *nca_run_refused(const nca_settings *saved, const nca_settings *changed,
                                   uint64_t done)
{
    const nca_setting *refused = nca_session_refused(saved, changed, done);
    /* A run that the stability test has extended has done more iterations than its settings say. */
    const bool is_less = changed->iterations != saved->iterations && changed->iterations < done;
    return refused == NULL && is_less ? nca_setting_named("iterations") : refused;
}

/* Whether config.yaml contains these settings. */
static bool config_is_current(const nca_settings *settings, const char *folder)
{
    nca_settings written;
    char *texts[2] = {NULL, NULL};
    nca_settings_default(&written);
    const bool same =
        nca_settings_load(&written, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CONFIG),
                          NULL) == NCA_OK &&
        nca_settings_format(&texts[0], settings, NULL) == NCA_OK &&
        nca_settings_format(&texts[1], &written, NULL) == NCA_OK && strcmp(texts[0], texts[1]) == 0;
    free(texts[0]);
    free(texts[1]);
    return same;
}

static bool are_there(const char *folder, const char *const *names, size_t count)
{
    bool there = true;
    for (size_t i = 0; i < count; i++) {
        there = there && access(nca_run_file(&(nca_run_path){0}, folder, names[i]), F_OK) == 0;
    }
    return there;
}

/* Whether the picture is there and not older than the checkpoint: a run that was finished, resumed
 * for longer and stopped after its last iteration still has the pictures of before. */
static bool is_drawn(const char *path, const char *folder)
{
    struct stat picture, checkpoint;
    if (stat(path, &picture) != 0 ||
        stat(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CHECKPOINT), &checkpoint) != 0) {
        return false;
    }
    const struct timespec *drawn = &picture.st_mtim, *saved = &checkpoint.st_mtim;
    return drawn->tv_sec > saved->tv_sec ||
           (drawn->tv_sec == saved->tv_sec && drawn->tv_nsec >= saved->tv_nsec);
}

static bool are_drawn(const char *folder, const char *const *names, size_t count)
{
    bool drawn = true;
    for (size_t i = 0; i < count; i++) {
        drawn = drawn && is_drawn(nca_run_file(&(nca_run_path){0}, folder, names[i]), folder);
    }
    return drawn;
}

bool nca_run_is_finished(const nca_settings *settings)
{
    const char *folder = settings->output;
    static const char *const usual[] = {NCA_RUN_METRICS, NCA_RUN_MODEL};
    static const char *const plots[] = {NCA_RUN_LOSS_PNG, NCA_RUN_LOSS_SVG};
    static const char *const of_growth[] = {NCA_RUN_FILMSTRIP, NCA_RUN_COMPARISON};
    static const char *const of_validations[] = {NCA_RUN_VALIDATION_PNG, NCA_RUN_VALIDATION_SVG};
    const bool finished = config_is_current(settings, folder) && are_there(folder, usual, 2) &&
                          are_drawn(folder, plots, 2) &&
                          (settings->model_path[0] == 0 || access(settings->model_path, F_OK) == 0);
    if (settings->task == NCA_TASK_GROW) {
        return finished && is_drawn(nca_run_animation(&(nca_run_path){0}, settings), folder) &&
               are_drawn(folder, of_growth, 2);
    }
    /* Without validation images a classification has no file of them. */
    static const char *const rows[] = {NCA_RUN_VALIDATION};
    return finished && (!are_there(folder, rows, 1) || are_drawn(folder, of_validations, 2));
}
