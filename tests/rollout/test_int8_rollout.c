/* Rollouts in int8: the same bits for any kernel set and number of threads, close to fp32 for as
 * long as a trained model lives, and correct if states explode. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "nca/rollout.h"
#include "says.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The final states of a case's batch, grown forward. */
static float *grow(const batch_case *c, nca_precision precision, const nca_kernels *kernels,
                   unsigned threads)
{
    nca_model *model = NULL;
    nca_rollout *rollout = NULL;
    const size_t values = batch_values(c);
    float *states = batch_allocate(c->batch * values, sizeof *states);
    assert_int_equal(nca_model_create(&model, &c->automaton, NULL), NCA_OK);
    memcpy(model->parameters, c->parameters,
           nca_parameter_count(&c->automaton) * sizeof *model->parameters);
    const nca_rollout_options options = {.batch = c->batch,
                                         .height = c->height,
                                         .width = c->width,
                                         .seed = c->seed,
                                         .threads = threads,
                                         .kernels = kernels,
                                         .precision = precision};
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    for (size_t b = 0; b < c->batch; b++) {
        nca_rollout_set(rollout, b, c->initial + b * values);
    }
    assert_int_equal(nca_rollout_run(rollout, c->steps, NULL), NCA_OK);
    for (size_t b = 0; b < c->batch; b++) {
        nca_rollout_get(states + b * values, rollout, b);
    }
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    return states;
}

/* A case with unusual sizes. */
static batch_case draw_case(noise *n, batch_start start)
{
    static const uint32_t channels[] = {4, 5, 15, 16, 17, 33}, hidden[] = {1, 31, 64, 65, 128, 200};
    static const size_t sides[] = {1, 3, 8, 17, 40};
    batch_case c = {.start = start};
    nca_automaton_default(&c.automaton);
    nca_automaton *a = &c.automaton;
    c.height = sides[noise_below(n, COUNT(sides))];
    c.width = sides[noise_below(n, COUNT(sides))];
    c.batch = 1 + noise_below(n, 3);
    c.steps = 1 + noise_below(n, 6);
    c.seed = noise_word(n);
    a->channels = channels[noise_below(n, COUNT(channels))];
    a->hidden = hidden[noise_below(n, COUNT(hidden))];
    a->boundary = (nca_boundary)noise_below(n, NCA_BOUNDARY_COUNT);
    a->alive_channel = noise_below(n, 2) ? 3 : -1;
    a->output_bias = noise_below(n, 2) != 0;
    if (noise_below(n, 3) == 0) {
        a->filter = NCA_FILTER_LEARNED;
        a->filter_count = 1 + (uint32_t)noise_below(n, NCA_MAX_FILTERS);
    }
    batch_case_draw(&c, n);
    return c;
}

static void int8_has_the_same_bits_for_every_set_and_number_of_threads(void **state)
{
    (void)state;
    static const batch_start starts[] = {BATCH_START_SPARSE, BATCH_START_SEED, BATCH_START_TINY,
                                         BATCH_START_HUGE, BATCH_START_INFINITE};
    noise n = {.state = 88};
    for (size_t i = 0; i < 40; i++) {
        batch_case c = draw_case(&n, starts[i % COUNT(starts)]);
        const size_t values = c.batch * batch_values(&c);
        float *expected = grow(&c, NCA_PRECISION_INT8, nca_kernels_named("scalar"), 1);
        const nca_kernels *set;
        for (size_t k = 0; (set = batch_kernels(k)) != NULL; k++) {
            float *found = grow(&c, NCA_PRECISION_INT8, set, 1 + (unsigned)(i + k) % 3);
            if (!batch_same(found, expected, values)) {
                fail_msg("%s: the states of set %s differ", batch_case_text(&c),
                         nca_kernels_name(set));
            }
            free(found);
        }
        free(expected);
        batch_case_free(&c);
    }
}

/* One step of a random automaton: the change by int8 is small compared with the update, but not
 * zero. The quantisation error is half a step of 1/127 of the largest value of perception and
 * weights and of 1/255 of the hidden layer's; since the errors are random, their sums keep that
 * proportion. */
