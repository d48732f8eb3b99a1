/* What a command's options change about the model that it loaded: its target and angle. */
#ifndef NCA_CLI_CHANGED_MODEL_H
#define NCA_CLI_CHANGED_MODEL_H

#include "cli/options.h"

/* The rows of a command that gives its model another target; change_target reads them. */
#define CHANGE_TARGET_OPTIONS                                                                     \
    {"target", 't', "IMAGE",                                                                      \
     "PNG, JPEG, TIFF, WebP or .npy, an image of MedMNIST such as medmnist:breastmnist/train/3, " \
     "or phantom. "                                                                               \
     "[the model's target]"},                                                                     \
        {"img-size", 0, "N",                                                                      \
         "Longest side of --target in cells. [so that the grid is as trained]"},                  \
        {"padding", 0, "N", "Empty cells around --target. [the model's]"},                        \
        {"root", 0, "DIR", "Where the files of MedMNIST are. [~/.medmnist]"},                     \
        {"colormap", 0, "NAME",                                                                   \
         "Of a grey image of MedMNIST: grey, viridis, magma or inferno. [grey]"},                 \
        {"exif", 0, "NAME",                                                                       \
         "Orientation that a camera wrote into a picture: apply or ignore. [as the model's "      \
         "recipe]"},                                                                              \
    {                                                                                             \
        "window", 0, "RANGE",                                                                     \
            "Values of a picture that become black and white: auto, or LOW,HIGH. [all of its "    \
            "type]"                                                                               \
    }

/* The model gets another target when --target was given. Sizes that were not are those that keep
 * the grid it was trained on; an image of MedMNIST has its own. Returns EXIT_OK, or the exit code
 * after a message. */
int change_target(nca_model *model, const option_values *given);

/* --angle turns model and target together. */
int change_angle(nca_model *model, const option_values *given);

#endif
