/* Each recipe and experiment compared with a plain implementation of the bookkeeping of an
 * iteration: every slot is stored, every list is sorted by hand, and nothing is reused between
 * iterations. The passes through the automaton are those of the engine, with the scalar kernels and
 * one thread. */
#include "train/session_fixture.h"

#include "core/seed_survival.h"
#include "nca/muon.h"
#include "nca/philox.h"
#include "task/grow_batch.h"

enum {
    CHANNELS = 8,
    VALUES = SMALL_CELLS * CHANNELS,
    MOST_SLOTS = 16,
    MOST_BATCH = 8,
    MOST_PARAMETERS = 1024
};

typedef struct plain {
    nca_settings settings;
    float rgba[SMALL_CELLS * 4];
    nca__batch *engine;
    size_t parameters;
    float weights[MOST_PARAMETERS], m[MOST_PARAMETERS], v[MOST_PARAMETERS];
    float pool[MOST_SLOTS][VALUES];
    uint64_t iteration;
    unsigned corrected; /* number of iterations in which seed_survival has changed weights */
} plain;

static void plain_begin(plain *p, const nca_settings *settings)
{
    p->settings = *settings;
    p->iteration = 0;
    small_target(p->rgba);
    const nca_automaton automaton = nca_settings_automaton(settings);
    p->parameters = nca_parameter_count(&automaton);
    assert_true(p->parameters <= MOST_PARAMETERS && settings->pool_size <= MOST_SLOTS);
    memset(p->m, 0, sizeof p->m);
    memset(p->v, 0, sizeof p->v);
    nca_parameters_init(p->weights, &automaton, settings->initialisation, settings->seed);
    for (uint32_t slot = 0; slot < settings->pool_size; slot++) {
        nca_seed(p->pool[slot], SMALL_HEIGHT, SMALL_WIDTH, CHANNELS);
    }
    const nca__batch_options options = {.automaton = automaton,
                                        .batch = settings->batch_size,
                                        .height = SMALL_HEIGHT,
                                        .width = SMALL_WIDTH,
                                        .threads = 1,
                                        .kernels = nca_kernels_named("scalar"),
                                        .max_steps = settings->steps_max,
                                        .objective = &nca__grow_objective};
    assert_ok(nca__batch_create(&p->engine, &options, &failure));
}

static double plain_loss(const plain *p, const float *state)
{
    return nca_loss_value(p->settings.loss, state, p->rgba, SMALL_HEIGHT, SMALL_WIDTH, CHANNELS);
}

/* Positions 0..count-1 by descending loss, by selection; equal losses keep their order. */
static void plain_sort(uint32_t *out_positions, const double *losses, uint32_t count)
{
    bool taken[MOST_BATCH] = {false};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t best = count;
        for (uint32_t k = 0; k < count; k++) {
            if (!taken[k] && (best == count || losses[k] > losses[best])) {
                best = k;
            }
        }
        taken[best] = true;
        out_positions[i] = best;
    }
}

static void plain_draw(const plain *p, uint32_t slots[MOST_BATCH])
{
    uint32_t all[MOST_SLOTS];
    for (uint32_t i = 0; i < p->settings.pool_size; i++) {
        all[i] = i;
    }
    for (uint32_t i = 0; i < p->settings.batch_size; i++) {
        uint32_t words[4];
        nca_draw(words, p->settings.seed, NCA_STREAM_POOL, i / 4, 0, 0, (uint32_t)p->iteration);
        uint32_t other = i + nca_below(words[i % 4], p->settings.pool_size - i);
        uint32_t held = all[i];
        all[i] = all[other];
        all[other] = held;
        slots[i] = all[i];
    }
}

static void plain_damage(const plain *p, float *state, uint32_t sample)
{
    const nca_settings *settings = &p->settings;
    const uint32_t iteration = (uint32_t)p->iteration;
    uint32_t words[4];
    nca_draw(words, settings->seed, NCA_STREAM_DAMAGE, 0, 0x40000000u, sample, iteration);
    if (!(nca_uniform(words[0]) < settings->damage_rate)) {
        return;
    }
    nca_damage damage = nca_damage_draw(settings->damage_shape, settings->seed, sample, iteration);
    if (settings->damage_area == NCA_DAMAGE_AREA_LIVING) {
        const nca_living living = {.grid = state,
                                   .height = SMALL_HEIGHT,
                                   .width = SMALL_WIDTH,
                                   .channels = CHANNELS,
                                   .alive_channel = settings->alive_channel,
                                   .alive_threshold = settings->alive_threshold};
        damage = nca_damage_draw_living(settings->damage_shape, settings->seed, sample, iteration,
                                        &living);
    }
    nca_damage_apply(state, SMALL_HEIGHT, SMALL_WIDTH, CHANNELS, &damage);
}

