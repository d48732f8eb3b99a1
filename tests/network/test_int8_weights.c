/* Parameters as bytes: close to the parameters, each in its place, and defined if they are not
 * finite. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "network/int8_weights.h"

typedef struct packed {
    nca_automaton automaton;
    nca__shape shape;
    float *flat;
    void *block;
    nca__int8_weights weights;
} packed;

static packed make(uint32_t channels, uint32_t hidden)
{
    packed p = {0};
    nca_automaton_default(&p.automaton);
    noise n = {.state = channels + hidden};
    p.automaton.channels = channels;
    p.automaton.hidden = hidden;
    p.shape = nca__shape_make(&p.automaton);
    const size_t count = nca_parameter_count(&p.automaton);
    p.flat = malloc(count * sizeof *p.flat);
    p.block = aligned_alloc(64, nca__int8_weights_bytes(&p.shape));
    assert_true(p.flat != NULL && p.block != NULL);
    for (size_t i = 0; i < count; i++) {
        p.flat[i] = (float)((double)(noise_word(&n) % 2000001) * 1e-6 - 1.0);
    }
    p.weights = nca__int8_weights_carve(p.block, &p.shape);
    return p;
}

static void release(packed *p)
{
    free(p->flat);
    free(p->block);
}

static void pack(packed *p)
{
    nca__int8_weights_pack(&p->weights, &p->shape, p->flat, &p->automaton);
}

static int byte_at(const nca__int8_layer *layer, size_t depth, size_t column, size_t columns)
{
    return layer
        ->w[(depth / NCA_INT8_DEPTH * columns + column) * NCA_INT8_DEPTH + depth % NCA_INT8_DEPTH];
}

static void every_weight_is_within_half_a_step(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{16, 128}, {5, 3}, {17, 65}, {4, 1}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        packed p = make(sizes[k][0], sizes[k][1]);
        pack(&p);
        const size_t units = nca__int8_units(&p.shape);
        const nca_parameters view = nca_parameters_view(p.flat, &p.automaton);
        const size_t inputs = p.shape.maps * p.shape.channels;
        const nca__int8_layer *hidden = &p.weights.hidden;
        const nca__int8_layer *output = &p.weights.output;
        for (size_t n = 0; n < p.shape.hidden; n++) {
            int sum = 0;
            int most = 0;
            for (size_t i = 0; i < inputs; i++) {
                int byte = byte_at(hidden, nca__padded_input(&p.shape, i), n, units);
                double error = byte * (double)hidden->scale[n] - (double)view.w1[n * inputs + i];
                assert_true(fabs(error) <= 0.5001 * (double)hidden->scale[n]);
                sum += byte;
                most = abs(byte) > most ? abs(byte) : most;
            }
            assert_int_equal(most, 127);
            assert_int_equal(hidden->start[n], -128 * sum);
            assert_true(hidden->bias[n] == view.b1[n]);
            for (size_t c = 0; c < p.shape.channels; c++) {
                int byte = byte_at(output, nca__int8_unit_at(n), c, p.shape.padded_channels);
                double error =
                    byte * (double)output->scale[c] - (double)view.w2[c * p.shape.hidden + n];
                assert_true(fabs(error) <= 0.5001 * (double)output->scale[c]);
            }
        }
        for (size_t c = 0; c < p.shape.channels; c++) {
            assert_true(output->bias[c] == view.b2[c]);
        }
        release(&p);
    }
}

static void what_is_not_finite_is_zero_inside_and_nan_outside(void **state)
{
    (void)state;
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++) {
        packed p = make(16, 20);
        const nca_parameters view = nca_parameters_view(p.flat, &p.automaton);
        const size_t inputs = p.shape.maps * p.shape.channels;
        view.w1[3 * inputs + 7] = bad[k];
        view.b1[5] = bad[k];
        view.w2[2 * p.shape.hidden + 4] = bad[k];
        pack(&p);
        for (size_t n = 3; n <= 5; n += 2) {
            assert_true(p.weights.hidden.scale[n] == 0 && p.weights.hidden.bias[n] == 0);
            assert_int_equal(p.weights.hidden.start[n], 0);
        }
        assert_true(p.weights.hidden.scale[4] > 0);
        assert_true(isnan(p.weights.output.scale[2]) && p.weights.output.scale[3] > 0);
        assert_int_equal(byte_at(&p.weights.output, nca__int8_unit_at(4), 2, 16), 0);
        release(&p);
    }
}

static void a_row_of_zeros_stays_zero(void **state)
{
    (void)state;
    packed p = make(16, 20);
    memset(p.flat, 0, nca_parameter_count(&p.automaton) * sizeof *p.flat);
    p.flat[9] = 1e-40f; /* too small to divide by */
    pack(&p);
    for (size_t i = 0; i < p.shape.inputs * nca__int8_units(&p.shape); i++) {
        assert_int_equal(p.weights.hidden.w[i], 0);
    }
    assert_true(p.weights.hidden.scale[0] == 0);
    release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_weight_is_within_half_a_step),
        cmocka_unit_test(what_is_not_finite_is_zero_inside_and_nan_outside),
        cmocka_unit_test(a_row_of_zeros_stays_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
