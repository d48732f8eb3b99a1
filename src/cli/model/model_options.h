/* Options that change a loaded model: its target and angle. */
#ifndef NCA_CLI_MODEL_MODEL_OPTIONS_H
#define NCA_CLI_MODEL_MODEL_OPTIONS_H

#include "cli/model/class_data.h"
#include "cli/option_values.h"

/* The options of a command that can replace the target of its model; change_target reads them. */
#define CHANGE_TARGET_OPTIONS                                                                      \
    {"target", 't', "IMAGE",                                                                       \
     "Target image: a PNG, JPEG, TIFF, WebP or .npy file, a MedMNIST image such as "               \
     "medmnist:breastmnist/train/3, or phantom. [the target in the model]"},                       \
        {"img-size", 0, "N",                                                                       \
         "Longest side of the --target image in cells. [fits the grid of the model; 28 for a "     \
         "PyTorch model]"},                                                                        \
        {"padding", 0, "N",                                                                        \
         "Empty cells on each side of the --target image. [from the model; 0 for a "               \
         "PyTorch model]"},                                                                        \
        MODEL_ROOT_OPTION,                                                                         \
        {"colormap", 0, "NAME",                                                                    \
         "Colormap for greyscale MedMNIST images and for arrays with one channel: grey, viridis, " \
         "magma or inferno. [grey]"},                                                              \
        {"exif", 0, "NAME",                                                                        \
         "EXIF orientation of the image file: apply or ignore. [from the recipe of the model; "    \
         "ignore for a PyTorch model]"},                                                           \
    {                                                                                              \
        "window", 0, "RANGE",                                                                      \
            "Values of the image that become black and white: LOW,HIGH, or auto for its smallest " \
            "and largest value. [full range of its type]"                                          \
    }

/* The option of a command that can turn its model; change_angle reads it. */
#define ANGLE_OPTION                                                                             \
    {                                                                                            \
        "angle", 0, "X",                                                                         \
            "Rotate the perception filters and the target by X degrees counterclockwise (sobel " \
            "and scharr only). [0]"                                                              \
    }

/* Replaces the target of the model if --target was given. Sizes that were not given are those of
 * the grid it was trained on; an image of MedMNIST has its own. Returns EXIT_OK, or the exit code
 * after a message. */
int change_target(nca_model *model, const option_values *given);

/* --angle turns the model and the target together. */
int change_angle(nca_model *model, const option_values *given);

#endif
