/* The tables of an evaluation in a report. */
#ifndef NCA_CLI_RUNS_REPORT_TABLES_H
#define NCA_CLI_RUNS_REPORT_TABLES_H

#include "cli/cli.h"

/* Losses, quality and survival at each number of steps. */
void report_steps_table(nca_report *report, const nca_evaluation *evaluation);
/* The first cut of each shape, and the fractions healed and restored after each of several cuts. */
void report_healing_tables(nca_report *report, const nca_evaluation *evaluation);

#endif
