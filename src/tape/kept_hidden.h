/* Internal: hidden layers that the forward pass keeps for the backward pass.
 *
 * Recomputing them takes a fifth of the backward pass's arithmetic; keeping all of them takes more
 * memory than everything else. Therefore each band of a tape has a ring of rows in which the latest
 * steps overwrite the oldest: the backward pass uses what is still there and recomputes the rest,
 * with the same bits. */
#ifndef NCA_TAPE_KEPT_HIDDEN_H
#define NCA_TAPE_KEPT_HIDDEN_H

#include "tape/engine.h"

/* The rows of a step of a band: rows begin..begin+count-1 of all rows ever written. */
typedef struct nca__kept_rows {
    uint64_t begin;
    size_t count;
} nca__kept_rows;

typedef struct nca__kept_hidden {
    size_t capacity;   /* number of rows of a ring; 0: nothing is kept */
    size_t row_floats; /* Ns */
    size_t bands;
    float *rows;       /* (bands) rings */
    uint64_t *written; /* (bands) number of rows ever written, including those skipped at the ring's
                          end */
    nca__kept_rows *step; /* (steps, bands) */
} nca__kept_hidden;

/* Carves the rings, `bytes` in total, at the cursor; nothing is kept if a ring cannot hold two
 * steps of a band. */
nca__kept_hidden nca__kept_carve(uintptr_t *cursor, const nca__engine *engine, size_t steps,
                                 size_t bytes);

/* Room for step t of a band, with as many rows as the band has cells; NULL if nothing is kept. */
float *nca__kept_begin(nca__kept_hidden *kept, size_t t, size_t band, size_t cells);
/* Sets the number of rows that were written there. */
void nca__kept_end(nca__kept_hidden *kept, size_t t, size_t band, size_t count);
/* The rows of step t of a band; NULL if they were not kept or have been overwritten. */
const float *nca__kept_find(const nca__kept_hidden *kept, size_t t, size_t band);
/* The number of these rows. */
size_t nca__kept_count(const nca__kept_hidden *kept, size_t t, size_t band);

#endif
