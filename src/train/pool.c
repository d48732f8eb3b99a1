/* The sample pool. One zeroed array for all slots: the operating system allocates a page only when
 * it is first written, so slots that have not grown use only address space. */
#include "train/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nca/philox.h"

static size_t slot_values(const nca__pool *pool)
{
    return pool->height * pool->width * pool->channels;
}

size_t nca__pool_memory(size_t slots, size_t height, size_t width, size_t channels)
{
    size_t bytes = sizeof(float);
    if (__builtin_mul_overflow(bytes, height, &bytes) ||
        __builtin_mul_overflow(bytes, width, &bytes) ||
        __builtin_mul_overflow(bytes, channels, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(uint8_t) + 2 * sizeof(uint32_t), &bytes) ||
        __builtin_mul_overflow(bytes, slots, &bytes)) {
        return SIZE_MAX;
    }
    return bytes;
}

bool nca__pool_init(nca__pool *pool, size_t slots, size_t height, size_t width, size_t channels)
{
    *pool = (nca__pool){.slots = slots, .height = height, .width = width, .channels = channels};
    if (nca__pool_memory(slots, height, width, channels) == SIZE_MAX) {
        return false;
    }
    pool->states = calloc(slots, slot_values(pool) * sizeof(float));
    pool->is_grown = calloc(slots, sizeof *pool->is_grown);
    pool->order = calloc(slots, sizeof *pool->order);
    pool->exchanged = calloc(slots, sizeof *pool->exchanged);
    if (pool->states == NULL || pool->is_grown == NULL || pool->order == NULL ||
        pool->exchanged == NULL) {
        nca__pool_free(pool);
        return false;
    }
    for (size_t slot = 0; slot < slots; slot++) {
        pool->order[slot] = (uint32_t)slot;
    }
    return true;
}

void nca__pool_free(nca__pool *pool)
{
    free(pool->states);
    free(pool->is_grown);
    free(pool->order);
    free(pool->exchanged);
    *pool = (nca__pool){0};
}

static void exchange(uint32_t *order, size_t a, size_t b)
{
    uint32_t held = order[a];
    order[a] = order[b];
    order[b] = held;
}

void nca__pool_draw(uint32_t *out_slots, nca__pool *pool, size_t count, uint64_t seed,
                    uint32_t iteration)
{
    assert(count <= pool->slots);
    uint32_t words[4];
    for (size_t i = 0; i < count; i++) {
        if (i % 4 == 0) {
            nca_draw(words, seed, NCA_STREAM_POOL, (uint32_t)(i / 4), 0, 0, iteration);
        }
        size_t other = i + nca_below(words[i % 4], (uint32_t)(pool->slots - i));
        exchange(pool->order, i, other);
        pool->exchanged[i] = (uint32_t)other;
        out_slots[i] = pool->order[i];
    }
    /* Undoing the exchanges in reverse order restores the identity, so that a draw does not depend
     * on earlier ones. */
    for (size_t i = count; i-- > 0;) {
        exchange(pool->order, i, pool->exchanged[i]);
    }
}

float *nca__pool_at(const nca__pool *pool, size_t slot)
{
    assert(slot < pool->slots);
    return pool->states + slot * slot_values(pool);
}

bool nca__pool_get(float *out_state, const nca__pool *pool, size_t slot)
{
    const float *state = nca__pool_at(pool, slot);
    if (pool->is_grown[slot]) {
        memcpy(out_state, state, slot_values(pool) * sizeof *out_state);
    }
    return pool->is_grown[slot] != 0;
}

void nca__pool_set(nca__pool *pool, size_t slot, const float *state)
{
    memcpy(nca__pool_at(pool, slot), state, slot_values(pool) * sizeof *state);
    pool->is_grown[slot] = 1;
}

size_t nca__pool_mark(uint8_t *out_marks, const nca__pool *pool, size_t slot)
{
    const float *state = nca__pool_at(pool, slot);
    size_t marked = 0;
    for (size_t cell = 0; cell < pool->height * pool->width; cell++) {
        /* Compares bits, not values, because -0 must be restored as -0. */
        uint32_t bits = 0;
        for (size_t c = 0; c < pool->channels; c++) {
            uint32_t word;
            memcpy(&word, state + cell * pool->channels + c, sizeof word);
            bits |= word;
        }
        out_marks[cell] = bits != 0;
        marked += bits != 0;
    }
    return marked;
}

size_t nca__pool_set_marked(nca__pool *pool, size_t slot, const uint8_t *marks, const float *values)
{
    float *state = nca__pool_at(pool, slot);
    const size_t bytes = pool->channels * sizeof *state;
    size_t marked = 0;
    for (size_t cell = 0; cell < pool->height * pool->width; cell++) {
        float *to = state + cell * pool->channels;
        if (marks[cell] != 0) {
            memcpy(to, values + marked++ * pool->channels, bytes);
        } else {
            memset(to, 0, bytes);
        }
    }
    pool->is_grown[slot] = 1;
    return marked;
}

void nca__pool_reseed(nca__pool *pool, size_t slot)
{
    assert(slot < pool->slots);
    pool->is_grown[slot] = 0;
}

size_t nca__pool_grown(const nca__pool *pool)
{
    size_t grown = 0;
    for (size_t slot = 0; slot < pool->slots; slot++) {
        grown += pool->is_grown[slot];
    }
    return grown;
}
