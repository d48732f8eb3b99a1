/* The communicator of MPI. Like all libraries it is opened when it is first needed, here when a
 * launcher has started the program; the header that it is compiled with is Open MPI's, whose binary
 * interface has been the same since version 1.7 (libmpi.so.40 since 3.0).
 *
 * No function blocks inside the library. The library waits by polling, which would take a core
 * from the threads of other processes on this machine, and it may wait forever for a process
 * whose machine has gone. Here the waiting thread sleeps a little between two looks, and gives up
 * when it is asked to. */
#include "backend/mpi/communicator.h"

#include "base/error.h"

#ifdef NCA_FILE_MPI

#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/library.h"
#include "nca/machine.h"

#define MPI_FUNCTIONS(F)         \
    F(MPI_, Init_thread)         \
    F(MPI_, Finalize)            \
    F(MPI_, Abort)               \
    F(MPI_, Comm_rank)           \
    F(MPI_, Comm_size)           \
    F(MPI_, Comm_set_errhandler) \
    F(MPI_, Error_string)        \
    F(MPI_, Allgather)           \
    F(MPI_, Isend)               \
    F(MPI_, Improbe)             \
    F(MPI_, Imrecv)              \
    F(MPI_, Get_count)           \
    F(MPI_, Test)                \
    F(ompi_, mpi_comm_world)     \
    F(ompi_, mpi_byte)           \
    F(ompi_, mpi_errors_return)

static struct {
    MPI_FUNCTIONS(NCA__LIBRARY_POINTER)
} mpi;

static nca__library library = {
    .file = NCA_FILE_MPI,
    .package = "openmpi-bin",
    .purpose = "Processes that were started together",
    .names = (const char *const[]){MPI_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &mpi,
    .is_global = true, /* its own plug-ins use its symbols */
};

/* What the macros MPI_COMM_WORLD, MPI_BYTE and MPI_ERRORS_RETURN are in a program that is linked
 * with the library. */
static MPI_Comm world(void)
{
    return (MPI_Comm)(void *)mpi.mpi_comm_world;
}

static MPI_Datatype byte(void)
{
    return (MPI_Datatype)(void *)mpi.mpi_byte;
}

enum {
    TAG = 1,
    PIECE = 1 << 30 /* most bytes of one message of MPI, which counts them with an int */
};

static const double grace_seconds = 0.5, patient_seconds = 100e-6;

typedef struct mpi_communicator {
    nca__communicator base; /* must be first */
    nca_keep_going *keep_going;
    void *user;
    MPI_Message *found; /* (size) the message that has_message found in advance... */
    MPI_Status *status; /* (size) ...and what is known of it */
    bool *has_found;    /* (size) */
} mpi_communicator;

static mpi_communicator *own(nca__communicator *communicator)
{
    return (mpi_communicator *)communicator;
}

static nca_status fail(mpi_communicator *m, unsigned other, const char *what, int code,
                       nca_error *error)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;
    mpi.Error_string(code, text, &length);
    return nca__fail(error, NCA_DEVICE_LOST,
                     "process %u of %u was lost while %s: %s; what was saved is whole: start the "
                     "same command again, with --resume for a training",
                     other, m->base.size, what, text);
}

/* ---- Waiting ---------------------------------------------------------------------------------*/

typedef struct patience {
    double begun, told; /* seconds; told: when keep_going first said no, or 0 */
} patience;

/* Called between two looks; false: give up. */
static bool wait_a_little(patience *p, const mpi_communicator *m)
{
    const double now = nca__seconds();
    if (p->begun == 0.0) {
        p->begun = now;
    }
    if (now - p->begun < patient_seconds) {
        sched_yield();
        return true;
    }
    /* Long waits are those between commands and for the slowest process. */
    const bool is_long = now - p->begun > 1.0;
    nanosleep(&(struct timespec){.tv_nsec = is_long ? 1000000 : 20000}, NULL);
    if (p->told == 0.0 && m->keep_going != NULL && !m->keep_going(m->user)) {
        p->told = now;
    }
    return p->told == 0.0 || now - p->told < grace_seconds;
}

