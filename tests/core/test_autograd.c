/* The oracle compared with PyTorch's autograd. PyTorch used double precision, while the oracle's
 * states are single precision, so states may differ by a few rounding errors and gradients by those
 * of the states they start from: 2e-6 and 1e-5 of the largest value of the tensor. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/autograd_cases.h"
#include "core/oracle.h"

static void assert_near(const char *what, size_t index, const double *found, const float *expected,
                        size_t count, double tolerance)
{
    double largest = 0.0, worst = 0.0;

    for (size_t i = 0; i < count; i++) {
        if (!isfinite(found[i])) { /* fmax would ignore it */
            fail_msg("case %zu, %s: value %zu is not finite", index, what, i);
        }
        largest = fmax(largest, fabs((double)expected[i]));
        worst = fmax(worst, fabs(found[i] - (double)expected[i]));
    }
    if (!(worst <= tolerance * largest)) {
        fail_msg("case %zu, %s: off by %g where the largest value is %g", index, what, worst,
                 largest);
    }
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    assert_non_null(memory);
    return memory;
}

static void check_case(const autograd_case *c, size_t index)
{
    size_t values = c->height * c->width * c->automaton.channels;
    float *states = allocate((c->steps + 1) * values, sizeof *states);
    double *found = allocate(values, sizeof *found);
    double *gradient = allocate(nca_parameter_count(&c->automaton), sizeof *gradient);

    for (size_t b = 0; b < c->batch; b++) {
        oracle o = {&c->automaton, c->parameters, c->height,   c->width,
                    c->seed,       (uint32_t)b,   c->iteration};
        const float *last = states + c->steps * values;

        memcpy(states, c->initial + b * values, values * sizeof *states);
        oracle_rollout(states, &o, 0, c->steps);
        for (size_t i = 0; i < values; i++) {
            found[i] = (double)last[i];
        }
        assert_near("final state", index, found, c->final + b * values, values, 2e-6);
        double loss =
            oracle_loss(c->loss, last, c->target, c->height, c->width, c->automaton.channels);
        assert_near("loss", index, &loss, c->losses + b, 1, 2e-6);
        oracle_loss_backward(found, c->loss, last, c->target, c->height, c->width,
                             c->automaton.channels, 1.0 / (double)c->batch);
        oracle_backward(found, gradient, &o, states, 0, c->steps);
        assert_near("gradient of the initial state", index, found, c->initial_gradient + b * values,
                    values, 1e-5);
    }
    for (size_t tensor = 0; tensor < nca_tensor_count(&c->automaton); tensor++) {
        const nca_tensor own = nca_tensor_at(&c->automaton, tensor);
        const size_t rows = own.rows, columns = own.columns, at = own.offset;
        assert_near(own.name, index, gradient + at, c->gradient + at, rows * columns, 1e-5);
    }
    free(gradient);
    free(found);
    free(states);
}

static void the_oracle_agrees_with_pytorch(void **context)
{
    autograd_cases cases = autograd_cases_read(NCA_FIXTURES "/gradients.bin");

    (void)context;
    assert_true(cases.count >= 42);
    for (size_t i = 0; i < cases.count; i++) {
        check_case(&cases.cases[i], i);
    }
    autograd_cases_free(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oracle_agrees_with_pytorch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
