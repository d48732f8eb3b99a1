/* The training loop of a run folder, with its checkpoints. */
#include <stdio.h>

#include "base/error.h"
#include "nca/changes.h"
#include "nca/files.h"
#include "nca/torch.h"
#include "runs/events.h"
#include "runs/replacement.h"
#include "runs/run_parts.h"
#include "runs/run_pictures.h"

/* The rows are written first: a checkpoint without its rows could only be resumed with a gap. */
nca_status nca_run_checkpoint(nca_run *run, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, run->folder.text, NCA_RUN_CHECKPOINT);
    nca_status status = nca__run_check_begun(run, error);
    if (status == NCA_OK) {
        status = nca__metrics_sync(&run->metrics, error);
    }
    if (status == NCA_OK) {
        status = nca__tensorboard_flush(&run->tensorboard, error);
    }
    if (status == NCA_OK) {
        status = nca_session_save(run->session, path.text, error);
    }
    if (status == NCA_OK && run->replaces) {
        status = nca__replacement_commit(run->settings.output, error);
        run->replaces = false;
        snprintf(run->folder.text, sizeof run->folder.text, "%s", run->settings.output);
        nca__metrics_moved(&run->metrics,
                           nca_run_file(&(nca_run_path){0}, run->folder.text, NCA_RUN_METRICS));
        nca__tensorboard_moved(&run->tensorboard, nca_run_file(&(nca_run_path){0}, run->folder.text,
                                                               NCA_RUN_TENSORBOARD));
    }
    return status;
}

static nca_status save_model(nca_run *run, nca_error *error)
{
    const nca_model *model = nca_session_result(run->session);
    nca_status status = nca_model_save(
        model, nca_run_file(&(nca_run_path){0}, run->folder.text, NCA_RUN_MODEL), error);
    if (status == NCA_OK && run->settings.model_path[0] != 0) {
        status = nca_model_save_as(model, run->settings.model_path, error);
    }
    return status;
}

static nca_status save_events(nca_run *run, nca_error *error)
{
    return nca__events_save(&run->next_event, run->folder.text, &run->settings,
                            nca_session_iteration(run->session), error);
}

/* Saves the current model, named after its iteration. */
static nca_status save_snapshot(nca_run *run, nca_error *error)
{
    nca_run_path folder;
    nca_run_file(&folder, run->folder.text, NCA_RUN_SNAPSHOTS);
    char name[64];
    snprintf(name, sizeof name, NCA_RUN_SNAPSHOT, (unsigned long long)run->last.iteration);
    nca_status status = nca_folder_create(folder.text, error);
    return status == NCA_OK
               ? nca_model_save(nca_session_result(run->session),
                                nca_run_file(&(nca_run_path){0}, folder.text, name), error)
               : status;
}

/* Whether something that happens every `every` iterations is due. */
static bool is_due(uint64_t iteration, uint64_t every)
{
    return every > 0 && iteration % every == 0;
}

static bool keeps_going(const nca_run *run)
{
    return run->options.keep_going == NULL || run->options.keep_going(run->options.user);
}

/* Whether the model of now is to be scored: a classification with validation images, at its
 * interval or at the end, unless it has been. */
static bool is_validation_due(const nca_run *run, uint64_t total)
{
    const uint64_t done = nca_session_iteration(run->session);
    const nca__validations *v = &run->validations;
    if (run->data == NULL || run->data->split[NCA_SPLIT_VAL].count == 0 || done == 0) {
        return false;
    }
    const bool scored = v->count > 0 && v->rows[v->count - 1].iteration >= done;
    return !scored &&
           (done >= total || is_due(done, nca__validation_interval(&run->settings, run->data)));
}

/* A failed pass of the device, or a failed validation, has left the session as the last iteration
 * did: what has been trained until then is kept. A checkpoint that fails too is of less interest
 * than the failure. */
static nca_status keep_progress(nca_run *run, nca_status failure)
{
    if (failure != NCA_DIVERGED && failure != NCA_INTERRUPTED && run->last.iteration > 0) {
        nca_run_checkpoint(run, NULL);
    }
    return failure;
}

/* The best model of the validations is the model of the run. */
static nca_status validate_when_due(nca_run *run, uint64_t total, nca_error *error)
{
    if (!is_validation_due(run, total)) {
        return NCA_OK;
    }
    nca_run_path path;
    nca_run_file(&path, run->folder.text, NCA_RUN_VALIDATION);
    bool better;
    const nca_status status =
        nca__validate(&run->validations, &better, run->session, run->data, path.text,
                      run->options.keep_going, run->options.user, error);
    if (status != NCA_OK) {
        return keep_progress(run, status);
    }
    const nca_validation_row *row = &run->validations.rows[run->validations.count - 1];
    const nca_status told = nca__tensorboard_validation(&run->tensorboard, row,
                                                        nca__metrics_seconds(&run->metrics), error);
    return told == NCA_OK && better ? save_model(run, error) : told;
}

/* Writes everything that follows an iteration. */
static nca_status save_iteration(nca_run *run, uint64_t total, nca_error *error)
{
    run->last_row = nca__metrics_row(&run->metrics, &run->last);
    nca_status status = nca__metrics_add(&run->metrics, &run->last_row, error);
    if (status == NCA_OK) {
        status = nca__tensorboard_row(&run->tensorboard, &run->last_row, error);
    }
    if (status == NCA_OK) {
        status = validate_when_due(run, total, error);
    }
    if (status == NCA_OK && run->last.iteration >= run->next_event) {
        status = save_events(run, error);
    }
    if (status == NCA_OK && is_due(run->last.iteration, run->settings.snapshot_every)) {
        status = save_snapshot(run, error);
    }
    if (status == NCA_OK && is_due(run->last.iteration, run->settings.checkpoint_every) &&
        run->last.iteration < total) {
        status = nca_run_checkpoint(run, error);
    }
    return status;
}

