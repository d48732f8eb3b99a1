/* The benchmark's classification: made-up images, sessions and predictions. */
#ifndef NCA_CLI_BENCH_BENCH_CLASSIFY_H
#define NCA_CLI_BENCH_BENCH_CLASSIFY_H

#include "cli/bench/bench_cases.h"

/* A data set of made-up images with the form of BloodMNIST: RGB, 8 classes. NULL if there is not
 * enough memory. Release with bench_images_free. */
nca_labelled *bench_images(void);
void bench_images_free(nca_labelled *data); /* accepts NULL */

/* A session that trains a classifier of `data`, which is borrowed. */
nca_status bench_classify_session(nca_session **out_session, const bench_plan *plan,
                                  const nca_labelled *data, nca_error *error);

/* Measures nca_predict on one batch with one rollout of each image. */
nca_status bench_measure_prediction(bench_result *out, const bench_plan *plan);

#endif
