#include "backend/thread_ranks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "task/task.h"

typedef struct message {
    struct message *next;
    size_t size;
    unsigned char bytes[];
} message;

typedef struct thread_rank {
    nca__communicator base; /* must be first */
    pthread_t thread;
    bool is_dead, has_closed, was_lost;
} thread_rank;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned size;
    thread_rank ranks[MOST_THREAD_RANKS];
    message *queues[MOST_THREAD_RANKS][MOST_THREAD_RANKS]; /* from, to */
    nca__cluster *cluster;                                 /* of rank 0 */
} job = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static nca_status gone(unsigned rank, nca_error *error)
{
    return nca__fail(error, NCA_DEVICE_LOST, "process %u of %u was lost", rank, job.size);
}

static nca_status thread_send(nca__communicator *base, unsigned to, const void *bytes, size_t count,
                              nca_error *error)
{
    message *sent = malloc(sizeof *sent + count);
    if (sent == NULL) {
        return nca__fail_memory(error, "a message", count);
    }
    sent->next = NULL;
    sent->size = count;
    if (count > 0) {
        memcpy(sent->bytes, bytes, count);
    }
    pthread_mutex_lock(&job.mutex);
    const bool arrives = !job.ranks[to].is_dead && !job.ranks[base->rank].is_dead;
    message **end = &job.queues[base->rank][to];
    while (*end != NULL) {
        end = &(*end)->next;
    }
    if (arrives) {
        *end = sent;
        base->messages++;
        base->bytes += count;
    } else {
        free(sent);
    }
    pthread_cond_broadcast(&job.changed);
    pthread_mutex_unlock(&job.mutex);
    return arrives ? NCA_OK : gone(to, error);
}

static nca_status thread_receive(nca__communicator *base, unsigned from, nca__parcel *out,
                                 nca_error *error)
{
    pthread_mutex_lock(&job.mutex);
    message **first = &job.queues[from][base->rank];
    while (*first == NULL && !job.ranks[from].is_dead && !job.ranks[base->rank].is_dead) {
        pthread_cond_wait(&job.changed, &job.mutex);
    }
    message *found = *first;
    if (found != NULL) {
        *first = found->next;
    }
    pthread_mutex_unlock(&job.mutex);
    if (found == NULL) {
        return gone(from, error);
    }
    nca__parcel_clear(out);
    const bool fits = nca__parcel_add(out, found->bytes, found->size) != NULL;
    out->size = found->size;
    free(found);
    return fits ? NCA_OK : nca__fail_memory(error, "a message", out->size);
}

static bool thread_has_message(nca__communicator *base, unsigned from)
{
    pthread_mutex_lock(&job.mutex);
    const bool has = job.queues[from][base->rank] != NULL || job.ranks[from].is_dead;
    pthread_mutex_unlock(&job.mutex);
    return has;
}

/* One that is lost takes the others with it. */
static void thread_close(nca__communicator *base, bool lost)
{
    pthread_mutex_lock(&job.mutex);
    job.ranks[base->rank].has_closed = true;
    job.ranks[base->rank].was_lost = lost;
    for (unsigned i = 0; lost && i < job.size; i++) {
        job.ranks[i].is_dead = true;
    }
    pthread_cond_broadcast(&job.changed);
    pthread_mutex_unlock(&job.mutex);
}

static void *serve(void *context)
{
    static const nca__cluster_services services = {.objective = nca__objective_named};
    thread_rank *rank = context;
    nca__cluster *cluster;
    nca_error error;
    if (nca__cluster_open(&cluster, &rank->base, &error) == NCA_OK) {
        nca__cluster_serve(cluster, &services, &error);
        nca__cluster_close(cluster);
    }
    return NULL;
}

void thread_ranks_begin(unsigned size)
{
    nca_error error;
    memset(job.ranks, 0, sizeof job.ranks);
    job.size = size;
    for (unsigned i = 0; i < size; i++) {
        job.ranks[i].base = (nca__communicator){.rank = i,
                                                .size = size,
                                                .place = i,
                                                .cores = 1,
                                                .host = "a thread",
                                                .send = thread_send,
                                                .receive = thread_receive,
                                                .has_message = thread_has_message,
                                                .close = thread_close};
    }
    for (unsigned i = 1; i < size; i++) {
        if (pthread_create(&job.ranks[i].thread, NULL, serve, &job.ranks[i]) != 0) {
            abort();
        }
    }
    if (nca__cluster_open(&job.cluster, &job.ranks[0].base, &error) != NCA_OK) {
        abort();
    }
}

void thread_ranks_end(void)
{
    nca__cluster_close(job.cluster);
    for (unsigned i = 1; i < job.size; i++) {
        pthread_join(job.ranks[i].thread, NULL);
    }
    for (unsigned i = 0; i < job.size * job.size; i++) {
        message **queue = &job.queues[i / job.size][i % job.size];
        while (*queue != NULL) {
            message *next = (*queue)->next;
            free(*queue);
            *queue = next;
        }
    }
}

void thread_ranks_kill(unsigned rank)
{
    pthread_mutex_lock(&job.mutex);
    job.ranks[rank].is_dead = true;
    pthread_cond_broadcast(&job.changed);
    pthread_mutex_unlock(&job.mutex);
}

uint64_t thread_ranks_messages(void)
{
    return job.ranks[0].base.messages;
}

bool thread_ranks_lost(unsigned rank)
{
    return job.ranks[rank].has_closed && job.ranks[rank].was_lost;
}
