/* Several processes that work together, on one machine or on many: `mpirun -n 16 nca train ...`.
 *
 *     nca_cluster *cluster;
 *     nca_status status = nca_cluster_join(&cluster, NULL, NULL, &error);
 *     if (status == NCA_OK && nca_cluster_rank(cluster) > 0) {
 *         status = nca_cluster_serve(cluster, &error);
 *     } else if (status == NCA_OK) {
 *         ... trainings, rollouts, evaluations and sweeps as in a program of one process ...
 *     }
 *     nca_cluster_leave(cluster);
 *
 * The process of rank 0 does what the program does. The others serve it: the samples of every batch
 * that it trains or runs, and the runs of a sweep, are dealt over all of them. Results have the
 * same bits for any number of processes. Only rank 0 reads and writes files, except for sweeps,
 * whose folder all processes must see. docs/cluster.md has the details.
 *
 * When a process is lost, all functions that need the others fail with NCA_DEVICE_LOST; a training
 * then writes a checkpoint of the iterations that are done (nca/run.h), and nca_cluster_leave ends
 * the job.
 *
 * A process has one cluster at most. The functions here are called from one thread; the rollouts
 * and sessions that use the cluster may be used from any, as in nca/rollout.h and nca/train.h. */
#ifndef NCA_CLUSTER_H
#define NCA_CLUSTER_H

#include <stdint.h>

#include "nca/export.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread, the one that joined. */
typedef struct nca__cluster nca_cluster;

/* The names of environment variables in which launchers (mpirun, srun) tell a process how many they
 * have started together, terminated by NULL. A program joins if one of them is above 1. */
NCA_API const char *const *nca_cluster_variables(void);

/* Joins the processes that were started together with this one; each must call it. `keep_going`
 * (may be NULL) is asked with `user` while a function waits for another process: half a second
 * after it has returned false, the wait fails. Another process may have been lost, and a program
 * that was asked to stop has to save what it can. NCA_UNSUPPORTED if the library was built without
 * MPI or MPI is not installed; NCA_MISMATCH if the processes run different versions;
 * NCA_DEVICE_LOST; NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_cluster_join(nca_cluster **out_cluster, nca_keep_going *keep_going,
                                    void *user, nca_error *error);

/* 0 to size - 1, the number of processes, and the cores that each may use. */
NCA_API unsigned nca_cluster_rank(const nca_cluster *cluster);
NCA_API unsigned nca_cluster_size(const nca_cluster *cluster);
NCA_API unsigned nca_cluster_cores(const nca_cluster *cluster);

/* Works for rank 0 until it leaves. To be called by all others. NCA_DEVICE_LOST if a process was
 * lost; NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_cluster_serve(nca_cluster *cluster, nca_error *error);

/* The messages, and their bytes, that this process has sent so far. */
NCA_API void nca_cluster_sent(uint64_t *out_messages, uint64_t *out_bytes,
                              const nca_cluster *cluster);

/* Leaves; every process calls it when it has destroyed its sessions and rollouts. NULL is allowed.
 * If a process was lost, this ends all others, and this one with exit code 1. */
NCA_API void nca_cluster_leave(nca_cluster *cluster);

#ifdef __cplusplus
}
#endif
#endif
