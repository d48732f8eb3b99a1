/* Made-up MedMNIST files: the form of a set with procedural images, for tests and demonstrations
 * that need no download. Nothing in them comes from a patient, and nothing can be learned from
 * them. */
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
    uint32_t size;                   /* pixels a side: one that the set has */
    uint32_t count[NCA_SPLIT_COUNT]; /* images of each split; 0 to 2^24 */
    uint64_t seed;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_synthetic_options;

/* 28 pixels a side, 64 images to train, 16 to validate and 16 to test, seed 0; no set. */
NCA_API void nca_synthetic_options_default(nca_synthetic_options *out);

/* Writes a file like the set's own, whole or not at all: uint8 images of its size, channels and
 * dimensions that look a little like its kind of picture, and uint8 labels (N,1), or (N,classes) of
 * a multi-label set. The classes follow each other from image to image, so that a few images show
 * most of them, and differ by the number, the form and the rim of what is drawn. The same options
 * give the same bytes. Memory is that of one image. NCA_INVALID_ARGUMENT for a size that the set
 * does not have or too many images, NCA_LIMIT for a file larger than can be; other errors as of
 * nca_npz_writer_commit. */
NCA_API nca_status nca_medmnist_synthesise(const char *path, const nca_synthetic_options *options,
                                           nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
