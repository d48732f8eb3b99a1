/* Internal: the sample pool, the grids that training draws its batches from and returns them to. */
#ifndef NCA_TRAIN_POOL_H
#define NCA_TRAIN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nca__pool {
    size_t slots, height, width, channels;
    float *states;       /* (slots,H,W,C); the pages of slots never written use no memory */
    uint8_t *is_grown;   /* (slots) 0: the slot starts from its sample's initial state, `states` is
                            not used */
    uint32_t *order;     /* (slots) the identity permutation, except during a draw */
    uint32_t *exchanged; /* (slots) scratch of a draw: the second index of each exchange */
} nca__pool;

/* Bytes of a pool in which all slots have grown; SIZE_MAX if the number overflows. */
size_t nca__pool_memory(size_t slots, size_t height, size_t width, size_t channels);

/* Creates a pool in which no slot has grown. False if out of memory. */
bool nca__pool_init(nca__pool *pool, size_t slots, size_t height, size_t width, size_t channels);
void nca__pool_free(nca__pool *pool); /* a zeroed pool is allowed */

/* Draws `count` <= slots distinct slots from stream NCA_STREAM_POOL: a Fisher-Yates shuffle of all
 * slot numbers, stopped after `count`. Draw i exchanges position i with position i + below(word,
 * slots - i). */
void nca__pool_draw(uint32_t *out_slots, nca__pool *pool, size_t count, uint64_t seed,
                    uint32_t iteration);

/* Copies the state of a slot. Returns false and copies nothing if the slot has not grown: it starts
 * from its sample's initial state. */
bool nca__pool_get(float *out_state, const nca__pool *pool, size_t slot);
void nca__pool_set(nca__pool *pool, size_t slot, const float *state);
/* Marks the cells of a slot whose values are not all +0: out_marks (H*W) is 1 for them. Most cells
 * of a grid with a margin are not marked, so files store only the others. Returns the number of
 * marked cells. */
size_t nca__pool_mark(uint8_t *out_marks, const nca__pool *pool, size_t slot);
/* Sets a slot from marks (H*W), zero or non-zero, and the values (marked cells, C) of the marked
 * cells; returns the number of these cells. */
size_t nca__pool_set_marked(nca__pool *pool, size_t slot, const uint8_t *marks,
                            const float *values);
/* Resets a slot to its sample's initial state. */
void nca__pool_reseed(nca__pool *pool, size_t slot);

/* The number of slots that have grown. */
size_t nca__pool_grown(const nca__pool *pool);
/* The state of a slot in `states`. */
float *nca__pool_at(const nca__pool *pool, size_t slot);

#endif
