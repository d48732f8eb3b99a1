/* Options that the picture commands of `nca data` share: which split, which slice, which colours.
 */
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

/* Each returns false after a message; what was not given leaves *out as it is. */
bool read_split_option(nca_split *out, const option_values *given);
/* The same; a split that the file does not have is refused, and without the option it is the first
 * that it has. */
bool read_present_split(nca_split *out, const option_values *given, const nca_medmnist_info *info);
bool read_axis(nca_axis *out, const option_values *given);
bool read_colormap(nca_colormap *out, const option_values *given);

#endif
