/* nca visualize --grid: the sample pool of a run as a sheet of small pictures. */
#ifndef NCA_CLI_MODEL_POOL_GRID_H
#define NCA_CLI_MODEL_POOL_GRID_H

#include "cli/options.h"

/* Returns the exit code. */
int pool_grid(const option_values *given);

#endif
