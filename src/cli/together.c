/* See together.h. */
#include "cli/together.h"

#include <signal.h>
#include <stdlib.h>

#include "cli/data_root.h"
#include "cli/stop.h"
#include "nca/nca.h"

/* The number of processes that a launcher has started; 1 if there is no launcher. */
static long launched(void)
{
    for (const char *const *name = nca_cluster_variables(); *name != NULL; name++) {
        const char *text = getenv(*name);
        const long count = text != NULL ? strtol(text, NULL, 10) : 0;
        if (count > 1) {
            return count;
        }
    }
    return 1;
}

bool is_together(void)
{
    return launched() > 1;
}

/* The launcher sends signals to all processes; rank 0 decides what follows from them. */
static int serve(nca_cluster *cluster)
{
    nca_error error;
    set_up_devices(NULL); /* rank 0 says what there is to say */
    nca_handle_signal(SIGINT, SIG_IGN);
    nca_handle_signal(SIGTERM, SIG_IGN);
    nca_handle_signal(SIGHUP, SIG_IGN);
    return nca_cluster_serve(cluster, &error) == NCA_OK ? EXIT_OK : complain(&error);
}

static void note_sent(const nca_cluster *cluster)
{
    uint64_t messages, bytes;
    nca_cluster_sent(&messages, &bytes, cluster);
    note("this process has sent %llu messages, %llu bytes", (unsigned long long)messages,
         (unsigned long long)bytes);
}

int run_together(int (*run)(int count, char **arguments), int count, char **arguments)
{
    nca_error error;
    nca_cluster *cluster = NULL;
    int code;
    if (nca_cluster_join(&cluster, stop_not_asked, NULL, &error) != NCA_OK) {
        return complain(&error);
    }
    if (nca_cluster_size(cluster) == 1) {
        note("the launcher has started %ld processes, but this one does not find the others; with "
             "srun add --mpi=pmix, with mpirun use that of Open MPI",
             launched());
        code = EXIT_FAILED;
    } else if (nca_cluster_rank(cluster) == 0) {
        const unsigned cores = nca_cluster_cores(cluster);
        note("%u processes work together; this one has %u core%s", nca_cluster_size(cluster), cores,
             cores == 1 ? "" : "s");
        code = run(count, arguments);
        note_sent(cluster);
    } else {
        code = serve(cluster);
    }
    nca_cluster_leave(cluster);
    return code;
}
