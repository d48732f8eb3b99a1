/* The table of a report of a classifier. */
#ifndef NCA_CLI_MODEL_CLASS_TABLE_H
#define NCA_CLI_MODEL_CLASS_TABLE_H

#include "cli/cli.h"

/* The scores of a report, in the order of its tables. */
enum {
    CLASS_SCORES = 6
};
extern const char *const class_score_names[CLASS_SCORES];

/* The scores of the mean of the rollouts or the calibrated ones, and those of one rollout. */
void class_scores_of(double out[CLASS_SCORES], const nca_scores *scores);
void class_row_scores_of(double out[CLASS_SCORES], const nca_class_row *row);

/* Prints the report on standard output, at most 100 columns wide. */
void class_table_print(const nca_class_report *report, const nca_class_report_about *about);

#endif
