/* Evaluations compared with rollouts that are measured separately, and for automata built by hand
 * whose growth and death are known in advance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "measure/evaluating.h"
#include "nca/loss.h"
#include "nca/quality.h"
#include "nca/rollout.h"

/* ---- Means and deviations compared with direct computation -------------------------------------
 */

/* One metric of one rollout, from a separate run. */
static double direct(const nca_model *model, uint64_t seed, size_t sample, size_t steps,
                     nca_metric metric)
{
    static const nca_loss losses[] = {NCA_LOSS_L1, NCA_LOSS_L2, NCA_LOSS_MANHATTAN, NCA_LOSS_HINGE};
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    float rgba[CELLS * 4];
    nca_rollout *rollout = NULL;
    double value = NAN;
    options.first_sample = sample;
    options.threads = 1;
    options.seed = seed;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    assert_int_equal(nca_rollout_run(rollout, steps, NULL), NCA_OK);
    nca_rollout_rgba(rgba, rollout, 0);
    if (metric < NCA_METRIC_PSNR) {
        value = nca_rollout_loss(rollout, 0, losses[metric], model->target);
    } else if (metric == NCA_METRIC_PSNR) {
        value = nca_psnr(rgba, model->target, SIDE, SIDE);
    } else {
        assert_int_equal(nca_ssim(&value, rgba, model->target, SIDE, SIDE, NULL), NCA_OK);
    }
    nca_rollout_destroy(rollout);
    return value;
}

static void every_metric_is_that_of_the_rollouts_one_by_one(void **state)
{
    static const size_t steps[] = {0, 3, 11};
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 3);
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    assert_int_equal(evaluation->row_count, 3);
    for (size_t row = 0; row < 3; row++) {
        for (int m = 0; m < NCA_METRIC_COUNT; m++) {
            double sum = 0.0, squares = 0.0;
            for (size_t k = 0; k < ROLLOUTS; k++) {
                sum += direct(model, 5, k, steps[row], (nca_metric)m);
            }
            for (size_t k = 0; k < ROLLOUTS; k++) {
                double off = direct(model, 5, k, steps[row], (nca_metric)m) - sum / ROLLOUTS;
                squares += off * off;
            }
            const nca_spread *found = &evaluation->rows[row].metric[m];
            assert_near(found->mean, sum / ROLLOUTS);
            assert_near(found->deviation, sqrt(squares / (ROLLOUTS - 1)));
            assert_true(row == 0 || found->deviation > 0.0); /* the fire masks differ */
        }
        assert_int_equal(evaluation->rows[row].steps, steps[row]);
        assert_true(evaluation->rows[row].surviving == 1.0);
    }
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void the_curve_meets_the_rows_and_ends_at_the_last_step(void **state)
{
    static const size_t steps[] = {4, 10};
    static const size_t expected[] = {0, 4, 8, 10};
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 2);
    options.curve_every = 4;
    options.healing = false;
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    assert_int_equal(evaluation->curve_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(evaluation->curve_steps[i], expected[i]);
    }
    assert_true(evaluation->curve[1].mean == evaluation->rows[0].metric[NCA_METRIC_L2].mean);
    assert_true(evaluation->curve[3].mean == evaluation->rows[1].metric[NCA_METRIC_L2].mean);
    assert_true(evaluation->curve[3].deviation ==
                evaluation->rows[1].metric[NCA_METRIC_L2].deviation);
    assert_int_equal(evaluation->healing_count, 0);
    assert_null(evaluation->undamaged);
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void a_logarithmic_curve_has_as_many_points_in_every_doubling(void **state)
{
    static const size_t steps[] = {4, 21};
    static const struct {
        size_t per_doubling, count, steps[23];
    } cases[] = {
        {1, 7, {0, 1, 2, 4, 8, 16, 21}},
        {2, 10, {0, 1, 2, 3, 4, 6, 8, 12, 16, 21}},
        {3, 13, {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16}}, /* and more */
        {100, 22, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}}};
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_evaluation_options options = small_options(steps, 2);
        options.curve_per_doubling = cases[i].per_doubling;
        options.healing = false;
        nca_evaluation *evaluation = evaluate(model, &options);
        assert_true(evaluation->curve_count >= cases[i].count);
        for (size_t k = 0; k < cases[i].count; k++) {
            assert_int_equal(evaluation->curve_steps[k], cases[i].steps[k]);
        }
        assert_int_equal(evaluation->curve_steps[evaluation->curve_count - 1], 21);
        assert_int_equal(evaluation->curve_per_doubling, cases[i].per_doubling);
        assert_true(evaluation->curve[4].mean == evaluation->rows[0].metric[NCA_METRIC_L2].mean ||
                    evaluation->curve_steps[4] != 4);
        assert_true(evaluation->curve[evaluation->curve_count - 1].mean ==
                    evaluation->rows[1].metric[NCA_METRIC_L2].mean);
        nca_evaluation_destroy(evaluation);
    }
    nca_model_destroy(model);
}

