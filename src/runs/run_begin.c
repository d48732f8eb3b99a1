/* The folder of a run when its training begins: a new or an emptied folder, or beside the run that
 * it will replace, and the files that are written from the first iteration on. */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "nca/files.h"
#include "nca/model.h"
#include "runs/events.h"
#include "runs/folder.h"
#include "runs/replacement.h"
#include "runs/run_initial.h"
#include "runs/run_parts.h"

/* If the old run can be resumed or has a model, it is kept for now. */
static nca_status replace_run(nca_run *run, nca_error *error)
{
    const char *folder = run->settings.output;
    if (access(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CHECKPOINT), F_OK) != 0 &&
        !nca_run_has_model(folder)) {
        return nca__run_clear(folder, error);
    }
    nca_status status = nca__replacement_begin(&run->folder, folder, error);
    run->replaces = status == NCA_OK;
    return status;
}

/* Creates a folder without files of a run, and locks it. */
static nca_status make_folder(nca_run *run, nca_error *error)
{
    const char *folder = run->settings.output, *name;
    nca_status status = nca_folder_create(folder, error);
    if (status == NCA_OK && run->lock < 0) {
        status = nca__run_lock(&run->lock, folder, error);
    }
    if (status == NCA_OK && run->options.start == NCA_RUN_REPLACE) {
        status = replace_run(run, error);
    } else if (status == NCA_OK && nca_run_exists(folder, &name)) {
        return nca__fail(
            error, NCA_EXISTS,
            "%.900s: this folder contains a run (%s); resume it, replace it, or choose "
            "another folder",
            folder, name);
    }
    return status == NCA_OK ? nca__run_refuse_links(run->folder.text, error) : status;
}

/* Opens the files that a training writes from its first iteration on. */
static nca_status open_files(nca_run *run, nca_error *error)
{
    const char *folder = run->folder.text;
    const uint64_t done = nca_session_iteration(run->session);
    const bool resumes = run->options.start == NCA_RUN_RESUME;
    const nca_automaton *automaton = &nca_session_model(run->session)->automaton;
    nca_run_path rows;
    nca_run_file(&rows, folder, NCA_RUN_METRICS);
    nca_status status = nca_settings_save(
        &run->settings, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CONFIG), error);
    if (status == NCA_OK && run->initial != NULL) {
        status = nca_model_save(run->initial,
                                nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_INIT), error);
    }
    if (status == NCA_OK) {
        status = nca__events_save(&run->next_event, folder, &run->settings, done, error);
    }
    if (status == NCA_OK) {
        status = resumes ? nca__metrics_reopen(&run->metrics, rows.text, automaton, done, error)
                         : nca__metrics_create(&run->metrics, rows.text, automaton, error);
    }
    if (status == NCA_OK && run->settings.tensorboard) {
        nca_run_path events;
        nca_run_file(&events, folder, NCA_RUN_TENSORBOARD);
        status = nca__tensorboard_begin(&run->tensorboard, events.text, rows.text,
                                        &run->validations, error);
    }
    if (status != NCA_OK) {
        nca__metrics_close(&run->metrics);
        nca__tensorboard_close(&run->tensorboard);
    }
    return status;
}

nca_status nca_run_begin(nca_run *run, nca_error *error)
{
    if (run->begun) {
        return NCA_OK;
    }
    nca_status status = run->options.start == NCA_RUN_RESUME ? NCA_OK : make_folder(run, error);
    if (status == NCA_OK) {
        status = open_files(run, error);
    }
    run->begun = status == NCA_OK;
    return status;
}

nca_status nca__run_check_begun(const nca_run *run, nca_error *error)
{
    return run->begun ? NCA_OK
                      : nca__fail(error, NCA_INVALID_ARGUMENT,
                                  "%.900s: the run has not begun; call nca_run_begin first",
                                  run->settings.output);
}

nca_status nca_run_retry(nca_run *run, nca_error *error)
{
    const nca_status begun = nca__run_check_begun(run, error);
    if (begun != NCA_OK) {
        return begun;
    }
    nca_status status = NCA_OK;
    if (run->initial == NULL) { /* not loaded yet, because the run was resumed */
        status = nca__run_initial_copy(&run->initial, &run->settings, run->folder.text, error);
    }
    if (status == NCA_OK) {
        run->settings.seed++;
        status = nca__run_begin_again(run, error);
        run->settings.seed -= status != NCA_OK;
    }
    if (status != NCA_OK) {
        return status;
    }
    nca__metrics_close(&run->metrics);
    nca__tensorboard_close(&run->tensorboard);
    run->last = (nca_iteration){0};
    run->options.start = NCA_RUN_NEW;
    status = nca__run_clear(run->folder.text, error);
    return status == NCA_OK ? open_files(run, error) : status;
}
