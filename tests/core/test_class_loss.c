/* Losses of class scores: hand-computed values, slopes against finite differences, and the
 * exponential and logarithm under them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/class_loss_terms.h"
#include "core/exponential.h"
#include "core/noise.h"

enum {
    CLASSES = 5
};

static void exponential_and_logarithm_are_exact_to_the_last_digits(void **state)
{
    (void)state;
    for (int i = -70800; i <= 70900; i++) {
        const double x = i / 100.0 + 1e-7 * i;
        if (x >= -708.0 && x <= 709.0) {
            assert_true(fabs(nca__exp(x) - exp(x)) <= 1e-15 * (1 + fabs(x) / 8) * exp(x));
        }
    }
    for (int i = -1000; i <= 1000; i++) {
        const double x = ldexp(1.0 + (i & 255) / 256.0 + 1e-9 * i, i);
        assert_true(fabs(nca__log(x) - log(x)) <= 1e-15 * fmax(1.0, fabs(log(x))));
        const double near = 1.0 + i * 1e-7;
        assert_true(fabs(nca__log(near) - log(near)) <= 1e-15);
    }
}

static void exponential_and_logarithm_have_their_limits(void **state)
{
    (void)state;
    assert_true(nca__exp(0.0) == 1.0);
    assert_true(nca__exp(-709.0) == 0.0);
    assert_true(nca__exp((double)-INFINITY) == 0.0);
    assert_true(isinf(nca__exp(710.0)));
    assert_true(isnan(nca__exp((double)NAN)));
    assert_true(nca__log(1.0) == 0.0);
    assert_true(nca__log(0.0) == (double)-INFINITY);
    assert_true(isinf(nca__log((double)INFINITY)));
    assert_true(isnan(nca__log(-1.0)));
    assert_true(isnan(nca__log((double)NAN)));
    assert_true(nca__power(0.0, 0.0) == 1.0);
    assert_true(nca__power(0.0, 2.0) == 0.0);
    assert_true(fabs(nca__power(0.25, 1.5) - 0.125) < 1e-15);
}

static void probabilities_are_a_softmax_or_sigmoids(void **state)
{
    (void)state;
    const double scores[3] = {0.0, 1.0, -800.0};
    double p[3];
    nca__class_probabilities(p, scores, 3, false);
    assert_true(fabs(p[0] - 1 / (1 + exp(1.0))) < 1e-15);
    assert_true(fabs(p[0] + p[1] + p[2] - 1.0) < 1e-15);
    assert_true(p[2] == 0.0);
    nca__class_probabilities(p, scores, 3, true);
    assert_true(p[0] == 0.5);
    assert_true(fabs(p[1] - 1 / (1 + exp(-1.0))) < 1e-15);
    assert_true(p[2] == 0.0);
}

static void losses_have_the_values_of_their_formulas(void **state)
{
    (void)state;
    const double scores[2] = {log(3.0), 0.0}; /* softmax: 3/4 and 1/4 */
    const uint8_t second = 1, labels[2] = {1, 0};
    nca__class_loss loss = {.kind = NCA_CLASS_LOSS_CROSS_ENTROPY, .classes = 2};
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, &second) - log(4.0)) < 1e-15);
    loss.smoothing = 0.2; /* 0.9 of class 1 and 0.1 of class 0 */
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, &second) -
                     (0.9 * log(4.0) + 0.1 * log(4.0 / 3.0))) < 1e-15);
    loss.smoothing = 0;
    loss.gamma = 2;
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, &second) - 0.5625 * log(4.0)) < 1e-15);
    const double weights[2] = {1, 3};
    loss =
        (nca__class_loss){.kind = NCA_CLASS_LOSS_CROSS_ENTROPY, .classes = 2, .weights = weights};
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, &second) - 3 * log(4.0)) < 1e-14);
    /* Labels: 1 with probability 3/4, 0 with 1/2. */
    loss = (nca__class_loss){.classes = 2, .sigmoid = true, .labels = true};
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, labels) -
                     (log(4.0 / 3.0) + log(2.0)) / 2) < 1e-15);
    loss = (nca__class_loss){.kind = NCA_CLASS_LOSS_L2, .classes = 2};
    const double off = log(3.0);
    assert_true(fabs(nca__class_loss_of(NULL, &loss, scores, &second) - (off * off + 1) / 2) <
                1e-15);
}

