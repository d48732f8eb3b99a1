/* Internal: the runs of a sweep in the other processes of a cluster, and the messages between them
 * and the process that runs the sweep. All see the folder of the sweep, and the run's own folder
 * and data are those of its task. */
#ifndef NCA_RUNS_SWEEP_RANKS_H
#define NCA_RUNS_SWEEP_RANKS_H

#include "backend/mpi/ranks.h"
#include "runs/sweep_child.h"

typedef enum nca__sweep_order {
    NCA__SWEEP_TASK, /* a run is to be started */
    NCA__SWEEP_STOP, /* the active runs are to save themselves and stop */
    NCA__SWEEP_END   /* no run is active, and none will follow */
} nca__sweep_order;

/* From a run in another process. */
typedef struct nca__sweep_news {
    uint64_t slot;
    bool has_ended;
    int state; /* as waitpid gives it, once it has ended */
    nca__sweep_message message;
} nca__sweep_news;

/* ---- At rank 0: NCA_DEVICE_LOST if a process was lost. */
nca_status nca__sweep_send_task(nca__cluster *cluster, unsigned rank, size_t slot,
                                const nca__sweep_task *task, nca_error *error);
nca_status nca__sweep_send_order(nca__cluster *cluster, unsigned rank, nca__sweep_order order,
                                 nca_error *error);
nca_status nca__sweep_receive_news(nca__sweep_news *out, nca__cluster *cluster, unsigned rank,
                                   nca_error *error);
/* The first message of a process: the cores that it has. */
nca_status nca__sweep_receive_cores(unsigned *out, nca__cluster *cluster, unsigned rank,
                                    nca_error *error);

/* At the others: a service of the cluster (nca__cluster_services). */
nca_status nca__sweep_serve(nca__cluster *cluster, nca_error *error);

#endif
