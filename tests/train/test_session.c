/* The session from the point of view of its users: the same bits for any threads and limits,
 * learning, dropped iterations, memory, refused settings. */
#include "train/session_fixture.h"

#include "base/finite.h"
#include "task/grow_task.h"

static void threads_never_change_a_bit(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < NCA_RECIPE_COUNT; recipe++) {
        nca_settings settings = small_settings((nca_recipe)recipe, NCA_EXPERIMENT_REGENERATING);
        nca_session *one = small_session(&settings);
        run_session(one, settings.iterations);
        static const uint32_t threads[] = {1, 2, 3, 7};
        for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
            settings.threads = threads[i];
            nca_session *other = small_session(&settings);
            assert_int_equal(nca_session_threads(other), threads[i]);
            run_session(other, settings.iterations);
            assert_sessions_equal(one, other);
            nca_session_destroy(other);
        }
        nca_session_destroy(one);
    }
}

static void kernel_sets_never_change_a_bit(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < NCA_RECIPE_COUNT; recipe++) {
        nca_settings settings = small_settings((nca_recipe)recipe, NCA_EXPERIMENT_REGENERATING);
        snprintf(settings.kernels, sizeof settings.kernels, "scalar");
        nca_session *scalar = small_session(&settings);
        assert_string_equal(nca_session_kernels(scalar), "scalar");
        run_session(scalar, settings.iterations);
        for (size_t i = 0; nca_kernels_at(i) != NULL; i++) {
            if (nca_kernels_missing(nca_kernels_at(i)) != NULL) {
                continue;
            }
            snprintf(settings.kernels, sizeof settings.kernels, "%s",
                     nca_kernels_name(nca_kernels_at(i)));
            nca_session *other = small_session(&settings);
            run_session(other, settings.iterations);
            assert_sessions_equal(scalar, other);
            nca_session_destroy(other);
        }
        nca_session_destroy(scalar);
    }
}

static void memory_limits_never_change_a_bit(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
    settings.steps_min = 11;
    settings.steps_max = 23;
    nca_session *roomy = small_session(&settings);
    run_session(roomy, settings.iterations);
    const nca__problem problem = nca__grow_shape(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    const nca__batch_options options = nca__session_batch_options(&settings, &problem, NULL);
    size_t states, other_bytes, least;
    nca__batch_memory(&states, &other_bytes, &least, &options);
    assert_true(least > 0 && least < states);
    for (int i = 0; i < 4; i++) {
        settings.memory_limit = least + (states - least) * (size_t)i / 4;
        nca_session *tight = small_session(&settings);
        run_session(tight, settings.iterations);
        assert_sessions_equal(roomy, tight);
        nca_session_destroy(tight);
    }
    settings.memory_limit = least - 1;
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    nca_session *none = NULL;
    nca_error error;
    assert_int_equal(nca_session_create(&none, &settings, &target, &error), NCA_LIMIT);
    assert_null(none);
    nca_session_destroy(roomy);
}

static void another_seed_gives_another_run(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *first = small_session(&settings);
    settings.seed ^= 1ull << 63;
    nca_session *second = small_session(&settings);
    run_session(first, 5);
    run_session(second, 5);
    assert_memory_not_equal(first->model->parameters, second->model->parameters,
                            first->parameter_count * sizeof(float));
    nca_session_destroy(first);
    nca_session_destroy(second);
}

/* ---- Learning --------------------------------------------------------------------------------*/

static double learnt_loss(nca_recipe recipe, nca_experiment experiment, uint64_t iterations)
{
    nca_settings settings = small_settings(recipe, experiment);
    settings.steps_min = 24;
    settings.steps_max = 32;
    settings.hidden = 32;
    settings.batch_size = 4;
    settings.damage = 1;
    settings.pool_size = 24;
    settings.iterations = iterations;
    settings.decay_at = iterations * 2 / 3;
    settings.learning_rate = recipe == NCA_RECIPE_FAST ? settings.learning_rate : 5e-3f;
    settings.threads = 2;
    nca_session *session = small_session(&settings);
    assert_ok(nca_session_run(session, NULL, NULL, &failure));
    const double loss = nca_session_model(session)->info.loss;
    assert_int_equal(nca_session_model(session)->info.iterations, iterations);
    nca_session_destroy(session);
    return loss;
}

/* The seed alone has a loss of about 0.4 against this target. */
static void a_small_target_is_learnt_without_a_pool(void **state)
{
    (void)state;
    const double loss = learnt_loss(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING, 800);
    print_message("growing: %g\n", loss);
    assert_true(loss < 0.005);
}

static void a_small_target_is_learnt_from_a_pool(void **state)
{
    (void)state;
    const double loss = learnt_loss(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT, 800);
    print_message("persistent: %g\n", loss);
    assert_true(loss < 0.005);
}

static void a_small_target_is_learnt_by_the_other_recipe(void **state)
{
    (void)state;
    const double loss = learnt_loss(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_REGENERATING, 800);
    print_message("regenerating: %g\n", loss);
    assert_true(loss < 0.02);
}

static void a_small_target_is_learnt_by_the_recipe_fast(void **state)
{
    (void)state;
    const double loss = learnt_loss(NCA_RECIPE_FAST, NCA_EXPERIMENT_PERSISTENT, 800);
    print_message("fast: %g\n", loss);
    assert_true(loss < 0.005);
}

/* ---- Values that are not finite --------------------------------------------------------------*/

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
    /* An update that overflows, not caused by a sample. */
    const size_t bytes = session->parameter_count * sizeof(float);
    float *saved = malloc(3 * bytes);
    assert_non_null(saved);
    session->in_effect.learning_rate = 3e38f;
    session->settings.beta1 = 0.999999f;
    session->settings.beta2 = 0.0f;
    /* rate / (1 - beta1^t) * m overflows if m is over 1. */
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

/* A session whose output bias changes channels first..last by `value` per step, and that learns
 * very little. */
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

/* An occasional living sample is enough to continue. */
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

/* ---- Queries ----------------------------------------------------------------------------------
 */

static bool stop_at_seven(const nca_session *session, const nca_iteration *report, void *user)
{
    uint64_t *calls = user;
    ++*calls;
    assert_int_equal(nca_session_iteration(session), report->iteration);
    return report->iteration < 7;
}

static void a_run_stops_when_asked_and_goes_on(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.iterations = 8;
    nca_session *session = small_session(&settings);
    nca_error error;
    uint64_t calls = 0;
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_INTERRUPTED);
    assert_int_equal(calls, 7);
    assert_int_equal(nca_session_iteration(session), 7);
    /* The callback requests a stop again, but all iterations are done. */
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_OK);
    assert_int_equal(nca_session_iteration(session), 8);
    assert_int_equal(nca_session_run(session, stop_at_seven, &calls, &error), NCA_OK);
    assert_int_equal(calls, 8);
    nca_session_destroy(session);
}

