/* What `nca bench --profile` prints: where an iteration's time goes. */
#ifndef NCA_CLI_BENCH_BENCH_PROFILE_H
#define NCA_CLI_BENCH_BENCH_PROFILE_H

#include "cli/bench/bench_report.h"

/* A table of the parts of an iteration, below one line that says of which case. */
void bench_profile_table(const bench_row *row);
/* The same as a member of the row's JSON object: ,"profile": {"perception": seconds, ...}, of all
 * threads for one iteration. */
void bench_profile_json(const bench_row *row);

#endif
