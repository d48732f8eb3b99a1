/* A sweep on the disk: its folder, its lock, existing runs, and its execution. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "core/schedule.h"
#include "nca/files.h"
#include "nca/machine.h"
#include "nca/run.h"
#include "runs/folder.h"
#include "runs/sweep_job.h"
#include "runs/sweep_results.h"

#define SWEEP_LOCK "sweep.lock"

void nca_sweep_options_default(nca_sweep_options *out)
{
    *out = (nca_sweep_options){.jobs = 0};
}

const nca_sweep *nca_sweep_of(const nca_sweep_job *job)
{
    return job->sweep;
}

const char *nca_sweep_folder(const nca_sweep_job *job)
{
    return job->folder.text;
}

const nca_sweep_run *nca_sweep_run_at(const nca_sweep_job *job, size_t run)
{
    return run < job->count ? &job->runs[run] : NULL;
}

size_t nca_sweep_count_of(const nca_sweep_job *job, nca_sweep_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < job->count; i++) {
        count += job->runs[i].status == status;
    }
    return count;
}

bool nca__sweep_keeps_going(const nca_sweep_job *job)
{
    return job->options.keep_going == NULL || job->options.keep_going(job->options.user);
}

nca_status nca__sweep_run_settings(nca_settings *out, const nca_sweep_job *job, size_t run,
                                   nca_error *error)
{
    const nca__sweep_initial *initial = &job->initials[run];
    *out = *nca_sweep_settings(job->sweep, run);
    if (initial->known) {
        nca_settings_follow_automaton(out, &initial->automaton, nca_sweep_given(job->sweep, run));
        out->features = initial->features;
        out->readout = initial->readout;
        memcpy(out->init_digest, initial->digest, sizeof out->init_digest);
    }
    return nca_settings_set(out, "output", job->runs[run].folder.text, error);
}

void nca__sweep_follow_epochs(nca_settings *settings, const nca_settings *before)
{
    if (settings->epochs == 0 || before->epochs == 0) {
        return;
    }
    settings->iterations = before->iterations / before->epochs * settings->epochs;
    if (settings->epochs == before->epochs) {
        settings->warmup = before->warmup;
    }
}

/* ---- The lock --------------------------------------------------------------------------------*/

/* The length of the longest part of a path that is a folder. */
static size_t existing_part(const char *path)
{
    nca_run_path part;
    snprintf(part.text, sizeof part.text, "%s", path);
    size_t length = strlen(part.text);
    while (length > 0 && !nca_folder_exists(part.text)) {
        do {
            length--;
        } while (length > 0 && part.text[length] != '/');
        part.text[length] = 0;
    }
    return length;
}

/* Whether the locked file is the one at the path; a sweep that did not begin removes its own. */
static bool is_file_at(FILE *file, const char *path)
{
    struct stat locked, found;
    return fstat(fileno(file), &locked) == 0 && stat(path, &found) == 0 &&
           locked.st_dev == found.st_dev && locked.st_ino == found.st_ino;
}

/* A sweep that has not begun leaves no lock and no folder that it created. */
static void remove_lock(const nca_sweep_job *job)
{
    if (!job->is_locked || job->has_begun || !job->made_lock) {
        return;
    }
    nca_run_path path;
    unlink(nca_run_file(&path, job->folder.text, SWEEP_LOCK));
    path = job->folder;
    for (size_t length = strlen(path.text); length > job->existing; path.text[length] = 0) {
        if (rmdir(path.text) != 0 && errno != ENOENT) { /* missing: "a/x/" is "a/x" */
            return;                                     /* it contains files */
        }
        do {
            length--;
        } while (length > job->existing && path.text[length] != '/');
    }
}

static nca_status open_lock(nca_sweep_job *job, const char *path, nca_error *error)
{
    if (job->lock != NULL) {
        fclose(job->lock);
        job->lock = NULL;
    }
    nca_status status = nca_folder_create(job->folder.text, error);
    job->made_lock = status == NCA_OK && access(path, F_OK) != 0;
    return status == NCA_OK ? nca_file_append(&job->lock, path, error) : status;
}

