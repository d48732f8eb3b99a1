/* One run in its own process: a crash, a lack of memory or a divergence ends only this run. */
#include "runs/sweep_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/mpi/ranks.h"
#include "base/clock.h"
#include "nca/evaluate.h"
#include "nca/files.h"
#include "nca/kernels.h"
#include "nca/machine.h"
#include "nca/run.h"
#include "runs/sweep_job.h"

static const double report_seconds = 0.1;

typedef struct child {
    nca_run *run;
    nca_error error;
    nca_run_path evaluation;
    int pipe;
    double reported; /* nca__seconds() */
    bool orphaned;   /* the parent no longer reads the pipe */
} child;

/* Set by SIGTERM, with which the parent asks this process to save and stop. */
static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int number)
{
    stop_asked = number;
}

/* A terminal sends SIGINT and SIGHUP to parent and children; only the parent handles them. */
static void set_signals(void)
{
    stop_asked = 0;
    nca_handle_signal(SIGINT, SIG_IGN);
    nca_handle_signal(SIGHUP, SIG_IGN);
    nca_handle_signal(SIGPIPE, SIG_IGN);
    nca_handle_signal(SIGTERM, ask_to_stop);
}

static void tell(child *c, const char *failure)
{
    nca__sweep_message message = {
        .iteration = c->run != NULL ? nca_session_iteration(nca_run_session(c->run)) : 0};
    snprintf(message.failure, sizeof message.failure, "%s", failure);
    c->orphaned |= write(c->pipe, &message, sizeof message) != (ssize_t)sizeof message;
}

static bool report(nca_run *run, const nca_iteration *last, void *user)
{
    child *c = user;
    double now = nca__seconds();
    (void)run;
    (void)last;
    if (now - c->reported >= report_seconds) {
        c->reported = now;
        tell(c, "");
    }
    return !c->orphaned;
}

static bool go_on(void *user)
{
    (void)user;
    return stop_asked == 0;
}

static bool go_on_measuring(double share, void *user)
{
    (void)share;
    return go_on(user);
}

/* The peak memory of this process, in the form of the other evaluations. The scores of a classifier
 * are in its validation.csv. */
static nca_status note_memory(child *c)
{
    struct rusage usage = {0};
    char text[128];
    getrusage(RUSAGE_SELF, &usage);
    snprintf(text, sizeof text,
             "part,shape,step,measure,mean,deviation\n" NCA__PEAK_MEMORY "%lld,\n",
             1024LL * usage.ru_maxrss);
    return nca_file_write(c->evaluation.text, text, strlen(text), &c->error);
}

static nca_status measure(child *c)
{
    static const size_t steps[] = {NCA__SWEEP_STEPS_GROWN, NCA__SWEEP_STEPS_LATER};
    const nca_settings *s = nca_run_settings(c->run);
    if (s->task == NCA_TASK_CLASSIFY) {
        return note_memory(c);
    }
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    options.rollouts = NCA__SWEEP_ROLLOUTS;
    options.steps = steps;
    options.step_count = 2;
    options.healing = false;
    options.threads = s->threads;
    options.kernels = nca_kernels_named(s->kernels); /* NULL for "auto": the best */
    options.device = s->device;
    options.progress = go_on_measuring;
    nca_evaluation *evaluation = NULL;
    nca_status status =
        nca_evaluate(&evaluation, nca_session_result(nca_run_session(c->run)), &options, &c->error);
    if (status == NCA_OK) {
        status = nca_evaluation_save_csv(evaluation, c->evaluation.text, &c->error);
    }
    nca_evaluation_destroy(evaluation);
    return status;
}

