/* Predictions as lines of text, CSV or JSON. */
#ifndef NCA_CLI_MODEL_PREDICTION_ROWS_H
#define NCA_CLI_MODEL_PREDICTION_ROWS_H

#include <stdio.h>

#include "cli/cli.h"

/* One image. */
typedef struct prediction_row {
    const char *path;
    const double *probabilities, *deviations; /* (classes) */
    const uint8_t *labels; /* the true class or (classes) labels; NULL: unknown */
} prediction_row;

/* "PATH  CLASS  0.934 ± 0.012", the path padded to `width` columns. The deviation is omitted for
 * one rollout. For labels: those that are predicted, each with its probability. */
void prediction_print(const prediction_row *row, const nca_classifier *classifier, size_t rollouts,
                      size_t width);

/* CSV: a heading, and a line for each image. `labelled`: with a column of the true class. A row
 * returns false when out of memory. */
void prediction_csv_head(FILE *out, const nca_classifier *classifier, bool labelled);
bool prediction_csv_row(FILE *out, const prediction_row *row, const nca_classifier *classifier);

/* An object in an array of JSON; the caller writes what is between them. */
void prediction_json_row(FILE *out, const prediction_row *row, const nca_classifier *classifier);

#endif
