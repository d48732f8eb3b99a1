/* The table of optimisers: each row is the update of its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "core/optimisers.h"
#include "nca/muon.h"

enum {
    MOST = 1024
};

static nca_automaton small_automaton(void)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 8;
    automaton.hidden = 16;
    return automaton;
}

typedef struct arrays {
    float parameters[MOST], m[MOST], v[MOST], gradient[MOST];
} arrays;

static arrays draw_arrays(void)
{
    arrays a;
    noise n = {5};
    noise_fill(a.parameters, MOST, &n, -1.0f, 1.0f);
    noise_fill(a.m, MOST, &n, -1.0f, 1.0f);
    noise_fill(a.v, MOST, &n, 0.0f, 1.0f);
    noise_fill(a.gradient, MOST, &n, -1.0f, 1.0f);
    return a;
}

static void every_optimiser_has_a_name(void **context)
{
    (void)context;
    assert_string_equal(nca_optimiser_name(NCA_OPTIMISER_ADAM), "adam");
    assert_string_equal(nca_optimiser_name(NCA_OPTIMISER_MUON), "muon");
    assert_null(nca_optimiser_name(NCA_OPTIMISER_COUNT));
    assert_null(nca_optimiser_name((nca_optimiser)-1));
}

static void a_row_gives_the_bits_of_its_own_update(void **context)
{
    (void)context;
    const nca_automaton automaton = small_automaton();
    const size_t count = nca_parameter_count(&automaton);
    assert_true(count <= MOST);
    assert_int_equal(nca__optimiser_scratch(NCA_OPTIMISER_ADAM, &automaton), 0);
    const size_t bytes = nca__optimiser_scratch(NCA_OPTIMISER_MUON, &automaton);
    assert_int_equal(bytes, nca_muon_scratch(&automaton) * sizeof(float));
    float *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(scratch);
    const nca_adam adam = {.beta1 = 0.9f, .beta2 = 0.99f, .epsilon = 1e-7f};
    for (int i = 0; i < NCA_OPTIMISER_COUNT; i++) {
        arrays expected = draw_arrays(), found = draw_arrays();
        if (i == NCA_OPTIMISER_MUON) {
            nca_muon_update(expected.parameters, expected.m, expected.gradient, &automaton,
                            adam.beta1, 0.01f, scratch, nca_kernels_best());
        } else {
            nca_adam_update(expected.parameters, expected.m, expected.v, expected.gradient, count,
                            &adam, 0.01f, 3);
        }
        nca__optimiser_update((nca_optimiser)i, &(nca__update){
                                                    .parameters = found.parameters,
                                                    .m = found.m,
                                                    .v = found.v,
                                                    .gradient = found.gradient,
                                                    .automaton = &automaton,
                                                    .adam = adam,
                                                    .rate = 0.01f,
                                                    .t = 3,
                                                    .scratch = scratch,
                                                    .kernels = nca_kernels_best(),
                                                });
        assert_memory_equal(&found, &expected, sizeof found);
    }
    free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_optimiser_has_a_name),
        cmocka_unit_test(a_row_gives_the_bits_of_its_own_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
