/* Internal: hidden layers that the forward pass leaves for the backward pass.
 *
 * Computing them again costs a fifth of the backward pass's arithmetic, keeping them all costs more
 * memory than everything else. So each band of a tape has a ring of rows in which the latest steps
 * overwrite the oldest: what is still there when the backward pass comes is used, the rest is
 * computed again, to the same bits. */
#ifndef NCA_TAPE_KEPT_HIDDEN_H
#define NCA_TAPE_KEPT_HIDDEN_H

#include "tape/engine.h"

/* Where a step's rows of a band are: rows begin..begin+count-1 of all that were ever written. */
typedef struct nca__kept_rows {
    uint64_t begin;
    size_t count;
} nca__kept_rows;

typedef struct nca__kept_hidden {
    size_t capacity;   /* rows of a ring; 0: nothing is kept */
    size_t row_floats; /* Ns */
    size_t bands;
    float *rows;          /* (bands) rings */
    uint64_t *written;    /* (bands) rows ever written, those skipped at the ring's end included */
    nca__kept_rows *step; /* (steps, bands) */
} nca__kept_hidden;

/* Cut from a block of memory that begins at the cursor, for rings of `bytes` altogether; nothing is
 * kept where a ring would not hold two steps of a band. */
nca__kept_hidden nca__kept_carve(uintptr_t *cursor, const nca__engine *engine, size_t steps,
                                 size_t bytes);

/* Room for step t of a band, as many rows as the band has cells; NULL when nothing is kept. */
float *nca__kept_begin(nca__kept_hidden *kept, size_t t, size_t band, size_t cells);
/* How many rows were written there. */
void nca__kept_end(nca__kept_hidden *kept, size_t t, size_t band, size_t count);
/* The rows of step t of a band; NULL when they are not there (any more). */
const float *nca__kept_find(const nca__kept_hidden *kept, size_t t, size_t band);
/* How many they are. */
size_t nca__kept_count(const nca__kept_hidden *kept, size_t t, size_t band);

#endif
