/* See ranks.h. */
#include "backend/mpi/ranks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/mpi/dealt_batch.h"
#include "base/error.h"
#include "nca/version.h"

struct nca__cluster {
    nca__communicator *communicator;
    pthread_mutex_t mutex;
    bool is_lost;
    nca_error loss; /* the first failure */
};

static nca__cluster *current; /* rank 0: the open cluster */

nca__cluster *nca__cluster_current(void)
{
    return current;
}

unsigned nca__cluster_processes(void)
{
    return current != NULL ? nca__cluster_size(current) : 1;
}

void nca__cluster_forget(void)
{
    if (current != NULL) {
        nca__dealt_end();
        current = NULL;
    }
}

unsigned nca__cluster_rank(const nca__cluster *cluster)
{
    return cluster->communicator->rank;
}

unsigned nca__cluster_size(const nca__cluster *cluster)
{
    return cluster->communicator->size;
}

unsigned nca__cluster_place(const nca__cluster *cluster)
{
    return cluster->communicator->place;
}

unsigned nca__cluster_cores(const nca__cluster *cluster)
{
    return cluster->communicator->cores;
}

void nca__cluster_sent(uint64_t *out_messages, uint64_t *out_bytes, const nca__cluster *cluster)
{
    *out_messages = cluster->communicator->messages;
    *out_bytes = cluster->communicator->bytes;
}

/* ---- Messages --------------------------------------------------------------------------------*/

void nca__cluster_lock(nca__cluster *cluster)
{
    pthread_mutex_lock(&cluster->mutex);
}

void nca__cluster_unlock(nca__cluster *cluster)
{
    pthread_mutex_unlock(&cluster->mutex);
}

static nca_status repeat_loss(const nca__cluster *cluster, nca_error *error)
{
    return nca__fail(error, NCA_DEVICE_LOST, "%s", cluster->loss.message);
}

/* A failed message leaves both sides waiting for different things, so the cluster is lost. */
static nca_status lose(nca__cluster *cluster, const nca_error *failure, nca_error *error)
{
    cluster->is_lost = true;
    cluster->loss = *failure;
    return repeat_loss(cluster, error);
}

nca_status nca__cluster_send(nca__cluster *cluster, unsigned to, const nca__parcel *parcel,
                             nca_error *error)
{
    nca_error failure;
    if (cluster->is_lost) {
        return repeat_loss(cluster, error);
    }
    const nca_status status =
        parcel->is_short ? nca__fail_memory(&failure, "a message", parcel->size)
                         : cluster->communicator->send(cluster->communicator, to, parcel->bytes,
                                                       parcel->size, &failure);
    return status == NCA_OK ? NCA_OK : lose(cluster, &failure, error);
}

nca_status nca__cluster_receive(nca__cluster *cluster, unsigned from, nca__parcel *out,
                                nca_error *error)
{
    nca_error failure;
    if (cluster->is_lost) {
        return repeat_loss(cluster, error);
    }
    const nca_status status =
        cluster->communicator->receive(cluster->communicator, from, out, &failure);
    return status == NCA_OK ? NCA_OK : lose(cluster, &failure, error);
}

bool nca__cluster_has_message(nca__cluster *cluster, unsigned from)
{
    return cluster->is_lost || cluster->communicator->has_message(cluster->communicator, from);
}

nca_status nca__cluster_command(nca__cluster *cluster, nca__parcel *parcel, nca_error *error)
{
    const unsigned rank = nca__cluster_rank(cluster), size = nca__cluster_size(cluster);
    const unsigned lowest = rank & (~rank + 1); /* the lowest bit of the rank; 0 for rank 0 */
    nca_status status = NCA_OK;
    if (rank != 0) {
        status = nca__cluster_receive(cluster, rank - lowest, parcel, error);
    }
    unsigned reach = 1;
    while (reach < size && (lowest == 0 || reach < lowest)) {
        reach *= 2;
    }
    /* The longest branches first. */
    for (reach /= 2; reach > 0 && status == NCA_OK; reach /= 2) {
        if (rank + reach < size) {
            status = nca__cluster_send(cluster, rank + reach, parcel, error);
        }
    }
    return status;
}

void nca__parcel_add_status(nca__parcel *parcel, nca_status status, const nca_error *error)
{
    const uint64_t number = status;
    nca__parcel_add(parcel, &number, sizeof number);
    if (status != NCA_OK) {
        nca__parcel_add(parcel, error->message, sizeof error->message);
    }
}

nca_status nca__parcel_take_status(nca__parcel *parcel, const nca__cluster *cluster, unsigned from,
                                   nca_error *error)
{
    const uint64_t *number = nca__parcel_take(parcel, sizeof *number);
    if (number == NULL) {
        return nca__fail(error, NCA_DEVICE_LOST,
                         "process %u of %u: expected an answer, found %zu "
                         "bytes",
                         from, nca__cluster_size(cluster), parcel->size);
    }
    if (*number == NCA_OK) {
        return NCA_OK;
    }
    const char *message = nca__parcel_take(parcel, NCA_ERROR_SIZE);
    return nca__fail(error, (nca_status)*number, "process %u of %u: %.900s", from,
                     nca__cluster_size(cluster), message != NULL ? message : "unknown reason");
}

/* ---- Opening ---------------------------------------------------------------------------------*/

