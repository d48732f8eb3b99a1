/* Synthetic MedMNIST files: the format of a set with procedural images, for tests and
 * demonstrations that need no download. They contain no patient data and have no medical
 * meaning. */
#ifndef NCA_MEDMNIST_SYNTHETIC_H
#define NCA_MEDMNIST_SYNTHETIC_H

#include <stdint.h>

#include "nca/export.h"
#include "nca/medmnist_catalogue.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_synthetic_options {
    const nca_medmnist_set *set;
    uint32_t size;                   /* pixels a side; one of the set's sizes */
    uint32_t count[NCA_SPLIT_COUNT]; /* images of each split; 0 to 2^24 */
    uint64_t seed;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_synthetic_options;

/* 28 pixels a side, 64 training, 16 validation and 16 test images, seed 0; no set. */
NCA_API void nca_synthetic_options_default(nca_synthetic_options *out);

/* Writes a file in the format of the set, whole or not at all: uint8 images of its size, channels
 * and dimensions that resemble its kind of picture a little, and uint8 labels (N,1), or (N,classes)
 * for a multi-label set. Consecutive images cycle through the classes, so a few images show most of
 * them. Classes differ in the number, shape and edge of the drawn objects. The same options give
 * the same bytes. Needs the memory of one image.
 * Errors: NCA_INVALID_ARGUMENT (a size that the set does not have, too many images), NCA_LIMIT (the
 * file would be too large), and those of nca_npz_writer_commit. */
NCA_API nca_status nca_medmnist_synthesise(const char *path, const nca_synthetic_options *options,
                                           nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
