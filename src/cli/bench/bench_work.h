/* The work that `nca bench` measures; the functions of this header run in a child process. */
#ifndef NCA_CLI_BENCH_BENCH_WORK_H
#define NCA_CLI_BENCH_BENCH_WORK_H

#include "cli/bench/bench_cases.h"

/* A child_work: fills a bench_result from a bench_plan. */
void bench_measure(void *out_result, const void *plan);

/* Trains a model to grow a small phantom, quickly and with moderate quality. */
typedef struct bench_training {
    const char *model; /* file to write */
    uint64_t iterations;
} bench_training;
/* A child_work: fills an nca_error from a bench_training. */
void bench_train_model(void *out_error, const void *training);

#endif
