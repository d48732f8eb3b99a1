/* nca evaluate --robustness: the scores of a classifier on images that are corrupted or enlarged.
 */
#ifndef NCA_CLI_MODEL_EVALUATE_ROBUSTNESS_H
#define NCA_CLI_MODEL_EVALUATE_ROBUSTNESS_H

#include "cli/cli.h"

/* All pointers are borrowed. Files are NULL if they are not wanted. */
typedef struct robustness_job {
    const nca_model *model;
    const char *path; /* of the model */
    const nca_labelled *data;
    nca_split split;
    nca_robustness_options options; /* its progress is set here */
    const char *csv, *json;
    const char *plot;    /* accuracy against strength, .png or .svg */
    const char *montage; /* the first image under each corruption, .png */
    bool quiet;
} robustness_job;

/* Evaluates with a progress line, writes the files and prints the table. Returns the exit code. */
int evaluate_robustness(const robustness_job *job);

#endif
