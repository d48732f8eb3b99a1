/* Internal: a job of several processes. Rank 0 runs the program; the others serve it: they wait for
 * commands, run their parts of batches (dealt_batch.c), and do what else a command asks for.
 *
 *     rank 0:  nca__cluster_open     from here on batches of every device are dealt
 *              ...
 *              nca__cluster_close    tells the others that the job has ended
 *     others:  nca__cluster_open, nca__cluster_serve until the job has ended, nca__cluster_close
 *
 * A command is a message that goes from rank 0 to all, along a tree: process r passes it on to
 * r + 1, r + 2, r + 4 ... up to its own lowest bit. What is meant for one process, and its answer,
 * are messages between rank 0 and that process.
 *
 * Only one cluster may be open in a process. Batches and commands may be used by any thread: each
 * command and its answers are one unit. */
#ifndef NCA_BACKEND_MPI_RANKS_H
#define NCA_BACKEND_MPI_RANKS_H

#include "backend/mpi/communicator.h"
#include "core/objective.h"

typedef struct nca__cluster nca__cluster;

/* What the other processes need of the layers above. */
typedef struct nca__cluster_services {
    const nca__objective *(*objective)(const char *name); /* NULL for an unknown name */
    /* Works for rank 0 until its jobs are done (nca__cluster_begin_jobs). NULL: it has none. */
    nca_status (*jobs)(nca__cluster *cluster, nca_error *error);
} nca__cluster_services;

/* Takes ownership of the communicator, and closes it on failure. NCA_MISMATCH if the processes run
 * different builds. */
nca_status nca__cluster_open(nca__cluster **out_cluster, nca__communicator *communicator,
                             nca_error *error);
/* Answers commands until rank 0 ends the job. */
nca_status nca__cluster_serve(nca__cluster *cluster, const nca__cluster_services *services,
                              nca_error *error);
/* NULL is allowed. After a process was lost it ends all others and this one, with exit code 1. */
void nca__cluster_close(nca__cluster *cluster);
/* The cluster that is open in this process at rank 0; NULL: this process works alone. */
nca__cluster *nca__cluster_current(void);
/* The number of processes over which a batch is dealt: 1 without a cluster. */
unsigned nca__cluster_processes(void);
/* For a child process, which has no part in its parent's cluster. */
void nca__cluster_forget(void);

unsigned nca__cluster_rank(const nca__cluster *cluster);
unsigned nca__cluster_size(const nca__cluster *cluster);
/* Its number among the processes of this machine. */
unsigned nca__cluster_place(const nca__cluster *cluster);
/* The cores of this process. */
unsigned nca__cluster_cores(const nca__cluster *cluster);
/* Messages and bytes that this process has sent. */
void nca__cluster_sent(uint64_t *out_messages, uint64_t *out_bytes, const nca__cluster *cluster);

/* ---- Messages: NCA_DEVICE_LOST, the same for every call after the first failure. */
/* Several threads: held from a command to the last answer. */
void nca__cluster_lock(nca__cluster *cluster);
void nca__cluster_unlock(nca__cluster *cluster);
nca_status nca__cluster_send(nca__cluster *cluster, unsigned to, const nca__parcel *parcel,
                             nca_error *error);
nca_status nca__cluster_receive(nca__cluster *cluster, unsigned from, nca__parcel *out,
                                nca_error *error);
bool nca__cluster_has_message(nca__cluster *cluster, unsigned from);
/* Sends a command from rank 0 to all; at the others, waits for one. */
nca_status nca__cluster_command(nca__cluster *cluster, nca__parcel *parcel, nca_error *error);
/* Adds a status and its message, or takes them and returns the status. A message from a process
 * names it. */
void nca__parcel_add_status(nca__parcel *parcel, nca_status status, const nca_error *error);
nca_status nca__parcel_take_status(nca__parcel *parcel, const nca__cluster *cluster, unsigned from,
                                   nca_error *error);

/* At rank 0: calls the service `jobs` in all others. Until they have ended, no batch may run. */
nca_status nca__cluster_begin_jobs(nca__cluster *cluster, nca_error *error);

#endif
