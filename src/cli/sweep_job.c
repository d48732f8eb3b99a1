/* What is on the disk of a sweep: its folder, its lock, the runs that were there before. */
#include "cli/sweep_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define SWEEP_LOCK "sweep.lock"

static nca_status fail(nca_error *error, nca_status status, const char *path, const char *what)
{
    error->status = status;
    snprintf(error->message, sizeof error->message, "%.700s: %s", path, what);
    return status;
}

run_path sweep_title(const sweep_job *job)
{
    const char *slash = strrchr(job->file, '/');
    const char *name = slash != NULL ? slash + 1 : job->file;
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    run_path title;
    snprintf(title.text, sizeof title.text, "%.*s", (int)(length < 200 ? length : 200), name);
    return title;
}

size_t sweep_count_of(const sweep_job *job, sweep_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < job->count; i++) {
        count += job->runs[i].status == status;
    }
    return count;
}

nca_status sweep_run_settings(nca_settings *out, const sweep_job *job, size_t run, nca_error *error)
{
    *out = *nca_sweep_settings(job->sweep, run);
    return nca_settings_set(out, "output", job->runs[run].folder.text, error);
}

/* ---- The lock --------------------------------------------------------------------------------*/

nca_status sweep_lock(const sweep_job *job, nca_error *error)
{
    nca_status status = run_create(job->folder.text, error);
    if (status != NCA_OK) {
        return status;
    }
    run_path path = run_file(job->folder.text, SWEEP_LOCK);
    FILE *file = NULL;
    status = nca_file_append(&file, path.text, error);
    if (status != NCA_OK) {
        return status;
    }
    /* The children of a sweep that was killed are gone within a moment. The file stays open: the
     * lock goes when the process and its children do, whatever ends them. */
    for (int tries = 0; flock(fileno(file), LOCK_EX | LOCK_NB) != 0; tries++) {
        if (errno != EWOULDBLOCK || tries == 40) {
            status = errno == EWOULDBLOCK
                         ? fail(error, NCA_EXISTS, job->folder.text,
                                "another `nca sweep` is running in this folder; wait for it, or "
                                "choose another folder with -o")
                         : fail(error, NCA_IO, path.text, strerror(errno));
            fclose(file);
            return status;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    run_tidy(job->folder.text);
    return run_refuse_links(job->folder.text, error);
}

/* ---- Runs that were there before -------------------------------------------------------------*/

static nca_status refuse_changed(const nca_settings *before, const nca_settings *now,
                                 const nca_setting *setting, const char *name, nca_error *error)
{
    char was[NCA_SETTING_SIZE], is[NCA_SETTING_SIZE];
    nca_settings_get(was, sizeof was, before, setting);
    nca_settings_get(is, sizeof is, now, setting);
    /* It follows the iterations unless it is set: more of them need not be another run. */
    const bool follows = strcmp(setting->key, "decay_at") == 0 &&
                         now->schedule == NCA_SCHEDULE_PLATEAU && now->decay_at == now->iterations;
    error->status = NCA_MISMATCH;
    snprintf(error->message, sizeof error->message,
             "run %.200s: started with %s %.200s, but the sweep now has %.200s; %s%.20s%schoose "
             "another folder with -o, or remove the folder of the run",
             name, setting->key, was, is, follows ? "set decay_at to " : "", follows ? was : "",
             follows ? " to train it for longer, " : "");
    return NCA_MISMATCH;
}

/* More iterations are no other run, unless the schedule depends on them. */
static bool may_change(const nca_setting *setting, const nca_settings *before,
                       const nca_settings *now)
{
    if (strcmp(setting->key, "iterations") == 0) {
        return now->schedule != NCA_SCHEDULE_COSINE && now->iterations > before->iterations;
    }
    return !setting->exact_resume;
}

static nca_status compare(const nca_settings *before, const nca_settings *now, const char *name,
                          nca_error *error)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char was[NCA_SETTING_SIZE], is[NCA_SETTING_SIZE];
        nca_settings_get(was, sizeof was, before, setting);
        nca_settings_get(is, sizeof is, now, setting);
        if (strcmp(was, is) != 0 && !may_change(setting, before, now)) {
            return refuse_changed(before, now, setting, name, error);
        }
    }
    return NCA_OK;
}

static nca_status find_run(sweep_run *run, const nca_settings *now, const char *name,
                           nca_error *error)
{
    run_settle(run->folder.text);
    run_path config = run_file(run->folder.text, RUN_CONFIG);
    run_path checkpoint = run_file(run->folder.text, RUN_CHECKPOINT);
    run_path evaluation = run_file(run->folder.text, RUN_EVALUATION);
    if (access(checkpoint.text, F_OK) != 0) {
        return NCA_OK; /* nothing is lost by starting anew */
    }
    run->resumes = true;
    nca_settings before;
    if (nca_checkpoint_settings(&before, &run->done, checkpoint.text, NULL) != NCA_OK ||
        (access(config.text, F_OK) == 0 &&
         nca_settings_load(&before, config.text, NULL) != NCA_OK)) {
        run->done = 0;
        return NCA_OK; /* damaged: this run will fail and say why, the others need not */
    }
    nca_status status = compare(&before, now, name, error);
    if (status != NCA_OK) {
        return status;
    }
    run->before = run->done;
    run_path model = run_file(run->folder.text, RUN_MODEL);
    if (run->done >= now->iterations && access(model.text, F_OK) == 0 &&
        access(evaluation.text, F_OK) == 0) {
        run->status = SWEEP_DONE;
    }
    return NCA_OK;
}

nca_status sweep_find_runs(sweep_job *job, nca_error *error)
{
    for (size_t i = 0; i < job->count; i++) {
        nca_settings now;
        nca_status status = sweep_run_settings(&now, job, i, error);
        if (status == NCA_OK) {
            status = find_run(&job->runs[i], &now, nca_sweep_name(job->sweep, i), error);
        }
        if (status != NCA_OK) {
            return status;
        }
    }
    return NCA_OK;
}
