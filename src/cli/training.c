/* The training loop of a run folder, with its checkpoints. */
#include "cli/training.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/events.h"
#include "cli/load_model.h"
#include "cli/replacement.h"
#include "cli/stop.h"
#include "cli/target_names.h"

void training_open(training *t, const nca_settings *settings)
{
    memset(t, 0, sizeof *t);
    t->settings = *settings;
    snprintf(t->folder.text, sizeof t->folder.text, "%s", settings->output);
    t->started = seconds_now();
}

void training_close(training *t)
{
    metrics_close(&t->metrics);
    if (t->replaces) {
        replacement_discard(t->settings.output);
        t->replaces = false;
    }
    nca_session_destroy(t->session);
    t->session = NULL;
}

/* ---- Starting and resuming -------------------------------------------------------------------*/

/* Refuses what cannot fit before a large target is drawn, which takes long. An image's shorter side
 * is not known yet, so this asks for the least that it can be; the session asks again. */
static nca_status check_memory(training *t)
{
    const nca_settings *settings = &t->settings;
    if (settings->img_size == 0) {
        return NCA_OK;
    }
    const bool is_square = settings->stretch || strcmp(settings->target_path, "phantom") == 0;
    const size_t margin = 2 * (size_t)settings->padding;
    const size_t longer = settings->img_size + margin;
    return nca_session_fits(settings, is_square ? longer : 1 + margin, longer, &t->error);
}

static nca_status create_session(training *t)
{
    nca_target *target = NULL;
    nca_status status = check_memory(t);
    if (status == NCA_OK) {
        status = target_of_settings(&target, &t->settings, &t->error);
    }
    if (status == NCA_OK) {
        note_target(target);
        status = nca_session_create(&t->session, &t->settings, target, &t->error);
    }
    nca_target_destroy(target);
    return status;
}

static nca_status resume_session(training *t)
{
    const char *folder = t->settings.output;
    nca_status status = run_lock(folder, &t->error);
    if (status == NCA_OK) {
        status = run_refuse_links(folder, &t->error);
    }
    if (status == NCA_OK) {
        status = nca_session_resume(&t->session, run_file(folder, RUN_CHECKPOINT).text,
                                    &t->settings, &t->error);
    }
    const uint64_t done = status == NCA_OK ? nca_session_iteration(t->session) : 0;
    if (status == NCA_OK && nca_session_total(t->session) < done) {
        t->error.status = status = NCA_INVALID_ARGUMENT;
        snprintf(t->error.message, sizeof t->error.message,
                 "iterations: expected at least %llu (already done), found %llu",
                 (unsigned long long)done, (unsigned long long)t->settings.iterations);
    }
    return status;
}

nca_status training_prepare(training *t, training_kind kind)
{
    t->kind = kind;
    return kind == TRAINING_RESUME ? resume_session(t) : create_session(t);
}

/* Where the old run can be gone on with or be used, it stays for now. */
static nca_status replace_run(training *t)
{
    const char *folder = t->settings.output;
    if (access(run_file(folder, RUN_CHECKPOINT).text, F_OK) != 0 && !run_has_model(folder)) {
        return run_clear(folder, &t->error);
    }
    nca_status status = replacement_begin(&t->folder, folder, &t->error);
    t->replaces = status == NCA_OK;
    return status;
}

/* A folder with nothing of a run in it, and locked. */
static nca_status make_folder(training *t)
{
    const char *folder = t->settings.output, *name;
    nca_status status = run_create(folder, &t->error);
    if (status == NCA_OK) {
        status = run_lock(folder, &t->error);
    }
    if (status == NCA_OK && t->kind == TRAINING_REPLACE) {
        status = replace_run(t);
    } else if (status == NCA_OK && run_exists(folder, &name)) {
        t->error.status = status = NCA_EXISTS;
        snprintf(t->error.message, sizeof t->error.message,
                 "%.900s: another training has just written %s to this folder; choose another "
                 "folder with -o",
                 folder, name);
    }
    return status == NCA_OK ? run_refuse_links(t->folder.text, &t->error) : status;
}

/* The files that a training writes to from its first iteration on. */
static nca_status open_files(training *t)
{
    const char *folder = t->folder.text;
    const uint64_t done = nca_session_iteration(t->session);
    const bool resumes = t->kind == TRAINING_RESUME;
    const run_path rows = run_file(folder, RUN_METRICS);
    nca_status status =
        nca_settings_save(&t->settings, run_file(folder, RUN_CONFIG).text, &t->error);
    if (status == NCA_OK) {
        status = events_save(&t->next_event, folder, &t->settings, done, &t->error);
    }
    if (status == NCA_OK) {
        status = resumes ? metrics_reopen(&t->metrics, rows.text, done, &t->error)
                         : metrics_create(&t->metrics, rows.text, &t->error);
    }
    return status;
}

nca_status training_begin(training *t)
{
    const nca_status status = t->kind == TRAINING_RESUME ? NCA_OK : make_folder(t);
    return status == NCA_OK ? open_files(t) : status;
}

nca_status training_retry(training *t)
{
    nca_session *failed = t->session;
    t->settings.seed++;
    nca_status status =
        nca_session_create(&t->session, &t->settings, nca_session_target(failed), &t->error);
    if (status != NCA_OK) {
        t->session = failed;
        return status;
    }
    nca_session_destroy(failed);
    metrics_close(&t->metrics);
    t->last = (nca_iteration){0};
    t->kind = TRAINING_NEW;
    status = run_clear(t->folder.text, &t->error);
    return status == NCA_OK ? open_files(t) : status;
}

