/* The public functions of a cluster: backend/mpi/ has the processes and their messages; here is
 * what they serve with. */
#include "nca/cluster.h"

#include "backend/mpi/ranks.h"
#include "runs/sweep_ranks.h"
#include "task/task.h"

const char *const *nca_cluster_variables(void)
{
    return nca__mpi_variables();
}

nca_status nca_cluster_join(nca_cluster **out_cluster, nca_keep_going *keep_going, void *user,
                            nca_error *error)
{
    nca__communicator *communicator;
    const nca_status status = nca__mpi_join(&communicator, keep_going, user, error);
    return status == NCA_OK ? nca__cluster_open(out_cluster, communicator, error) : status;
}

unsigned nca_cluster_rank(const nca_cluster *cluster)
{
    return nca__cluster_rank(cluster);
}

unsigned nca_cluster_size(const nca_cluster *cluster)
{
    return nca__cluster_size(cluster);
}

unsigned nca_cluster_cores(const nca_cluster *cluster)
{
    return nca__cluster_cores(cluster);
}

nca_status nca_cluster_serve(nca_cluster *cluster, nca_error *error)
{
    static const nca__cluster_services services = {.objective = nca__objective_named,
                                                   .jobs = nca__sweep_serve};
    return nca__cluster_serve(cluster, &services, error);
}

void nca_cluster_sent(uint64_t *out_messages, uint64_t *out_bytes, const nca_cluster *cluster)
{
    nca__cluster_sent(out_messages, out_bytes, cluster);
}

void nca_cluster_leave(nca_cluster *cluster)
{
    nca__cluster_close(cluster);
}
