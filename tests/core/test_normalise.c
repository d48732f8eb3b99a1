/* Gradient norms and normalisation, per tensor. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nca/adam.h"

static nca_automaton small(bool output_bias)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 4;
    automaton.hidden = 3;
    automaton.output_bias = output_bias;
    return automaton;
}

/* Values 1, 2, 3 ... over the flat array. */
static float *ramp(const nca_automaton *automaton)
{
    const size_t count = nca_parameter_count(automaton);
    float *gradient = malloc(count * sizeof *gradient);
    assert_non_null(gradient);
    for (size_t i = 0; i < count; i++) {
        gradient[i] = (float)(i + 1);
    }
    return gradient;
}

/* sqrt of first^2 + ... + last^2 */
static double ramp_norm(double first, double last)
{
    double sum = last * (last + 1) * (2 * last + 1) / 6;
    first -= 1;
    return sqrt(sum - first * (first + 1) * (2 * first + 1) / 6);
}

static void norms_are_those_of_each_tensor(void **state)
{
    (void)state;
    /* W1 has 36 values, b1 3, W2 12, b2 4. */
    for (int bias = 0; bias < 2; bias++) {
        const nca_automaton automaton = small(bias);
        float *gradient = ramp(&automaton);
        double norms[NCA_MAX_TENSORS];
        nca_gradient_norms(norms, gradient, &automaton);
        assert_true(norms[0] == ramp_norm(1, 36));
        assert_true(norms[1] == ramp_norm(37, 39));
        assert_true(norms[2] == ramp_norm(40, 51));
        assert_true(norms[3] == (bias ? ramp_norm(52, 55) : 0.0));
        free(gradient);
    }
}

static void normalised_tensors_have_length_one(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    float *gradient = ramp(&automaton);
    double norms[NCA_MAX_TENSORS];
    nca_gradient_norms(norms, gradient, &automaton);
    const float first = (float)(1.0 / (norms[0] + 1e-8));
    nca_gradient_normalise(gradient, norms, &automaton);
    assert_true(gradient[0] == first);
    nca_gradient_norms(norms, gradient, &automaton);
    for (size_t tensor = 0; tensor < nca_tensor_count(&automaton); tensor++) {
        assert_true(fabs(norms[tensor] - 1.0) < 1e-6);
    }
    free(gradient);
}

static void a_gradient_of_zero_stays_zero(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    float gradient[55] = {0};
    double norms[NCA_MAX_TENSORS];
    nca_gradient_norms(norms, gradient, &automaton);
    nca_gradient_normalise(gradient, norms, &automaton);
    for (int i = 0; i < 55; i++) {
        assert_true(gradient[i] == 0.0f);
    }
}

static void the_largest_floats_have_a_finite_norm(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    float *gradient = ramp(&automaton);
    double norms[NCA_MAX_TENSORS];
    for (int i = 0; i < 36; i++) {
        gradient[i] = i % 2 ? FLT_MAX : -FLT_MAX;
    }
    nca_gradient_norms(norms, gradient, &automaton);
    assert_true(isfinite(norms[0]));
    nca_gradient_normalise(gradient, norms, &automaton);
    assert_float_equal(gradient[0], -1.0f / 6.0f, 1e-6f);
    gradient[7] = NAN;
    gradient[38] = INFINITY;
    nca_gradient_norms(norms, gradient, &automaton);
    assert_false(isfinite(norms[0]));
    assert_false(isfinite(norms[1]));
    assert_true(isfinite(norms[2]));
    free(gradient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_are_those_of_each_tensor),
        cmocka_unit_test(normalised_tensors_have_length_one),
        cmocka_unit_test(a_gradient_of_zero_stays_zero),
        cmocka_unit_test(the_largest_floats_have_a_finite_norm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
