/* The Muon update: orthogonalisation compared with singular values in double precision, the
 * momentum compared with its formula, and the same bits from every kernel set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/muon.h"
#include "nca/philox.h"

enum {
    MOST = 48 * 128
};

static const size_t shapes[][2] = {{1, 1},   {1, 7},   {2, 2},    {3, 5},    {17, 4},  {16, 16},
                                   {15, 33}, {31, 31}, {48, 128}, {128, 48}, {16, 128}};

static void fill(float *values, size_t count, uint32_t which)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t words[4];
        nca_draw(words, 11, NCA_STREAM_WEIGHTS, (uint32_t)i, which, 0, 0);
        values[i] = nca_uniform(words[0]) + nca_uniform(words[1]) + nca_uniform(words[2]) - 1.5f;
    }
}

static float *scratch_for(size_t rows, size_t columns)
{
    /* The orthogonalisation needs at most this much, see the layout in muon.c. */
    const size_t padded = (rows + 16) * (columns + 16);
    return malloc(
        (3 * padded + 2 * (rows + 16) * (rows + 16) + 2 * (columns + 16) * (columns + 16)) *
        sizeof(float));
}

/* The iteration as on the web page, in double precision and without any special layout. */
static void plain_orthogonalise(double *x, size_t rows, size_t columns)
{
    const size_t a = rows < columns ? rows : columns;
    const size_t b = rows < columns ? columns : rows;
    double *y = calloc(a * b, sizeof *y), *next = calloc(a * b, sizeof *next);
    double *gram = calloc(a * a, sizeof *gram);
    assert_true(y != NULL && next != NULL && gram != NULL);
    double norm = 0.0;
    for (size_t i = 0; i < rows * columns; i++) {
        norm += x[i] * x[i];
    }
    norm = sqrt(norm);
    for (size_t i = 0; i < a; i++) {
        for (size_t j = 0; j < b; j++) {
            y[i * b + j] = (rows < columns ? x[i * columns + j] : x[j * columns + i]) / norm;
        }
    }
    for (int step = 0; step < 5; step++) {
        for (size_t i = 0; i < a; i++) {
            for (size_t k = 0; k < a; k++) {
                gram[i * a + k] = 0.0;
                for (size_t j = 0; j < b; j++) {
                    gram[i * a + k] += y[i * b + j] * y[k * b + j];
                }
            }
        }
        for (size_t i = 0; i < a; i++) {
            for (size_t j = 0; j < b; j++) {
                double sum = 3.4445 * y[i * b + j];
                for (size_t k = 0; k < a; k++) {
                    double square = 0.0;
                    for (size_t l = 0; l < a; l++) {
                        square += gram[i * a + l] * gram[l * a + k];
                    }
                    sum += (-4.7750 * gram[i * a + k] + 2.0315 * square) * y[k * b + j];
                }
                next[i * b + j] = sum;
            }
        }
        memcpy(y, next, a * b * sizeof *y);
    }
    for (size_t i = 0; i < a; i++) {
        for (size_t j = 0; j < b; j++) {
            x[rows < columns ? i * columns + j : j * columns + i] = y[i * b + j];
        }
    }
    free(y);
    free(next);
    free(gram);
}

static void orthogonalisation_follows_the_double_precision_oracle(void **state)
{
    (void)state;
    static float x[MOST];
    static double expected[MOST];
    /* The last three shapes are tested elsewhere, because the oracle is slow. */
    for (size_t s = 0; s + 3 < sizeof shapes / sizeof *shapes; s++) {
        const size_t rows = shapes[s][0], columns = shapes[s][1];
        float *scratch = scratch_for(rows, columns);
        fill(x, rows * columns, (uint32_t)s);
        for (size_t i = 0; i < rows * columns; i++) {
            expected[i] = (double)x[i];
        }
        nca_orthogonalise(x, rows, columns, scratch, nca_kernels_best());
        plain_orthogonalise(expected, rows, columns);
        for (size_t i = 0; i < rows * columns; i++) {
            assert_float_equal((double)x[i], expected[i], 2e-4);
        }
        free(scratch);
    }
}

