/* The plots of a report of a classifier. */
#ifndef NCA_CLI_MODEL_CLASS_FIGURES_H
#define NCA_CLI_MODEL_CLASS_FIGURES_H

#include "cli/cli.h"
#include "cli/model/evaluation_report.h"

/* One of the plots over predictions. `title` may be NULL. The reliability has the fitted
 * temperature if there is one. Errors: those of nca_plot_classes. */
nca_status class_figure(const nca_class_report *report, nca_class_plot_kind kind, const char *title,
                        evaluation_plot_place place, nca_error *error);
/* AUC and accuracy over steps, with a mark where the scores are read. Errors: those of
 * nca_plot_curves. */
nca_status class_figure_steps(const nca_class_report *report, const char *title,
                              evaluation_plot_place place, nca_error *error);

/* Writes all of them to a folder, which is created if it does not exist: NAME.png and NAME.svg for
 * each name of nca_class_plot_name, and for accuracy-over-steps if there are steps. Errors: those
 * of nca_folder_create, and as above. */
nca_status class_figures_save(const nca_class_report *report, const char *title, const char *folder,
                              nca_error *error);

#endif
