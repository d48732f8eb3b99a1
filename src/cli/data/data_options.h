/* Options shared by the picture commands of `nca data`: split, slice and colormap. */
#ifndef NCA_CLI_DATA_DATA_OPTIONS_H
#define NCA_CLI_DATA_DATA_OPTIONS_H

#include "cli/options.h"

#define DATA_SPLIT_OPTION                                                        \
    {                                                                            \
        "split", 0, "NAME", "Split: train, val or test. [first one in the file]" \
    }
#define DATA_COLOUR_OPTIONS                                                     \
    {"colormap", 0, "NAME",                                                     \
     "For greyscale images: colormap grey, viridis, magma or inferno. [grey]"}, \
    {                                                                           \
        "axis", 0, "NAME", "For volumes: take slices along z, y or x. [z]"      \
    }

/* Each returns false after a message; without the option *out is unchanged. */
bool read_split_option(nca_split *out, const option_values *given);
/* The same, but a split that the file does not have is refused, and the default is the first split
 * of the file. */
bool read_present_split(nca_split *out, const option_values *given, const nca_medmnist_info *info);
bool read_axis(nca_axis *out, const option_values *given);
bool read_colormap(nca_colormap *out, const option_values *given);

#endif
