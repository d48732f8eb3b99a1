/* The list of an automaton's parameter tensors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/automaton.h"

static nca_automaton small(bool bias)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 5;
    automaton.hidden = 7;
    automaton.output_bias = bias;
    return automaton;
}

static void tensors_follow_one_another_and_fill_the_flat_array(void **state)
{
    (void)state;
    for (int bias = 0; bias < 2; bias++) {
        const nca_automaton automaton = small(bias);
        size_t end = 0;
        assert_in_range(nca_tensor_count(&automaton), 1, NCA_MAX_TENSORS);
        for (size_t i = 0; i < nca_tensor_count(&automaton); i++) {
            const nca_tensor tensor = nca_tensor_at(&automaton, i);
            const nca_tensor named = nca_tensor_named(&automaton, tensor.name);
            assert_int_equal(tensor.offset, end);
            assert_true(tensor.rank == 2 || (tensor.rank == 1 && tensor.columns == 1));
            assert_memory_equal(&named.rows, &tensor.rows, sizeof tensor.rows);
            assert_int_equal(named.offset, tensor.offset);
            end += tensor.rows * tensor.columns;
        }
        assert_int_equal(end, nca_parameter_count(&automaton));
        assert_int_equal(end, 7 * 15 + 7 + 5 * 7 + 5 * bias);
        assert_int_equal(nca_tensor_named(&automaton, "update.b2").rows, 5 * bias);
    }
}

static void what_is_not_in_the_list_has_no_name_and_no_rows(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    const nca_tensor beyond = nca_tensor_at(&automaton, nca_tensor_count(&automaton));
    assert_null(beyond.name);
    assert_int_equal(beyond.rows, 0);
    assert_int_equal(beyond.offset, nca_parameter_count(&automaton));
    assert_null(nca_tensor_at(&automaton, SIZE_MAX).name);
    assert_null(nca_tensor_named(&automaton, "update.w").name);
    assert_null(nca_tensor_named(&automaton, "update.w11").name);
    assert_null(nca_tensor_named(&automaton, "").name);
}

static void values_begin_within_their_bounds(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    float *flat = calloc(nca_parameter_count(&automaton), sizeof *flat);
    assert_non_null(flat);
    for (int how = 0; how < NCA_INITIALISATION_COUNT; how++) {
        nca_parameters_init(flat, &automaton, (nca_initialisation)how, 3);
        for (size_t i = 0; i < nca_tensor_count(&automaton); i++) {
            const nca_tensor tensor = nca_tensor_at(&automaton, i);
            const float bound = tensor.bound[how];
            float largest = 0.0f;
            for (size_t k = 0; k < tensor.rows * tensor.columns; k++) {
                const float value = flat[tensor.offset + k];
                largest = value > largest ? value : -value > largest ? -value : largest;
            }
            assert_true(largest <= bound && largest >= bound / 2);
        }
    }
    /* Both layers' biases and the second layer: docs/automaton.md. */
    assert_true(nca_tensor_named(&automaton, "update.w2").bound[NCA_INITIALISATION_UNIFORM] == 0);
    assert_true(nca_tensor_named(&automaton, "update.b1").bound[NCA_INITIALISATION_GLOROT] == 0);
    free(flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_follow_one_another_and_fill_the_flat_array),
        cmocka_unit_test(what_is_not_in_the_list_has_no_name_and_no_rows),
        cmocka_unit_test(values_begin_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