/* One iteration; returns the mean loss and T. */
static double plain_step(plain *p, uint32_t *out_steps)
{
    static float batch[MOST_BATCH][VALUES];
    const nca_settings *s = &p->settings;
    const bool pooled = s->experiment != NCA_EXPERIMENT_GROWING;
    const bool damages = s->experiment == NCA_EXPERIMENT_REGENERATING;
    const uint32_t size = s->batch_size;
    uint32_t words[4], slots[MOST_BATCH], order[MOST_BATCH];
    double losses[MOST_BATCH];
    nca_draw(words, s->seed, NCA_STREAM_STEPS, 0, 0, 0, (uint32_t)p->iteration);
    const uint32_t steps = s->steps_min + nca_below(words[0], s->steps_max - s->steps_min + 1);

    if (!pooled) {
        for (uint32_t b = 0; b < size; b++) {
            nca_seed(batch[b], SMALL_HEIGHT, SMALL_WIDTH, CHANNELS);
        }
    } else {
        plain_draw(p, slots);
        if (s->injection == NCA_INJECTION_BEFORE) {
            uint32_t drawn[MOST_BATCH];
            memcpy(drawn, slots, sizeof drawn);
            for (uint32_t b = 0; b < size; b++) {
                losses[b] = plain_loss(p, p->pool[drawn[b]]);
            }
            plain_sort(order, losses, size);
            for (uint32_t b = 0; b < size; b++) {
                slots[b] = drawn[order[b]];
            }
        }
        for (uint32_t b = 0; b < size; b++) {
            memcpy(batch[b], p->pool[slots[b]], sizeof batch[b]);
        }
        if (s->injection == NCA_INJECTION_BEFORE) {
            nca_seed(batch[0], SMALL_HEIGHT, SMALL_WIDTH, CHANNELS);
            for (uint32_t b = size - s->damage; damages && b < size; b++) {
                plain_damage(p, batch[b], b);
            }
        }
    }

    float gradient[MOST_PARAMETERS];
    float *states[MOST_BATCH];
    for (uint32_t b = 0; b < size; b++) {
        states[b] = batch[b];
    }
    grow_batch asked;
    const nca__batch_pass pass = {.steps = steps,
                                  .seed = s->seed,
                                  .iteration = (uint32_t)p->iteration,
                                  .asked = grow_batch_fill(&asked, s->loss, p->rgba),
                                  .initial = (const float *const *)states,
                                  .final = states,
                                  .losses = losses,
                                  .gradient = gradient};
    nca__batch_set_parameters(p->engine, p->weights);
    assert_ok(nca__batch_train(p->engine, &pass, &failure));

    const nca_automaton automaton = nca_settings_automaton(s);
    const nca_adam adam = nca_settings_adam(s);
    const nca_schedule schedule = nca_settings_schedule(s);
    if (s->normalise_gradient) {
        double norms[NCA_MAX_TENSORS];
        nca_gradient_norms(norms, gradient, &automaton);
        nca_gradient_normalise(gradient, norms, &automaton);
    }
    const float rate = nca_schedule_rate(&schedule, p->iteration);
    if (s->optimiser == NCA_OPTIMISER_MUON) {
        float *scratch = malloc(nca_muon_scratch(&automaton) * sizeof *scratch);
        assert_non_null(scratch);
        nca_muon_update(p->weights, p->m, gradient, &automaton, s->beta1, rate, scratch,
                        nca_kernels_named("scalar"));
        free(scratch);
    } else {
        nca_adam_update(p->weights, p->m, p->v, gradient, p->parameters, &adam, rate,
                        p->iteration + 1);
    }
    if (s->seed_survival > 0.0f) {
        float *before = malloc(p->parameters * sizeof *before);
        assert_non_null(before);
        memcpy(before, p->weights, p->parameters * sizeof *before);
        void *scratch = malloc(nca__seed_survival_scratch(&automaton));
        assert_non_null(scratch);
        nca__keep_seed_alive(p->weights, &automaton, s->seed_survival, scratch);
        free(scratch);
        p->corrected += memcmp(before, p->weights, p->parameters * sizeof *before) != 0;
        free(before);
    }

    if (pooled) {
        for (uint32_t b = 0; b < size; b++) {
            memcpy(p->pool[slots[b]], batch[b], sizeof batch[b]);
        }
        if (s->injection == NCA_INJECTION_AFTER) {
            plain_sort(order, losses, size);
            nca_seed(p->pool[slots[order[0]]], SMALL_HEIGHT, SMALL_WIDTH, CHANNELS);
            for (uint32_t i = size - s->damage; damages && i < size; i++) {
                plain_damage(p, p->pool[slots[order[i]]], order[i]);
            }
        }
    }
    p->iteration++;
    double sum = 0.0;
    for (uint32_t b = 0; b < size; b++) {
        sum += losses[b];
    }
    *out_steps = steps;
    return sum / size;
}

