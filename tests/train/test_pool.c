/* The sample pool: draws without repetition, and seeds that use no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/machine_memory.h"
#include "nca/automaton.h"
#include "sanitized.h"
#include "train/pool.h"

static void a_draw_has_distinct_slots_and_all_are_reached(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {2, 1}, {7, 7}, {12, 5}, {64, 9}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t slots = sizes[s][0], count = sizes[s][1];
        nca__pool pool;
        assert_true(nca__pool_init(&pool, slots, 1, 1, 4));
        unsigned hits[64] = {0};
        for (uint32_t iteration = 0; iteration < 500; iteration++) {
            uint32_t drawn[16];
            unsigned char seen[64] = {0};
            nca__pool_draw(drawn, &pool, count, 99, iteration);
            for (size_t i = 0; i < count; i++) {
                assert_true(drawn[i] < slots);
                assert_false(seen[drawn[i]]);
                seen[drawn[i]] = 1;
                hits[drawn[i]]++;
            }
        }
        /* Each slot is in a draw with probability count/slots; 6 standard deviations are
         * allowed. */
        const double chance = (double)count / (double)slots;
        const double variance = 500.0 * chance * (1.0 - chance);
        for (size_t slot = 0; slot < slots; slot++) {
            const double off = hits[slot] - 500.0 * chance;
            assert_true(off * off <= 36.0 * variance + 1e-9);
        }
        nca__pool_free(&pool);
    }
}

static void a_draw_does_not_depend_on_those_before(void **state)
{
    (void)state;
    nca__pool used, fresh;
    uint32_t a[9], b[9];
    assert_true(nca__pool_init(&used, 20, 1, 1, 4));
    for (uint32_t iteration = 0; iteration < 50; iteration++) {
        nca__pool_draw(a, &used, 9, 5, iteration);
        assert_true(nca__pool_init(&fresh, 20, 1, 1, 4));
        nca__pool_draw(b, &fresh, 9, 5, iteration);
        assert_memory_equal(a, b, sizeof a);
        nca__pool_free(&fresh);
    }
    nca__pool_free(&used);
}

static void slots_are_empty_until_they_are_set(void **state)
{
    (void)state;
    enum {
        VALUES = 3 * 5 * 6
    };
    float grid[VALUES], out[VALUES];
    nca__pool pool;
    assert_true(nca__pool_init(&pool, 4, 3, 5, 6));
    for (size_t i = 0; i < VALUES; i++) {
        grid[i] = (float)i - 7.5f;
    }
    for (size_t slot = 0; slot < 4; slot++) {
        assert_false(nca__pool_get(out, &pool, slot));
    }
    nca__pool_set(&pool, 2, grid);
    assert_int_equal(nca__pool_grown(&pool), 1);
    assert_true(nca__pool_get(out, &pool, 2));
    assert_memory_equal(out, grid, sizeof out);
    assert_false(nca__pool_get(out, &pool, 3));
    assert_memory_equal(out, grid, sizeof out);
    nca__pool_reseed(&pool, 2);
    assert_int_equal(nca__pool_grown(&pool), 0);
    assert_false(nca__pool_get(out, &pool, 2));
    nca__pool_free(&pool);
    nca__pool_free(&pool);
}

static void slots_that_are_the_seed_take_no_memory(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip(); /* a sanitizer's allocator needs additional memory */
#else
    /* 512 slots of 400 KB are 205 MB; 8 of them are written. */
    enum {
        SIDE = 80,
        CHANNELS = 16
    };
    struct rusage before, after;
    nca__pool pool;
    float *grid = calloc((size_t)SIDE * SIDE * CHANNELS, sizeof *grid);
    assert_non_null(grid);
    getrusage(RUSAGE_SELF, &before);
    assert_true(nca__pool_init(&pool, 512, SIDE, SIDE, CHANNELS));
    for (size_t slot = 0; slot < 512; slot++) {
        nca__pool_get(grid, &pool, slot);
        if (slot % 64 == 0) {
            nca__pool_set(&pool, slot, grid);
        }
    }
    getrusage(RUSAGE_SELF, &after);
    assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 8 * 1024);
    nca__pool_free(&pool);
    free(grid);
#endif
}

static void marked_cells_bring_a_slot_back(void **state)
{
    (void)state;
    enum {
        HEIGHT = 3,
        WIDTH = 5,
        CHANNELS = 4,
        CELLS = HEIGHT * WIDTH
    };
    float grid[CELLS * CHANNELS] = {0}, back[CELLS * CHANNELS], packed[3 * CHANNELS];
    grid[0] = 1.5f;                        /* the first cell differs in its first channel, */
    grid[7 * CHANNELS + 3] = -0.0f;        /* one differs in the sign of a zero, */
    grid[(CELLS - 1) * CHANNELS] = 1e-40f; /* the last by a denormal */
    nca__pool pool;
    assert_true(nca__pool_init(&pool, 2, HEIGHT, WIDTH, CHANNELS));
    nca__pool_set(&pool, 0, grid);
    uint8_t marks[CELLS];
    assert_int_equal(nca__pool_mark(marks, &pool, 0), 3);
    size_t taken = 0;
    for (size_t cell = 0; cell < CELLS; cell++) {
        assert_int_equal(marks[cell], cell == 0 || cell == 7 || cell == CELLS - 1);
        if (marks[cell]) {
            memcpy(packed + taken++ * CHANNELS, grid + cell * CHANNELS, sizeof(float) * CHANNELS);
        }
    }
    memset(nca__pool_at(&pool, 1), 0x55, sizeof grid);
    assert_int_equal(nca__pool_set_marked(&pool, 1, marks, packed), 3);
    assert_int_equal(nca__pool_grown(&pool), 2);
    nca__pool_get(back, &pool, 1);
    assert_memory_equal(back, grid, sizeof grid);
    nca__pool_free(&pool);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    nca__pool pool;
    assert_int_equal(nca__pool_memory(SIZE_MAX / 8, 4, 4, 4), SIZE_MAX);
    assert_int_equal(nca__pool_memory(1, SIZE_MAX / 2, 4, 4), SIZE_MAX);
    assert_int_equal(nca__pool_memory(10, 2, 3, 4), 10 * (2 * 3 * 4 * 4 + 9));
    assert_false(nca__pool_init(&pool, SIZE_MAX / 8, 4, 4, 4));
}

static void the_machine_has_some_memory(void **state)
{
    (void)state;
    assert_true(nca__machine_memory() > (size_t)16 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draw_has_distinct_slots_and_all_are_reached),
        cmocka_unit_test(a_draw_does_not_depend_on_those_before),
        cmocka_unit_test(slots_are_empty_until_they_are_set),
        cmocka_unit_test(slots_that_are_the_seed_take_no_memory),
        cmocka_unit_test(marked_cells_bring_a_slot_back),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(the_machine_has_some_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
