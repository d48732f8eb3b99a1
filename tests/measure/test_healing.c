/* Cuts and regeneration, for automata built by hand whose regeneration is known in advance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/evaluating.h"
#include "nca/rollout.h"

/* The cut of a full grid of one channel, in which every cell lives. */
static nca_damage cut_of_full(nca_damage_area area, nca_damage_shape shape, size_t sample,
                              size_t cut, size_t side)
{
    const nca_living living = {.height = side, .width = side, .channels = 1, .alive_channel = -1};
    return area == NCA_DAMAGE_AREA_LIVING
               ? nca_damage_draw_living(shape, 5, (uint32_t)sample, (uint32_t)cut, &living)
               : nca_damage_draw(shape, 5, (uint32_t)sample, (uint32_t)cut);
}

/* One step of the filling model of rate 1: every cell next to a full one becomes full. Returns the
 * number of empty cells. */
static size_t fill_step(float *grid, size_t side)
{
    float *next = calloc(side * side, sizeof *next);
    size_t empty = 0;
    assert_non_null(next);
    for (size_t i = 0; i < side * side; i++) {
        const size_t row = i / side, column = i % side;
        for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1 && r < side; r++) {
            for (size_t c = column > 0 ? column - 1 : 0; c <= column + 1 && c < side; c++) {
                next[i] = grid[r * side + c] > 0.0f ? 1.0f : next[i];
            }
        }
        empty += next[i] == 0.0f;
    }
    memcpy(grid, next, side * side * sizeof *next);
    free(next);
    return empty;
}

typedef struct closing {
    double loss; /* just after the cut */
    double cells;
    size_t healed, restored; /* steps */
} closing;

/* The results of a cut of the full grid, if every step fills the cells next to full ones. */
static closing close_cut(nca_damage_area area, nca_damage_shape shape, size_t sample, size_t cut,
                         size_t side)
{
    const double cells = (double)(side * side);
    float *grid = calloc(side * side, sizeof *grid);
    assert_non_null(grid);
    const nca_damage damage = cut_of_full(area, shape, sample, cut, side);
    for (size_t i = 0; i < side * side; i++) {
        grid[i] = 1.0f;
    }
    size_t empty = nca_damage_apply(grid, side, side, 1, &damage);
    closing result = {.loss = (double)empty / (cells * 4), .cells = (double)empty};
    for (; (double)empty / (cells * 4) > 1e-4; result.healed++) {
        result.restored += (double)empty / (cells * 4) > 1e-3;
        empty = fill_step(grid, side);
    }
    free(grid);
    return result;
}

/* Checks the numbers of a cut of the filling model of rate 1, which fills its grid before the next
 * cut. */
static void check_cut(const nca_healing_cut *found, nca_damage_area area, nca_damage_shape shape,
                      size_t cut, size_t side, size_t rollouts)
{
    closing sum = {0};
    for (size_t k = 0; k < rollouts; k++) {
        const closing own = close_cut(area, shape, k, cut, side);
        sum.loss += own.loss;
        sum.cells += own.cells;
        sum.healed += own.healed;
        sum.restored += own.restored;
    }
    assert_true(found->before.mean == 0.0);
    assert_near(found->cut.mean, sum.loss / (double)rollouts);
    assert_true(found->cut.mean > 0.0 && found->after[0].mean == 0.0);
    assert_true(found->healed_share == 1.0 && found->restored_share == 1.0);
    assert_near(found->healed_step.mean, (double)sum.healed / (double)rollouts);
    assert_near(found->restored_step.mean, (double)sum.restored / (double)rollouts);
    assert_near(found->cells.mean, sum.cells / (double)rollouts);
    assert_near(found->living_share.mean, sum.cells / (double)rollouts / (double)(side * side));
}

