/* nca evaluate for a classifier. */
#ifndef NCA_CLI_MODEL_EVALUATE_CLASSES_H
#define NCA_CLI_MODEL_EVALUATE_CLASSES_H

#include "cli/model/class_data.h"
#include "cli/options.h"

/* The options that only a classifier has. */
#define EVALUATE_CLASSES_OPTIONS                                                                   \
    CLASS_DATA_OPTION,                                                                             \
        {"split", 0, "NAME", "Classifier: images to evaluate on: train, val or test. [test]"},     \
        {"step-rollouts", 0, "N",                                                                  \
         "Classifier: number of rollouts for the scores after other numbers of steps. [1]"},       \
        {"skip-broken", 0, NULL, "Classifier: leave out images that cannot be read."},             \
        {"predictions", 0, "FILE",                                                                 \
         "Classifier: write the prediction of every image to a CSV file."},                        \
        {"calibrated", 0, "FILE",                                                                  \
         "Classifier: write the model with the temperature that was fitted on the images of val "  \
         "to a .safetensors file."},                                                               \
        {"plots", 0, "FOLDER",                                                                     \
         "Classifier: draw all plots, each as .png and .svg, in a folder, which is created if it " \
         "does not exist."},                                                                       \
        {"robustness", 0, NULL,                                                                    \
         "Classifier: also scores on corrupted and enlarged images, with the rollouts of "         \
         "--step-rollouts; files in the folder of --plots."},                                      \
    {                                                                                              \
        "benchmark", 0, "FOLDER",                                                                  \
            "Classifier: write the result file of the MedMNIST benchmark to a folder, which is "   \
            "created if it does not exist."                                                        \
    }

/* Whether the FILE of an option is "-", standard output. */
bool is_dash(const char *path);

/* Prints an error if an option was given that the kind of the model does not have. Returns EXIT_OK
 * or EXIT_USAGE. */
int evaluate_check_kind(const option_values *given, const nca_model *model);

/* Evaluates a classifier; `path` is its file. Returns the exit code. */
int evaluate_classes(const option_values *given, const nca_model *model, const char *path);

#endif
