/* nca visualize of a classifier: the votes of its cells about one image. */
#ifndef NCA_CLI_MODEL_VISUALIZE_VOTES_H
#define NCA_CLI_MODEL_VISUALIZE_VOTES_H

#include "cli/model/class_data.h"
#include "cli/options.h"

/* The options that only a classifier has. */
#define VOTES_OPTIONS                                                                           \
    {"image", 0, "FILE", "Classifier: the image whose votes are drawn."},                       \
        {"data", 0, "medmnist:SET/SPLIT/INDEX",                                                 \
         "Classifier: an image of a MedMNIST set instead."},                                    \
        {"rollouts", 0, "N",                                                                    \
         "Classifier: number of rollouts with different fire masks, whose mean is drawn. [1]"}, \
        MODEL_ROOT_OPTION

/* Prints a message if options for classifiers were given for a model that grows an image. Returns
 * EXIT_OK or EXIT_USAGE. */
int votes_check_growth(const option_values *given, const char *path);
/* Draws the votes. `path` is the file of the model. Returns the exit code. */
int votes_draw(const nca_model *model, const char *path, const option_values *given);

#endif
