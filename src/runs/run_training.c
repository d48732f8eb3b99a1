/* The training loop of a run folder, with its checkpoints. */
#include "nca/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "nca/changes.h"
#include "nca/classify.h"
#include "nca/files.h"
#include "nca/torch.h"
#include "runs/events.h"
#include "runs/folder.h"
#include "runs/metrics.h"
#include "runs/replacement.h"
#include "runs/run_initial.h"
#include "runs/run_pictures.h"
#include "runs/run_validation.h"

struct nca_run {
    nca_settings settings; /* complete; `output` is the run folder */
    nca_run_options options;
    nca_run_path folder; /* current folder of its files: the run folder, or the one that will
                            replace the old run */
    int lock;            /* of the folder; -1: none */
    bool begun;
    bool replaces;      /* an old run is kept until this one has a checkpoint */
    nca_labelled *data; /* of a classification, else NULL; outlives the session */
    nca__validations validations;
    nca_session *session;
    nca_model *initial; /* of the session; NULL: random weights, or not loaded yet */
    nca__metrics metrics;
    nca_stability stability; /* of the last test; 0 rollouts: none */
    bool complete;           /* all iterations are done, including those that the test requires */
    nca_iteration last;      /* report of the last iteration; iteration 0 before the first */
    uint64_t next_event;     /* iteration of the first change that is not in events.csv yet */
};

void nca_run_options_default(nca_run_options *out)
{
    *out = (nca_run_options){.start = NCA_RUN_NEW};
}

void nca_run_close(nca_run *run)
{
    if (run == NULL) {
        return;
    }
    nca__metrics_close(&run->metrics);
    if (run->replaces) {
        nca__replacement_discard(run->settings.output);
    }
    nca_session_destroy(run->session);
    nca__validations_free(&run->validations);
    nca_labelled_close(run->data);
    nca_model_destroy(run->initial);
    nca__run_unlock(run->lock);
    free(run);
}

/* ---- Starting and resuming -------------------------------------------------------------------*/

/* Refuses settings that need too much memory before a large target is created, which takes long. An
 * image's shorter side is not known yet, so this checks the smallest possible memory; the session
 * checks again. */
static nca_status check_memory(const nca_settings *settings, nca_error *error)
{
    if (settings->img_size == 0) {
        return NCA_OK;
    }
    const bool is_square = settings->stretch || strcmp(settings->target_path, "phantom") == 0;
    const size_t margin = 2 * (size_t)settings->padding;
    const size_t longer = settings->img_size + margin;
    return nca_session_fits(settings, is_square ? longer : 1 + margin, longer, error);
}

static void notice_target(const nca_run *run, const nca_target *target)
{
    if (target->notice != NULL && run->options.notice != NULL) {
        char text[NCA_ERROR_SIZE];
        snprintf(text, sizeof text, "%s: %s", target->source, target->notice);
        run->options.notice(text, run->options.user);
    }
}

/* Each line of the data's notices. */
static void notice_data(const nca_run *run)
{
    const char *line = run->data->notices;
    while (run->options.notice != NULL && *line != 0) {
        const int length = (int)strcspn(line, "\n");
        char text[NCA_ERROR_SIZE];
        snprintf(text, sizeof text, "%.*s", length, line);
        run->options.notice(text, run->options.user);
        line += length + (line[length] != 0);
    }
}

static nca_status open_data(nca_run *run, nca_error *error)
{
    if (run->settings.init[0] != 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "init: a classification starts from random weights; leave init out");
    }
    const nca_status status =
        nca_run_data(&run->data, &run->settings, run->options.data_root, error);
    if (status == NCA_OK) {
        notice_data(run);
    }
    return status;
}

static nca_status create_classifier(nca_run *run, nca_error *error)
{
    nca_status status = open_data(run, error);
    if (status == NCA_OK && run->settings.epochs > 0) {
        run->settings.iterations =
            run->settings.epochs * nca__epoch_iterations(&run->settings, run->data);
        nca_settings_fit_warmup(&run->settings);
    }
    return status == NCA_OK
               ? nca_session_create_classify(&run->session, &run->settings, run->data, error)
               : status;
}

static nca_status begin_session(nca_session **out_session, nca_run *run, const nca_target *target,
                                nca_error *error)
{
    if (run->data != NULL) {
        return nca_session_create_classify(out_session, &run->settings, run->data, error);
    }
    const nca_status status =
        nca__run_new_session(out_session, &run->settings, target, run->initial, error);
    if (status == NCA_OK && run->initial != NULL) {
        nca_model_digest(run->settings.init_digest, run->initial);
    }
    return status;
}

static nca_status create_session(nca_run *run, nca_error *error)
{
    if (run->settings.task == NCA_TASK_CLASSIFY) {
        return create_classifier(run, error);
    }
    nca_target *target = NULL;
    nca_status status = nca__run_initial(&run->initial, &run->settings, NULL, &run->options, error);
    if (status == NCA_OK) {
        status = check_memory(&run->settings, error);
    }
    if (status == NCA_OK) {
        status = nca_run_target(&target, &run->settings, run->options.data_root, error);
    }
    if (status == NCA_OK) {
        notice_target(run, target);
        status = begin_session(&run->session, run, target, error);
    }
    nca_target_destroy(target);
    return status;
}

