/* Processes, pipes and signals of a running sweep. Knows nothing of what a run does. */
#include "cli/sweep_crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/stop.h"
#include "cli/sweep_child.h"

static const int redraw_milliseconds = 200;

/* A place for one process. */
typedef struct slot {
    pid_t process; /* 0: free */
    int pipe;
    size_t run;
} slot;

typedef struct crew {
    sweep_job *job;
    sweep_display *display;
    sweep_ended *ended;
    void *user;
    slot *slots; /* (job->jobs) */
    struct pollfd *polled;
    size_t next; /* the first run that may be waiting */
    bool told;   /* the children have been told to stop */
} crew;

static void set_failure(sweep_run *run, const char *reason)
{
    run->status = SWEEP_FAILED;
    free(run->reason);
    run->reason = strdup(reason);
}

/* ---- Starting --------------------------------------------------------------------------------*/

/* The cores are shared by the runs that will be there for most of this one's time: those under way
 * that are not half done, this one, and those that wait behind it. So the last ones of a sweep get
 * the cores that would stand idle. */
static unsigned threads_for(const crew *c, size_t run)
{
    const sweep_job *job = c->job;
    size_t beside = 1;
    for (size_t i = 0; i < job->count; i++) {
        const sweep_run *other = &job->runs[i];
        bool long_way = other->done * 2 < nca_sweep_settings(job->sweep, i)->iterations;
        beside += (i > run && other->status == SWEEP_WAITING) ||
                  (other->status == SWEEP_RUNNING && long_way);
    }
    beside = beside < job->jobs ? beside : job->jobs;
    return job->cores > beside ? job->cores / (unsigned)beside : 1;
}

static void start(crew *c, slot *at, size_t run)
{
    sweep_run *starting = &c->job->runs[run];
    int ends[2];
    pid_t parent = getpid(), process = -1;
    unsigned threads = threads_for(c, run);
    bool piped = pipe(ends) == 0;
    fflush(NULL); /* nothing that waits to be written is the child's to write */
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
        sweep_child(c->job, run, threads, ends[1], parent);
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
        c->ended(c->job, run, c->user);
        return;
    }
    *at = (slot){process, ends[0], run};
    starting->status = SWEEP_RUNNING;
}

static void start_waiting(crew *c)
{
    for (size_t i = 0; i < c->job->jobs; i++) {
        while (c->slots[i].process == 0 && c->next < c->job->count) {
            size_t run = c->next++;
            if (c->job->runs[run].status == SWEEP_WAITING) {
                start(c, &c->slots[i], run);
            }
        }
    }
}

/* ---- Listening and ending --------------------------------------------------------------------*/

static void explain_end(char *out, size_t size, int state)
{
    if (WIFEXITED(state) && WEXITSTATUS(state) == CHILD_STOPPED) {
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

/* The pipe has ended, and with it the process. */
static void reap(crew *c, slot *at)
{
    sweep_run *run = &c->job->runs[at->run];
    int state = 0;
    close(at->pipe);
    while (waitpid(at->process, &state, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(state) && WEXITSTATUS(state) == CHILD_DONE) {
        run->status = SWEEP_DONE;
    } else if (WIFEXITED(state) && WEXITSTATUS(state) == CHILD_STOPPED && c->told) {
        run->status = SWEEP_WAITING;
    } else if (run->reason == NULL) {
        char reason[256];
        explain_end(reason, sizeof reason, state);
        set_failure(run, reason);
    } else {
        run->status = SWEEP_FAILED;
    }
    at->process = 0;
    if (run->status != SWEEP_WAITING) {
        c->ended(c->job, at->run, c->user);
    }
}

static void listen_to(crew *c, slot *at)
{
    sweep_message message;
    ssize_t got = read(at->pipe, &message, sizeof message);
    if (got == (ssize_t)sizeof message) {
        sweep_run *run = &c->job->runs[at->run];
        run->done = message.iteration > run->done ? message.iteration : run->done;
        message.failure[sizeof message.failure - 1] = 0;
        if (message.failure[0] != 0) {
            set_failure(run, message.failure);
            run->status = SWEEP_RUNNING; /* until its process has ended */
        }
    } else if (got >= 0 || errno != EINTR) {
        reap(c, at);
    }
}

static void tell_to_stop(crew *c)
{
    for (size_t i = 0; i < c->job->jobs && !c->told; i++) {
        if (c->slots[i].process != 0) {
            kill(c->slots[i].process, SIGTERM);
        }
    }
    c->told = true;
}

/* Waits for news from the children; returns whether there are any children. */
static bool attend(crew *c)
{
    size_t count = 0;
    size_t index[1 + NCA_SWEEP_MOST_RUNS];
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

nca_status sweep_crew_run(sweep_job *job, sweep_display *display, sweep_ended *ended, void *user,
                          nca_error *error)
{
    crew c = {.job = job, .display = display, .ended = ended, .user = user};
    c.slots = calloc(job->jobs, sizeof *c.slots);
    c.polled = calloc(job->jobs, sizeof *c.polled);
    nca_status status = NCA_OK;
    if (c.slots == NULL || c.polled == NULL) {
        status = error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "sweep: out of memory");
    }
    while (status == NCA_OK) {
        if (stop_signal() != 0) {
            tell_to_stop(&c);
        } else {
            start_waiting(&c);
        }
        if (!attend(&c)) {
            break;
        }
        sweep_display_show(display, job);
    }
    free(c.slots);
    free(c.polled);
    return status;
}