/* Returns the number of iterations in which the weights were corrected for the seed. */
static unsigned compare_with_plain(const nca_settings *settings)
{
    plain *p = calloc(1, sizeof *p);
    assert_non_null(p);
    plain_begin(p, settings);
    nca_session *session = small_session(settings);
    for (uint64_t i = 0; i < settings->iterations; i++) {
        nca_iteration report;
        uint32_t steps;
        assert_ok(nca_session_step(session, &report, &failure));
        const double loss = plain_step(p, &steps);
        assert_false(report.dropped);
        assert_int_equal(report.iteration, i + 1);
        assert_int_equal(report.steps, steps);
        assert_true(report.loss == loss);
        const size_t bytes = p->parameters * sizeof(float);
        assert_memory_equal(session->model->parameters, p->weights, bytes);
        assert_memory_equal(session->m, p->m, bytes);
        assert_memory_equal(session->v, p->v, bytes);
        for (size_t slot = 0; slot < session->pool.slots; slot++) {
            float state[VALUES];
            slot_state(state, session, slot);
            assert_memory_equal(state, p->pool[slot], sizeof state);
        }
    }
    const unsigned corrected = p->corrected;
    nca_session_destroy(session);
    nca__batch_destroy(p->engine);
    free(p);
    return corrected;
}

static void distill_iterates_as_written_out(void **state)
{
    (void)state;
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        const nca_settings settings =
            small_settings(NCA_RECIPE_DISTILL, (nca_experiment)experiment);
        assert_int_equal(settings.injection, NCA_INJECTION_BEFORE);
        assert_true(settings.normalise_gradient);
        compare_with_plain(&settings);
    }
}

static void medmnist_iterates_as_written_out(void **state)
{
    (void)state;
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        const nca_settings settings =
            small_settings(NCA_RECIPE_MEDMNIST, (nca_experiment)experiment);
        assert_int_equal(settings.injection, NCA_INJECTION_AFTER);
        assert_false(settings.normalise_gradient);
        assert_false(settings.output_bias);
        compare_with_plain(&settings);
    }
}

static void fast_iterates_as_written_out(void **state)
{
    (void)state;
    for (int experiment = 0; experiment < NCA_EXPERIMENT_COUNT; experiment++) {
        const nca_settings settings = small_settings(NCA_RECIPE_FAST, (nca_experiment)experiment);
        assert_int_equal(settings.optimiser, NCA_OPTIMISER_MUON);
        assert_int_equal(settings.injection, NCA_INJECTION_BEFORE);
        compare_with_plain(&settings);
    }
}

/* Each setting works independently: the optimiser of one recipe in another. */
static void muon_iterates_as_written_out_without_normalisation(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT);
    settings.optimiser = NCA_OPTIMISER_MUON;
    compare_with_plain(&settings);
}

static void the_seed_survives_as_written_out(void **state)
{
    (void)state;
    unsigned corrected = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
        settings.learning_rate = 0.02f;
        settings.seed_survival = 1.0f;
        settings.seed = seed;
        corrected += compare_with_plain(&settings);
    }
    assert_in_range(corrected, 5, 160);
}

static void every_damage_shape_loss_and_schedule_iterates_as_written_out(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        nca_settings settings =
            small_settings((nca_recipe)(i % GROWTH_RECIPES), NCA_EXPERIMENT_REGENERATING);
        settings.damage_shape = (nca_damage_shape)(i % NCA_DAMAGE_COUNT);
        settings.damage_area = (nca_damage_area)(i / 3 % NCA_DAMAGE_AREA_COUNT);
        settings.loss = (nca_loss)(i % NCA_LOSS_COUNT);
        settings.schedule = (nca_schedule_kind)(i % NCA_SCHEDULE_COUNT);
        settings.damage = (uint32_t)(i % 4 + 1);
        settings.warmup = 3;
        compare_with_plain(&settings);
    }
}

static void a_pool_of_one_batch_iterates_as_written_out(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
        nca_settings settings = small_settings((nca_recipe)recipe, NCA_EXPERIMENT_REGENERATING);
        settings.pool_size = settings.batch_size = 3;
        compare_with_plain(&settings);
        settings.pool_size = settings.batch_size = 1;
        settings.damage = 0;
        settings.iterations = 6;
        compare_with_plain(&settings);
    }
}

/* A batch in which all samples are damaged: the sample that becomes the seed is not. */
static void the_injected_seed_is_never_damaged(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_REGENERATING);
    settings.damage = settings.batch_size = settings.pool_size = 4;
    nca_session *session = small_session(&settings);
    for (int i = 0; i < 10; i++) {
        nca_iteration report;
        assert_ok(nca_session_step(session, &report, &failure));
        assert_int_equal(nca__pool_grown(&session->pool), 3);
    }
    nca_session_destroy(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distill_iterates_as_written_out),
        cmocka_unit_test(medmnist_iterates_as_written_out),
        cmocka_unit_test(fast_iterates_as_written_out),
        cmocka_unit_test(muon_iterates_as_written_out_without_normalisation),
        cmocka_unit_test(the_seed_survives_as_written_out),
        cmocka_unit_test(every_damage_shape_loss_and_schedule_iterates_as_written_out),
        cmocka_unit_test(a_pool_of_one_batch_iterates_as_written_out),
        cmocka_unit_test(the_injected_seed_is_never_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