static void a_hole_is_healed_at_the_step_that_closes_it(void **state)
{
    static const size_t steps[] = {12};
    nca_model *model = filling_model(1.0f, 1.0f, SIDE, SIDE); /* full after 7 steps */
    (void)state;
    for (int area = 0; area < NCA_DAMAGE_AREA_COUNT; area++) {
        nca_evaluation_options options = small_options(steps, 1);
        options.damage_area = (nca_damage_area)area;
        nca_evaluation *evaluation = evaluate(model, &options);
        assert_int_equal(evaluation->healing_count, NCA_DAMAGE_SHAPES);
        assert_int_equal(evaluation->damage_area, area);
        assert_int_equal(evaluation->cut_count, 1);
        assert_true(isinf(evaluation->rows[0].metric[NCA_METRIC_PSNR].mean));
        assert_true(evaluation->rows[0].metric[NCA_METRIC_PSNR].deviation == 0.0);
        for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
            const nca_healing *healing = &evaluation->healing[shape];
            assert_int_equal(healing->shape, shape);
            assert_int_equal(healing->cuts[0].step, 12);
            check_cut(&healing->cuts[0], (nca_damage_area)area, (nca_damage_shape)shape, 0, SIDE,
                      ROLLOUTS);
            assert_true(healing->curve[0].mean == healing->cuts[0].cut.mean);
            assert_true(healing->curve[NCA_HEALING_STEPS].mean == healing->cuts[0].after[2].mean);
        }
        nca_evaluation_destroy(evaluation);
    }
    nca_model_destroy(model);
}

static void cuts_take_10_to_60_percent_of_the_living_unless_asked_otherwise(void **state)
{
    static const size_t steps[] = {5};
    nca_model *model = filling_model(1.0f, 1.0f, 30, 30); /* 11x11 living cells after 5 steps */
    nca_evaluation_options options = small_options(steps, 1);
    options.damage_at = 5;
    options.rollouts = 1;
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        options.seed = seed;
        nca_evaluation *evaluation = evaluate(model, &options);
        for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
            const nca_healing_cut *cut = &evaluation->healing[shape].cuts[0];
            assert_true(cut->living_share.mean >= 0.1 && cut->living_share.mean <= 0.6);
            assert_int_equal(cut->missed, 0);
            assert_true(cut->cells.mean > 0.0 && cut->cells.mean < 11 * 11);
        }
        nca_evaluation_destroy(evaluation);
    }
    nca_model_destroy(model);
}

static void every_cut_in_a_row_is_a_new_draw(void **state)
{
    enum {
        BIG = 24, /* large enough for cells that are still empty when the loss is already 1e-3 */
        CUTS = 3,
        FEW = 6 /* rollouts */
    };
    static const size_t steps[] = {30};
    nca_model *model = filling_model(1.0f, 1.0f, BIG, BIG);
    nca_evaluation_options options = small_options(steps, 1);
    options.damage_at = 30;
    options.cuts = CUTS;
    options.rollouts = FEW;
    nca_evaluation *evaluation = evaluate(model, &options);
    bool differ = false;
    (void)state;
    assert_int_equal(evaluation->cut_count, CUTS);
    for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        const nca_healing *healing = &evaluation->healing[shape];
        for (size_t k = 0; k < CUTS; k++) {
            const nca_healing_cut *cut = &healing->cuts[k];
            assert_int_equal(cut->step, 30 + k * NCA_HEALING_STEPS);
            check_cut(cut, NCA_DAMAGE_AREA_LIVING, (nca_damage_shape)shape, k, BIG, FEW);
            assert_true(healing->curve[k * NCA_HEALING_STEPS].mean == cut->cut.mean);
            assert_true(k == 0 || cut->cut.mean != healing->cuts[k - 1].cut.mean);
            differ |= cut->restored_step.mean < cut->healed_step.mean;
        }
        assert_true(healing->curve[(size_t)CUTS * NCA_HEALING_STEPS].mean == 0.0);
    }
    assert_true(differ);
    assert_true(evaluation->undamaged[(size_t)CUTS * NCA_HEALING_STEPS].mean == 0.0);

    /* The first cut is the same whatever follows it. */
    options.cuts = 1;
    nca_evaluation *one = evaluate(model, &options);
    for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        const nca_healing_cut *a = one->healing[shape].cuts, *b = evaluation->healing[shape].cuts;
        assert_true(a->cut.mean == b->cut.mean && a->healed_step.mean == b->healed_step.mean);
    }
    nca_evaluation_destroy(one);
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