static void one_step_errs_by_little(void **state)
{
    (void)state;
    noise n = {.state = 89};
    for (size_t i = 0; i < 12; i++) {
        batch_case c = draw_case(&n, BATCH_START_SPARSE);
        c.steps = 1;
        c.automaton.alive_channel = -1;
        c.automaton.fire_rate = 1.0f;
        const size_t values = c.batch * batch_values(&c);
        float *exact = grow(&c, NCA_PRECISION_FP32, NULL, 1);
        float *coarse = grow(&c, NCA_PRECISION_INT8, NULL, 1);
        double error = 0;
        double update = 0;
        for (size_t v = 0; v < values; v++) {
            error += pow((double)coarse[v] - (double)exact[v], 2);
            update += pow((double)exact[v] - (double)c.initial[v], 2);
        }
        if (!(error > 0 && sqrt(error) < 0.03 * sqrt(update))) {
            fail_msg("%s: the error is %g of the update", batch_case_text(&c),
                     sqrt(error / update));
        }
        free(exact);
        free(coarse);
        batch_case_free(&c);
    }
}

enum {
    ROLLOUTS = 2,
    LONG = 500 /* steps: five times as many as the model was trained for */
};

/* The limits that docs/precision.md gives for this model. */
static const double most_mean_difference = 0.006, most_l2_ratio = 1.15;

static void int8_is_near_fp32_after_500_steps(void **state)
{
    (void)state;
    nca_model *model = NULL;
    nca_rollout *rollouts[2] = {NULL, NULL};
    assert_int_equal(
        nca_model_load(&model, NCA_FIXTURES "/../../bench/phantom40.safetensors", NULL), NCA_OK);
    for (int p = 0; p < 2; p++) {
        nca_rollout_options options;
        nca_rollout_options_default(&options, model);
        options.batch = ROLLOUTS;
        options.seed = 5;
        options.precision = p == 0 ? NCA_PRECISION_FP32 : NCA_PRECISION_INT8;
        assert_int_equal(nca_rollout_create(&rollouts[p], model, &options, NULL), NCA_OK);
        assert_int_equal(nca_rollout_run(rollouts[p], LONG, NULL), NCA_OK);
    }
    const size_t values = (size_t)model->info.height * model->info.width * 4;
    float *rgba[2] = {batch_allocate(values, sizeof(float)), batch_allocate(values, sizeof(float))};
    for (size_t sample = 0; sample < ROLLOUTS; sample++) {
        double mean = 0;
        double loss[2];
        for (int p = 0; p < 2; p++) {
            nca_rollout_rgba(rgba[p], rollouts[p], sample);
            loss[p] = nca_rollout_loss(rollouts[p], sample, NCA_LOSS_L2, model->target);
        }
        for (size_t v = 0; v < values; v++) {
            mean += fabs((double)rgba[0][v] - (double)rgba[1][v]) / (double)values;
        }
        assert_true(mean > 0); /* it did run in int8 */
        if (!(mean < most_mean_difference && loss[1] < most_l2_ratio * loss[0])) {
            fail_msg("sample %zu: mean difference %g, L2 %g in int8 and %g in fp32", sample, mean,
                     loss[1], loss[0]);
        }
    }
    for (int p = 0; p < 2; p++) {
        free(rgba[p]);
        nca_rollout_destroy(rollouts[p]);
    }
    nca_model_destroy(model);
}

static void a_rollout_refuses_what_is_no_precision_of_its_own(void **state)
{
    (void)state;
    nca_model *model = NULL;
    nca_rollout *rollout = NULL;
    nca_error error;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    assert_int_equal(options.precision, NCA_PRECISION_FP32);
    options.precision = NCA_PRECISION_BF16;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "precision:*fp32*int8*bf16*");
    options.precision = NCA_PRECISION_COUNT;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &error), NCA_INVALID_ARGUMENT);
    assert_null(rollout);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int8_has_the_same_bits_for_every_set_and_number_of_threads),
        cmocka_unit_test(one_step_errs_by_little),
        cmocka_unit_test(int8_is_near_fp32_after_500_steps),
        cmocka_unit_test(a_rollout_refuses_what_is_no_precision_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