static void metrics_have_names_and_a_better_end(void **state)
{
    static const char *const names[] = {"L1", "L2", "Manhattan", "Hinge", "PSNR", "SSIM"};
    (void)state;
    for (int m = 0; m < NCA_METRIC_COUNT; m++) {
        assert_string_equal(nca_metric_name((nca_metric)m), names[m]);
        assert_int_equal(nca_metric_higher_is_better((nca_metric)m), m >= NCA_METRIC_PSNR);
    }
    assert_null(nca_metric_name(NCA_METRIC_COUNT));
}

/* ---- The same bits ---------------------------------------------------------------------------*/

static char *as_text(const nca_model *model, const nca_evaluation_options *options)
{
    char *text = NULL;
    nca_evaluation *evaluation = evaluate(model, options);
    assert_int_equal(nca_evaluation_csv(&text, evaluation, NULL), NCA_OK);
    nca_evaluation_destroy(evaluation);
    return text;
}

static void threads_and_kernels_change_no_bit_and_the_seed_does(void **state)
{
    static const size_t steps[] = {10, 30};
    nca_model *model = filling_model(0.3f, 0.5f, 11, 11); /* the scalar set is slow */
    nca_evaluation_options options = small_options(steps, 2);
    options.rollouts = 17; /* one more than run together */
    options.curve_every = 7;
    options.kernels = nca_kernels_named("scalar");
    char *first = as_text(model, &options);
    (void)state;
    for (unsigned threads = 2; threads <= 3; threads++) {
        options.threads = threads;
        options.kernels = NULL;
        char *second = as_text(model, &options);
        assert_string_equal(first, second);
        free(second);
    }
    options.seed++;
    char *other = as_text(model, &options);
    assert_string_not_equal(first, other);
    free(other);
    free(first);
    nca_model_destroy(model);
}

/* ---- Life and death --------------------------------------------------------------------------*/