static bool is_exhausted(const nca_run *run)
{
    return nca__validations_exhausted(&run->validations, run->settings.patience);
}

static nca_status iterate(nca_run *run, nca_error *error)
{
    const uint64_t total = nca_session_total(run->session);
    bool wanted = true;
    /* The run may have been stopped during a validation. */
    const nca_status due = validate_when_due(run, total, error);
    if (due != NCA_OK) {
        return due;
    }
    while (wanted && nca_session_iteration(run->session) < total && !is_exhausted(run) &&
           keeps_going(run)) {
        nca_status status = nca_session_step(run->session, &run->last, error);
        if (status != NCA_OK) {
            return keep_progress(run, status);
        }
        status = save_iteration(run, total, error);
        if (status != NCA_OK) {
            return status;
        }
        wanted = run->options.iterated == NULL ||
                 run->options.iterated(run, &run->last, run->options.user);
    }
    return NCA_OK;
}

/* The stability test takes a while: what has been trained until then is saved first. */
static nca_status extend(nca_run *run, nca_error *error)
{
    const nca_status saved = run->settings.extension > 0 ? nca_run_checkpoint(run, error) : NCA_OK;
    return saved == NCA_OK ? nca_session_extend(&run->stability, run->session,
                                                run->options.keep_going, run->options.user, error)
                           : saved;
}

static nca_status train_to_the_end(nca_run *run, nca_error *error)
{
    nca_status status = NCA_OK;
    run->complete = false;
    for (bool more = true; status == NCA_OK && more;) {
        status = iterate(run, error);
        if (status == NCA_OK && is_exhausted(run)) {
            run->complete = true;
            return NCA_OK;
        }
        more = status == NCA_OK &&
               nca_session_iteration(run->session) >= nca_session_total(run->session);
        if (more) {
            status = extend(run, error);
            more = status == NCA_OK && run->stability.added > 0;
            run->complete = status == NCA_OK && !more;
        }
        if (more && run->options.extended != NULL) {
            run->options.extended(run, &run->stability, run->options.user);
        }
    }
    /* Stopped during the test: a resumed run tests again. */
    return status == NCA_INTERRUPTED ? NCA_OK : status;
}

nca_status nca_run_train(nca_run *run, nca_error *error)
{
    nca_status status = run->begun ? NCA_OK : nca_run_begin(run, error);
    if (status == NCA_OK) {
        status = train_to_the_end(run, error);
    }
    if (status == NCA_OK) {
        status = nca_run_checkpoint(run, error);
    }
    /* The best model of a classification is there already. */
    const bool kept = run->validations.best < run->validations.count;
    return status == NCA_OK && !kept ? save_model(run, error) : status;
}

nca_status nca_run_change(nca_run *run, const char *key, const char *value, nca_error *error)
{
    const uint64_t next = nca_session_iteration(run->session) + 1;
    nca_settings changed = run->settings;
    nca_status status = nca__run_check_begun(run, error);
    if (status == NCA_OK) {
        status = nca_settings_change(&changed, next, key, value, error);
    }
    if (status == NCA_OK) {
        status = nca_settings_save(
            &changed, nca_run_file(&(nca_run_path){0}, run->folder.text, NCA_RUN_CONFIG), error);
    }
    if (status == NCA_OK) {
        status = nca_session_change(run->session, key, value, error);
    }
    if (status == NCA_OK) {
        run->settings = changed;
        run->next_event = next < run->next_event ? next : run->next_event;
    }
    return status;
}

nca_status nca_run_draw(nca_run *run, nca_error *error)
{
    const nca__run_pictures pictures = {.settings = &run->settings,
                                        .model = nca_session_result(run->session),
                                        .losses = run->metrics.losses,
                                        .count = run->metrics.count,
                                        .first_iteration = run->metrics.first_iteration,
                                        .keep_going = run->options.keep_going,
                                        .user = run->options.user};
    return nca__run_draw(&pictures, error);
}

/* ---- Inspecting a run ------------------------------------------------------------------------ */

const nca_settings *nca_run_settings(const nca_run *run)
{
    return &run->settings;
}

nca_session *nca_run_session(const nca_run *run)
{
    return run->session;
}

const nca_labelled *nca_run_images(const nca_run *run)
{
    return run->data;
}

const nca_validation_row *nca_run_validations(const nca_run *run, size_t *out_count,
                                              size_t *out_best)
{
    const nca__validations *v = &run->validations;
    *out_count = v->count;
    *out_best = v->best < v->count ? v->best : v->count;
    return v->rows;
}

const size_t *nca_run_confusion(const nca_run *run)
{
    return run->validations.confusion;
}

const nca_iteration *nca_run_last(const nca_run *run)
{
    return &run->last;
}

const nca_metrics_row *nca_run_last_row(const nca_run *run)
{
    return &run->last_row;
}

const nca_stability *nca_run_stability(const nca_run *run)
{
    return &run->stability;
}

bool nca_run_is_complete(const nca_run *run)
{
    return run->complete;
}

bool nca_run_is_replacing(const nca_run *run)
{
    return run != NULL && run->replaces;
}

const double *nca_run_losses(const nca_run *run, size_t *out_count, uint64_t *out_first)
{
    *out_count = run->metrics.count;
    *out_first = run->metrics.first_iteration;
    return run->metrics.losses;
}

double nca_run_seconds(const nca_run *run)
{
    return nca__metrics_seconds(&run->metrics);
}
