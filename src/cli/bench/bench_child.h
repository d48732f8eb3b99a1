/* Work in its own process, so that its peak memory is known. */
#ifndef NCA_CLI_BENCH_BENCH_CHILD_H
#define NCA_CLI_BENCH_BENCH_CHILD_H

#include "cli/cli.h"

typedef void child_work(void *out, const void *context);

/* Runs work(out, context) in a child process and copies the `size` bytes of *out back; on failure
 * *out is unchanged. *out_peak_bytes, unless NULL, gets the child's largest resident set. */
nca_status child_run(void *out, size_t size, size_t *out_peak_bytes, child_work *work,
                     const void *context, nca_error *error);

#endif
