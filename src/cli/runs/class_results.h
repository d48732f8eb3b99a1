/* What a report says about a classifier: its scores on the test images, and images to look at. */
#ifndef NCA_CLI_RUNS_CLASS_RESULTS_H
#define NCA_CLI_RUNS_CLASS_RESULTS_H

#include "cli/cli.h"

enum {
    CLASS_EXAMPLES = 12
};

/* An image of the test set. */
typedef struct class_example {
    size_t index;     /* in the test set */
    nca_image *image; /* owned */
    char name[256];   /* "test/12", or the name of the file */
} class_example;

/* A zeroed struct has no results. */
typedef struct class_results {
    nca_class_report *report;             /* NULL: not measured... */
    char missing[NCA_ERROR_SIZE];         /* ...for this reason; "": it was not requested */
    char *notices;                        /* of the data, as in nca_labelled; or NULL */
    size_t wrong;                         /* images with a wrong decision */
    class_example worst[CLASS_EXAMPLES];  /* those of them with the largest log loss */
    class_example unsure[CLASS_EXAMPLES]; /* images with the highest entropy */
    size_t worst_count, unsure_count;
} class_results;

/* Evaluates the model in this file on the test images of its run. What prevents that is in
 * `missing`. Errors: NCA_INTERRUPTED (progress has returned false), NCA_OUT_OF_MEMORY. */
nca_status class_results_measure(class_results *out, const nca_model *model, const char *path,
                                 const char *root, const nca_class_report_options *options,
                                 nca_error *error);
void class_results_free(class_results *results);

#endif
