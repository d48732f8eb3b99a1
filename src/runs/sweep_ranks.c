/* See sweep_ranks.h. The process that serves starts each run in a child of its own, as the process
 * that runs the sweep does, and passes the child's messages on. */
#include "runs/sweep_ranks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

static const int look_milliseconds = 20;

/* ---- At rank 0 -------------------------------------------------------------------------------*/

typedef struct order_head {
    uint64_t order, slot;
} order_head;

static nca_status send_order(nca__cluster *cluster, unsigned rank, order_head head,
                             const nca__sweep_task *task, nca_error *error)
{
    nca__parcel parcel = {0};
    nca__parcel_add(&parcel, &head, sizeof head);
    if (task != NULL) {
        nca__parcel_add(&parcel, task, sizeof *task);
    }
    const nca_status status = nca__cluster_send(cluster, rank, &parcel, error);
    nca__parcel_free(&parcel);
    return status;
}

nca_status nca__sweep_send_task(nca__cluster *cluster, unsigned rank, size_t slot,
                                const nca__sweep_task *task, nca_error *error)
{
    return send_order(cluster, rank, (order_head){NCA__SWEEP_TASK, slot}, task, error);
}

nca_status nca__sweep_send_order(nca__cluster *cluster, unsigned rank, nca__sweep_order order,
                                 nca_error *error)
{
    return send_order(cluster, rank, (order_head){order, 0}, NULL, error);
}

/* Receives a message of one piece. */
static nca_status receive_piece(void *out, size_t size, nca__cluster *cluster, unsigned rank,
                                nca_error *error)
{
    nca__parcel parcel = {0};
    nca_status status = nca__cluster_receive(cluster, rank, &parcel, error);
    const void *piece = status == NCA_OK ? nca__parcel_take(&parcel, size) : NULL;
    if (piece != NULL) {
        memcpy(out, piece, size);
    } else if (status == NCA_OK) {
        status = nca__fail(error, NCA_DEVICE_LOST,
                           "process %u of %u: expected a message of %zu bytes, found %zu", rank,
                           nca__cluster_size(cluster), size, parcel.size);
    }
    nca__parcel_free(&parcel);
    return status;
}

nca_status nca__sweep_receive_news(nca__sweep_news *out, nca__cluster *cluster, unsigned rank,
                                   nca_error *error)
{
    return receive_piece(out, sizeof *out, cluster, rank, error);
}

nca_status nca__sweep_receive_cores(unsigned *out, nca__cluster *cluster, unsigned rank,
                                    nca_error *error)
{
    return receive_piece(out, sizeof *out, cluster, rank, error);
}

/* ---- At the others ---------------------------------------------------------------------------*/

typedef struct served {
    uint64_t slot; /* of rank 0 */
    pid_t process; /* 0: none */
    int pipe;
} served;

typedef struct server {
    nca__cluster *cluster;
    served *runs;
    size_t count;
    bool has_ended;
    nca__parcel parcel;
} server;

static nca_status send_piece(server *s, const void *piece, size_t size, nca_error *error)
{
    nca__parcel_clear(&s->parcel);
    nca__parcel_add(&s->parcel, piece, size);
    return nca__cluster_send(s->cluster, 0, &s->parcel, error);
}

/* A place for a run; NULL if there is no memory for it. */
static served *find_place(server *s)
{
    size_t i = 0;
    while (i < s->count && s->runs[i].process != 0) {
        i++;
    }
    if (i == s->count) {
        served *runs = realloc(s->runs, (i + 1) * sizeof *runs);
        if (runs == NULL) {
            return NULL;
        }
        s->runs = runs;
        s->runs[i] = (served){0};
        s->count++;
    }
    return &s->runs[i];
}

