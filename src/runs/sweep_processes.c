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
#include "runs/sweep_ranks.h"

static const int redraw_milliseconds = 200;
static const int rank_milliseconds = 20; /* between two looks for messages of the cluster */

/* Room for one run: a process of this machine, or one that another process of the cluster has
 * started. */
typedef struct slot {
    bool busy;
    unsigned rank; /* 0: of this machine, with the next two */
    pid_t process;
    int pipe;
    size_t run;
} slot;

typedef struct processes {
    nca_sweep_job *job;
    void (*ended)(nca_sweep_job *job, size_t run);
    slot *slots;
    size_t count, own; /* the first ones are of this machine */
    unsigned *threads; /* (ranks) of a run there; NULL without a cluster */
    struct pollfd *polled;
    int *pipes;
    size_t next;           /* the first run that may be waiting */
    bool told;             /* the children have been told to stop */
    nca__cluster *cluster; /* NULL: this process works alone */
    nca_status lost;       /* of the cluster */
    nca_error *error;
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

static nca_status fork_run(processes *c, slot *at, const nca__sweep_task *task, nca_error *error)
{
    size_t open = 0;
    for (size_t i = 0; i < c->own; i++) {
        if (c->slots[i].busy) {
            c->pipes[open++] = c->slots[i].pipe;
        }
    }
    at->process = nca__sweep_fork(&at->pipe, task, c->pipes, open);
    return at->process > 0
               ? NCA_OK
               : nca__fail(error, NCA_IO, "cannot start a process for it: %s", strerror(errno));
}

static void start(processes *c, slot *at, size_t run)
{
    nca_sweep_run *starting = &c->job->runs[run];
    nca_error error;
    nca__sweep_task *task = malloc(sizeof *task);
    const unsigned threads = c->threads != NULL ? c->threads[at->rank] : threads_for(c, run);
    nca_status status = task != NULL ? nca__sweep_task_of(task, c->job, run, threads, &error)
                                     : nca__fail(&error, NCA_OUT_OF_MEMORY, "out of memory");
    if (status == NCA_OK) {
        at->run = run;
        if (at->rank == 0) {
            status = fork_run(c, at, task, &error);
        } else {
            status =
                nca__sweep_send_task(c->cluster, at->rank, (size_t)(at - c->slots), task, &error);
        }
    }
    free(task);
    if (status == NCA_DEVICE_LOST) {
        c->lost = nca__fail(c->error, status, "%s", error.message);
    } else if (status != NCA_OK) {
        set_failure(starting, error.message);
        c->ended(c->job, run);
    } else {
        at->busy = true;
        starting->status = NCA_SWEEP_RUNNING;
    }
}

static void start_waiting(processes *c)
{
    for (size_t i = 0; i < c->count && c->lost == NCA_OK; i++) {
        while (!c->slots[i].busy && c->next < c->job->count && c->lost == NCA_OK) {
            size_t run = c->next++;
            if (c->job->runs[run].status == NCA_SWEEP_WAITING) {
                start(c, &c->slots[i], run);
            }
        }
    }
}

/* ---- Messages and ends of processes ---------------------------------------------------------- */

static void take_end(processes *c, slot *at, int state)
{
    nca_sweep_run *run = &c->job->runs[at->run];
    if (WIFEXITED(state) && WEXITSTATUS(state) == NCA__CHILD_DONE) {
        run->status = NCA_SWEEP_DONE;
    } else if (WIFEXITED(state) && WEXITSTATUS(state) == NCA__CHILD_STOPPED && c->told) {
        run->status = NCA_SWEEP_WAITING;
    } else if (run->reason == NULL) {
        char reason[256];
        nca__sweep_explain_end(reason, sizeof reason, state);
        set_failure(run, reason);
    } else {
        run->status = NCA_SWEEP_FAILED;
    }
    at->busy = false;
    if (run->status != NCA_SWEEP_WAITING) {
        c->ended(c->job, at->run);
    }
}

/* The pipe was closed, so the process has ended. */
static void reap(processes *c, slot *at)
{
    int state = 0;
    close(at->pipe);
    while (waitpid(at->process, &state, 0) < 0 && errno == EINTR) {
    }
    take_end(c, at, state);
}

static void take_message(processes *c, slot *at, nca__sweep_message *message)
{
    nca_sweep_run *run = &c->job->runs[at->run];
    run->done = message->iteration > run->done ? message->iteration : run->done;
    message->failure[sizeof message->failure - 1] = 0;
    if (message->failure[0] != 0) {
        set_failure(run, message->failure);
        run->status = NCA_SWEEP_RUNNING; /* until its process has ended */
    }
}

static void listen_to(processes *c, slot *at)
{
    nca__sweep_message message;
    ssize_t got = read(at->pipe, &message, sizeof message);
    if (got == (ssize_t)sizeof message) {
        take_message(c, at, &message);
    } else if (got >= 0 || errno != EINTR) {
        reap(c, at);
    }
}

/* The messages of the other processes of the cluster. */
static void listen_to_ranks(processes *c)
{
    for (unsigned rank = 1; rank < nca__cluster_size(c->cluster); rank++) {
        while (c->lost == NCA_OK && nca__cluster_has_message(c->cluster, rank)) {
            nca__sweep_news news;
            c->lost = nca__sweep_receive_news(&news, c->cluster, rank, c->error);
            if (c->lost == NCA_OK && news.slot < c->count && c->slots[news.slot].busy) {
                slot *at = &c->slots[news.slot];
                if (news.has_ended) {
                    take_end(c, at, news.state);
                } else {
                    take_message(c, at, &news.message);
                }
            }
        }
    }
}

static void tell_to_stop(processes *c)
{
    for (size_t i = 0; i < c->own && !c->told; i++) {
        if (c->slots[i].busy) {
            kill(c->slots[i].process, SIGTERM);
        }
    }
    for (unsigned rank = 1; c->cluster != NULL && !c->told && c->lost == NCA_OK &&
                            rank < nca__cluster_size(c->cluster);
         rank++) {
        c->lost = nca__sweep_send_order(c->cluster, rank, NCA__SWEEP_STOP, c->error);
    }
    c->told = true;
}

/* Waits for messages from the children; returns whether there are any children. After the cluster
 * was lost, those of this machine are waited for. */
static bool attend(processes *c)
{
    size_t count = 0, busy = 0;
    for (size_t i = 0; i < c->count; i++) {
        busy += c->slots[i].busy && (i < c->own || c->lost == NCA_OK);
        if (i < c->own && c->slots[i].busy) {
            c->pipes[count] = (int)i;
            c->polled[count++] = (struct pollfd){.fd = c->slots[i].pipe, .events = POLLIN};
        }
    }
    if (busy > 0 &&
        poll(c->polled, count, c->cluster != NULL ? rank_milliseconds : redraw_milliseconds) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (c->polled[i].revents != 0) {
                listen_to(c, &c->slots[c->pipes[i]]);
            }
        }
    }
    if (c->cluster != NULL) {
        listen_to_ranks(c);
    }
    return busy > 0;
}

