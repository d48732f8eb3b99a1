/* Internal: the processes of a job, as seen by one of them: its rank, and messages to and from the
 * others. A table of functions, so that tests can let threads take the place of processes.
 *
 * Rank 0 is the process that owns the terminal and the files. A message is a sequence of bytes of
 * any length; those from one process to another arrive in the order in which they were sent. All
 * processes run the same build of the program on processors of the same kind, which is checked
 * when they join (ranks.h), so structs are sent as they are.
 *
 * A function that fails with NCA_DEVICE_LOST has lost a process: nothing can be sent or received
 * any more, by any process. Used by one thread at a time. */
#ifndef NCA_BACKEND_MPI_COMMUNICATOR_H
#define NCA_BACKEND_MPI_COMMUNICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/mpi/parcel.h"
#include "nca/status.h"

enum {
    NCA__HOST_SIZE = 64
};

typedef struct nca__communicator nca__communicator;

struct nca__communicator {
    unsigned rank, size;
    unsigned place;            /* number among the processes of this machine, by rank */
    unsigned cores;            /* of this machine, for this process: it shares them with others */
    char host[NCA__HOST_SIZE]; /* name of this machine */
    uint64_t messages, bytes;  /* sent by this process */
    /* Sends a message; returns when `bytes` may be changed. */
    nca_status (*send)(nca__communicator *communicator, unsigned to, const void *bytes,
                       size_t count, nca_error *error);
    /* Waits for the next message of a process, and replaces the contents of the parcel by it. */
    nca_status (*receive)(nca__communicator *communicator, unsigned from, nca__parcel *out,
                          nca_error *error);
    /* Whether a message of that process can be received without waiting. */
    bool (*has_message)(nca__communicator *communicator, unsigned from);
    /* Releases the communicator, at the end of the job: every process calls it. `lost` ends the
     * other processes too, for they may wait for a message that never comes. */
    void (*close)(nca__communicator *communicator, bool lost);
};

/* Joins the processes that the launcher (mpirun, srun) has started together with this one.
 * NCA_UNSUPPORTED if this build cannot, or the library is not installed; NCA_DEVICE_LOST if the
 * library fails. `keep_going` (may be NULL) is asked while a function waits: half a second after it
 * has said no, the wait fails with NCA_DEVICE_LOST. */
nca_status nca__mpi_join(nca__communicator **out_communicator, nca_keep_going *keep_going,
                         void *user, nca_error *error);

/* The names of environment variables in which launchers tell how many processes they have started,
 * terminated by NULL. */
const char *const *nca__mpi_variables(void);

#endif
