/* The test scores of the runs of `nca benchmark-medmnist`: each is measured once and kept in the
 * folder of its run. */
#ifndef NCA_CLI_RUNS_MEDMNIST_SCORES_H
#define NCA_CLI_RUNS_MEDMNIST_SCORES_H

#include "cli/cli.h"

#define TEST_SCORES_FILE "test.csv" /* in the folder of a run */

/* The scores of one run on the images of test. */
typedef struct test_scores {
    uint64_t seed;                  /* of the run */
    double auc, accuracy;           /* of one rollout */
    double mean_auc, mean_accuracy; /* of the mean of `rollouts` rollouts */
    size_t rollouts, images;
    double milliseconds;      /* of one rollout for one image, measured on this machine */
    double seconds;           /* of the training */
    double image_seconds;     /* the same, divided by the number of training images it has seen */
    double memory;            /* peak of the training in bytes; 0 if unknown */
    size_t parameters, bytes; /* of the model and its file */
    char model[NCA_MODEL_DIGEST_SIZE]; /* the digest of the model that was measured */
    uint64_t digest;                   /* of the images of test and their labels */
} test_scores;

/* Reads the scores of this run's model that were measured on the same images with this number of
 * rollouts, or measures them with the threads of its settings and keeps them. The progress callback
 * is that of nca_prediction_options. */
nca_status test_scores_of(test_scores *out, const nca_sweep_run *run, const nca_settings *settings,
                          const char *root, size_t rollouts,
                          bool (*progress)(size_t done, void *user), nca_error *error);

#endif