static nca_status lock_folder(nca_sweep_job *job, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, job->folder.text, SWEEP_LOCK);
    job->existing = existing_part(job->folder.text);
    nca_status status = open_lock(job, path.text, error);
    /* The children of a sweep that was killed end within a moment. The file stays open: the lock is
     * released when the process and its children have ended, for whatever reason. */
    for (int tries = 0; status == NCA_OK && !job->is_locked; tries++) {
        if (flock(fileno(job->lock), LOCK_EX | LOCK_NB) == 0) {
            job->is_locked = is_file_at(job->lock, path.text);
            status = job->is_locked ? NCA_OK : open_lock(job, path.text, error);
            continue;
        }
        if (errno != EWOULDBLOCK) {
            return nca__fail(error, NCA_IO, "%.700s: %s", path.text, strerror(errno));
        }
        if (tries == 40) {
            return nca__fail(error, NCA_EXISTS,
                             "%.700s: another `nca sweep` is running in this folder; wait for it, "
                             "or choose another folder with -o",
                             job->folder.text);
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    if (status != NCA_OK) {
        return status;
    }
    nca__run_tidy(job->folder.text);
    return nca__run_refuse_links(job->folder.text, error);
}

/* ---- Existing runs --------------------------------------------------------------------------- */

static nca_status refuse_changed(const nca_settings *before, const nca_settings *now,
                                 const nca_setting *setting, const char *name, nca_error *error)
{
    char was[NCA_SETTING_SIZE], is[NCA_SETTING_SIZE];
    nca_settings_get(was, sizeof was, before, setting);
    nca_settings_get(is, sizeof is, now, setting);
    /* It follows the iterations unless it is set, so more iterations need not mean another run. */
    const bool follows = strcmp(setting->key, "decay_at") == 0 &&
                         nca__schedule_ends(now->schedule) == NCA__ENDS_AT_DECAY &&
                         now->decay_at == now->iterations;
    return nca__fail(
        error, NCA_MISMATCH,
        "run %.200s: started with %s %.200s, but the sweep now has %.200s; %s%.20s%schoose "
        "another folder with -o, or remove the folder of the run",
        name, setting->key, was, is, follows ? "set decay_at to " : "", follows ? was : "",
        follows ? " to train it for longer, " : "");
}

/* Decides like `nca train --resume` (nca/run.h). */
static nca_status find_run(nca_sweep_run *run, nca_settings *now, const char *name,
                           nca_error *error)
{
    const char *folder = run->folder.text;
    nca_settings before;
    nca_run_settle(folder);
    if (access(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_CHECKPOINT), F_OK) != 0) {
        return NCA_OK; /* nothing is lost by starting again */
    }
    run->resumes = true;
    if (nca_run_resume_settings(&before, &run->done, NULL, folder, NULL) != NCA_OK) {
        run->done = 0;
        return NCA_OK; /* damaged: this run will fail with a message, the others need not */
    }
    nca__sweep_follow_epochs(now, &before);
    const nca_setting *refused = nca_run_refused(&before, now, run->done);
    if (refused != NULL) {
        return refuse_changed(&before, now, refused, name, error);
    }
    run->before = run->done;
    /* With patience it may end before. The evaluation comes last, and is removed first. */
    const bool ended = before.patience > 0 && before.iterations == now->iterations;
    if ((run->done >= now->iterations || ended) && nca_run_has_model(folder) &&
        access(nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_EVALUATION), F_OK) == 0) {
        run->status = NCA_SWEEP_DONE;
    }
    return NCA_OK;
}

/* Reads the results of a run that is done; if they cannot be read, it is measured again. */
static void find_result(nca_sweep_job *job, size_t run)
{
    nca_error error;
    if (job->runs[run].status != NCA_SWEEP_DONE ||
        nca__sweep_result_read(&job->runs[run].result, &job->runs[run], &error) == NCA_OK) {
        return;
    }
    job->runs[run].status = NCA_SWEEP_WAITING;
    if (job->options.notice != NULL) {
        char text[NCA_ERROR_SIZE + 256];
        snprintf(text, sizeof text, "run %.200s will be evaluated again: %s",
                 nca_sweep_name(job->sweep, run), error.message);
        job->options.notice(text, job->options.user);
    }
}

static nca_status find_initial(nca_sweep_job *job, size_t run, nca_error *error)
{
    nca__sweep_initial *out = &job->initials[run];
    nca_settings settings = *nca_sweep_settings(job->sweep, run);
    if (settings.init[0] == 0) {
        return NCA_OK;
    }
    nca_status status = nca_run_take_initial(&settings, nca_sweep_given(job->sweep, run), error);
    if (status == NCA_OK) {
        status = nca_settings_check(&settings, error);
    }
    if (status != NCA_OK) {
        return nca__fail_in(error, status, "run %.200s", nca_sweep_name(job->sweep, run));
    }
    out->known = true;
    out->automaton = nca_settings_automaton(&settings);
    out->features = settings.features;
    out->readout = settings.readout;
    memcpy(out->digest, settings.init_digest, sizeof out->digest);
    return NCA_OK;
}

