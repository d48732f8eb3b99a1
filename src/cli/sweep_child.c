/* One run in a process of its own: a crash, a lack of memory or a divergence ends this run and no
 * other. */
#include "cli/sweep_child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/stop.h"
#include "cli/training.h"

static const double report_seconds = 0.1;

typedef struct child {
    training training;
    run_path evaluation;
    int pipe;
    double reported; /* seconds_now() */
    bool orphaned;   /* nobody reads the pipe any more */
} child;

static void tell(child *c, const char *failure)
{
    sweep_message message = {
        .iteration = c->training.session != NULL ? nca_session_iteration(c->training.session) : 0};
    snprintf(message.failure, sizeof message.failure, "%s", failure);
    c->orphaned |= write(c->pipe, &message, sizeof message) != (ssize_t)sizeof message;
}

static bool report(training *t, void *user)
{
    child *c = user;
    double now = seconds_now();
    if (now - c->reported >= report_seconds || training_is_complete(t)) {
        c->reported = now;
        tell(c, "");
    }
    return !c->orphaned;
}

static bool go_on(double share, void *user)
{
    (void)share;
    (void)user;
    return stop_signal() == 0;
}

static nca_status measure(child *c)
{
    static const size_t steps[] = {SWEEP_STEPS_GROWN, SWEEP_STEPS_LATER};
    const nca_settings *s = &c->training.settings;
    nca_evaluation_options options = nca_evaluation_options_default();
    options.rollouts = SWEEP_ROLLOUTS;
    options.steps = steps;
    options.step_count = 2;
    options.healing = false;
    options.threads = s->threads;
    options.kernels = nca_kernels_named(s->kernels); /* NULL for "auto": the best */
    options.progress = go_on;
    nca_evaluation *evaluation = NULL;
    nca_error *error = &c->training.error;
    nca_status status =
        nca_evaluate(&evaluation, nca_session_model(c->training.session), &options, error);
    if (status == NCA_OK) {
        status = nca_evaluation_save_csv(evaluation, c->evaluation.text, error);
    }
    nca_evaluation_destroy(evaluation);
    return status;
}

/* Measured last: the file of the evaluation says that the run is finished. */
static nca_status work(child *c, bool resumes)
{
    training *t = &c->training;
    nca_status status = training_prepare(t, resumes ? TRAINING_RESUME : TRAINING_REPLACE);
    if (status == NCA_OK) {
        status = training_begin(t);
    }
    if (status == NCA_OK && resumes) {
        unlink(c->evaluation.text);
    }
    if (status == NCA_OK) {
        status = training_run(t, report, NULL, c);
    }
    if (status != NCA_OK || !training_is_complete(t) || c->orphaned) {
        return status;
    }
    if (stop_signal() == 0) {
        status = training_draw(t);
    }
    return status == NCA_OK && stop_signal() == 0 ? measure(c) : status;
}

_Noreturn void sweep_child(const sweep_job *job, size_t run, unsigned threads, int pipe,
                           pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(CHILD_STOPPED); /* the parent ended before it could be watched */
    }
    stop_watch_as_child();
    child *c = calloc(1, sizeof *c);
    nca_settings settings;
    if (c == NULL) {
        _exit(CHILD_FAILED);
    }
    c->pipe = pipe;
    c->evaluation = run_file(job->runs[run].folder.text, RUN_EVALUATION);
    nca_status status = sweep_run_settings(&settings, job, run, &c->training.error);
    if (status == NCA_OK) {
        settings.threads = settings.threads > 0 ? settings.threads : threads;
        training_open(&c->training, &settings);
        status = work(c, job->runs[run].resumes);
    }
    bool stopped = stop_signal() != 0 || c->orphaned;
    if (status != NCA_OK && !(stopped && status == NCA_INTERRUPTED)) {
        tell(c, c->training.error.message);
        training_close(&c->training);
        _exit(CHILD_FAILED);
    }
    training_close(&c->training);
    _exit(access(c->evaluation.text, F_OK) == 0 ? CHILD_DONE : CHILD_STOPPED);
}
