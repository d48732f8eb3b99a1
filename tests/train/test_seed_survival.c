/* Weights that kill the seed cell are changed until it survives its first update. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/seed_survival.h"
#include "nca/model.h"
#include "nca/philox.h"
#include "nca/rollout.h"

enum {
    SIDE = 5,
    MOST = 16
};

/* The alive channel of the seed cell after a step in which every cell fires. Its own update does
 * not depend on its neighbours. */
static float seed_after_step(const float *parameters, const nca_automaton *automaton)
{
    nca_model *model;
    assert_int_equal(nca_model_create(&model, automaton, NULL), NCA_OK);
    model->automaton.fire_rate = 1.0f;
    memcpy(model->parameters, parameters, nca_parameter_count(automaton) * sizeof(float));
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.height = options.width = SIDE;
    options.threads = 1;
    nca_rollout *rollout;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    assert_int_equal(nca_rollout_run(rollout, 1, NULL), NCA_OK);
    float state[SIDE * SIDE * MOST];
    nca_rollout_get(state, rollout, 0);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    return state[(SIDE / 2 * SIDE + SIDE / 2) * automaton->channels +
                 (size_t)automaton->alive_channel];
}

/* Weights in -0.5 to 0.5. */
static float *draw_parameters(const nca_automaton *automaton, uint32_t seed)
{
    const size_t count = nca_parameter_count(automaton);
    float *parameters = malloc(count * sizeof *parameters);
    assert_non_null(parameters);
    for (size_t i = 0; i < count; i++) {
        uint32_t words[4];
        nca_draw(words, seed, NCA_STREAM_WEIGHTS, (uint32_t)i, 0, 0, 0);
        parameters[i] = nca_uniform(words[0]) - 0.5f;
    }
    return parameters;
}

static nca_automaton automaton_of(unsigned kind)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 8;
    automaton.hidden = 24;
    automaton.filter = (nca_filter)(kind % NCA_FILTER_COUNT);
    automaton.output_bias = kind / NCA_FILTER_COUNT % 2 == 0;
    automaton.step_size = kind % 3 == 0 ? 0.5f : 1.0f;
    automaton.alive_channel = kind % 4 == 3 ? 5 : 3;
    return automaton;
}

static void keep_alive(float *parameters, const nca_automaton *automaton, float least)
{
    void *scratch = malloc(nca__seed_survival_scratch(automaton));
    assert_non_null(scratch);
    nca__keep_seed_alive(parameters, automaton, least, scratch);
    free(scratch);
}

/* The number of rollouts without a living cell after two steps. */
static size_t dead_after_two_steps(const float *parameters, const nca_automaton *automaton)
{
    enum {
        ROLLOUTS = 2048
    };
    nca_model *model;
    assert_int_equal(nca_model_create(&model, automaton, NULL), NCA_OK);
    memcpy(model->parameters, parameters, nca_parameter_count(automaton) * sizeof(float));
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.height = options.width = SIDE;
    options.batch = ROLLOUTS;
    nca_rollout *rollout;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    assert_int_equal(nca_rollout_run(rollout, 2, NULL), NCA_OK);
    size_t dead = 0;
    for (size_t sample = 0; sample < ROLLOUTS; sample++) {
        dead += nca_rollout_alive(rollout, sample) == 0;
    }
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    return dead;
}

static void the_seed_survives_and_nothing_else_is_touched(void **state)
{
    (void)state;
    unsigned moved = 0;
    size_t died_before = 0, died_after = 0;
    for (unsigned kind = 0; kind < 60; kind++) {
        const nca_automaton automaton = automaton_of(kind);
        const size_t count = nca_parameter_count(&automaton);
        float *before = draw_parameters(&automaton, kind), *after = malloc(count * sizeof *after);
        assert_non_null(after);
        memcpy(after, before, count * sizeof *after);
        /* These weights are much worse than those of a training, which is corrected in every
         * iteration. */
        for (int call = 0; call < 20; call++) {
            keep_alive(after, &automaton, 0.5f);
        }
        assert_true(seed_after_step(after, &automaton) >= 0.5f - 1e-5f);
        died_before += dead_after_two_steps(before, &automaton);
        died_after += dead_after_two_steps(after, &automaton);
        moved += memcmp(before, after, count * sizeof *after) != 0;
        const size_t row = nca_tensor_named(&automaton, "update.w2").offset +
                           (size_t)automaton.alive_channel * automaton.hidden;
        const size_t bias =
            nca_tensor_named(&automaton, "update.b2").offset + (size_t)automaton.alive_channel;
        for (size_t i = 0; i < count; i++) {
            const bool own =
                (i >= row && i < row + automaton.hidden) || (automaton.output_bias && i == bias);
            assert_true(own || before[i] == after[i]);
        }
        free(before);
        free(after);
    }
    print_message("%u of 60 corrected; dead before %zu, after %zu\n", moved, died_before,
                  died_after);
    assert_in_range(moved, 8, 59);
    assert_true(died_before > 0);
    assert_int_equal(died_after, 0);
}

static void what_cannot_be_helped_is_left_alone(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        nca_automaton automaton = automaton_of(0);
        automaton.alive_channel = kind == 0 ? -1 : kind == 1 ? 1 : 3;
        automaton.output_bias = kind != 2;
        const size_t count = nca_parameter_count(&automaton);
        float *before = draw_parameters(&automaton, 7), *after = malloc(count * sizeof *after);
        assert_non_null(after);
        if (kind == 2) { /* a hidden layer that is 0 */
            const nca_parameters view = nca_parameters_view(before, &automaton);
            memset(view.w1, 0, automaton.hidden * 3 * automaton.channels * sizeof(float));
            memset(view.b1, 0, automaton.hidden * sizeof(float));
        }
        memcpy(after, before, count * sizeof *after);
        keep_alive(after, &automaton, 1.0f);
        assert_memory_equal(before, after, count * sizeof *after);
        free(before);
        free(after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seed_survives_and_nothing_else_is_touched),
        cmocka_unit_test(what_cannot_be_helped_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
