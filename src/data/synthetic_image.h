/* Internal: one procedural image of a set. */
#ifndef NCA_DATA_SYNTHETIC_IMAGE_H
#define NCA_DATA_SYNTHETIC_IMAGE_H

#include <stdint.h>

#include "nca/medmnist_synthetic.h"

/* Number of values per image: 1, or one for each class. */
uint32_t nca__synthetic_label_count(const nca_medmnist_set *set);

/* Writes out (nca__synthetic_label_count). */
void nca__synthetic_labels(uint8_t *out, const nca_synthetic_options *options, nca_split split,
                           uint32_t index);
/* Writes out (size,size,channels), or (size,size,size) for a set of volumes. */
void nca__synthetic_image(uint8_t *out, const nca_synthetic_options *options, nca_split split,
                          uint32_t index);

#endif