/* The tables have the numbers of one task. */
static nca_status check_tasks(const nca_sweep_job *job, nca_error *error)
{
    const nca_task task = nca_sweep_settings(job->sweep, 0)->task;
    for (size_t i = 1; i < job->count; i++) {
        if (nca_sweep_settings(job->sweep, i)->task != task) {
            return nca__fail(
                error, NCA_INVALID_ARGUMENT,
                "task: expected the same task in all runs of a sweep, found another in "
                "run %.200s; make a sweep for each task",
                nca_sweep_name(job->sweep, i));
        }
    }
    return NCA_OK;
}

static nca_status find_runs(nca_sweep_job *job, nca_error *error)
{
    nca_settings now;
    nca_status status = check_tasks(job, error);
    for (size_t i = 0; i < job->count && status == NCA_OK; i++) {
        status = find_initial(job, i, error);
        if (status == NCA_OK) {
            status = nca__sweep_run_settings(&now, job, i, error);
        }
        if (status == NCA_OK) {
            status = find_run(&job->runs[i], &now, nca_sweep_name(job->sweep, i), error);
        }
    }
    for (size_t i = 0; i < job->count && status == NCA_OK; i++) {
        find_result(job, i);
    }
    return status;
}

/* ---- A job -----------------------------------------------------------------------------------*/

static nca_status fill_job(nca_sweep_job *job, const char *folder, nca_error *error)
{
    job->cores = nca_core_count();
    job->count = nca_sweep_count(job->sweep);
    job->jobs = job->options.jobs > 0 ? job->options.jobs : job->cores;
    job->jobs = job->jobs < job->count ? job->jobs : job->count;
    job->runs = calloc(job->count, sizeof *job->runs);
    job->initials = calloc(job->count, sizeof *job->initials);
    if (job->runs == NULL || job->initials == NULL) {
        return nca__fail_memory(error, "the runs of a sweep", job->count * sizeof *job->runs);
    }
    snprintf(job->folder.text, sizeof job->folder.text, "%s", folder);
    nca_run_path runs;
    nca_run_file(&runs, folder, NCA_SWEEP_RUNS);
    for (size_t i = 0; i < job->count; i++) {
        nca_run_file(&job->runs[i].folder, runs.text, nca_sweep_name(job->sweep, i));
    }
    return NCA_OK;
}

nca_status nca_sweep_open(nca_sweep_job **out_job, const nca_sweep *sweep, const char *folder,
                          const nca_sweep_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_sweep_options", error);
    if (room != NCA_OK) {
        return room;
    }
    nca_sweep_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return nca__fail_memory(error, "a sweep", sizeof *job);
    }
    job->sweep = sweep;
    job->options = *options;
    snprintf(job->title, sizeof job->title, "%s",
             options->title != NULL ? options->title : "sweep");
    nca_status status = fill_job(job, folder, error);
    if (status == NCA_OK) {
        status = lock_folder(job, error);
    }
    if (status == NCA_OK) {
        status = find_runs(job, error);
    }
    if (status != NCA_OK) {
        nca_sweep_close(job);
        return status;
    }
    *out_job = job;
    return NCA_OK;
}

void nca_sweep_close(nca_sweep_job *job)
{
    if (job == NULL) {
        return;
    }
    for (size_t i = 0; job->runs != NULL && i < job->count; i++) {
        free(job->runs[i].reason);
    }
    free(job->runs);
    free(job->initials);
    remove_lock(job);
    if (job->lock != NULL) {
        fclose(job->lock);
    }
    free(job);
}

/* Records the end of a run; a run whose results cannot be read has failed. The tables are updated
 * after each run, so that a long sweep can be followed; they are written again at the end, where
 * errors are reported. */
static void run_ended(nca_sweep_job *job, size_t run)
{
    nca_sweep_run *ended = &job->runs[run];
    nca_error error;
    ended->result = (nca_sweep_result){.known = false};
    if (ended->status == NCA_SWEEP_DONE &&
        nca__sweep_result_read(&ended->result, ended, &error) != NCA_OK) {
        ended->status = NCA_SWEEP_FAILED;
        free(ended->reason);
        ended->reason = strdup(error.message);
    }
    if (job->options.ended != NULL) {
        job->options.ended(job, run, job->options.user);
    }
    nca_sweep_save_tables(job, NULL);
}

nca_status nca_sweep_run_all(nca_sweep_job *job, nca_error *error)
{
    job->has_begun = true;
    const nca_status status = nca__sweep_processes(job, run_ended, error);
    return status == NCA_OK ? nca_sweep_save_tables(job, error) : status;
}
