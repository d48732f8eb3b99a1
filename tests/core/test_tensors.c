/* The list of an automaton's parameter tensors. */
#include <math.h>

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

static void learned_filters_have_their_taps_behind_the_other_tensors(void **state)
{
    (void)state;
    nca_automaton fixed = small(true), learned = fixed;
    learned.filter = NCA_FILTER_LEARNED;
    for (learned.filter_count = 1; learned.filter_count <= NCA_MAX_FILTERS;
         learned.filter_count++) {
        const nca_tensor taps = nca_tensor_named(&learned, "perception.taps");
        assert_null(nca_automaton_problem(&learned));
        assert_int_equal(nca_perception_maps(&learned), learned.filter_count + 1);
        assert_int_equal(nca_tensor_count(&learned), nca_tensor_count(&fixed) + 1);
        assert_string_equal(nca_tensor_at(&learned, nca_tensor_count(&fixed)).name, taps.name);
        assert_int_equal(taps.rows, 9 * learned.filter_count);
        assert_int_equal(taps.columns, 5);
        assert_int_equal(taps.rank, 2);
        assert_false(taps.matrix);
        assert_int_equal(taps.offset + taps.rows * 5, nca_parameter_count(&learned));
        assert_int_equal(nca_tensor_named(&learned, "update.w1").columns,
                         5 * (learned.filter_count + 1));
    }
    assert_null(nca_tensor_named(&fixed, "perception.taps").name);
    assert_non_null(strstr(nca_automaton_problem(&learned), "filter_count must"));
    learned.filter_count = 2;
    learned.angle_radians = 0.5f;
    assert_non_null(strstr(nca_automaton_problem(&learned), "angle must"));
}

static void input_channels_have_no_rows(void **state)
{
    (void)state;
    nca_automaton automaton = small(true), reserved = small(true);
    for (automaton.input_channels = 0; automaton.input_channels < 5; automaton.input_channels++) {
        assert_null(nca_automaton_problem(&automaton));
        assert_int_equal(nca_tensor_named(&automaton, "update.w1").columns, 15);
        assert_int_equal(nca_tensor_named(&automaton, "update.w2").rows,
                         5 - automaton.input_channels);
        assert_int_equal(nca_tensor_named(&automaton, "update.b2").rows,
                         5 - automaton.input_channels);
    }
    assert_non_null(strstr(nca_automaton_problem(&automaton), "input_channels must"));
    reserved.reserved[NCA_RESERVED - 1] = 1;
    assert_non_null(strstr(nca_automaton_problem(&reserved), "reserved must"));
}

static void a_head_has_two_tensors_behind_all_others(void **state)
{
    (void)state;
    for (int learned = 0; learned < 2; learned++) {
        nca_automaton without = small(true);
        without.filter = learned ? NCA_FILTER_LEARNED : NCA_FILTER_SOBEL;
        nca_automaton automaton = without;
        automaton.head_inputs = 7;
        automaton.head_outputs = 3;
        assert_null(nca_automaton_problem(&automaton));
        assert_int_equal(nca_tensor_count(&automaton), nca_tensor_count(&without) + 2);
        const nca_tensor w = nca_tensor_at(&automaton, nca_tensor_count(&without));
        const nca_tensor b = nca_tensor_named(&automaton, "head.b");
        assert_string_equal(w.name, "head.w");
        assert_string_equal(w.column, "head_w");
        assert_int_equal(w.offset, nca_parameter_count(&without));
        assert_int_equal(w.rows, 3);
        assert_int_equal(w.columns, 7);
        assert_true(w.matrix);
        assert_true(fabs(w.bound[NCA_INITIALISATION_GLOROT] - sqrt(6.0 / 10.0)) < 1e-6);
        assert_true(fabs(b.bound[NCA_INITIALISATION_UNIFORM] - sqrt(1.0 / 7.0)) < 1e-6);
        assert_int_equal(b.offset, w.offset + 21);
        assert_int_equal(b.offset + 3, nca_parameter_count(&automaton));
        float flat[2048];
        assert_true(nca_parameter_count(&automaton) <= sizeof flat / sizeof *flat);
        assert_ptr_equal(nca_parameters_view(flat, &automaton).head_w, flat + w.offset);
        assert_ptr_equal(nca_parameters_view(flat, &automaton).head_b, flat + b.offset);
        assert_null(nca_parameters_view(flat, &without).head_w);
    }
    nca_automaton automaton = small(true);
    automaton.head_inputs = 7;
    assert_non_null(strstr(nca_automaton_problem(&automaton), "head_inputs and"));
    automaton.head_outputs = NCA_MAX_HEAD + 1;
    assert_non_null(strstr(nca_automaton_problem(&automaton), "head_inputs and"));
}

static void learned_filters_begin_as_fixed_ones_or_uniform(void **state)
{
    static const nca_filter kinds[] = {NCA_FILTER_SOBEL, NCA_FILTER_SOBEL, NCA_FILTER_LAPLACIAN,
                                       NCA_FILTER_GAUSSIAN};
    (void)state;
    nca_automaton automaton = small(true);
    automaton.filter = NCA_FILTER_LEARNED;
    automaton.filter_count = 6;
    float *flat = calloc(nca_parameter_count(&automaton), sizeof *flat);
    assert_non_null(flat);
    nca_parameters_init(flat, &automaton, NCA_INITIALISATION_GLOROT, 3);
    const float *taps = nca_parameters_view(flat, &automaton).taps;
    const float w1 = flat[0], random = taps[5 * 9 * 5];
    for (size_t f = 0; f < 4; f++) {
        nca_automaton kind = small(true);
        float filters[2][9];
        kind.filter = kinds[f];
        nca_automaton_filters(filters[0], filters[1], &kind);
        for (size_t i = 0; i < 9 * 5; i++) {
            assert_true(taps[f * 9 * 5 + i] == filters[f == 1][i / 5]);
        }
    }
    nca_taps_init(flat, &automaton, NCA_FILTER_INITIALISATION_UNIFORM, 3);
    assert_true(flat[0] == w1 && taps[5 * 9 * 5] == random);
    const float drawn = taps[0];
    float largest = 0.0f;
    for (size_t i = 0; i < 6 * 9 * 5; i++) {
        assert_true(taps[i] >= -1.0f / 3 && taps[i] < 1.0f / 3);
        largest = taps[i] > largest ? taps[i] : largest;
    }
    assert_true(largest > 0.3f);
    nca_taps_init(flat, &automaton, NCA_FILTER_INITIALISATION_FIXED, 3);
    assert_true(taps[0] == -0.125f && taps[5 * 9 * 5] == random);
    automaton.output_bias = false; /* a tensor of no rows stands before the taps */
    nca_taps_init(flat, &automaton, NCA_FILTER_INITIALISATION_UNIFORM, 3);
    assert_true(nca_parameters_view(flat, &automaton).taps[0] == drawn);
    free(flat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learned_filters_have_their_taps_behind_the_other_tensors),
        cmocka_unit_test(input_channels_have_no_rows),
        cmocka_unit_test(a_head_has_two_tensors_behind_all_others),
        cmocka_unit_test(learned_filters_begin_as_fixed_ones_or_uniform),
        cmocka_unit_test(tensors_follow_one_another_and_fill_the_flat_array),
        cmocka_unit_test(what_is_not_in_the_list_has_no_name_and_no_rows),
        cmocka_unit_test(values_begin_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
