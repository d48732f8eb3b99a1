/* Values that are not finite and trainings that cannot succeed: iterations that are dropped, and
 * the end of a training that does not recover. */
#include "train/session_fixture.h"

#include "base/finite.h"

/* A session whose steps amplify so much that a huge state overflows and a normal one does not. */
static nca_session *brittle_session(nca_injection injection)
{
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.injection = injection;
    settings.pool_size = settings.batch_size;
    settings.steps_min = settings.steps_max = 2;
    nca_session *session = small_session(&settings);
    run_session(session, 4);
    session->model->automaton.step_size = 1000.0f;
    nca__batch_destroy(session->batch);
    session->settings.step_size = 1000.0f;
    const nca__batch_options options =
        nca__session_batch_options(&session->settings, &session->problem, NULL);
    assert_ok(nca__batch_create(&session->batch, &options, &failure));
    nca__session_refresh(session);
    return session;
}

static void only_the_samples_at_fault_are_seeded_again(void **state)
{
    (void)state;
    enum {
        VALUES = SMALL_CELLS * 8,
        SLOTS = 5,
        POISONED = 2
    };
    for (int injection = 0; injection < NCA_INJECTION_COUNT; injection++) {
        nca_session *session = brittle_session((nca_injection)injection);
        float poison[VALUES], before[SLOTS][VALUES], after[VALUES];
        for (size_t i = 0; i < VALUES; i++) {
            const size_t cell = i / 8, c = i % 8;
            poison[i] = c < 4 ? nca_session_target(session)->rgba[cell * 4 + c] : 3e38f;
        }
        nca__pool_set(&session->pool, POISONED, poison);
        for (size_t slot = 0; slot < SLOTS; slot++) {
            slot_state(before[slot], session, slot);
        }
        const size_t bytes = session->parameter_count * sizeof(float);
        float *parameters = malloc(bytes);
        assert_non_null(parameters);
        memcpy(parameters, session->model->parameters, bytes);
        const nca__counters counters = session->counters;

        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
        assert_true(report.dropped);
        assert_int_equal(report.dropped_total, 1);
        assert_int_equal(session->counters.iteration, counters.iteration + 1);
        assert_int_equal(session->counters.updates, counters.updates);
        assert_memory_equal(session->model->parameters, parameters, bytes);
        assert_true(isfinite(report.smooth_loss));
        nca_seed(before[POISONED], SMALL_HEIGHT, SMALL_WIDTH, 8);
        for (size_t slot = 0; slot < SLOTS; slot++) {
            slot_state(after, session, slot);
            assert_memory_equal(after, before[slot], sizeof after);
        }
        free(parameters);
        nca_session_destroy(session);
    }
}

static void all_samples_are_seeded_again_when_none_is_at_fault(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 8);
    assert_true(nca__pool_grown(&session->pool) > 0);
    /* An update that overflows: no sample did it. */
    const size_t bytes = session->parameter_count * sizeof(float);
    float *saved = malloc(3 * bytes);
    assert_non_null(saved);
    session->in_effect.learning_rate = 3e38f;
    session->settings.beta1 = 0.999999f;
    session->settings.beta2 = 0.0f;
    /* rate / (1 - beta1^t) * m overflows where m is over 1. */
    for (size_t i = 0; i < session->parameter_count; i++) {
        session->m[i] = 2.0f;
    }
    memcpy(saved, session->model->parameters, bytes);
    memcpy(saved + session->parameter_count, session->m, bytes);
    memcpy(saved + 2 * session->parameter_count, session->v, bytes);
    nca_iteration report;
    assert_ok(nca_session_step(session, &report, &failure));
    assert_true(report.dropped);
    assert_true(isfinite(report.loss));
    assert_memory_equal(session->model->parameters, saved, bytes);
    assert_memory_equal(session->m, saved + session->parameter_count, bytes);
    assert_memory_equal(session->v, saved + 2 * session->parameter_count, bytes);
    for (uint32_t b = 0; b < settings.batch_size; b++) {
        assert_false(session->pool.is_grown[session->slots[b]]);
    }
    free(saved);
    nca_session_destroy(session);
}

