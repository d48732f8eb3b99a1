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

enum {
    NCA__MEDMNIST_PATH = 4096 /* bytes of a path, with the ending 0 */
};

/* The path of an existing file from a set's name with or without a size ("breastmnist_64"), which
 * is changed, or from a path that ends in ".npz", which need not exist. NCA_NOT_FOUND (an unknown
 * set, with the nearest name; a set that is not in `root`), NCA_INVALID_ARGUMENT (no root, a size
 * that the set does not have), NCA_LIMIT. */
nca_status nca__medmnist_find(char out[NCA__MEDMNIST_PATH], char *set_name, const char *root,
                              bool root_is_default, nca_error *error);

#endif