/* Its undamaged twin is no better, so it counts as healed; but it never resembles its target. */
static void a_model_that_is_far_from_its_target_heals_without_being_restored(void **state)
{
    static const size_t steps[] = {30};
    nca_model *model = filling_model(1.0f, 1.0f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 1);
    options.cuts = 2;
    (void)state;
    for (size_t cell = 0; cell < CELLS; cell++) {
        model->target[4 * cell + ALPHA] = 0.8f; /* L2 0.01 */
    }
    nca_evaluation *evaluation = evaluate(model, &options);
    for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        for (size_t k = 0; k < 2; k++) {
            const nca_healing_cut *cut = &evaluation->healing[shape].cuts[k];
            assert_true(cut->healed_share == 1.0);
            assert_true(cut->restored_share == 0.0);
            assert_true(isnan(cut->restored_step.mean));
        }
    }
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

/* Dead rollouts cannot heal, although they are as good as their dead twins, and here as good as the
 * empty target. */
static void the_dead_do_not_heal(void **state)
{
    static const size_t steps[] = {40};
    nca_model *model = filling_model(0.0f, 0.5f, SIDE, SIDE);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    nca_evaluation_options options = small_options(steps, 1);
    (void)state;
    p.b2[ALPHA] = -0.95f; /* the first update kills the seed cell */
    memset(model->target, 0, CELLS * 4 * sizeof *model->target);
    options.damage_at = 40;
    options.cuts = 2;
    nca_evaluation *evaluation = evaluate(model, &options);
    for (size_t shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        const nca_healing_cut *cut = &evaluation->healing[shape].cuts[1];
        assert_true(cut->cut.mean == 0.0);
        assert_true(cut->healed_share == 0.0 && cut->restored_share == 0.0);
        assert_true(isnan(cut->healed_step.mean) && isnan(cut->restored_step.mean));
        assert_true(isnan(cut->living_share.mean));
    }
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void a_model_that_cannot_grow_does_not_heal(void **state)
{
    static const size_t steps[] = {12};
    nca_model *model = filling_model(0.0f, 1.0f, SIDE, SIDE); /* the seed does not change */
    memset(model->target, 0, CELLS * 4 * sizeof *model->target);
    model->target[4 * (SIDE / 2 * SIDE + SIDE / 2) + ALPHA] = 1.0f;
    nca_evaluation_options options = small_options(steps, 1);
    options.damage_area = NCA_DAMAGE_AREA_GRID;
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    for (int shape = 0; shape < NCA_DAMAGE_SHAPES; shape++) {
        size_t untouched = 0;
        for (size_t k = 0; k < ROLLOUTS; k++) {
            float grid[CELLS] = {0};
            nca_damage damage = nca_damage_draw((nca_damage_shape)shape, 5, (uint32_t)k, 0);
            grid[SIDE / 2 * SIDE + SIDE / 2] = 1.0f;
            nca_damage_apply(grid, SIDE, SIDE, 1, &damage);
            untouched += grid[SIDE / 2 * SIDE + SIDE / 2] != 0.0f;
        }
        const nca_healing_cut *cut = &evaluation->healing[shape].cuts[0];
        assert_true(untouched < ROLLOUTS);
        assert_near(cut->healed_share, (double)untouched / ROLLOUTS);
        assert_near(cut->restored_share, (double)untouched / ROLLOUTS);
        assert_true(untouched == 0 || cut->healed_step.mean == 0.0);
        /* Cuts that removed no cell are counted separately: none of the trials of healing
         * succeeded. */
        assert_int_equal(cut->missed, untouched);
        assert_int_equal(cut->trials_healed, 0);
        assert_true(isnan(cut->trial_step.mean));
        assert_near(cut->cells.mean, (double)(ROLLOUTS - untouched) / ROLLOUTS);
    }
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void options_of_damage_out_of_range_are_refused(void **state)
{
    static const size_t steps[] = {12};
    static const size_t cuts[] = {0, NCA_HEALING_MAX_CUTS + 1};
    nca_model *model = filling_model(1.0f, 1.0f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 1);
    (void)state;
    options.damage_at = SIZE_MAX;
    refuse(model, &options,
           "damage_at: expected a step of at most 1000000000, found 18446744073709551615");
    options = small_options(steps, 1);
    options.damage_area = NCA_DAMAGE_AREA_COUNT;
    refuse(model, &options, "damage_area: expected an area of nca_damage_area, found 2");
    for (size_t i = 0; i < 2; i++) {
        options = small_options(steps, 1);
        options.cuts = cuts[i];
        refuse(model, &options,
               i == 0 ? "cuts: expected 1 to 100, found 0" : "cuts: expected 1 to 100, found 101");
        options.healing = false; /* in this case they are ignored */
        nca_evaluation_destroy(evaluate(model, &options));
    }
    nca_model_destroy(model);
}

/* ---- A larger grid ---------------------------------------------------------------------------*/

static void a_larger_grid_keeps_the_target_around_the_seed(void **state)
{
    static const uint32_t sizes[][4] = {{14, 14, 28, 28}, {5, 5, 10, 10}, {5, 4, 6, 7},
                                        {4, 5, 5, 5},     {1, 1, 2, 3},   {6, 9, 6, 9}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint32_t h = sizes[i][0], w = sizes[i][1], height = sizes[i][2], width = sizes[i][3];
        nca_model *model = filling_model(1.0f, 1.0f, h, w);
        for (size_t cell = 0; cell < (size_t)h * w; cell++) {
            model->target[4 * cell] = (float)(cell + 1);
        }
        assert_int_equal(nca_model_enlarge(model, height, width, &problem), NCA_OK);
        assert_int_equal(model->info.height, height);
        assert_int_equal(model->info.width, width);
        size_t filled = 0;
        for (size_t cell = 0; cell < (size_t)height * width; cell++) {
            filled += model->target[4 * cell + ALPHA] == 1.0f;
        }
        assert_int_equal(filled, h * w);
        const size_t seed = (size_t)(height / 2) * width + width / 2;
        assert_true(model->target[4 * seed] == (float)(h / 2 * w + w / 2 + 1));
        nca_model_destroy(model);
    }
}

static void a_grid_smaller_than_the_target_is_refused(void **state)
{
    nca_model *model = filling_model(1.0f, 1.0f, 6, 9);
    (void)state;
    assert_int_equal(nca_model_enlarge(model, 5, 20, &problem), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(problem.message, "at least 6x9"));
    assert_int_equal(nca_model_enlarge(model, 6, NCA_MAX_SIDE + 1, &problem), NCA_INVALID_ARGUMENT);
    assert_int_equal(model->info.height, 6);
    assert_int_equal(model->info.width, 9);
    free(model->target);
    model->target = NULL;
    assert_int_equal(nca_model_enlarge(model, 12, 18, &problem), NCA_INVALID_ARGUMENT);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hole_is_healed_at_the_step_that_closes_it),
        cmocka_unit_test(cuts_take_10_to_60_percent_of_the_living_unless_asked_otherwise),
        cmocka_unit_test(every_cut_in_a_row_is_a_new_draw),
        cmocka_unit_test(a_model_that_is_far_from_its_target_heals_without_being_restored),
        cmocka_unit_test(the_dead_do_not_heal),
        cmocka_unit_test(a_model_that_cannot_grow_does_not_heal),
        cmocka_unit_test(options_of_damage_out_of_range_are_refused),
        cmocka_unit_test(a_larger_grid_keeps_the_target_around_the_seed),
        cmocka_unit_test(a_grid_smaller_than_the_target_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