static nca_status give_up(const mpi_communicator *m, unsigned other, nca_error *error)
{
    return nca__fail(error, NCA_DEVICE_LOST,
                     "process %u of %u has not answered, and this process was asked to stop; what "
                     "was saved is whole: start the same command again, with --resume for a "
                     "training",
                     other, m->base.size);
}

static nca_status finish(mpi_communicator *m, MPI_Request *request, unsigned other,
                         const char *what, nca_error *error)
{
    patience p = {0};
    int done = 0;
    while (!done) {
        const int code = mpi.Test(request, &done, MPI_STATUS_IGNORE);
        if (code != MPI_SUCCESS) {
            return fail(m, other, what, code, error);
        }
        if (!done && !wait_a_little(&p, m)) {
            return give_up(m, other, error);
        }
    }
    return NCA_OK;
}

/* ---- Messages --------------------------------------------------------------------------------*/

/* A long message is sent in pieces; one that is shorter than a piece is the last. */
static nca_status mpi_send(nca__communicator *base, unsigned to, const void *bytes, size_t count,
                           nca_error *error)
{
    mpi_communicator *m = own(base);
    nca_status status = NCA_OK;
    size_t sent = 0, piece = PIECE;
    while (status == NCA_OK && piece == PIECE) {
        piece = count - sent < PIECE ? count - sent : PIECE;
        MPI_Request request;
        const int code = mpi.Isend((const unsigned char *)bytes + sent, (int)piece, byte(), (int)to,
                                   TAG, world(), &request);
        status = code == MPI_SUCCESS ? finish(m, &request, to, "a message was sent to it", error)
                                     : fail(m, to, "a message was sent to it", code, error);
        sent += piece;
        base->messages++;
    }
    base->bytes += sent;
    return status;
}

/* Looks for the next piece from a process. */
static int look(mpi_communicator *m, unsigned from)
{
    int found = 0;
    if (m->has_found[from]) {
        return MPI_SUCCESS;
    }
    const int code =
        mpi.Improbe((int)from, TAG, world(), &found, &m->found[from], &m->status[from]);
    m->has_found[from] = code == MPI_SUCCESS && found;
    return code;
}

static bool mpi_has_message(nca__communicator *base, unsigned from)
{
    mpi_communicator *m = own(base);
    /* An error is one of the next receive. */
    return look(m, from) != MPI_SUCCESS || m->has_found[from];
}

static nca_status receive_piece(mpi_communicator *m, unsigned from, nca__parcel *out,
                                size_t *out_count, nca_error *error)
{
    static const char what[] = "a message of it was awaited";
    patience p = {0};
    int code = look(m, from);
    while (code == MPI_SUCCESS && !m->has_found[from]) {
        if (!wait_a_little(&p, m)) {
            return give_up(m, from, error);
        }
        code = look(m, from);
    }
    int count = 0;
    code = code == MPI_SUCCESS ? mpi.Get_count(&m->status[from], byte(), &count) : code;
    if (code != MPI_SUCCESS) {
        return fail(m, from, what, code, error);
    }
    if (!nca__parcel_reserve(out, out->size + (size_t)count)) {
        return nca__fail_memory(error, "a message", out->size + (size_t)count);
    }
    MPI_Request request;
    code = mpi.Imrecv(out->bytes + out->size, count, byte(), &m->found[from], &request);
    m->has_found[from] = false;
    out->size += (size_t)count;
    *out_count = (size_t)count;
    return code == MPI_SUCCESS ? finish(m, &request, from, what, error)
                               : fail(m, from, what, code, error);
}

static nca_status mpi_receive(nca__communicator *base, unsigned from, nca__parcel *out,
                              nca_error *error)
{
    nca_status status = NCA_OK;
    size_t count = PIECE;
    nca__parcel_clear(out);
    while (status == NCA_OK && count == PIECE) {
        status = receive_piece(own(base), from, out, &count, error);
    }
    return status;
}

/* ---- Joining ---------------------------------------------------------------------------------*/

/* Which cores a process may use, and where. */
typedef struct place {
    char host[NCA__HOST_SIZE];
    cpu_set_t cores;
} place;

