/* The sections of a report about a classifier. */
#ifndef NCA_CLI_RUNS_CLASS_PART_H
#define NCA_CLI_RUNS_CLASS_PART_H

#include "cli/runs/class_results.h"

/* What the sections are written to and made of; borrowed. */
typedef struct class_part {
    nca_report *report;
    int level; /* of their headings */
    const nca_model *model;
    const char *folder;           /* of the run */
    const nca_settings *settings; /* NULL: could not be read */
    const class_results *results;
} class_part;

/* A paragraph about the model; `last` is the last row of the training, with iteration 0 if it is
 * not known. */
void class_part_about(const class_part *p, const nca_metrics_row *last);
/* The scores of the validations over the iterations; nothing if there are none. Errors: those of
 * nca_validations_read and nca_plot_curves_svg. */
nca_status class_part_validations(const class_part *p, nca_error *error);
/* Scores, classes, all plots and the images to look at; nothing without results. Errors: those of
 * nca_plot_classes_svg, nca_plot_curves_svg and nca_report_gallery. */
nca_status class_part_results(const class_part *p, nca_error *error);

#endif
