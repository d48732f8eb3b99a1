/* The targets of a sweep, checked before its first run. */
#ifndef NCA_CLI_RUNS_SWEEP_TARGETS_H
#define NCA_CLI_RUNS_SWEEP_TARGETS_H

#include "cli/cli.h"

/* Reads every target that is needed by a run of the sweep, each once; runs that are done or resume
 * from a checkpoint need none. Returns EXIT_OK, or the exit code after a message for each target
 * that cannot be read. */
int sweep_targets_check(const nca_sweep_job *job);

#endif
