/* A state that is only loaded: no steps, no loss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "core/oracle.h"
#include "tape/tape.h"

enum {
    HEIGHT = 28,
    WIDTH = 28,
    CHANNELS = 8,
    VALUES = HEIGHT * WIDTH * CHANNELS
};

static void *lines(size_t bytes)
{
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(block);
    memset(block, 0, (bytes + 63) / 64 * 64);
    return block;
}

static void run_all(nca__tape *tape, nca__workspace *workspace)
{
    for (size_t phase = 0; phase < tape->phases; phase++) {
        for (size_t band = 0; band < tape->engine->layout.bands; band++) {
            nca__tape_run(tape, phase, band, workspace);
        }
    }
}

static void a_state_is_loaded_and_counted_and_nothing_else(void **context)
{
    (void)context;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = CHANNELS;
    automaton.hidden = 4;
    nca__engine engine = nca__engine_make(&automaton, HEIGHT, WIDTH, nca_kernels_best(),
                                          nca__network_of(NCA_PRECISION_FP32), NULL);
    void *parameters = lines(nca__engine_bytes(&engine));
    engine = nca__engine_make(&automaton, HEIGHT, WIDTH, nca_kernels_best(),
                              nca__network_of(NCA_PRECISION_FP32), parameters);
    assert_true(engine.layout.bands > 1);
    void *memory = lines(nca__tape_bytes(&engine, 4, 0));
    void *scratch = lines(nca__workspace_bytes(&engine));
    nca__tape tape = nca__tape_carve(memory, &engine, 4, 0);
    nca__workspace workspace = nca__workspace_carve(scratch, &engine);
    float state[VALUES], found[VALUES];
    noise n = {3};
    for (int turn = 0; turn < 3; turn++) {
        noise_fill(state, VALUES, &n, -0.6f, 0.15f);
        nca__tape_load(&tape, state);
        assert_int_equal(tape.phases, 2);
        run_all(&tape, &workspace);
        nca__rows_out(found, &engine.layout, nca__tape_state(&tape, 0), 0, HEIGHT);
        assert_memory_equal(found, state, sizeof state);
        const oracle o = {.automaton = &automaton, .height = HEIGHT, .width = WIDTH};
        assert_int_equal(nca__tape_alive(&tape), oracle_alive_count(&o, state));
        /* The next state replaces one that steps have changed. */
        nca__tape_begin(&tape, &(nca__pass){.steps = 3});
        run_all(&tape, &workspace);
    }
    free(scratch);
    free(memory);
    free(parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_is_loaded_and_counted_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