/* U and V are Householder reflections, so the singular values are those of the matrix between
 * them. */
static double reflected(size_t i, size_t j, size_t size)
{
    return (i == j ? 1.0 : 0.0) - 2.0 / (double)size;
}

static void singular_values_end_near_one(void **state)
{
    (void)state;
    enum {
        A = 48,
        B = 128
    };
    static float x[MOST];
    float *scratch = scratch_for(B, A);
    /* x (B,A) = U diag(s) V', s from 1 down to 1/30. */
    double s[A];
    for (size_t k = 0; k < A; k++) {
        s[k] = 1.0 - (29.0 / 30.0) * (double)k / (A - 1);
    }
    for (size_t i = 0; i < B; i++) {
        for (size_t j = 0; j < A; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < A; k++) {
                sum += reflected(i, k, B) * s[k] * reflected(j, k, A);
            }
            x[i * A + j] = (float)(3.0 * sum);
        }
    }
    nca_orthogonalise(x, B, A, scratch, nca_kernels_best());
    /* U' x V is diagonal, and its diagonal contains the resulting values of s. */
    for (size_t k = 0; k < A; k++) {
        for (size_t l = 0; l < A; l++) {
            double sum = 0.0;
            for (size_t i = 0; i < B; i++) {
                for (size_t j = 0; j < A; j++) {
                    sum += reflected(i, k, B) * (double)x[i * A + j] * reflected(j, l, A);
                }
            }
            if (k != l) {
                assert_float_equal(sum, 0.0, 1e-4);
            } else if (s[k] > 0.1) {
                assert_true(sum > 0.66 && sum < 1.22);
            } else {
                assert_true(sum > 0.2 && sum < 1.22);
            }
        }
    }
    free(scratch);
}

static void scale_does_not_matter_and_zero_stays(void **state)
{
    (void)state;
    float x[15], scaled[15], zero[15] = {0};
    float *scratch = scratch_for(3, 5);
    fill(x, 15, 3);
    for (int i = 0; i < 15; i++) {
        scaled[i] = ldexpf(x[i], -60);
    }
    nca_orthogonalise(x, 3, 5, scratch, nca_kernels_best());
    nca_orthogonalise(scaled, 3, 5, scratch, nca_kernels_best());
    assert_memory_equal(x, scaled, sizeof x);
    nca_orthogonalise(zero, 3, 5, scratch, nca_kernels_best());
    for (int i = 0; i < 15; i++) {
        assert_true(zero[i] == 0.0f);
    }
    free(scratch);
}

static void kernel_sets_never_change_a_bit_of_it(void **state)
{
    (void)state;
    static float expected[MOST], x[MOST];
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t rows = shapes[s][0], columns = shapes[s][1];
        float *scratch = scratch_for(rows, columns);
        fill(expected, rows * columns, (uint32_t)s);
        nca_orthogonalise(expected, rows, columns, scratch, nca_kernels_named("scalar"));
        for (size_t set = 0; nca_kernels_at(set) != NULL; set++) {
            if (nca_kernels_missing(nca_kernels_at(set)) != NULL) {
                continue;
            }
            fill(x, rows * columns, (uint32_t)s);
            nca_orthogonalise(x, rows, columns, scratch, nca_kernels_at(set));
            assert_memory_equal(x, expected, rows * columns * sizeof *x);
        }
        free(scratch);
    }
}

/* ---- The update ------------------------------------------------------------------------------*/

static nca_automaton small(bool output_bias)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 5;
    automaton.hidden = 7;
    automaton.output_bias = output_bias;
    return automaton;
}