static void the_batch_before_is_there_once_an_iteration_has_filled_it(void **state)
{
    (void)state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 3);
    assert_null(nca_session_sample_before(session, 0));
    assert_ok(nca_session_keep_before(session, true, &failure));
    assert_null(nca_session_sample_before(session, 0));
    run_session(session, 4);
    const float *before = nca_session_sample_before(session, 0);
    assert_non_null(before);
    float sum = 0;
    for (size_t i = 0; i < SMALL_CELLS * 4; i++) {
        sum += before[i];
    }
    assert_true(sum > 0);
    assert_null(nca_session_sample_before(session, settings.batch_size));
    assert_ok(nca_session_keep_before(session, false, &failure));
    assert_null(nca_session_sample_before(session, 0));
    assert_ok(nca_session_keep_before(session, true, &failure));
    assert_null(nca_session_sample_before(session, 0));
    nca_session_destroy(session);
}

static void the_model_says_what_it_was_trained_for(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_REGENERATING);
    nca_session *session = small_session(&settings);
    const nca_model *model = nca_session_model(session);
    assert_true(isnan(model->info.loss));
    double losses[60], sum = 0.0;
    for (int i = 0; i < 60; i++) {
        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
        losses[i] = report.loss;
        sum = 0.0;
        for (int k = i < 49 ? 0 : i - 49; k <= i; k++) {
            sum += losses[k];
        }
        assert_true(report.smooth_loss == sum / (i < 49 ? i + 1 : 50));
    }
    assert_true(model->info.loss == sum / 50.0);
    assert_int_equal(model->info.iterations, 60);
    assert_int_equal(model->info.height, SMALL_HEIGHT);
    assert_int_equal(model->info.width, SMALL_WIDTH);
    assert_int_equal(model->info.padding, 1);
    assert_true(model->info.seed == settings.seed);
    assert_string_equal(model->info.target, "a small disc");
    assert_string_equal(model->info.loss_name, "L2");
    assert_string_equal(model->info.experiment, "regenerating");
    assert_string_equal(model->info.recipe, "medmnist");
    assert_memory_equal(model->target, nca_session_target(session)->rgba,
                        SMALL_CELLS * 4 * sizeof(float));
    assert_int_equal(nca_session_settings(session)->pool_size, 12);
    assert_int_equal(nca_session_target(session)->width, SMALL_WIDTH);
    nca_session_destroy(session);
}

