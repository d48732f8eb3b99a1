/* Every row of the table of losses: its name, its value, its slope. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/loss_terms.h"

enum {
    CELLS = 6,
    STRIDE = 7, /* channels of a cell */
    RGBA = 4
};

/* Away from 0 and from the margin of Hinge, where a loss may have a kink. */
static const double differences[] = {-3.0, -0.75, -0.25, 0.25, 0.75, 2.0};

/* A grid whose every RGBA value differs from the target by `difference`. */
static void fill(float grid[CELLS * STRIDE], float target[CELLS * RGBA], double difference)
{
    for (int cell = 0; cell < CELLS; cell++) {
        for (int c = 0; c < STRIDE; c++) {
            grid[cell * STRIDE + c] = 9.0f;
        }
        for (int c = 0; c < RGBA; c++) {
            target[cell * RGBA + c] = 0.125f * (float)(cell + c);
            grid[cell * STRIDE + c] = target[cell * RGBA + c] + (float)difference;
        }
    }
}

static void every_loss_has_a_name_of_its_own(void **context)
{
    (void)context;
    assert_string_equal(nca_loss_name(NCA_LOSS_L2), "L2");
    assert_string_equal(nca_loss_name(NCA_LOSS_L1), "L1");
    assert_string_equal(nca_loss_name(NCA_LOSS_MANHATTAN), "Manhattan");
    assert_string_equal(nca_loss_name(NCA_LOSS_HINGE), "Hinge");
    assert_null(nca_loss_name(NCA_LOSS_COUNT));
    for (int a = 0; a < NCA_LOSS_COUNT; a++) {
        assert_non_null(nca_loss_name((nca_loss)a));
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(nca_loss_name((nca_loss)a), nca_loss_name((nca_loss)b));
        }
    }
}

static void a_value_that_is_no_loss_gives_nan(void **context)
{
    (void)context;
    float grid[CELLS * STRIDE], target[CELLS * RGBA];
    fill(grid, target, 0.5);
    assert_true(isnan(nca_loss_value(NCA_LOSS_COUNT, grid, target, 2, 3, STRIDE)));
    assert_true(isnan(nca_loss_value((nca_loss)-1, grid, target, 2, 3, STRIDE)));
}

static void losses_are_those_of_their_formulas(void **context)
{
    (void)context;
    float grid[CELLS * STRIDE], target[CELLS * RGBA];
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        const double d = differences[i], size = fabs(d);
        const double expected[NCA_LOSS_COUNT] = {
            [NCA_LOSS_L2] = d * d,
            [NCA_LOSS_L1] = size,
            [NCA_LOSS_MANHATTAN] = size * CELLS * RGBA,
            [NCA_LOSS_HINGE] = fmax(size - 0.5, 0.0),
        };
        fill(grid, target, d);
        for (int loss = 0; loss < NCA_LOSS_COUNT; loss++) {
            const double found = nca_loss_value((nca_loss)loss, grid, target, 2, 3, STRIDE);
            assert_true(fabs(found - expected[loss]) <= 1e-12 * fabs(expected[loss]));
            assert_true(nca__loss_of_difference((nca_loss)loss, d, CELLS) == expected[loss]);
        }
    }
}

static void the_gradient_of_every_loss_is_its_slope(void **context)
{
    (void)context;
    const double step = 1e-4;
    float grid[CELLS * STRIDE], target[CELLS * RGBA], gradient[CELLS * STRIDE];
    for (int i = 0; i < NCA_LOSS_COUNT; i++) {
        const nca_loss loss = (nca_loss)i;
        for (size_t k = 0; k < sizeof differences / sizeof *differences; k++) {
            const double d = differences[k];
            const double slope = (nca__loss_of_difference(loss, d + step, CELLS) -
                                  nca__loss_of_difference(loss, d - step, CELLS)) /
                                 (2.0 * step) / (CELLS * RGBA);
            fill(grid, target, d);
            for (int at = 0; at < CELLS * STRIDE; at++) {
                gradient[at] = 5.0f;
            }
            nca__loss_backward(gradient, loss, grid, STRIDE, target, CELLS,
                               nca__loss_scale(loss, CELLS));
            for (int at = 0; at < CELLS * STRIDE; at++) {
                if (at % STRIDE < RGBA) { /* added to what was there */
                    const double added = (double)gradient[at] - 5.0;
                    assert_true(fabs(added - slope) <= 1e-6 * (1.0 + fabs(slope)));
                } else {
                    assert_true(gradient[at] == 5.0f);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_loss_has_a_name_of_its_own),
        cmocka_unit_test(a_value_that_is_no_loss_gives_nan),
        cmocka_unit_test(losses_are_those_of_their_formulas),
        cmocka_unit_test(the_gradient_of_every_loss_is_its_slope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
