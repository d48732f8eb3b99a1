/* The summary that nca train prints at its end. */
#ifndef NCA_CLI_RUN_SUMMARY_H
#define NCA_CLI_RUN_SUMMARY_H

#include "cli/cli.h"

void run_summary_print(const nca_run *run);

#endif