static nca_status resume_classifier(nca_run *run, const char *checkpoint, nca_error *error)
{
    nca_run_path rows;
    nca_run_file(&rows, run->settings.output, NCA_RUN_VALIDATION);
    nca_status status = open_data(run, error);
    if (status == NCA_OK) {
        status = nca_session_resume_classify(&run->session, checkpoint, &run->settings, run->data,
                                             error);
    }
    return status == NCA_OK
               ? nca__validations_read(&run->validations, rows.text, run->settings.select,
                                       nca_session_iteration(run->session), error)
               : status;
}

static nca_status resume_session(nca_run *run, nca_error *error)
{
    const char *folder = run->settings.output;
    nca_status status = nca__run_lock(&run->lock, folder, error);
    if (status == NCA_OK) {
        status = nca__run_refuse_links(folder, error);
    }
    nca_run_path path;
    nca_run_file(&path, folder, NCA_RUN_CHECKPOINT);
    if (status == NCA_OK) {
        status = run->settings.task == NCA_TASK_CLASSIFY
                     ? resume_classifier(run, path.text, error)
                     : nca_session_resume(&run->session, path.text, &run->settings, error);
    }
    const uint64_t done = status == NCA_OK ? nca_session_iteration(run->session) : 0;
    if (status == NCA_OK && nca_session_total(run->session) < done) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "iterations: expected at least %llu (already done), found %llu",
                         (unsigned long long)done, (unsigned long long)run->settings.iterations);
    }
    return status;
}

nca_status nca_run_open(nca_run **out_run, const nca_settings *settings,
                        const nca_run_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_run_options", error);
    if (room != NCA_OK) {
        return room;
    }
    nca_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return nca__fail_memory(error, "a run", sizeof *run);
    }
    run->settings = *settings;
    run->options = *options;
    snprintf(run->folder.text, sizeof run->folder.text, "%s", settings->output);
    run->lock = -1;
    const nca_status status =
        options->start == NCA_RUN_RESUME ? resume_session(run, error) : create_session(run, error);
    run->options.data_root = NULL;
    if (status != NCA_OK) {
        nca_run_close(run);
        return status;
    }
    *out_run = run;
    return NCA_OK;
}

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
    const nca_automaton automaton = nca_settings_automaton(&run->settings);
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
        status = resumes ? nca__metrics_reopen(&run->metrics, rows.text, &automaton, done, error)
                         : nca__metrics_create(&run->metrics, rows.text, &automaton, error);
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

/* Before nca_run_begin the folder may contain another run. */
static nca_status check_begun(const nca_run *run, nca_error *error)
{
    return run->begun ? NCA_OK
                      : nca__fail(error, NCA_INVALID_ARGUMENT,
                                  "%.900s: the run has not begun; call nca_run_begin first",
                                  run->settings.output);
}

nca_status nca_run_retry(nca_run *run, nca_error *error)
{
    const nca_status begun = check_begun(run, error);
    if (begun != NCA_OK) {
        return begun;
    }
    nca_session *failed = run->session;
    nca_status status = NCA_OK;
    if (run->initial == NULL) { /* not loaded yet, because the run was resumed */
        status = nca__run_initial_copy(&run->initial, &run->settings, run->folder.text, error);
    }
    if (status == NCA_OK) {
        run->settings.seed++;
        status = begin_session(&run->session, run, nca_session_target(failed), error);
    }
    if (status != NCA_OK) {
        run->session = failed;
        return status;
    }
    nca_session_destroy(failed);
    nca__metrics_close(&run->metrics);
    run->last = (nca_iteration){0};
    run->options.start = NCA_RUN_NEW;
    status = nca__run_clear(run->folder.text, error);
    return status == NCA_OK ? open_files(run, error) : status;
}

/* ---- The loop --------------------------------------------------------------------------------*/

/* The rows are written first: a checkpoint without its rows could only be resumed with a gap. */
nca_status nca_run_checkpoint(nca_run *run, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, run->folder.text, NCA_RUN_CHECKPOINT);
    nca_status status = check_begun(run, error);
    if (status == NCA_OK) {
        status = nca__metrics_sync(&run->metrics, error);
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
    return status == NCA_OK && better ? save_model(run, error) : status;
}

/* Writes everything that follows an iteration. */
static nca_status save_iteration(nca_run *run, uint64_t total, nca_error *error)
{
    nca_status status = nca__metrics_add(&run->metrics, &run->last, error);
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

/* A failed pass of the device has left the session as the last iteration did: what has been trained
 * until then is kept. A checkpoint that fails too is of less interest than the failure. */
static nca_status keep_progress(nca_run *run, nca_status failure)
{
    if (failure != NCA_DIVERGED && failure != NCA_INTERRUPTED && run->last.iteration > 0) {
        nca_run_checkpoint(run, NULL);
    }
    return failure;
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
            status = nca_session_extend(&run->stability, run->session, run->options.keep_going,
                                        run->options.user, error);
            if (status != NCA_OK) {
                keep_progress(run, status);
            }
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
    nca_status status = check_begun(run, error);
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
                                        .model = nca_session_model(run->session),
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
