/* The rings of hidden layers: rows can be found until they are overwritten, and never after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tape/kept_hidden.h"

enum {
    STEPS = 40,
    SIDE = 16,
    CELLS = SIDE * SIDE
};

static nca__engine engine_of_side(void)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.hidden = 16;
    return nca__engine_make(&automaton, SIDE, SIDE, nca_kernels_best(), &nca__network_fp32, NULL);
}

static nca__kept_hidden make(void **block, const nca__engine *engine, size_t bytes)
{
    uintptr_t cursor = 0;
    nca__kept_carve(&cursor, engine, STEPS, bytes);
    *block = aligned_alloc(64, cursor + 64);
    assert_non_null(*block);
    cursor = (uintptr_t)*block;
    nca__kept_hidden kept = nca__kept_carve(&cursor, engine, STEPS, bytes);
    for (size_t band = 0; kept.capacity > 0 && band < kept.bands; band++) {
        kept.written[band] = 0;
    }
    return kept;
}

static void a_ring_that_holds_less_than_two_steps_keeps_nothing(void **context)
{
    const nca__engine engine = engine_of_side();
    const size_t row = engine.shape.hidden_stride * sizeof(float);
    void *block;
    (void)context;
    nca__kept_hidden kept = make(&block, &engine, (2 * CELLS - 4) * row);
    assert_null(nca__kept_begin(&kept, 1, 0, CELLS));
    nca__kept_end(&kept, 1, 0, 7);
    assert_null(nca__kept_find(&kept, 1, 0));
    free(block);
}

/* Every row contains the step that wrote it; a step that is found has all its rows. */
static void steps_are_found_until_they_are_overwritten(void **context)
{
    const nca__engine engine = engine_of_side();
    const size_t row = engine.shape.hidden_stride;
    void *block;
    (void)context;
    nca__kept_hidden kept = make(&block, &engine, 3 * CELLS * row * sizeof(float));
    assert_int_equal(kept.bands, 1);
    size_t counts[STEPS + 1];
    for (size_t t = 1; t <= STEPS; t++) {
        counts[t] = t * 37 % (CELLS + 1);
        float *rows = nca__kept_begin(&kept, t, 0, CELLS);
        assert_true(rows >= kept.rows && rows + CELLS * row <= kept.rows + kept.capacity * row);
        for (size_t i = 0; i < counts[t]; i++) {
            rows[i * row] = (float)t;
        }
        nca__kept_end(&kept, t, 0, counts[t]);
    }
    size_t found = 0;
    for (size_t t = STEPS; t >= 1; t--) {
        const float *rows = nca__kept_find(&kept, t, 0);
        for (size_t i = 0; rows != NULL && i < counts[t]; i++) {
            assert_true(rows[i * row] == (float)t);
        }
        found += rows != NULL;
    }
    assert_non_null(nca__kept_find(&kept, STEPS, 0));
    assert_true(found >= 2 && found < STEPS / 2);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_that_holds_less_than_two_steps_keeps_nothing),
        cmocka_unit_test(steps_are_found_until_they_are_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
