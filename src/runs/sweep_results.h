/* Internal: the results of the runs of a sweep, read from their folders. */
#ifndef NCA_RUNS_SWEEP_RESULTS_H
#define NCA_RUNS_SWEEP_RESULTS_H

#include "nca/run_sweep.h"
#include "nca/settings.h"

/* "L2_80" for files, "L2 at 80" for readers. */
const char *nca__sweep_number_key(nca_sweep_number number);
const char *nca__sweep_number_title(nca_sweep_number number);

/* Whether the tables of this task have the number. */
bool nca__sweep_number_is_of(nca_sweep_number number, nca_task task);
/* Whether a larger number is a better one. */
bool nca__sweep_number_grows(nca_sweep_number number);
/* The number by which combinations are sorted. */
nca_sweep_number nca__sweep_main_number(nca_task task);

/* Reads the results that are in an evaluation.csv: all numbers except the training loss, and the
 * fraction of rollouts alive after 80 steps. */
nca_status nca__sweep_evaluation_read(nca_sweep_result *out, double *out_surviving_grown,
                                      const char *path, nca_error *error);

/* Reads the results of a run that is done. If one of its files cannot be read, or a number is
 * missing, `known` is false and all numbers are NaN. Seconds that cannot be read are NaN and no
 * error. */
nca_status nca__sweep_result_read(nca_sweep_result *out, const nca_sweep_run *run,
                                  nca_error *error);

#endif
