/* nca train while it trains: progress, preview and page, retries, and how the training ends. */
#include "cli/profile_table.h"
#include "cli/stop.h"
#include "cli/train/train_end.h"
#include "cli/train/train_job.h"

static bool is_live(const train_job *j)
{
    return j->live.feed.server != NULL;
}

typedef void show_line(progress *p, const nca_iteration *report, uint64_t total,
                       const double *losses, size_t count);

/* The line of progress: progress_show, or progress_finish at the end. */
static void show_progress(train_job *j, show_line *line)
{
    size_t count;
    uint64_t first;
    const double *losses = nca_run_losses(j->run, &count, &first);
    line(&j->progress, nca_run_last(j->run), nca_session_total(nca_run_session(j->run)), losses,
         count);
}

bool train_show(nca_run *run, const nca_iteration *last, void *user)
{
    train_job *j = user;
    (void)last;
    if (preview_show(&j->preview, nca_run_session(run))) {
        j->progress.last = 0; /* it has taken the line's place */
    }
    show_progress(j, progress_show);
    return !is_live(j) || live_training_watch(&j->live, run);
}

void train_show_extended(nca_run *run, const nca_stability *test, void *user)
{
    train_job *j = user;
    (void)run;
    progress_clear(&j->progress);
    note_unstable(test);
    note("training is extended by %llu %s", (unsigned long long)test->added,
         test->added == 1 ? "iteration" : "iterations");
}

/* Whether another seed may do better: the training failed, or its model is not stable. */
static bool calls_for_retry(const nca_run *run, nca_status status)
{
    return status == NCA_DIVERGED ||
           (status == NCA_OK && nca_run_is_complete(run) && run_is_unstable(run));
}

static nca_status retry(train_job *j, nca_status failure)
{
    progress_clear(&j->progress);
    if (failure == NCA_DIVERGED) {
        note("%s", j->error.message);
    } else {
        note_unstable(nca_run_stability(j->run));
    }
    note("starting again with seed %llu (%zu %s left)",
         (unsigned long long)nca_run_settings(j->run)->seed + 1, j->retries - 1,
         j->retries == 2 ? "retry" : "retries");
    j->retries--;
    const nca_status status = nca_run_retry(j->run, &j->error);
    progress_start(&j->progress, options_has(&j->given, "quiet"), 0);
    return status;
}

/* Trains; with --profile the time of this try is measured. */
static nca_status train(train_job *j)
{
    if (!options_has(&j->given, "profile")) {
        return nca_run_train(j->run, &j->error);
    }
    nca_session *session = nca_run_session(j->run);
    const uint64_t before = nca_session_iteration(session);
    nca_session_profile_begin(session);
    const nca_status status = nca_run_train(j->run, &j->error);
    nca_session_profile_end(&j->profile, session);
    j->profiled = nca_session_iteration(session) - before;
    return status;
}

void train_show_profile(const train_job *j)
{
    if (j->profiled > 0) {
        const nca_session *session = nca_run_session(j->run);
        profile_table_print(&(profile_table){.name = nca_run_settings(j->run)->output,
                                             .kernels = nca_session_kernels(session),
                                             .threads = nca_session_threads(session),
                                             .profile = &j->profile,
                                             .iterations = j->profiled});
    }
}

static void note_stopped(const nca_run *run)
{
    const nca_session *session = nca_run_session(run);
    const nca_settings *settings = nca_run_settings(run);
    const uint64_t done = nca_session_iteration(session), total = nca_session_total(session);
    const char *left = done < total                          ? ""
                       : settings->task == NCA_TASK_CLASSIFY ? " and before the last validation"
                                                             : " and before the stability test";
    note("stopped after iteration %llu of %llu%s; continue with: nca train --resume %s",
         (unsigned long long)done, (unsigned long long)total, left, settings->output);
}

int train_run(train_job *j)
{
    stop_watch();
    progress_start(&j->progress, options_has(&j->given, "quiet"),
                   nca_session_iteration(nca_run_session(j->run)));
    preview_start(&j->preview,
                  options_has(&j->given, "preview") && !options_has(&j->given, "quiet"),
                  nca_session_target(nca_run_session(j->run)));
    nca_status status = train(j);
    while (calls_for_retry(j->run, status) && j->retries > 0 && stop_signal() == 0) {
        status = retry(j, status);
        status = status == NCA_OK ? train(j) : status;
    }
    if (nca_run_last(j->run)->iteration > 0) {
        show_progress(j, progress_finish);
    }
    if (status != NCA_OK) {
        if (is_live(j)) {
            live_training_fail(&j->live, j->run, &j->error);
        }
        int code = complain(&j->error);
        return code == EXIT_USAGE ? EXIT_FAILED : code;
    }
    const bool complete = nca_run_is_complete(j->run);
    if (is_live(j)) {
        live_training_close(&j->live, j->run, complete ? "finished" : "stopped");
    }
    int signal_number = stop_signal();
    if (!complete) {
        note_stopped(j->run);
        return signal_number != 0 ? EXIT_SIGNALLED + signal_number : EXIT_OK;
    }
    return EXIT_OK;
}
