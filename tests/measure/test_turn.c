/* Turning a model: its growth and its target turn together, counterclockwise as seen. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/noise.h"
#include "nca/evaluate.h"
#include "nca/rollout.h"

enum {
    SIDE = 17, /* odd: the seed cell is the centre of the grid, and a quarter turn is exact */
    CHANNELS = 6,
    CELLS = SIDE * SIDE
};

static nca_model *make(nca_filter filter, uint32_t side)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = CHANNELS;
    automaton.hidden = 12;
    automaton.filter = filter;
    automaton.fire_rate = 1.0f; /* a fire mask would not turn with the pattern */
    nca_model *model = NULL;
    noise n = {9};
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        model->parameters[i] = (float)((double)noise_below(&n, 2001) / 1000.0 - 1.0) * 0.3f;
    }
    nca_parameters_view(model->parameters, &automaton).b2[3] = 0.2f; /* it lives */
    float *target = calloc((size_t)side * side, 4 * sizeof *target);
    assert_non_null(target);
    for (size_t i = 0; i < (size_t)side * side * 4; i++) {
        target[i] = (float)noise_below(&n, 1000) / 1000.0f;
    }
    for (size_t i = 0; i < (size_t)side * side * 4; i++) { /* premultiplied */
        target[i] *= i % 4 != 3 ? target[i | 3] : 1.0f;
    }
    assert_int_equal(nca_model_set_target(model, target, side, side, NULL), NCA_OK);
    free(target);
    return model;
}

static void grow(float *out, const nca_model *model, size_t steps)
{
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    nca_rollout *rollout = NULL;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    assert_int_equal(nca_rollout_run(rollout, steps, NULL), NCA_OK);
    nca_rollout_get(out, rollout, 0);
    nca_rollout_destroy(rollout);
}

/* Cells right of the centre are moved above it. */
static size_t quarter_turned(size_t row, size_t column)
{
    return column * SIDE + (SIDE - 1 - row);
}

static void the_growth_turns_with_the_filters(void **state)
{
    static const nca_filter filters[] = {NCA_FILTER_SOBEL, NCA_FILTER_SCHARR};
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        nca_model *model = make(filters[f], SIDE);
        float straight[CELLS * CHANNELS], turned[CELLS * CHANNELS];
        double apart = 0.0, change = 0.0;
        grow(straight, model, 6);
        assert_int_equal(nca_model_turn(model, 90.0, NULL), NCA_OK);
        grow(turned, model, 6);
        for (size_t row = 0; row < SIDE; row++) {
            for (size_t column = 0; column < SIDE; column++) {
                for (size_t c = 0; c < CHANNELS; c++) {
                    float now = turned[(row * SIDE + column) * CHANNELS + c];
                    float before = straight[quarter_turned(row, column) * CHANNELS + c];
                    float unturned = straight[(row * SIDE + column) * CHANNELS + c];
                    apart = fmax(apart, fabs((double)now - before));
                    change = fmax(change, fabs((double)now - unturned));
                }
            }
        }
        assert_true(apart < 1e-4);
        assert_true(change > 0.1); /* the pattern has a direction */
        nca_model_destroy(model);
    }
}

static void a_quarter_turn_moves_the_targets_cells(void **state)
{
    nca_model *model = make(NCA_FILTER_SOBEL, SIDE);
    float before[CELLS * 4];
    (void)state;
    memcpy(before, model->target, sizeof before);
    assert_int_equal(nca_model_turn(model, 90.0, NULL), NCA_OK);
    for (size_t row = 0; row < SIDE; row++) {
        for (size_t column = 0; column < SIDE; column++) {
            assert_memory_equal(model->target + (row * SIDE + column) * 4,
                                before + quarter_turned(row, column) * 4, 4 * sizeof(float));
        }
    }
    assert_int_equal(nca_model_turn(model, -450.0 + 360.0, NULL), NCA_OK);
    assert_memory_equal(model->target, before, sizeof before);
    assert_true(fabsf(model->automaton.angle_radians) < 1e-6f);
    nca_model_destroy(model);
}

static void the_seed_cell_stays_where_it_is(void **state)
{
    (void)state;
    for (uint32_t side = 6; side <= 7; side++) {
        nca_model *model = make(NCA_FILTER_SOBEL, side);
        size_t middle = (side / 2 * side + side / 2) * 4;
        float before[4];
        memcpy(before, model->target + middle, sizeof before);
        assert_int_equal(nca_model_turn(model, 33.0, NULL), NCA_OK);
        assert_memory_equal(model->target + middle, before, sizeof before);
        nca_model_destroy(model);
    }
}

static void a_turned_target_is_smooth_between_cells_and_empty_beyond(void **state)
{
    nca_model *model = make(NCA_FILTER_SOBEL, SIDE);
    (void)state;
    for (size_t i = 0; i < (size_t)CELLS * 4; i++) {
        model->target[i] = 0.25f;
    }
    assert_int_equal(nca_model_turn(model, 45.0, NULL), NCA_OK);
    /* The weights have sum 1; a corner comes from outside the border. */
    assert_true(fabsf(model->target[(4 * SIDE + 10) * 4 + 1] - 0.25f) < 1e-6f);
    assert_true(model->target[0] == 0.0f);
    nca_model_destroy(model);
}

static void a_turned_edge_stays_a_colour(void **state)
{
    nca_model *model = make(NCA_FILTER_SOBEL, SIDE);
    (void)state;
    for (size_t i = 0; i < CELLS; i++) { /* hard edges make the kernel overshoot */
        float alpha = i % SIDE >= 6 && i % SIDE < 11 ? 1.0f : 0.0f;
        float cell[4] = {alpha, i / SIDE < 8 ? alpha : 0.0f, 0.0f, alpha};
        memcpy(model->target + 4 * i, cell, sizeof cell);
    }
    assert_int_equal(nca_model_turn(model, 30.0, NULL), NCA_OK);
    for (size_t i = 0; i < CELLS; i++) {
        const float *cell = model->target + 4 * i;
        assert_true(cell[3] >= 0.0f && cell[3] <= 1.0f);
        for (size_t c = 0; c < 3; c++) {
            assert_true(cell[c] >= 0.0f && cell[c] <= cell[3]);
        }
    }
    nca_model_destroy(model);
}

static void filters_that_cannot_be_steered_are_refused(void **state)
{
    static const nca_filter filters[] = {NCA_FILTER_GAUSSIAN, NCA_FILTER_LAPLACIAN,
                                         NCA_FILTER_MEAN};
    nca_error error;
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        nca_model *model = make(filters[f], SIDE);
        assert_int_equal(nca_model_turn(model, 10.0, &error), NCA_UNSUPPORTED);
        assert_non_null(strstr(error.message, nca_filter_name(filters[f])));
        assert_true(model->automaton.angle_radians == 0.0f);
        nca_model_destroy(model);
    }
    nca_model *model = make(NCA_FILTER_SOBEL, SIDE);
    assert_int_equal(nca_model_turn(model, NAN, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_model_turn(model, 361.0, &error), NCA_INVALID_ARGUMENT);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_growth_turns_with_the_filters),
        cmocka_unit_test(a_quarter_turn_moves_the_targets_cells),
        cmocka_unit_test(the_seed_cell_stays_where_it_is),
        cmocka_unit_test(a_turned_target_is_smooth_between_cells_and_empty_beyond),
        cmocka_unit_test(a_turned_edge_stays_a_colour),
        cmocka_unit_test(filters_that_cannot_be_steered_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
