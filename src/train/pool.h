/* Internal: the sample pool, the grids that training draws its batches from and returns them to.
 * Knows nothing of recipes, nor of how a sample begins. */
#ifndef NCA_TRAIN_POOL_H
#define NCA_TRAIN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nca__pool {
    size_t slots, height, width, channels;
    float *states;       /* (slots,H,W,C); the pages of slots never written cost no memory */
    uint8_t *is_grown;   /* (slots) 0: its sample begins anew, its states are not looked at */
    uint32_t *order;     /* (slots) the identity permutation between two draws */
    uint32_t *exchanged; /* (slots) scratch of a draw: what each exchange took */
} nca__pool;

/* Bytes of a pool of which every slot is grown; SIZE_MAX when that cannot be counted. */
size_t nca__pool_memory(size_t slots, size_t height, size_t width, size_t channels);

/* Nothing has grown in any slot. False when memory could not be had. */
bool nca__pool_init(nca__pool *pool, size_t slots, size_t height, size_t width, size_t channels);
void nca__pool_free(nca__pool *pool); /* a zeroed pool is fine */

/* Draws `count` <= slots distinct slots from stream NCA_STREAM_POOL: a Fisher-Yates shuffle of all
 * slot numbers, stopped after `count`. Draw i exchanges place i with place i + below(word, slots -
 * i).
 */
void nca__pool_draw(uint32_t *out_slots, nca__pool *pool, size_t count, uint64_t seed,
                    uint32_t iteration);

/* False, and nothing is copied, when nothing has grown in the slot: its sample begins anew. */
bool nca__pool_get(float *out_state, const nca__pool *pool, size_t slot);
void nca__pool_set(nca__pool *pool, size_t slot, const float *state);
/* The same without the cells whose values are all +0, which are most of a grid with a margin:
 * out_marks (H*W) is 1 where a cell is not. Returns how many are not. */
size_t nca__pool_mark(uint8_t *out_marks, const nca__pool *pool, size_t slot);
/* Sets a slot from marks (H*W), 0 or not, and the values (marked cells, C) of those that are not;
 * returns how many it took. */
size_t nca__pool_set_marked(nca__pool *pool, size_t slot, const uint8_t *marks,
                            const float *values);
/* The slot begins anew. */
void nca__pool_reseed(nca__pool *pool, size_t slot);

/* Slots that something has grown in. */
size_t nca__pool_grown(const nca__pool *pool);
/* A slot's place in `states`. */
float *nca__pool_at(const nca__pool *pool, size_t slot);

#endif
