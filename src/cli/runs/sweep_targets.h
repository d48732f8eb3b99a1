/* The targets of a sweep, checked before its first run. */
#ifndef NCA_CLI_RUNS_SWEEP_TARGETS_H
#define NCA_CLI_RUNS_SWEEP_TARGETS_H

#include "cli/cli.h"

/* Reads every target that a run of the sweep begins with, each once; runs that are done or that go
 * on from a checkpoint need none. Returns EXIT_OK, or the exit code after a message for each that
 * cannot be read. */
int sweep_targets_check(const nca_sweep_job *job);

#endif
