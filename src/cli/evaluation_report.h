/* An evaluation as a table on the terminal and as plots. */
#ifndef NCA_CLI_EVALUATION_REPORT_H
#define NCA_CLI_EVALUATION_REPORT_H

#include "cli/cli.h"

/* Prints at most 100 columns to standard output. */
void evaluation_print(const nca_evaluation *evaluation);

/* The loss against steps, into a .png or .svg. `trained` is the longest rollout of the training, 0
 * when unknown. */
nca_status evaluation_plot(const nca_evaluation *evaluation, const char *title, size_t trained,
                           const char *path, nca_error *error);
/* The loss after each shape of damage. */
nca_status evaluation_plot_healing(const nca_evaluation *evaluation, const char *title,
                                   const char *path, nca_error *error);

#endif