/* Processes that may use the same cores of the same machine share them. A launcher that binds its
 * processes gives each its own. */
static nca_status share_cores(mpi_communicator *m, nca_error *error)
{
    place here;
    memset(&here, 0, sizeof here);
    gethostname(here.host, sizeof here.host - 1);
    memcpy(m->base.host, here.host, sizeof here.host);
    sched_getaffinity(0, sizeof here.cores, &here.cores);
    place *all = calloc(m->base.size, sizeof *all);
    if (all == NULL) {
        return nca__fail_memory(error, "the processes of this job", m->base.size * sizeof *all);
    }
    const int code = mpi.Allgather(&here, sizeof here, byte(), all, sizeof here, byte(), world());
    unsigned sharing = 0;
    for (unsigned i = 0; i < m->base.size; i++) {
        sharing += memcmp(&all[i], &here, sizeof here) == 0;
        m->base.place += i < m->base.rank && strcmp(all[i].host, here.host) == 0;
    }
    free(all);
    const unsigned cores = nca_core_count();
    m->base.cores = sharing > 0 && cores > sharing ? cores / sharing : 1;
    return code == MPI_SUCCESS ? NCA_OK : fail(m, 0, "the processes met", code, error);
}

static void mpi_close(nca__communicator *base, bool lost)
{
    mpi_communicator *m = own(base);
    if (lost) {
        mpi.Abort(world(), 1); /* does not return */
    }
    mpi.Finalize();
    free(m->found);
    free(m->status);
    free(m->has_found);
    free(m);
}

static nca_status start(mpi_communicator *m, nca_error *error)
{
    int provided = 0, rank = 0, size = 0;
    int code = mpi.Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code != MPI_SUCCESS || provided < MPI_THREAD_SERIALIZED) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected an MPI whose functions several threads may call in turn, "
                         "found level %d (code %d); install Debian's package openmpi-bin",
                         NCA_FILE_MPI, provided, code);
    }
    mpi.Comm_set_errhandler(world(), (MPI_Errhandler)(void *)mpi.mpi_errors_return);
    mpi.Comm_rank(world(), &rank);
    mpi.Comm_size(world(), &size);
    m->base.rank = (unsigned)rank;
    m->base.size = (unsigned)size;
    m->found = calloc((size_t)size, sizeof *m->found);
    m->status = calloc((size_t)size, sizeof *m->status);
    m->has_found = calloc((size_t)size, sizeof *m->has_found);
    if (m->found == NULL || m->status == NULL || m->has_found == NULL) {
        return nca__fail_memory(error, "the processes of this job", (size_t)size);
    }
    return share_cores(m, error);
}

nca_status nca__mpi_join(nca__communicator **out_communicator, nca_keep_going *keep_going,
                         void *user, nca_error *error)
{
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    mpi_communicator *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return nca__fail_memory(error, "the processes of this job", sizeof *m);
    }
    m->base.send = mpi_send;
    m->base.receive = mpi_receive;
    m->base.has_message = mpi_has_message;
    m->base.close = mpi_close;
    m->keep_going = keep_going;
    m->user = user;
    status = start(m, error);
    if (status != NCA_OK) {
        free(m->found);
        free(m->status);
        free(m->has_found);
        free(m);
        return status;
    }
    *out_communicator = &m->base;
    return NCA_OK;
}

#else

nca_status nca__mpi_join(nca__communicator **out_communicator, nca_keep_going *keep_going,
                         void *user, nca_error *error)
{
    (void)out_communicator;
    (void)keep_going;
    (void)user;
    return nca__fail(error, NCA_UNSUPPORTED,
                     "this program was started together with others, but built without MPI; start "
                     "it alone, or install libopenmpi-dev and build it with -DNCA_MPI=ON");
}

#endif

const char *const *nca__mpi_variables(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", /* Open MPI's mpirun */
                                        "PMI_SIZE",             /* srun --mpi=pmi2, and others */
                                        "SLURM_STEP_NUM_TASKS", /* srun */
                                        NULL};
    return names;
}