/* What must be the same in all processes, for structs are sent as they are in memory. */
typedef struct build {
    uint64_t magic;
    uint64_t automaton, options, pass, settings;
    char version[NCA__NAME_SIZE];
} build;

static build this_build(void)
{
    build b;
    memset(&b, 0, sizeof b);
    b.magic = UINT64_C(0x6e63610000000001); /* tells the order of bytes */
    b.automaton = sizeof(nca_automaton);
    b.options = sizeof(nca__dealt_options);
    b.pass = sizeof(nca__dealt_pass);
    b.settings = sizeof(nca_error);
    strncpy(b.version, nca_version(), sizeof b.version - 1);
    return b;
}

/* Rank 0 sends its build; each of the others compares, and answers. */
static nca_status compare_builds(nca__cluster *cluster, nca__parcel *parcel, nca_error *error)
{
    const build here = this_build();
    const unsigned rank = nca__cluster_rank(cluster);
    if (rank == 0) {
        nca__parcel_add(parcel, &here, sizeof here);
    }
    nca_status status = nca__cluster_command(cluster, parcel, error);
    for (unsigned i = 1; rank == 0 && i < nca__cluster_size(cluster) && status == NCA_OK; i++) {
        status = nca__cluster_receive(cluster, i, parcel, error);
        status = status == NCA_OK ? nca__parcel_take_status(parcel, cluster, i, error) : status;
    }
    if (rank == 0 || status != NCA_OK) {
        return status;
    }
    const build *there = nca__parcel_take(parcel, sizeof *there);
    const bool same = there != NULL && memcmp(there, &here, sizeof here) == 0;
    nca_error own = {0};
    const nca_status found =
        same ? NCA_OK
             : nca__fail(&own, NCA_MISMATCH,
                         "expected the build of process 0 (%.31s), found another (%s); install the "
                         "same nca on all machines",
                         there != NULL ? there->version : "?", here.version);
    nca__parcel_clear(parcel);
    nca__parcel_add_status(parcel, found, &own);
    status = nca__cluster_send(cluster, 0, parcel, error);
    return status == NCA_OK && !same ? nca__fail(error, found, "%s", own.message) : status;
}

nca_status nca__cluster_open(nca__cluster **out_cluster, nca__communicator *communicator,
                             nca_error *error)
{
    nca__cluster *cluster = calloc(1, sizeof *cluster);
    if (cluster == NULL) {
        communicator->close(communicator, true);
        return nca__fail_memory(error, "the processes of this job", sizeof *cluster);
    }
    cluster->communicator = communicator;
    pthread_mutex_init(&cluster->mutex, NULL);
    nca__parcel parcel = {0};
    const nca_status status = compare_builds(cluster, &parcel, error);
    nca__parcel_free(&parcel);
    if (status != NCA_OK) {
        communicator->close(communicator, cluster->is_lost);
        pthread_mutex_destroy(&cluster->mutex);
        free(cluster);
        return status;
    }
    if (communicator->rank == 0 && communicator->size > 1) {
        current = cluster;
        nca__dealt_begin(cluster);
    }
    *out_cluster = cluster;
    return NCA_OK;
}

/* ---- Serving and closing ---------------------------------------------------------------------*/

nca_status nca__cluster_serve(nca__cluster *cluster, const nca__cluster_services *services,
                              nca_error *error)
{
    nca__dealt_parts *worker;
    nca__parcel command = {0};
    bool ended = false;
    nca_status status = nca__dealt_parts_create(&worker, cluster, services, error);
    if (status != NCA_OK) {
        cluster->is_lost = true; /* rank 0 would wait forever */
        return status;
    }
    while (status == NCA_OK && !ended) {
        status = nca__cluster_command(cluster, &command, error);
        const nca__command_head *head =
            status == NCA_OK ? nca__parcel_take(&command, sizeof *head) : NULL;
        if (head != NULL && head->command == NCA__COMMAND_END) {
            ended = true;
        } else if (head != NULL && head->command == NCA__COMMAND_JOBS) {
            status = services->jobs(cluster, error);
        } else if (head != NULL) {
            status = nca__dealt_parts_obey(worker, head, &command, error);
        }
    }
    nca__parcel_free(&command);
    nca__dealt_parts_destroy(worker);
    cluster->is_lost |= status != NCA_OK;
    return status;
}

static nca_status give_command(nca__cluster *cluster, nca__command command, nca_error *error)
{
    const nca__command_head head = {.command = command};
    nca__parcel parcel = {0};
    nca__parcel_add(&parcel, &head, sizeof head);
    nca__cluster_lock(cluster);
    const nca_status status = nca__cluster_command(cluster, &parcel, error);
    nca__cluster_unlock(cluster);
    nca__parcel_free(&parcel);
    return status;
}

nca_status nca__cluster_begin_jobs(nca__cluster *cluster, nca_error *error)
{
    return give_command(cluster, NCA__COMMAND_JOBS, error);
}

void nca__cluster_close(nca__cluster *cluster)
{
    if (cluster == NULL) {
        return;
    }
    nca__communicator *communicator = cluster->communicator;
    if (communicator->rank == 0) {
        give_command(cluster, NCA__COMMAND_END, NULL);
        nca__cluster_forget();
    }
    communicator->close(communicator, cluster->is_lost);
    pthread_mutex_destroy(&cluster->mutex);
    free(cluster);
}