static void an_update_is_the_formula_for_each_tensor(void **state)
{
    (void)state;
    enum {
        ROOM = 300
    };
    for (int kind = 0; kind < 3; kind++) {
        nca_automaton automaton = small(kind == 1);
        automaton.filter = kind == 2 ? NCA_FILTER_LEARNED : automaton.filter;
        const size_t count = nca_parameter_count(&automaton);
        assert_true(count <= ROOM);
        float theta[ROOM], m[ROOM] = {0}, gradient[ROOM];
        double theta_d[ROOM], m_d[ROOM] = {0};
        float *scratch = malloc(nca_muon_scratch(&automaton) * sizeof *scratch);
        assert_non_null(scratch);
        fill(theta, count, 0);
        for (size_t i = 0; i < count; i++) {
            theta_d[i] = (double)theta[i];
        }
        for (uint32_t step = 1; step <= 20; step++) {
            fill(gradient, count, step);
            nca_muon_update(theta, m, gradient, &automaton, 0.9f, 0.01f, scratch,
                            nca_kernels_best());
            for (size_t tensor = 0; tensor < nca_tensor_count(&automaton); tensor++) {
                double u[ROOM], norm = 0.0;
                const nca_tensor own = nca_tensor_at(&automaton, tensor);
                const size_t rows = own.rows, columns = own.columns, at = own.offset;
                for (size_t i = 0; i < rows * columns; i++) {
                    const double g = (double)gradient[at + i];
                    m_d[at + i] = 0.9 * m_d[at + i] + 0.1 * g;
                    u[i] = 0.1 * g + 0.9 * m_d[at + i];
                    norm += u[i] * u[i];
                }
                double longer = (double)(rows > columns ? rows : columns);
                if (strcmp(own.name, "perception.taps") == 0) {
                    longer = (double)(rows * columns);
                } else if (columns > 1) {
                    plain_orthogonalise(u, rows, columns);
                    norm = 1.0;
                }
                for (size_t i = 0; i < rows * columns; i++) {
                    theta_d[at + i] -= 0.01 * sqrt(longer) * u[i] / sqrt(norm);
                }
            }
        }
        for (size_t i = 0; i < count; i++) {
            assert_float_equal((double)m[i], m_d[i], 1e-5);
            assert_float_equal((double)theta[i], theta_d[i], 1e-3);
        }
        free(scratch);
    }
}

static void without_a_gradient_nothing_moves(void **state)
{
    (void)state;
    const nca_automaton automaton = small(true);
    const size_t count = nca_parameter_count(&automaton);
    float theta[300], before[300], m[300] = {0};
    const float gradient[300] = {0};
    float *scratch = malloc(nca_muon_scratch(&automaton) * sizeof *scratch);
    assert_non_null(scratch);
    fill(theta, count, 4);
    memcpy(before, theta, sizeof before);
    nca_muon_update(theta, m, gradient, &automaton, 0.9f, 0.01f, scratch, nca_kernels_best());
    assert_memory_equal(theta, before, count * sizeof *theta);
    free(scratch);
}

static void scratch_is_not_overrun(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{4, 1}, {4, 3}, {5, 7}, {16, 128}, {17, 33}, {48, 16}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        nca_automaton automaton;
        nca_automaton_default(&automaton);
        automaton.channels = sizes[i][0];
        automaton.hidden = sizes[i][1];
        const size_t count = nca_parameter_count(&automaton);
        const size_t floats = nca_muon_scratch(&automaton);
        float *scratch = malloc((floats + 16) * sizeof *scratch);
        float *arrays = calloc(count, 3 * sizeof *arrays);
        assert_true(scratch != NULL && arrays != NULL);
        for (size_t guard = 0; guard < 16; guard++) {
            scratch[floats + guard] = 12345.0f;
        }
        fill(arrays + 2 * count, count, 1);
        nca_muon_update(arrays, arrays + count, arrays + 2 * count, &automaton, 0.9f, 0.01f,
                        scratch, nca_kernels_best());
        for (size_t guard = 0; guard < 16; guard++) {
            assert_true(scratch[floats + guard] == 12345.0f);
        }
        for (size_t p = 0; p < count; p++) {
            assert_true(isfinite(arrays[p]));
        }
        free(scratch);
        free(arrays);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orthogonalisation_follows_the_double_precision_oracle),
        cmocka_unit_test(singular_values_end_near_one),
        cmocka_unit_test(scale_does_not_matter_and_zero_stays),
        cmocka_unit_test(kernel_sets_never_change_a_bit_of_it),
        cmocka_unit_test(an_update_is_the_formula_for_each_tensor),
        cmocka_unit_test(without_a_gradient_nothing_moves),
        cmocka_unit_test(scratch_is_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
