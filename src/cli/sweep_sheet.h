/* The contact sheet of a sweep: the target and what every combination grew, still and moving. */
#ifndef NCA_CLI_SWEEP_SHEET_H
#define NCA_CLI_SWEEP_SHEET_H

#include "cli/sweep_results.h"

#define SWEEP_SHEET     "sheet.png"
#define SWEEP_ANIMATION "sheet.gif"

/* Rows are targets, or the values of the first axis where all runs have one target and there are
 * more axes; columns are the combinations of the others. A combination is shown by its first
 * finished run, with that run's L2. A signal of cli/stop.h ends it with NCA_INTERRUPTED. */
nca_status sweep_sheet_save(const sweep_job *job, const sweep_result *results, nca_error *error);

#endif
