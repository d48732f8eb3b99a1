/* Internal: images of MedMNIST by name, "medmnist:breastmnist/train/3" (nca/target.h). */
#ifndef NCA_DATA_MEDMNIST_TARGET_H
#define NCA_DATA_MEDMNIST_TARGET_H

#include <stdbool.h>

#include "data/codec.h"
#include "nca/target.h"

/* Whether the source begins with "medmnist:". */
bool nca__medmnist_is_target(const char *source);
/* Reads the image that `source` names into an empty picture; only the options root and colormap are
 * used. */
nca_status nca__medmnist_target(nca__picture *out, const char *source,
                                const nca_target_options *options, nca_error *error);

#endif