nca_status training_recall_changes(nca_settings *settings, const char *folder, uint64_t done,
                                   nca_error *error)
{
    const run_path config = run_file(folder, RUN_CONFIG);
    nca_settings written;
    nca_settings_default(&written);
    if (access(config.text, F_OK) != 0 && errno == ENOENT) {
        return NCA_OK;
    }
    nca_status status = nca_settings_load(&written, config.text, error);
    if (status == NCA_OK && nca_changes_agree(NULL, settings, &written, done)) {
        status = nca_settings_set(settings, "changes", written.changes, error);
    }
    return status;
}

/* ---- The loop --------------------------------------------------------------------------------*/

/* The rows go first: a checkpoint whose rows are lost could not be resumed without a gap. */
nca_status training_checkpoint(training *t)
{
    run_path path = run_file(t->folder.text, RUN_CHECKPOINT);
    nca_status status = metrics_sync(&t->metrics, &t->error);
    if (status == NCA_OK) {
        status = nca_session_save(t->session, path.text, &t->error);
    }
    if (status == NCA_OK && t->replaces) {
        status = replacement_commit(t->settings.output, &t->error);
        t->replaces = false;
        snprintf(t->folder.text, sizeof t->folder.text, "%s", t->settings.output);
        metrics_moved(&t->metrics, run_file(t->folder.text, RUN_METRICS).text);
    }
    return status;
}

static nca_status save_model(training *t)
{
    const nca_model *model = nca_session_model(t->session);
    nca_status status = nca_model_save(model, run_file(t->folder.text, RUN_MODEL).text, &t->error);
    if (status == NCA_OK && t->settings.model_path[0] != 0) {
        status = write_model(model, t->settings.model_path, &t->error);
    }
    return status;
}

static nca_status save_events(training *t)
{
    return events_save(&t->next_event, t->folder.text, &t->settings,
                       nca_session_iteration(t->session), &t->error);
}

/* The model as it is now, under its iteration. */
static nca_status save_snapshot(training *t)
{
    const run_path folder = run_file(t->folder.text, RUN_SNAPSHOTS);
    char name[64];
    snprintf(name, sizeof name, RUN_SNAPSHOT, (unsigned long long)t->last.iteration);
    nca_status status = run_create(folder.text, &t->error);
    return status == NCA_OK ? nca_model_save(nca_session_model(t->session),
                                             run_file(folder.text, name).text, &t->error)
                            : status;
}

/* Whether it is time for what is done every so many iterations. */
static bool is_due(uint64_t iteration, uint64_t every)
{
    return every > 0 && iteration % every == 0;
}

static nca_status iterate(training *t, training_watch *watch, void *user)
{
    const uint64_t total = nca_session_total(t->session);
    bool wanted = true;
    while (wanted && nca_session_iteration(t->session) < total && stop_signal() == 0) {
        nca_status status = nca_session_step(t->session, &t->last, &t->error);
        if (status != NCA_OK) {
            return status;
        }
        status = metrics_add(&t->metrics, &t->last, &t->error);
        if (status == NCA_OK && t->last.iteration >= t->next_event) {
            status = save_events(t);
        }
        if (status == NCA_OK && is_due(t->last.iteration, t->settings.snapshot_every)) {
            status = save_snapshot(t);
        }
        if (status == NCA_OK && is_due(t->last.iteration, t->settings.checkpoint_every) &&
            t->last.iteration < total) {
            status = training_checkpoint(t);
        }
        if (status != NCA_OK) {
            return status;
        }
        wanted = watch(t, user);
    }
    return NCA_OK;
}

static bool no_signal(void *user)
{
    (void)user;
    return stop_signal() == 0;
}

nca_status training_run(training *t, training_watch *watch, training_extended *extended, void *user)
{
    nca_status status = NCA_OK;
    t->complete = false;
    for (bool more = true; status == NCA_OK && more;) {
        status = iterate(t, watch, user);
        more =
            status == NCA_OK && nca_session_iteration(t->session) >= nca_session_total(t->session);
        if (more) {
            status = nca_session_extend(&t->stability, t->session, no_signal, NULL, &t->error);
            more = status == NCA_OK && t->stability.added > 0;
            t->complete = status == NCA_OK && !more;
        }
        if (more && extended != NULL) {
            extended(t, user);
        }
    }
    /* Stopped during the test: a resumed run tests again. */
    status = status == NCA_INTERRUPTED ? NCA_OK : status;
    if (status == NCA_OK) {
        status = training_checkpoint(t);
    }
    return status == NCA_OK ? save_model(t) : status;
}

bool training_is_complete(const training *t)
{
    return t->complete;
}

nca_status training_change(training *t, const char *key, const char *value)
{
    const uint64_t next = nca_session_iteration(t->session) + 1;
    nca_settings changed = t->settings;
    nca_status status = nca_settings_change(&changed, next, key, value, &t->error);
    if (status == NCA_OK) {
        status = nca_settings_save(&changed, run_file(t->folder.text, RUN_CONFIG).text, &t->error);
    }
    if (status == NCA_OK) {
        status = nca_session_change(t->session, key, value, &t->error);
    }
    if (status == NCA_OK) {
        t->settings = changed;
        t->next_event = next < t->next_event ? next : t->next_event;
    }
    return status;
}

/* ---- What is left behind ---------------------------------------------------------------------*/

results training_results(const training *t)
{
    return (results){.settings = &t->settings,
                     .model = nca_session_model(t->session),
                     .folder = t->settings.output,
                     .losses = t->metrics.losses,
                     .count = t->metrics.count,
                     .first_iteration = t->metrics.first_iteration,
                     .stability = t->stability,
                     .seconds = seconds_now() - t->started};
}

nca_status training_draw(training *t)
{
    const results r = training_results(t);
    return results_draw(&r, &t->error);
}