static nca_status start(server *s, uint64_t slot, const nca__sweep_task *task, nca_error *error)
{
    served *run = find_place(s);
    int *pipes = calloc(s->count + 1, sizeof *pipes);
    size_t open = 0;
    for (size_t i = 0; pipes != NULL && i < s->count; i++) {
        if (s->runs[i].process != 0) {
            pipes[open++] = s->runs[i].pipe;
        }
    }
    const pid_t process =
        run != NULL && pipes != NULL ? nca__sweep_fork(&run->pipe, task, pipes, open) : -1;
    const int reason = errno;
    free(pipes);
    if (process > 0) {
        run->process = process;
        run->slot = slot;
        return NCA_OK;
    }
    /* The run has failed, not this process. */
    nca__sweep_news news;
    nca_error text;
    memset(&news, 0, sizeof news);
    nca__fail(&text, NCA_IO, "cannot start a process for it: %s", strerror(reason));
    news.slot = slot;
    memcpy(news.message.failure, text.message, sizeof news.message.failure);
    nca_status status = send_piece(s, &news, sizeof news, error);
    news.has_ended = true;
    news.state = NCA__CHILD_FAILED << 8;
    return status == NCA_OK ? send_piece(s, &news, sizeof news, error) : status;
}

static nca_status obey(server *s, nca_error *error)
{
    nca_status status = nca__cluster_receive(s->cluster, 0, &s->parcel, error);
    if (status != NCA_OK) {
        return status;
    }
    const order_head *head = nca__parcel_take(&s->parcel, sizeof *head);
    const nca__sweep_task *task = head != NULL && head->order == NCA__SWEEP_TASK
                                      ? nca__parcel_take(&s->parcel, sizeof *task)
                                      : NULL;
    if (s->parcel.is_short) {
        return nca__fail(error, NCA_DEVICE_LOST, "process 0: an order is too short");
    }
    if (task != NULL) {
        return start(s, head->slot, task, error);
    }
    for (size_t i = 0; head->order == NCA__SWEEP_STOP && i < s->count; i++) {
        if (s->runs[i].process != 0) {
            kill(s->runs[i].process, SIGTERM);
        }
    }
    s->has_ended = head->order == NCA__SWEEP_END;
    return NCA_OK;
}

static nca_status listen_to(server *s, served *run, nca_error *error)
{
    nca__sweep_news news;
    memset(&news, 0, sizeof news);
    news.slot = run->slot;
    const ssize_t got = read(run->pipe, &news.message, sizeof news.message);
    if (got < 0 && errno == EINTR) {
        return NCA_OK;
    }
    if (got != (ssize_t)sizeof news.message) {
        close(run->pipe);
        while (waitpid(run->process, &news.state, 0) < 0 && errno == EINTR) {
        }
        news.has_ended = true;
        run->process = 0;
    }
    return send_piece(s, &news, sizeof news, error);
}

/* Waits for messages of the children for a moment. */
static nca_status attend(server *s, nca_error *error)
{
    nca_status status = NCA_OK;
    struct pollfd *polled = calloc(s->count, sizeof *polled);
    if (polled == NULL) {
        return nca__fail(error, NCA_OUT_OF_MEMORY, "sweep: out of memory");
    }
    for (size_t i = 0; i < s->count; i++) {
        polled[i] =
            (struct pollfd){.fd = s->runs[i].process != 0 ? s->runs[i].pipe : -1, .events = POLLIN};
    }
    poll(polled, s->count, look_milliseconds);
    for (size_t i = 0; i < s->count && status == NCA_OK; i++) {
        if (polled[i].fd >= 0 && polled[i].revents != 0) {
            status = listen_to(s, &s->runs[i], error);
        }
    }
    free(polled);
    return status;
}

static bool is_busy(const server *s)
{
    size_t i = 0;
    while (i < s->count && s->runs[i].process == 0) {
        i++;
    }
    return i < s->count;
}

nca_status nca__sweep_serve(nca__cluster *cluster, nca_error *error)
{
    server s = {.cluster = cluster};
    const unsigned cores = nca__cluster_cores(cluster);
    nca_status status = send_piece(&s, &cores, sizeof cores, error);
    while (status == NCA_OK && !s.has_ended) {
        if (is_busy(&s)) {
            status = attend(&s, error);
        }
        if (status == NCA_OK && (!is_busy(&s) || nca__cluster_has_message(cluster, 0))) {
            status = obey(&s, error);
        }
    }
    free(s.runs);
    nca__parcel_free(&s.parcel);
    return status;
}
