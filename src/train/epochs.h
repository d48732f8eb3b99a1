/* Internal: the samples of an iteration if there is no pool: each in turn, in a new order in every
 * epoch. They depend only on the random seed and the number of the draw, so a checkpoint need not
 * contain them. */
#ifndef NCA_TRAIN_EPOCHS_H
#define NCA_TRAIN_EPOCHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nca__epochs {
    size_t samples;
    uint64_t epoch;  /* the epoch that `order` belongs to */
    uint32_t *order; /* (samples) */
} nca__epochs;

size_t nca__epochs_memory(size_t samples);
/* False if out of memory. */
bool nca__epochs_init(nca__epochs *epochs, size_t samples);
void nca__epochs_free(nca__epochs *epochs); /* a zeroed struct is allowed */

/* Draws number first .. first + count - 1, counted from the beginning of the training; a batch may
 * contain the last samples of one epoch and the first of the next. */
void nca__epochs_draw(uint32_t *out_samples, nca__epochs *epochs, uint64_t first, size_t count,
                      uint64_t seed);

/* Iterations of an epoch, rounded up. */
uint64_t nca__epoch_iterations(size_t samples, size_t batch);

#endif
