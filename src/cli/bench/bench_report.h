/* The output of `nca bench`: a table whose rows are printed as they are measured, or one JSON
 * object. */
#ifndef NCA_CLI_BENCH_BENCH_REPORT_H
#define NCA_CLI_BENCH_BENCH_REPORT_H

#include <stdio.h>

#include "cli/bench/bench_work.h"

typedef struct bench_row {
    bench_plan plan;
    bench_result result;
    double peak_flops; /* per second, for this kernel set on this number of threads; 0: unknown */
    size_t peak_bytes; /* largest resident set of the measuring process */
} bench_row;

/* A case that a kernel set cannot run, and the missing feature. */
typedef struct bench_skip {
    const bench_case *what;
    const nca_kernels *kernels;
    const char *missing;
} bench_skip;

enum {
    BENCH_MOST_SKIPPED = 256
};

typedef struct bench_report {
    bool json, quick;
    unsigned cores;
    bool own_model; /* the cases that start from a seed used a model trained for the benchmark */
    size_t rows;    /* number of rows printed so far */
    size_t skips;
    bench_skip skipped[BENCH_MOST_SKIPPED];
} bench_report;

void bench_report_begin(const bench_report *report);
void bench_report_row(bench_report *report, const bench_row *row);
void bench_report_skip(bench_report *report, const bench_skip *skip);
void bench_report_end(const bench_report *report);

#endif
