/* Running what is left of a sweep, several runs at a time, each in a process of its own. */
#ifndef NCA_CLI_SWEEP_CREW_H
#define NCA_CLI_SWEEP_CREW_H

#include "cli/sweep_display.h"
#include "cli/sweep_job.h"

/* Called when a run has ended, done or failed. */
typedef void sweep_ended(sweep_job *job, size_t run, void *user);

/* Returns when no run is waiting or running, or, after a signal (cli/stop.h), when the runs under
 * way have saved themselves. Failures are in the runs; the status tells of the crew itself. */
nca_status sweep_crew_run(sweep_job *job, sweep_display *display, sweep_ended *ended, void *user,
                          nca_error *error);

#endif