static void reports_count_alive_cells_and_norms(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_GROWING);
    nca_session *session = small_session(&settings);
    nca_iteration report;
    assert_ok(nca_session_step(session, &report, &failure));
    /* W2 is initially 0: the seeds do not change, 9 cells have an alive neighbourhood. */
    assert_int_equal(report.alive_cells, 9 * settings.batch_size);
    assert_true(report.gradient_norm[0] == 0.0);
    assert_true(report.gradient_norm[1] == 0.0);
    assert_true(report.gradient_norm[2] > 0.0);
    assert_true(report.gradient_norm[3] > 0.0);
    assert_true(report.learning_rate == settings.learning_rate);
    assert_true(report.loss > 0.2 && report.loss < 0.6);
    nca_session_destroy(session);
}

/* ---- Refused settings -------------------------------------------------------------------------
 */

static nca_status refusal(const nca_settings *settings, const nca_target *target, nca_error *error)
{
    nca_session *session = (nca_session *)1;
    nca_status status = nca_session_create(&session, settings, target, error);
    assert_true(status == NCA_OK || session == (nca_session *)1);
    assert_int_not_equal(status, NCA_OK);
    return status;
}

static void what_cannot_be_trained_is_refused(void **state)
{
    (void)state;
    float rgba[SMALL_CELLS * 4];
    nca_target target = small_target(rgba);
    nca_error error;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.pool_size = settings.batch_size - 1;
    assert_int_equal(refusal(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "pool_size"));

    settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    snprintf(settings.kernels, sizeof settings.kernels, "sse9");
    assert_int_not_equal(refusal(&settings, &target, &error), NCA_OK);
    assert_non_null(strstr(error.message, "kernels"));

    settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    assert_int_equal(refusal(&settings, NULL, &error), NCA_INVALID_ARGUMENT);
    rgba[17] = NAN;
    assert_int_equal(refusal(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    rgba[17] = 0.0f;
    target.height = 0;
    assert_int_equal(refusal(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    target.height = NCA_MAX_SIDE + 1;
    assert_int_equal(refusal(&settings, &target, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_session_create(&(nca_session *){NULL}, &settings, &target, NULL),
                     NCA_INVALID_ARGUMENT);
}

static void a_pool_that_cannot_fit_is_refused_before_training(void **state)
{
    (void)state;
    /* 2^24 slots of 1024 channels are 7 TB. */
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.pool_size = 1u << 24;
    settings.n_channels = 1024;
    nca_error error;
    assert_int_equal(refusal(&settings, &target, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "pool_size"));
    assert_non_null(strstr(error.message, "TiB"));
}

static void the_memory_check_names_what_is_needed_and_there(void **state)
{
    (void)state;
    nca_error error;
    const nca_session_memory needed = {3000, 2000, 1000};
    assert_int_equal(nca__session_memory_check(&needed, 6000, &error), NCA_OK);
    assert_int_equal(nca__session_memory_check(&needed, 5999, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "5.9 KiB"));
    assert_non_null(strstr(error.message, "pool_size"));
    const nca_session_memory endless = {1, SIZE_MAX, SIZE_MAX};
    assert_int_equal(nca__session_memory_check(&endless, SIZE_MAX - 1, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "memory_limit"));
}

static void the_memory_needed_follows_the_settings(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    const nca_session_memory pooled =
        nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    assert_in_range(pooled.pool, 12 * SMALL_CELLS * 8 * 4, 12 * (SMALL_CELLS * 8 * 4 + 16));
    assert_true(pooled.states > 0 && pooled.other > 0);
    settings.experiment = NCA_EXPERIMENT_GROWING;
    assert_int_equal(nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH).pool, 0);
}

static void what_no_session_takes_needs_endless_memory(void **state)
{
    (void)state;
    const nca_settings sound = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    static const size_t sides[][2] = {
        {0, 8}, {8, 0}, {NCA_MAX_SIDE + 1, 8}, {8, SIZE_MAX}, {SIZE_MAX / 2, SIZE_MAX / 2},
    };
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const nca_session_memory needed =
            nca_session_memory_needed(&sound, sides[i][0], sides[i][1]);
        assert_true(needed.pool == SIZE_MAX && needed.states == SIZE_MAX);
        assert_int_equal(nca__session_memory_check(&needed, SIZE_MAX - 1, NULL), NCA_LIMIT);
    }
    nca_settings settings = sound;
    settings.batch_size = 0;
    assert_true(nca_session_memory_needed(&settings, 8, 8).other == SIZE_MAX);
    settings = sound;
    settings.steps_max = UINT32_MAX;
    assert_true(nca_session_memory_needed(&settings, 8, 8).other == SIZE_MAX);
}

/* The maximum of all settings: the memory is computed without an overflow, which would give less
 * memory than for a smaller session. */
static void the_largest_session_is_counted(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    settings.batch_size = 65536;
    settings.pool_size = 16777216;
    settings.steps_max = 100000;
    settings.n_channels = NCA_MAX_CHANNELS;
    settings.hidden = NCA_MAX_HIDDEN;
    settings.threads = 1024;
    settings.memory_limit = UINT64_C(1) << 62;
    const nca_session_memory needed =
        nca_session_memory_needed(&settings, NCA_MAX_SIDE, NCA_MAX_SIDE);
    const double state_bytes = 4.0 * NCA_MAX_SIDE * NCA_MAX_SIDE * NCA_MAX_CHANNELS;
    assert_true((double)needed.pool >= 16777216 * state_bytes || needed.pool == SIZE_MAX);
    assert_true((double)needed.states >= 1024 * 2 * state_bytes);
    assert_true(needed.states <= settings.memory_limit);
    assert_true((double)needed.other >= 65536 * state_bytes);
    assert_int_equal(nca__session_memory_check(&needed, (size_t)1 << 50, NULL), NCA_LIMIT);
}

static void a_sample_or_slot_beyond_the_last_gives_nothing(void **state)
{
    (void)state;
    const nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_PERSISTENT);
    nca_session *session = small_session(&settings);
    run_session(session, 1);
    const size_t slots = nca_session_pool_size(session);
    float *values = calloc(SMALL_CELLS * settings.n_channels, sizeof *values);
    assert_non_null(values);
    assert_false(nca_session_pool_sample(values, session, slots));
    assert_false(nca_session_pool_sample(values, session, SIZE_MAX));
    for (size_t i = 0; i < SMALL_CELLS * settings.n_channels; i++) {
        assert_true(values[i] == 0.0f);
    }
    assert_true(nca_session_pool_sample(values, session, slots - 1));
    assert_non_null(nca_session_sample(session, settings.batch_size - 1));
    assert_null(nca_session_sample(session, settings.batch_size));
    free(values);
    nca_session_destroy(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_never_change_a_bit),
        cmocka_unit_test(kernel_sets_never_change_a_bit),
        cmocka_unit_test(memory_limits_never_change_a_bit),
        cmocka_unit_test(another_seed_gives_another_run),
        cmocka_unit_test(a_small_target_is_learnt_without_a_pool),
        cmocka_unit_test(a_small_target_is_learnt_from_a_pool),
        cmocka_unit_test(a_small_target_is_learnt_by_the_other_recipe),
        cmocka_unit_test(a_small_target_is_learnt_by_the_recipe_fast),
        cmocka_unit_test(only_the_samples_at_fault_are_seeded_again),
        cmocka_unit_test(all_samples_are_seeded_again_when_none_is_at_fault),
        cmocka_unit_test(an_absurd_learning_rate_ends_with_advice),
        cmocka_unit_test(dead_cells_and_growth_without_limit_end_a_training),
        cmocka_unit_test(a_training_that_recovers_goes_on),
        cmocka_unit_test(every_value_that_is_not_finite_is_found),
        cmocka_unit_test(a_run_stops_when_asked_and_goes_on),
        cmocka_unit_test(the_batch_before_is_there_once_an_iteration_has_filled_it),
        cmocka_unit_test(the_model_says_what_it_was_trained_for),
        cmocka_unit_test(reports_count_alive_cells_and_norms),
        cmocka_unit_test(what_cannot_be_trained_is_refused),
        cmocka_unit_test(a_pool_that_cannot_fit_is_refused_before_training),
        cmocka_unit_test(the_memory_check_names_what_is_needed_and_there),
        cmocka_unit_test(the_memory_needed_follows_the_settings),
        cmocka_unit_test(what_no_session_takes_needs_endless_memory),
        cmocka_unit_test(the_largest_session_is_counted),
        cmocka_unit_test(a_sample_or_slot_beyond_the_last_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
