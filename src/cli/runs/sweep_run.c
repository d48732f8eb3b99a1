/* Runs a sweep and reports its progress. */
#include "cli/runs/sweep_run.h"

#include "cli/stop.h"

static void show_progress(const nca_sweep_job *job, void *user)
{
    sweep_run *run = user;
    sweep_display_show(&run->display, job);
}

static const char *reason_of(const nca_sweep_run *run)
{
    return run->reason != NULL ? run->reason : "out of memory";
}

static void run_ended(const nca_sweep_job *job, size_t index, void *user)
{
    sweep_run *run = user;
    const char *name = nca_sweep_name(nca_sweep_of(job), index);
    const nca_sweep_run *ended = nca_sweep_run_at(job, index);
    const nca_sweep_result *result = &ended->result;
    if (result->known) {
        const nca_settings *settings = nca_sweep_settings(nca_sweep_of(job), index);
        const bool classifies = settings->task == NCA_TASK_CLASSIFY;
        char number[NCA_NUMBER_TEXT_SIZE];
        nca_number_text(number, result->number[classifies ? NCA_SWEEP_AUC : NCA_SWEEP_L2]);
        sweep_display_say(&run->display, "%s  %s %s, %s%.1f s", name, classifies ? "AUC" : "L2",
                          number,
                          result->dead       ? "dead, "
                          : result->diverged ? "diverged, "
                                             : "",
                          result->seconds);
    } else {
        sweep_display_say(&run->display, "%s  failed: %s", name, reason_of(ended));
    }
}

int sweep_run_open(sweep_run *run, const nca_sweep *sweep, const char *folder, const char *title,
                   const char *root, size_t jobs)
{
    nca_sweep_options options;
    nca_sweep_options_default(&options);
    options.title = title;
    options.data_root = root;
    options.jobs = jobs;
    options.keep_going = stop_not_asked;
    options.progress = show_progress;
    options.ended = run_ended;
    options.notice = note_text;
    options.user = run;
    if (nca_sweep_open(&run->job, sweep, folder, &options, &run->error) != NCA_OK) {
        return complain(&run->error);
    }
    return EXIT_OK;
}

int sweep_run_all(sweep_run *run, bool quiet)
{
    sweep_display_start(&run->display, quiet);
    stop_watch();
    const nca_status status = nca_sweep_run_all(run->job, &run->error);
    const int signal_number = stop_signal();
    sweep_display_finish(&run->display, run->job);
    if (status != NCA_OK) {
        return complain(&run->error);
    }
    if (signal_number != 0 && nca_sweep_count_of(run->job, NCA_SWEEP_WAITING) > 0) {
        note("stopped with %zu of %zu runs done; everything is saved, and the same command "
             "continues",
             nca_sweep_count_of(run->job, NCA_SWEEP_DONE), nca_sweep_count(nca_sweep_of(run->job)));
        return EXIT_SIGNALLED + signal_number;
    }
    return EXIT_OK;
}

size_t sweep_run_note_failed(const sweep_run *run)
{
    const size_t count = nca_sweep_count(nca_sweep_of(run->job));
    const size_t failed = nca_sweep_count_of(run->job, NCA_SWEEP_FAILED);
    for (size_t i = 0; i < count; i++) {
        const nca_sweep_run *ended = nca_sweep_run_at(run->job, i);
        if (ended->status == NCA_SWEEP_FAILED) {
            note("run %s failed: %s", nca_sweep_name(nca_sweep_of(run->job), i), reason_of(ended));
        }
    }
    if (failed > 0) {
        note("%zu of %zu runs failed; the same command retries them", failed, count);
    }
    return failed;
}

void sweep_run_close(sweep_run *run)
{
    nca_sweep_close(run->job);
    run->job = NULL;
}