/* The evaluation comes last: its file shows that the run is finished. */
static nca_status work(child *c, const nca_settings *settings, const char *data_root, bool resumes)
{
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = resumes ? NCA_RUN_RESUME : NCA_RUN_REPLACE;
    options.data_root = data_root;
    options.keep_going = go_on;
    options.iterated = report;
    options.user = c;
    nca_status status = nca_run_open(&c->run, settings, &options, &c->error);
    if (status == NCA_OK) {
        status = nca_run_begin(c->run, &c->error);
    }
    if (status == NCA_OK && resumes) {
        unlink(c->evaluation.text);
    }
    if (status == NCA_OK) {
        status = nca_run_train(c->run, &c->error);
    }
    if (status != NCA_OK || !nca_run_is_complete(c->run) || c->orphaned) {
        return status;
    }
    if (stop_asked == 0) {
        status = nca_run_draw(c->run, &c->error);
    }
    return status == NCA_OK && stop_asked == 0 ? measure(c) : status;
}

nca_status nca__sweep_task_of(nca__sweep_task *out, const nca_sweep_job *job, size_t run,
                              unsigned threads, nca_error *error)
{
    memset(out, 0, sizeof *out);
    const nca_status status = nca__sweep_run_settings(&out->settings, job, run, error);
    if (status != NCA_OK) {
        return status;
    }
    out->folder = job->runs[run].folder;
    out->resumes = job->runs[run].resumes;
    if (job->options.data_root != NULL) {
        snprintf(out->data_root.text, sizeof out->data_root.text, "%s", job->options.data_root);
    }
    if (out->resumes) {
        nca_settings before;
        uint64_t done;
        if (nca_run_resume_settings(&before, &done, NULL, out->folder.text, NULL) == NCA_OK) {
            nca__sweep_follow_epochs(&out->settings, &before);
        }
    }
    out->settings.threads = out->settings.threads > 0 ? out->settings.threads : threads;
    return NCA_OK;
}

_Noreturn void nca__sweep_child(const nca__sweep_task *task, int pipe, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(NCA__CHILD_STOPPED); /* the parent ended before it could be watched */
    }
    nca__cluster_forget();
    set_signals();
    child *c = calloc(1, sizeof *c);
    if (c == NULL) {
        _exit(NCA__CHILD_FAILED);
    }
    c->pipe = pipe;
    nca_run_file(&c->evaluation, task->folder.text, NCA_RUN_EVALUATION);
    const nca_status status =
        work(c, &task->settings, task->data_root.text[0] != 0 ? task->data_root.text : NULL,
             task->resumes);
    bool stopped = stop_asked != 0 || c->orphaned;
    if (status != NCA_OK && !(stopped && status == NCA_INTERRUPTED)) {
        tell(c, c->error.message);
        nca_run_close(c->run);
        _exit(NCA__CHILD_FAILED);
    }
    nca_run_close(c->run);
    _exit(access(c->evaluation.text, F_OK) == 0 ? NCA__CHILD_DONE : NCA__CHILD_STOPPED);
}

pid_t nca__sweep_fork(int *out_pipe, const nca__sweep_task *task, const int *others, size_t count)
{
    int ends[2];
    const pid_t parent = getpid();
    if (pipe(ends) != 0) {
        return -1;
    }
    fflush(NULL); /* buffered output must not be written by the child too */
    const pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        for (size_t i = 0; i < count; i++) {
            close(others[i]);
        }
        nca__sweep_child(task, ends[1], parent);
    }
    const int reason = errno;
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        errno = reason;
        return -1;
    }
    *out_pipe = ends[0];
    return process;
}

void nca__sweep_explain_end(char *out, size_t size, int state)
{
    if (WIFEXITED(state) && WEXITSTATUS(state) == NCA__CHILD_STOPPED) {
        snprintf(out, size, "its process was stopped from outside");
    } else if (WIFSIGNALED(state)) {
        int number = WTERMSIG(state);
        snprintf(out, size, "its process was ended by signal %d (%s)%s", number, strsignal(number),
                 number == SIGKILL ? "; memory may have run out: try a lower --jobs" : "");
    } else {
        snprintf(out, size, "its process ended with exit code %d and without a message",
                 WEXITSTATUS(state));
    }
}
