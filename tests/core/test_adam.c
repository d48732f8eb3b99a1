/* The Adam update: values computed by hand, and a double-precision oracle over many steps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nca/adam.h"
#include "nca/philox.h"

static const nca_adam usual = {0.9f, 0.999f, 1e-8f};

static void the_first_step_moves_by_the_rate(void **state)
{
    (void)state;
    /* t = 1: m = 0.1 g, v = 0.001 g^2, so theta -= rate * g / (|g| + epsilon). */
    float theta[3] = {1.0f, 1.0f, 1.0f}, m[3] = {0}, v[3] = {0};
    const float gradient[3] = {0.5f, -2.0f, 0.0f};
    nca_adam_update(theta, m, v, gradient, 3, &usual, 0.01f, 1);
    assert_float_equal(theta[0], 0.99f, 1e-6f);
    assert_float_equal(theta[1], 1.01f, 1e-6f);
    assert_true(theta[2] == 1.0f);
    assert_float_equal(m[0], 0.05f, 3e-8f);
    assert_float_equal(m[1], -0.2f, 1e-7f);
    /* 1 - 0.999f is 0.001 to 2e-5 of its size. */
    assert_float_equal(v[0], 0.00025f, 5e-9f);
    assert_float_equal(v[1], 0.004f, 8e-8f);
}

static void the_second_step_is_the_one_worked_out_by_hand(void **state)
{
    (void)state;
    /* Decimal arithmetic with g = 1, then g = 3: m = 0.9*0.1 + 0.1*3 = 0.39,
     * v = 0.999*0.001 + 0.001*9 = 0.009999; corrected m 0.39/0.19 = 2.0526316,
     * v 0.009999/0.001999 = 5.0020010, root 2.2365154; 2.0526316/2.2365154 = 0.9177811. */
    float theta = 0.0f, m = 0.0f, v = 0.0f;
    const float first = 1.0f, second = 3.0f;
    nca_adam_update(&theta, &m, &v, &first, 1, &usual, 0.1f, 1);
    assert_float_equal(theta, -0.1f, 1e-6f);
    nca_adam_update(&theta, &m, &v, &second, 1, &usual, 0.1f, 2);
    assert_float_equal(m, 0.39f, 1e-6f);
    assert_float_equal(v, 0.009999f, 2e-7f);
    assert_float_equal(theta, -0.1f - 0.09177811f, 4e-6f);
}

static void a_thousand_steps_follow_the_double_precision_oracle(void **state)
{
    (void)state;
    enum {
        COUNT = 37 /* no multiple of any vector width */
    };
    float theta[COUNT], m[COUNT] = {0}, v[COUNT] = {0}, gradient[COUNT];
    double theta_d[COUNT], m_d[COUNT] = {0}, v_d[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        theta[i] = (float)i * 0.1f;
        theta_d[i] = (double)theta[i];
    }
    const double beta1 = (double)usual.beta1, beta2 = (double)usual.beta2;
    for (uint64_t t = 1; t <= 1000; t++) {
        const float rate = t < 500 ? 2e-3f : 2e-4f;
        for (uint32_t i = 0; i < COUNT; i++) {
            uint32_t words[4];
            nca_draw(words, 5, NCA_STREAM_WEIGHTS, i, (uint32_t)t, 0, 0);
            gradient[i] = (nca_uniform(words[0]) - 0.4f) * ldexpf(1.0f, (int)(i % 20) - 10);
            double g = (double)gradient[i];
            m_d[i] = beta1 * m_d[i] + (1.0 - beta1) * g;
            v_d[i] = beta2 * v_d[i] + (1.0 - beta2) * g * g;
            double m_hat = m_d[i] / (1.0 - pow(beta1, (double)t));
            double v_hat = v_d[i] / (1.0 - pow(beta2, (double)t));
            theta_d[i] -= (double)rate * m_hat / (sqrt(v_hat) + (double)usual.epsilon);
        }
        nca_adam_update(theta, m, v, gradient, COUNT, &usual, rate, t);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_true(fabs((double)theta[i] - theta_d[i]) < 1e-4);
    }
}

static void a_late_step_keeps_its_correction(void **state)
{
    (void)state;
    /* At t = 10^12 both corrections are 1 to the last bit. */
    float theta = 0.0f, m = 1.0f, v = 1.0f;
    const float gradient = 1.0f;
    nca_adam_update(&theta, &m, &v, &gradient, 1, &usual, 0.5f, 1000000000000u);
    assert_float_equal(theta, -0.5f, 1e-6f);
}

static void elements_do_not_depend_on_their_neighbours(void **state)
{
    (void)state;
    enum {
        COUNT = 33
    };
    float theta[COUNT], m[COUNT], v[COUNT], gradient[COUNT];
    float theta_1[COUNT], m_1[COUNT], v_1[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t words[4];
        nca_draw(words, 9, NCA_STREAM_WEIGHTS, i, 0, 0, 0);
        theta[i] = theta_1[i] = nca_uniform(words[0]) - 0.5f;
        m[i] = m_1[i] = nca_uniform(words[1]) - 0.5f;
        v[i] = v_1[i] = nca_uniform(words[2]) * 1e-3f;
        gradient[i] = nca_uniform(words[3]) - 0.5f;
    }
    nca_adam_update(theta, m, v, gradient, COUNT, &usual, 1e-3f, 3);
    for (size_t i = 0; i < COUNT; i++) {
        nca_adam_update(theta_1 + i, m_1 + i, v_1 + i, gradient + i, 1, &usual, 1e-3f, 3);
    }
    assert_memory_equal(theta, theta_1, sizeof theta);
    assert_memory_equal(m, m_1, sizeof m);
    assert_memory_equal(v, v_1, sizeof v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_step_moves_by_the_rate),
        cmocka_unit_test(the_second_step_is_the_one_worked_out_by_hand),
        cmocka_unit_test(a_thousand_steps_follow_the_double_precision_oracle),
        cmocka_unit_test(a_late_step_keeps_its_correction),
        cmocka_unit_test(elements_do_not_depend_on_their_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
