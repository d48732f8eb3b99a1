/* The table of a report of a classifier. */
#ifndef NCA_CLI_MODEL_CLASS_TABLE_H
#define NCA_CLI_MODEL_CLASS_TABLE_H

#include "cli/cli.h"

/* Prints the report on standard output, at most 100 columns wide. */
void class_table_print(const nca_class_report *report, const nca_class_report_about *about);

#endif
