/* Work in a process of its own, so that the largest memory it ever held is known. */
#ifndef NCA_CLI_BENCH_BENCH_CHILD_H
#define NCA_CLI_BENCH_BENCH_CHILD_H

#include "cli/cli.h"

typedef void child_work(void *out, const void *context);

/* Runs work(out, context) in a child and copies the `size` bytes of *out back; *out is untouched on
 * failure. *out_peak_bytes, unless NULL, gets the child's largest resident set. */
nca_status child_run(void *out, size_t size, size_t *out_peak_bytes, child_work *work,
                     const void *context, nca_error *error);

#endif
