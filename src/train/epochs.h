/* Internal: which samples an iteration draws where there is no pool: one after the other, in an
 * order that is new in every epoch. A function of the seed and the number of the draw alone, so
 * that nothing of it is kept in a checkpoint. */
#ifndef NCA_TRAIN_EPOCHS_H
#define NCA_TRAIN_EPOCHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nca__epochs {
    size_t samples;
    uint64_t epoch;  /* whose order it is */
    uint32_t *order; /* (samples) */
} nca__epochs;

size_t nca__epochs_memory(size_t samples);
/* False when there was no memory. */
bool nca__epochs_init(nca__epochs *epochs, size_t samples);
void nca__epochs_free(nca__epochs *epochs); /* a zeroed one is fine */

/* Draws number first .. first + count - 1, counted from the beginning of the training; the last of
 * one epoch and the first of the next may stand in the same batch. */
void nca__epochs_draw(uint32_t *out_samples, nca__epochs *epochs, uint64_t first, size_t count,
                      uint64_t seed);

#endif
