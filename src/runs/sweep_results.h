/* Internal: what the runs of a sweep have come to, read from their folders. */
#ifndef NCA_RUNS_SWEEP_RESULTS_H
#define NCA_RUNS_SWEEP_RESULTS_H

#include "nca/run_sweep.h"

/* "L2_80" for files, "L2 at 80" for readers. */
const char *nca__sweep_number_key(nca_sweep_number number);
const char *nca__sweep_number_title(nca_sweep_number number);

/* The part of it that is in an evaluation.csv: every number but the training loss, and the share of
 * rollouts that live after 80 steps. */
nca_status nca__sweep_evaluation_read(nca_sweep_result *out, double *out_surviving_grown,
                                      const char *path, nca_error *error);

/* Of a run that is done. When a file of it cannot be read, or a number is missing, `known` is false
 * and every number NaN. Seconds that cannot be read are NaN and no failure. */
nca_status nca__sweep_result_read(nca_sweep_result *out, const nca_sweep_run *run,
                                  nca_error *error);

#endif