/* ---- The slots -------------------------------------------------------------------------------*/

static unsigned at_most(size_t a, size_t b)
{
    return (unsigned)(a < b ? a : b);
}

/* Every process of a cluster has as many runs at once as it has cores, but not more than are there
 * for each. */
static nca_status count_slots(processes *c, nca_error *error)
{
    const unsigned size = nca__cluster_size(c->cluster);
    const size_t waiting = nca_sweep_count_of(c->job, NCA_SWEEP_WAITING);
    const size_t most = at_most(c->job->jobs, (waiting + size - 1) / size);
    c->threads = calloc(size, sizeof *c->threads);
    c->slots = calloc(size * (most + 1), sizeof *c->slots);
    if (c->threads == NULL || c->slots == NULL) {
        return nca__fail(error, NCA_OUT_OF_MEMORY, "sweep: out of memory");
    }
    nca_status status = nca__cluster_begin_jobs(c->cluster, error);
    for (unsigned rank = 0; rank < size && status == NCA_OK; rank++) {
        unsigned cores = nca__cluster_cores(c->cluster);
        status = rank > 0 ? nca__sweep_receive_cores(&cores, c->cluster, rank, error) : NCA_OK;
        const unsigned runs = at_most(cores, most > 0 ? most : 1);
        c->threads[rank] = cores / runs;
        for (unsigned i = 0; i < runs; i++) {
            c->slots[c->count++].rank = rank;
        }
        c->own = rank == 0 ? c->count : c->own;
    }
    return status;
}

static nca_status make_slots(processes *c, nca_error *error)
{
    nca_status status = NCA_OK;
    if (c->cluster != NULL) {
        status = count_slots(c, error);
    } else {
        c->count = c->own = c->job->jobs;
        c->slots = calloc(c->count, sizeof *c->slots);
    }
    c->polled = calloc(c->own + 1, sizeof *c->polled);
    c->pipes = calloc(c->own + 1, sizeof *c->pipes);
    return status != NCA_OK || (c->slots != NULL && c->polled != NULL && c->pipes != NULL)
               ? status
               : nca__fail(error, NCA_OUT_OF_MEMORY, "sweep: out of memory");
}

nca_status nca__sweep_processes(nca_sweep_job *job, void (*ended)(nca_sweep_job *job, size_t run),
                                nca_error *error)
{
    processes c = {.job = job, .ended = ended, .cluster = nca__cluster_current(), .error = error};
    nca_status status = make_slots(&c, error);
    while (status == NCA_OK) {
        if (!nca__sweep_keeps_going(job) || c.lost != NCA_OK) {
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
    for (unsigned rank = 1; c.cluster != NULL && status == NCA_OK && c.lost == NCA_OK &&
                            rank < nca__cluster_size(c.cluster);
         rank++) {
        c.lost = nca__sweep_send_order(c.cluster, rank, NCA__SWEEP_END, error);
    }
    free(c.slots);
    free(c.threads);
    free(c.polled);
    free(c.pipes);
    return status != NCA_OK ? status : c.lost;
}