static void an_absurd_learning_rate_ends_with_advice(void **state)
{
    (void)state;
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, (nca_experiment)experiment);
        settings.learning_rate = 10.0f;
        settings.step_size = 1000.0f;
        settings.steps_min = settings.steps_max = 40;
        settings.iterations = 1000;
        nca_session *session = small_session(&settings);
        nca_error error = {.message = ""};
        assert_int_equal(nca_session_run(session, NULL, NULL, &error), NCA_DIVERGED);
        assert_non_null(strstr(error.message, "learning_rate (10)"));
        assert_non_null(strstr(error.message, "step_size (1000)"));
        assert_non_null(strstr(error.message, "normalise_gradient"));
        assert_int_equal(session->counters.dropped_in_a_row, 10);
        assert_true(nca__all_finite(session->model->parameters, session->parameter_count));
        assert_true(nca__all_finite(session->m, session->parameter_count));
        assert_true(nca__all_finite(session->v, session->parameter_count));
        for (size_t slot = 0; slot < session->pool.slots; slot++) {
            float grid[SMALL_CELLS * 8];
            slot_state(grid, session, slot);
            assert_true(nca__all_finite(grid, SMALL_CELLS * 8));
        }
        nca_session_destroy(session);
    }
}

/* A session whose output bias moves channels first..last by `value` a step, and that hardly learns.
 */
static nca_session *session_with_bias(const nca_settings *settings, size_t first, size_t last,
                                      float value)
{
    nca_session *session = small_session(settings);
    float *bias = session->model->parameters +
                  nca_tensor_named(&session->model->automaton, "update.b2").offset;
    for (size_t c = first; c <= last; c++) {
        bias[c] = value;
    }
    nca__session_refresh(session);
    return session;
}

static void dead_cells_and_growth_without_limit_end_a_training(void **state)
{
    (void)state;
    for (int loss = 0; loss < 2 * NCA_LOSS_COUNT; loss++) {
        const bool dead = loss < NCA_LOSS_COUNT;
        nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
        settings.loss = (nca_loss)(loss % NCA_LOSS_COUNT);
        settings.learning_rate = 1e-9f;
        settings.fire_rate = 1.0f;
        settings.iterations = 1000;
        nca_session *session = dead ? session_with_bias(&settings, 3, 3, -10.0f)
                                    : session_with_bias(&settings, 0, 2, 1000.0f);
        nca_error error = {.message = ""};
        assert_int_equal(nca_session_run(session, NULL, NULL, &error), NCA_DIVERGED);
        assert_int_equal(nca_session_iteration(session), dead ? 50 : 20);
        assert_non_null(strstr(error.message, dead ? "all cells died" : "grew without limit"));
        assert_non_null(strstr(error.message, "seed"));
        nca_session_destroy(session);
    }
}

/* One living sample now and then is enough to go on. */
static void a_training_that_recovers_goes_on(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.learning_rate = 1e-9f;
    settings.fire_rate = 1.0f;
    nca_session *session = session_with_bias(&settings, 3, 3, -10.0f);
    float *bias = session->model->parameters +
                  nca_tensor_named(&session->model->automaton, "update.b2").offset;
    for (size_t i = 0; i < 150; i++) {
        bias[3] = i % 50 == 49 ? 0.0f : -10.0f;
        nca__session_refresh(session);
        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
        assert_int_equal(report.alive_cells > 0, i % 50 == 49);
    }
    nca_session_destroy(session);
}

static void every_value_that_is_not_finite_is_found(void **state)
{
    (void)state;
    enum {
        COUNT = 2100
    };
    static float values[COUNT];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = i % 2 ? 3.4e38f : -0x1p-149f;
    }
    assert_true(nca__all_finite(values, COUNT));
    assert_true(nca__all_finite(values, 0));
    for (size_t i = 0; i < COUNT; i++) {
        const float kept = values[i];
        values[i] = bad[i % 3];
        assert_false(nca__all_finite(values, COUNT));
        assert_true(nca__all_finite(values, i));
        values[i] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_samples_at_fault_are_seeded_again),
        cmocka_unit_test(all_samples_are_seeded_again_when_none_is_at_fault),
        cmocka_unit_test(an_absurd_learning_rate_ends_with_advice),
        cmocka_unit_test(dead_cells_and_growth_without_limit_end_a_training),
        cmocka_unit_test(a_training_that_recovers_goes_on),
        cmocka_unit_test(every_value_that_is_not_finite_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