static void a_model_that_dies_survives_for_as_long_as_it_lives(void **state)
{
    static const size_t steps[] = {0, 1, 2, 40};
    nca_model *model = filling_model(0.0f, 0.5f, SIDE, SIDE);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    p.b2[ALPHA] = -0.95f; /* the first update kills the seed cell */
    nca_evaluation_options options = small_options(steps, 4);
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    size_t alive[3] = {0};
    for (size_t k = 0; k < ROLLOUTS; k++) {
        for (size_t i = 1; i < 3; i++) { /* dead grids differ by 1 in every alpha */
            alive[i] += direct(model, 5, k, steps[i], NCA_METRIC_MANHATTAN) != CELLS;
        }
    }
    assert_true(alive[1] > 0 && alive[1] < ROLLOUTS);
    assert_near(evaluation->rows[0].surviving, 1.0);
    assert_near(evaluation->rows[1].surviving, (double)alive[1] / ROLLOUTS);
    assert_near(evaluation->rows[2].surviving, (double)alive[2] / ROLLOUTS);
    assert_true(evaluation->rows[3].surviving == 0.0);
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void an_automaton_that_explodes_does_not_survive(void **state)
{
    static const size_t steps[] = {1, 400};
    nca_model *model = filling_model(0.0f, 1.0f, SIDE, SIDE);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    p.w2[ALPHA] = 3.0f; /* alpha grows by a factor of four per step */
    nca_evaluation_options options = small_options(steps, 2);
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    assert_true(evaluation->rows[0].surviving == 1.0);
    assert_true(evaluation->rows[1].surviving == 0.0);
    assert_false(isfinite(evaluation->rows[1].metric[NCA_METRIC_L1].mean));
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

/* ---- Refused options, and stopping ------------------------------------------------------------
 */

static void options_out_of_range_are_refused(void **state)
{
    static const size_t steps[] = {12, 12}, many[] = {SIZE_MAX};
    nca_model *model = filling_model(1.0f, 1.0f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 2);
    (void)state;
    refuse(model, &options, "steps: expected increasing numbers of at most 1000000000, found 12");
    options = small_options(many, 1);
    refuse(model, &options,
           "steps: expected increasing numbers of at most 1000000000, found 18446744073709551615");
    options = small_options(steps, 0);
    refuse(model, &options, "steps: expected at least one number of steps, found none");
    options = small_options(steps, 1);
    options.rollouts = 0;
    refuse(model, &options, "rollouts: expected 1 to 16777215, found 0");
    options = small_options(steps, 1);
    options.curve_every = 3;
    options.curve_per_doubling = 4;
    refuse(model, &options,
           "curve_every and curve_per_doubling: expected at most one of them, found 3 and 4");
    free(model->target);
    model->target = NULL;
    options = small_options(steps, 1);
    refuse(model, &options, "evaluation: the model contains no target to compare with; give one");
    nca_model_destroy(model);
}

typedef struct watcher {
    double last;
    size_t calls, stop_after;
} watcher;

static bool watch(double share, void *user)
{
    watcher *w = user;
    assert_true(share > w->last && share <= 1.0);
    w->last = share;
    return ++w->calls != w->stop_after;
}

static void progress_rises_to_1_and_can_stop(void **state)
{
    static const size_t steps[] = {12, 100};
    nca_model *model = filling_model(1.0f, 1.0f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 2);
    watcher w = {0};
    (void)state;
    options.progress = watch;
    options.user = &w;
    nca_evaluation_destroy(evaluate(model, &options));
    assert_true(w.last == 1.0);
    for (size_t stop = 1; stop < w.calls; stop += 397) {
        watcher impatient = {.stop_after = stop};
        nca_evaluation *evaluation = NULL;
        options.user = &impatient;
        assert_int_equal(nca_evaluate(&evaluation, model, &options, &problem), NCA_INTERRUPTED);
        assert_null(evaluation);
        assert_int_equal(impatient.calls, stop);
    }
    nca_model_destroy(model);
}

static void one_rollout_has_no_deviation(void **state)
{
    static const size_t steps[] = {5};
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_evaluation_options options = small_options(steps, 1);
    options.rollouts = 1;
    nca_evaluation *evaluation = evaluate(model, &options);
    (void)state;
    assert_near(evaluation->rows[0].metric[NCA_METRIC_L1].mean,
                direct(model, 5, 0, 5, NCA_METRIC_L1));
    assert_true(isnan(evaluation->rows[0].metric[NCA_METRIC_L1].deviation));
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_that_of_the_rollouts_one_by_one),
        cmocka_unit_test(the_curve_meets_the_rows_and_ends_at_the_last_step),
        cmocka_unit_test(a_logarithmic_curve_has_as_many_points_in_every_doubling),
        cmocka_unit_test(metrics_have_names_and_a_better_end),
        cmocka_unit_test(threads_and_kernels_change_no_bit_and_the_seed_does),
        cmocka_unit_test(a_model_that_dies_survives_for_as_long_as_it_lives),
        cmocka_unit_test(an_automaton_that_explodes_does_not_survive),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(progress_rises_to_1_and_can_stop),
        cmocka_unit_test(one_rollout_has_no_deviation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
