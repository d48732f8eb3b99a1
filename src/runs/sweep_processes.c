/* Processes, pipes and signals of a running sweep. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "runs/sweep_child.h"
#include "runs/sweep_job.h"

static const int redraw_milliseconds = 200;

/* Room for one process. */
typedef struct slot {
    pid_t process; /* 0: free */
    int pipe;
    size_t run;
} slot;

typedef struct processes {
    nca_sweep_job *job;
    void (*ended)(nca_sweep_job *job, size_t run);
    slot *slots; /* (job->jobs) */
    struct pollfd *polled;
    size_t next; /* the first run that may be waiting */
    bool told;   /* the children have been told to stop */
} processes;

static void set_failure(nca_sweep_run *run, const char *reason)
{
    run->status = NCA_SWEEP_FAILED;
    free(run->reason);
    run->reason = strdup(reason);
}

/* ---- Starting --------------------------------------------------------------------------------*/

/* The cores are shared by the runs that will exist during most of this run's time: active runs that
 * are not half done, this run, and the runs that wait after it. The last runs of a sweep therefore
 * get the cores that would be idle. */
static unsigned threads_for(const processes *c, size_t run)
{
    const nca_sweep_job *job = c->job;
    size_t beside = 1;
    for (size_t i = 0; i < job->count; i++) {
        const nca_sweep_run *other = &job->runs[i];
        bool long_way = other->done * 2 < nca_sweep_settings(job->sweep, i)->iterations;
        beside += (i > run && other->status == NCA_SWEEP_WAITING) ||
                  (other->status == NCA_SWEEP_RUNNING && long_way);
    }
    beside = beside < job->jobs ? beside : job->jobs;
    return job->cores > beside ? job->cores / (unsigned)beside : 1;
}

static void start(processes *c, slot *at, size_t run)
{
    nca_sweep_run *starting = &c->job->runs[run];
    int ends[2];
    pid_t parent = getpid(), process = -1;
    unsigned threads = threads_for(c, run);
    bool piped = pipe(ends) == 0;
    fflush(NULL); /* buffered output must not be written by the child too */
    if (piped) {
        process = fork();
    }
    if (process == 0) {
        close(ends[0]);
        for (size_t i = 0; i < c->job->jobs; i++) {
            if (c->slots[i].process != 0) {
                close(c->slots[i].pipe);
            }
        }
        nca__sweep_child(c->job, run, threads, ends[1], parent);
    }
    char reason[128];
    snprintf(reason, sizeof reason, "cannot start a process for it: %s", strerror(errno));
    if (piped) {
        close(ends[1]);
    }
    if (process < 0) {
        if (piped) {
            close(ends[0]);
        }
        set_failure(starting, reason);
        c->ended(c->job, run);
        return;
    }
    *at = (slot){process, ends[0], run};
    starting->status = NCA_SWEEP_RUNNING;
}

static void start_waiting(processes *c)
{
    for (size_t i = 0; i < c->job->jobs; i++) {
        while (c->slots[i].process == 0 && c->next < c->job->count) {
            size_t run = c->next++;
            if (c->job->runs[run].status == NCA_SWEEP_WAITING) {
                start(c, &c->slots[i], run);
            }
        }
    }
}

/* ---- Messages and ends of processes ---------------------------------------------------------- */

static void explain_end(char *out, size_t size, int state)
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

/* The pipe was closed, so the process has ended. */
static void reap(processes *c, slot *at)
{
    nca_sweep_run *run = &c->job->runs[at->run];
    int state = 0;
    close(at->pipe);
    while (waitpid(at->process, &state, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(state) && WEXITSTATUS(state) == NCA__CHILD_DONE) {
        run->status = NCA_SWEEP_DONE;
    } else if (WIFEXITED(state) && WEXITSTATUS(state) == NCA__CHILD_STOPPED && c->told) {
        run->status = NCA_SWEEP_WAITING;
    } else if (run->reason == NULL) {
        char reason[256];
        explain_end(reason, sizeof reason, state);
        set_failure(run, reason);
    } else {
        run->status = NCA_SWEEP_FAILED;
    }
    at->process = 0;
    if (run->status != NCA_SWEEP_WAITING) {
        c->ended(c->job, at->run);
    }
}

static void listen_to(processes *c, slot *at)
{
    nca__sweep_message message;
    ssize_t got = read(at->pipe, &message, sizeof message);
    if (got == (ssize_t)sizeof message) {
        nca_sweep_run *run = &c->job->runs[at->run];
        run->done = message.iteration > run->done ? message.iteration : run->done;
        message.failure[sizeof message.failure - 1] = 0;
        if (message.failure[0] != 0) {
            set_failure(run, message.failure);
            run->status = NCA_SWEEP_RUNNING; /* until its process has ended */
        }
    } else if (got >= 0 || errno != EINTR) {
        reap(c, at);
    }
}

static void tell_to_stop(processes *c)
{
    for (size_t i = 0; i < c->job->jobs && !c->told; i++) {
        if (c->slots[i].process != 0) {
            kill(c->slots[i].process, SIGTERM);
        }
    }
    c->told = true;
}

/* Waits for messages from the children; returns whether there are any children. */
static bool attend(processes *c)
{
    size_t count = 0;
    size_t index[1 + NCA_SWEEP_MAX_RUNS];
    for (size_t i = 0; i < c->job->jobs; i++) {
        if (c->slots[i].process != 0) {
            index[count] = i;
            c->polled[count++] = (struct pollfd){.fd = c->slots[i].pipe, .events = POLLIN};
        }
    }
    if (count > 0 && poll(c->polled, count, redraw_milliseconds) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (c->polled[i].revents != 0) {
                listen_to(c, &c->slots[index[i]]);
            }
        }
    }
    return count > 0;
}

nca_status nca__sweep_processes(nca_sweep_job *job, void (*ended)(nca_sweep_job *job, size_t run),
                                nca_error *error)
{
    processes c = {.job = job, .ended = ended};
    c.slots = calloc(job->jobs, sizeof *c.slots);
    c.polled = calloc(job->jobs, sizeof *c.polled);
    nca_status status = c.slots != NULL && c.polled != NULL
                            ? NCA_OK
                            : nca__fail(error, NCA_OUT_OF_MEMORY, "sweep: out of memory");
    while (status == NCA_OK) {
        if (!nca__sweep_keeps_going(job)) {
            tell_to_stop(&c);
        } else {
            start_waiting(&c);
        }
        if (!attend(&c)) {
            break;
        }
        if (job->options.progress != NULL) {
            job->options.progress(job, job->options.user);
        }
    }
    free(c.slots);
    free(c.polled);
    return status;
}