static void assert_slopes(const nca__class_loss *loss, const double *scores, const uint8_t *answer)
{
    double slopes[CLASSES], moved[CLASSES];
    const double value = nca__class_loss_of(slopes, loss, scores, answer);
    assert_true(isfinite(value));
    for (size_t k = 0; k < CLASSES; k++) {
        const double h = 1e-5;
        double difference = 0;
        for (int side = -1; side <= 1; side += 2) {
            for (size_t i = 0; i < CLASSES; i++) {
                moved[i] = scores[i] + (i == k ? side * h : 0);
            }
            difference += side * nca__class_loss_of(NULL, loss, moved, answer);
        }
        const double wanted = difference / (2 * h);
        assert_true(fabs(slopes[k] - wanted) <= 1e-8 * (1 + fabs(wanted)));
    }
}

static void slopes_are_those_of_finite_differences(void **state)
{
    (void)state;
    noise n = {3};
    const double weights[CLASSES] = {1, 0.5, 2, 3, 1.5};
    for (int round = 0; round < 200; round++) {
        double scores[CLASSES];
        uint8_t labels[CLASSES];
        const double size = round % 4 == 0 ? 20 : 3;
        for (size_t k = 0; k < CLASSES; k++) {
            scores[k] = (double)noise_between(&n, (float)-size, (float)size);
            labels[k] = (uint8_t)noise_below(&n, 2);
        }
        const uint8_t class = (uint8_t)noise_below(&n, CLASSES);
        for (int form = 0; form < 16; form++) {
            const nca_class_loss kind = (nca_class_loss)(form % NCA_CLASS_LOSS_COUNT);
            const bool of_labels = form / 4 % 2 == 1;
            const nca__class_loss loss = {
                .kind = kind,
                .labels = of_labels,
                .sigmoid = of_labels || kind == NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY,
                .classes = CLASSES,
                .gamma = kind == NCA_CLASS_LOSS_FOCAL ? 0.5 + round % 3 : 0,
                .smoothing = round % 2 == 0 ? 0.1 : 0,
                .weights = form >= 8 ? weights : NULL};
            assert_slopes(&loss, scores, of_labels ? labels : &class);
        }
    }
}

/* Scores far apart: no NaN, and the slope of the right class is right. */
static void certain_predictions_stay_finite(void **state)
{
    (void)state;
    const double scores[CLASSES] = {1000, -1000, 0, 0, 0};
    for (int kind = 0; kind < NCA_CLASS_LOSS_COUNT; kind++) {
        for (uint8_t class = 0; class < 2; class ++) {
            const nca__class_loss loss = {.kind = (nca_class_loss)kind,
                                          .sigmoid = kind == NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY,
                                          .classes = CLASSES,
                                          .gamma = kind == NCA_CLASS_LOSS_FOCAL ? 2 : 0};
            double slopes[CLASSES];
            assert_true(isfinite(nca__class_loss_of(slopes, &loss, scores, &class)));
            for (size_t k = 0; k < CLASSES; k++) {
                assert_true(isfinite(slopes[k]));
            }
            assert_true(class == 0 || slopes[1] < 0);
        }
    }
    assert_string_equal(nca_class_loss_name(NCA_CLASS_LOSS_FOCAL), "focal");
    assert_null(nca_class_loss_name(NCA_CLASS_LOSS_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_and_logarithm_are_exact_to_the_last_digits),
        cmocka_unit_test(exponential_and_logarithm_have_their_limits),
        cmocka_unit_test(probabilities_are_a_softmax_or_sigmoids),
        cmocka_unit_test(losses_have_the_values_of_their_formulas),
        cmocka_unit_test(slopes_are_those_of_finite_differences),
        cmocka_unit_test(certain_predictions_stay_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
