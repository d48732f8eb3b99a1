/* An evaluation as a table on the terminal and as plots. */
#ifndef NCA_CLI_EVALUATION_REPORT_H
#define NCA_CLI_EVALUATION_REPORT_H

#include "cli/cli.h"

/* Prints at most 100 columns to standard output. */
void evaluation_print(const nca_evaluation *evaluation);

/* Where a plot goes. */
typedef struct evaluation_plot_place {
    const char *path; /* a .png or .svg; NULL: into *out_svg, for a report; free() it */
    char **out_svg;
} evaluation_plot_place;

/* The loss against steps. `trained` is the longest rollout of the training, 0 when unknown. */
nca_status evaluation_plot(const nca_evaluation *evaluation, const char *title, size_t trained,
                           evaluation_plot_place place, nca_error *error);
/* The loss after each shape of damage. */
nca_status evaluation_plot_healing(const nca_evaluation *evaluation, const char *title,
                                   evaluation_plot_place place, nca_error *error);

#endif
