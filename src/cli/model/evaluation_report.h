/* An evaluation as a table on the terminal and as plots. */
#ifndef NCA_CLI_MODEL_EVALUATION_REPORT_H
#define NCA_CLI_MODEL_EVALUATION_REPORT_H

#include "cli/cli.h"

/* Prints the table to standard output, with at most 100 columns. */
void evaluation_print(const nca_evaluation *evaluation);

/* The destination of a plot. */
typedef struct evaluation_plot_place {
    const char *path; /* a .png or .svg; NULL: *out_svg, for a report; free() it */
    char **out_svg;
} evaluation_plot_place;

/* Points of a logarithmic curve for these plots: nca_evaluation_options.curve_per_doubling. */
enum {
    EVALUATION_LONG = 5000, /* a curve with at least this many steps is logarithmic */
    EVALUATION_PER_DOUBLING = 24
};

/* The measurements of a long evaluation. */
extern const size_t evaluation_long_steps[];
enum {
    EVALUATION_LONG_ROWS = 5,
    EVALUATION_LONG_CUTS = 10
};

/* The loss over the steps, which are logarithmic for a long logarithmic curve. `trained` is the
 * longest rollout of the training, 0 if unknown. */
nca_status evaluation_plot(const nca_evaluation *evaluation, const char *title, size_t trained,
                           evaluation_plot_place place, nca_error *error);
/* The loss after each shape of damage, over all cuts. */
nca_status evaluation_plot_healing(const nca_evaluation *evaluation, const char *title,
                                   evaluation_plot_place place, nca_error *error);

#endif
