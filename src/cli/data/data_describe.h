/* Descriptions of the contents of a MedMNIST file. */
#ifndef NCA_CLI_DATA_DATA_DESCRIBE_H
#define NCA_CLI_DATA_DATA_DESCRIBE_H

#include "cli/cli.h"

enum {
    DATA_WORDS = 256
};

/* "28 x 28 pixels, grey", "28 x 28 x 28 voxels". */
void describe_images(char out[DATA_WORDS], const nca_medmnist_info *info);
/* "train 546, val 78, test none": "none" is a split that the file does not have. */
void describe_counts(char out[DATA_WORDS], const nca_medmnist_info *info);
/* The name of the class, or its number if it is not in the catalogue. */
void describe_class(char out[DATA_WORDS], const nca_medmnist_set *set, int64_t label);
/* "3 (melanoma)"; for several labels, those that are set: "atelectasis, mass", or "none". */
void describe_labels(char out[DATA_WORDS], const nca_medmnist_info *info, const int64_t *labels);

#endif
