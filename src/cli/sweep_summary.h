/* The tables of a sweep: summary.csv with a row a run, summary.md with a row a combination. */
#ifndef NCA_CLI_SWEEP_SUMMARY_H
#define NCA_CLI_SWEEP_SUMMARY_H

#include "cli/sweep_results.h"

#define SWEEP_CSV      "summary.csv"
#define SWEEP_MARKDOWN "summary.md"

/* Both from the same `results`, (job->count). */
nca_status sweep_summary_save(const sweep_job *job, const sweep_result *results, nca_error *error);

/* Each as text; free() it. NULL when memory runs out. */
char *sweep_summary_csv(const sweep_job *job, const sweep_result *results);
char *sweep_summary_markdown(const sweep_job *job, const sweep_result *results);

#endif
