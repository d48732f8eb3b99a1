/* Batches dealt over several processes, which are threads here (thread_ranks.h): the bits of one
 * process for any number of them, and what happens when one is lost. */
#include "train/session_fixture.h"

#include "backend/batch_case.h"
#include "backend/equal_rollouts.h"
#include "backend/mpi/count_alive.h"
#include "backend/mpi/dealt_batch.h"
#include "backend/mpi/grid_strips.h"
#include "backend/thread_ranks.h"
#include "measure/filling_model.h"
#include "nca/changes.h"
#include "nca/classify.h"
#include "nca/evaluate.h"
#include "nca/rollout.h"
#include "task/grow_objective.h"
#include "task/made_images.h"

static const unsigned rank_counts[] = {1, 2, 3, 7, 64};
enum {
    RANK_COUNTS = sizeof rank_counts / sizeof *rank_counts
};

/* ---- Parts -----------------------------------------------------------------------------------*/

static void parts_cover_the_batch_and_differ_by_one_sample_at_most(void **state)
{
    (void)state;
    for (size_t batch = 1; batch < 40; batch++) {
        for (size_t parts = 1; parts <= batch; parts++) {
            assert_int_equal(nca__part_first(batch, parts, 0), 0);
            assert_int_equal(nca__part_first(batch, parts, parts), batch);
            for (size_t i = 0; i < parts; i++) {
                const size_t count =
                    nca__part_first(batch, parts, i + 1) - nca__part_first(batch, parts, i);
                assert_true(count == batch / parts || count == batch / parts + 1);
                assert_true(i > 0 || count == batch / parts); /* rank 0 has more to do */
            }
        }
    }
}

/* ---- Training passes -------------------------------------------------------------------------*/

/* All results of a pass, also the gradients of samples and of initial states. */
static void every_result_of_a_pass_has_the_bits_of_one_process(void **state)
{
    (void)state;
    noise n = {77};
    for (int i = 0; i < 12; i++) {
        batch_case c = batch_case_make(1 + (size_t)i % 8, 9, 10 + (size_t)i % 4, 5, 8, 12);
        c.automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        c.automaton.filter = (nca_filter)(i % NCA_FILTER_COUNT);
        c.automaton.alive_channel = i % 5 == 4 ? -1 : 3;
        c.loss = (nca_loss)(i % NCA_LOSS_COUNT);
        c.losses = 1 + (size_t)i % 2;
        batch_case_draw(&c, &n);
        const batch_how how = {.threads = 1, .memory_limit = 0};
        const size_t parameters = nca_parameter_count(&c.automaton);
        float *expected_parts = batch_allocate(c.batch * parameters, sizeof(float));
        float *found_parts = batch_allocate(c.batch * parameters, sizeof(float));
        nca__batch *alone = batch_make(&c, how);
        batch_result expected = batch_found_parts(alone, &c, expected_parts);
        nca__batch_destroy(alone);

        thread_ranks_begin(rank_counts[1 + i % (RANK_COUNTS - 1)]);
        nca__batch_options options = batch_options(&c, how);
        nca__backend_choose(&options, NCA_DEVICE_CPU);
        nca__batch *dealt = NULL;
        assert_ok(nca__batch_create(&dealt, &options, &failure));
        for (int again = 0; again < 2; again++) { /* the second time less is sent */
            batch_result found = batch_found_parts(dealt, &c, found_parts);
            batch_assert_same(&c, "dealt", &found, &expected);
            assert_true(batch_same(found_parts, expected_parts, c.batch * parameters));
            batch_result_free(&found);
        }
        nca__batch_destroy(dealt);
        thread_ranks_end();
        batch_result_free(&expected);
        free(expected_parts);
        free(found_parts);
        batch_case_free(&c);
    }
}

/* ---- Sessions --------------------------------------------------------------------------------*/

static void a_training_has_the_same_bits_for_any_number_of_processes(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
        nca_settings settings =
            small_settings((nca_recipe)recipe, (nca_experiment)((recipe + 1) % 3));
        settings.batch_size = 7;
        settings.iterations = 6;
        assert_ok(nca_settings_change(&settings, 4, "fire_rate", "0.75", &failure));
        nca_session *expected = small_session(&settings);
        run_session(expected, settings.iterations);
        for (int i = 0; i < RANK_COUNTS; i++) {
            thread_ranks_begin(rank_counts[i]);
            nca_session *found = small_session(&settings);
            const uint64_t before = thread_ranks_messages();
            run_session(found, settings.iterations);
            assert_true(rank_counts[i] == 1 || thread_ranks_messages() > before);
            assert_sessions_equal(found, expected);
            nca_session_destroy(found);
            thread_ranks_end();
        }
        nca_session_destroy(expected);
    }
}

static void a_memory_limit_holds_for_each_process_and_changes_no_bit(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.iterations = 3;
    nca_session *expected = small_session(&settings);
    run_session(expected, settings.iterations);
    settings.memory_limit = 60000;
    thread_ranks_begin(2);
    nca_session *found = small_session(&settings);
    run_session(found, settings.iterations);
    assert_sessions_equal(found, expected);
    nca_session_destroy(found);

    settings.memory_limit = 1000; /* too little for one sample, here and there */
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    assert_int_equal(refused_session(&settings, &target, &failure), NCA_LIMIT);
    thread_ranks_end();
    nca_session_destroy(expected);
}

static void a_run_moves_between_numbers_of_processes(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    nca_session *expected = small_session(&settings);
    run_session(expected, settings.iterations);
    static const unsigned moves[] = {3, 1, 5, 2};
    nca_session *session = NULL;
    for (size_t i = 0; i < 4; i++) {
        thread_ranks_begin(moves[i]);
        session = i == 0 ? small_session(&settings) : resumed_session(folder->file, NULL);
        run_session(session, (i + 1) * settings.iterations / 4);
        assert_ok(nca_session_save(session, folder->file, &failure));
        if (i == 3) {
            assert_sessions_equal(session, expected);
        }
        nca_session_destroy(session);
        thread_ranks_end();
    }
    nca_session_destroy(expected);
}

/* ---- Classification --------------------------------------------------------------------------*/

static nca_session *classifier(const nca_labelled *data, nca_readout readout, uint32_t features,
                               nca_class_loss loss)
{
    nca_settings settings;
    nca_settings_default(&settings);
    nca_settings_apply_recipe(&settings, NCA_RECIPE_CLASSIFY);
    settings.task = NCA_TASK_CLASSIFY;
    settings.n_channels = 12;
    settings.hidden = 12;
    settings.batch_size = 5;
    settings.steps_min = 4;
    settings.steps_max = 6;
    settings.iterations = 4;
    settings.warmup = 0;
    settings.decay_at = 4;
    settings.readout = readout;
    settings.features = features;
    settings.class_loss = loss;
    settings.class_weights = NCA_CLASS_WEIGHTS_INVERSE;
    settings.threads = 1;
    nca_session *session = NULL;
    assert_ok(nca_session_create_classify(&session, &settings, data, &failure));
    return session;
}

static void classifiers_are_trained_with_every_read_out_and_loss(void **state)
{
    (void)state;
    made_images made;
    for (int i = 0; i < NCA_READOUT_COUNT * NCA_CLASS_LOSS_COUNT; i++) {
        const nca_readout readout = (nca_readout)(i % NCA_READOUT_COUNT);
        const uint32_t features = readout == NCA_READOUT_CELLS || i % 2 == 0 ? 0 : 4;
        const nca_class_loss loss = (nca_class_loss)(i % NCA_CLASS_LOSS_COUNT);
        make_images(&made, i % 4 == 3 ? NCA_LABELS_MULTI_LABEL : NCA_LABELS_MULTI_CLASS, 1);
        nca_session *expected = classifier(&made.data, readout, features, loss);
        run_session(expected, 4);
        thread_ranks_begin(3);
        nca_session *found = classifier(&made.data, readout, features, loss);
        run_session(found, 4);
        assert_sessions_equal(found, expected);
        nca_session_destroy(found);
        thread_ranks_end();
        nca_session_destroy(expected);
    }
}

/* ---- Rollouts and evaluations ----------------------------------------------------------------*/

enum {
    SIDE = 12,
    ROLLED = 7
};

static nca_rollout *create_rollout(const nca_model *model, nca_precision precision)
{
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = ROLLED;
    options.first_sample = 3;
    options.mask_sets = 5;
    options.precision = precision;
    nca_rollout *rollout = NULL;
    assert_ok(nca_rollout_create(&rollout, model, &options, &failure));
    return rollout;
}

static void a_rollout_has_the_same_bits_for_any_number_of_processes(void **state)
{
    (void)state;
    const nca_damage damage = nca_damage_draw(NCA_DAMAGE_CIRCLE, 1, 0, 0);
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    for (int i = 0; i < RANK_COUNTS; i++) {
        const nca_precision precision = i == 2 ? NCA_PRECISION_INT8 : NCA_PRECISION_FP32;
        nca_rollout *expected = create_rollout(model, precision);
        thread_ranks_begin(rank_counts[i]);
        nca_rollout *found = create_rollout(model, precision);
        nca_rollout *const both[] = {found, expected};
        assert_rollouts_equal(found, expected, ROLLED, model); /* the seeds */
        for (size_t k = 0; k < 2; k++) {
            assert_ok(nca_rollout_run(both[k], 9, &failure));
            assert_true(nca_rollout_damage(both[k], ROLLED - 1, &damage) > 0);
        }
        assert_rollouts_equal(found, expected, ROLLED, model);
        for (size_t k = 0; k < 2; k++) {
            assert_ok(nca_rollout_run(both[k], 4, &failure));
            assert_ok(nca_rollout_run(both[k], 3, &failure)); /* no states are sent */
        }
        assert_rollouts_equal(found, expected, ROLLED, model);
        nca_rollout_destroy(found);
        thread_ranks_end();
        nca_rollout_destroy(expected);
    }
    nca_model_destroy(model);
}

/* ---- Strips of one grid ----------------------------------------------------------------------*/

/* On the CPU, in strips if a cluster is open. */
static nca__batch *create_grid(const batch_case *c)
{
    nca__batch_options options = batch_options(c, (batch_how){.threads = 1});
    options.max_steps = 0;
    options.objective = NULL;
    options.first_sample = 2;
    nca__backend_choose(&options, NCA_DEVICE_CPU);
    nca__batch *batch = NULL;
    assert_ok(nca__batch_create(&batch, &options, &failure));
    nca__batch_set_parameters(batch, c->parameters);
    nca__batch_set(batch, 0, c->initial);
    return batch;
}

static void assert_grids_equal(const batch_case *c, const nca__batch *found,
                               const nca__batch *expected)
{
    const size_t values = batch_values(c);
    float *states = batch_allocate(2 * values, sizeof *states);
    nca__batch_get(states, found, 0);
    nca__batch_get(states + values, expected, 0);
    if (memcmp(states, states + values, values * sizeof *states) != 0) {
        size_t at = 0;
        while (memcmp(&states[at], &states[values + at], sizeof *states) == 0) {
            at++;
        }
        fail_msg("%s: row %zu differs", batch_case_text(c),
                 at / (c->width * c->automaton.channels));
    }
    assert_int_equal(nca__batch_alive(found, 0), nca__batch_alive(expected, 0));
    free(states);
}

/* Runs that end within a strip's steps and beyond them, with other parameters, another fire rate
 * and a state that is set on the way. The width is no multiple of the cells of a block of fire
 * marks. */
static void a_large_grid_in_strips_has_the_bits_of_one_process(void **state)
{
    (void)state;
    static const unsigned ranks[] = {2, 3, 4};
    static const size_t steps[] = {1, 7, 37, 16};
    noise n = {123};
    for (int i = 0; i < 2 * NCA_BOUNDARY_COUNT; i++) {
        batch_case c = batch_case_make(1, 390 + (size_t)i, 9 + (size_t)i, 1, 8, 8);
        c.automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        c.automaton.filter = i % 3 == 2 ? NCA_FILTER_LEARNED : NCA_FILTER_SOBEL;
        c.automaton.alive_channel = i == 5 ? -1 : 3;
        batch_case_draw(&c, &n);
        nca__batch *expected = create_grid(&c);
        thread_ranks_begin(ranks[i % 3]);
        nca__batch *found = create_grid(&c);
        nca__batch *const both[] = {found, expected};
        assert_grids_equal(&c, found, expected);
        uint64_t first = 0;
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            for (size_t b = 0; b < 2; b++) {
                if (k == 2) {
                    nca__batch_set_fire_rate(both[b], 0.75f);
                }
                if (k == 3) {
                    nca__batch_set(both[b], 0, c.initial);
                }
                assert_ok(nca__batch_run(both[b], first, steps[k], 99, 3, &failure));
            }
            first += steps[k];
            assert_grids_equal(&c, found, expected);
        }
        nca__batch_destroy(found);
        thread_ranks_end();
        nca__batch_destroy(expected);
        batch_case_free(&c);
    }
}

static void a_grid_is_divided_if_its_strips_are_high_enough(void **state)
{
    (void)state;
    thread_ranks_begin(4);
    nca__batch_options options = {.batch = 1, .height = 2 * NCA__STRIP_LEAST - 1, .width = 8};
    nca__cluster *cluster = nca__cluster_current();
    assert_int_equal(nca__strips_parts(&options, cluster), 1);
    options.height++;
    assert_int_equal(nca__strips_parts(&options, cluster), 2);
    options.height *= 8;
    assert_int_equal(nca__strips_parts(&options, cluster), 4);
    options.batch = 2;
    assert_int_equal(nca__strips_parts(&options, cluster), 1);
    options.batch = 1;
    options.max_steps = 5; /* a training */
    assert_int_equal(nca__strips_parts(&options, cluster), 1);
    thread_ranks_end();
}

/* ---- Evaluations -----------------------------------------------------------------------------*/

static void an_evaluation_has_the_same_text(void **state)
{
    (void)state;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        thread_ranks_begin(i == 0 ? 1 : 3);
        nca_evaluation_options options;
        nca_evaluation_options_default(&options);
        const size_t steps[] = {10, 20};
        options.rollouts = 5;
        options.steps = steps;
        options.step_count = 2;
        nca_evaluation *evaluation = NULL;
        assert_ok(nca_evaluate(&evaluation, model, &options, &failure));
        assert_ok(nca_evaluation_csv(&texts[i], evaluation, &failure));
        nca_evaluation_destroy(evaluation);
        thread_ranks_end();
    }
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
    nca_model_destroy(model);
}

static void alive_cells_are_counted_as_by_the_cpu(void **state)
{
    (void)state;
    noise n = {5};
    for (int i = 0; i < 24; i++) {
        batch_case c = batch_case_make(1, 1 + (size_t)i % 7, 1 + (size_t)i % 5, 1, 8, 4);
        c.automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        c.automaton.alive_threshold = i % 3 == 0 ? -0.1f : 0.1f;
        c.automaton.alive_channel = i % 11 == 10 ? -1 : 3;
        batch_case_draw(&c, &n);
        nca__batch_options options = batch_options(&c, (batch_how){.threads = 1});
        options.max_steps = 0;
        options.objective = NULL;
        nca__batch *batch = NULL;
        assert_ok(nca__batch_create(&batch, &options, &failure));
        nca__batch_set(batch, 0, c.initial);
        assert_int_equal(nca__count_alive(c.initial, &c.automaton, c.height, c.width),
                         nca__batch_alive(batch, 0));
        nca__batch_destroy(batch);
        batch_case_free(&c);
    }
}

/* ---- Losing a process ------------------------------------------------------------------------*/

static void a_session_survives_the_loss_of_a_process(void **state)
{
    const test_folder *folder = *state;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    nca_session *expected = small_session(&settings), *before = small_session(&settings);
    run_session(expected, settings.iterations);
    run_session(before, 5);

    thread_ranks_begin(4);
    nca_session *session = small_session(&settings);
    run_session(session, 5);
    thread_ranks_kill(2);
    nca_iteration report;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(nca_session_step(session, &report, &failure), NCA_DEVICE_LOST);
        assert_non_null(strstr(failure.message, "process 2 of 4 was lost"));
    }
    assert_sessions_equal(session, before);
    assert_ok(nca_session_save(session, folder->file, &failure));
    nca_session_destroy(session);
    thread_ranks_end();
    assert_true(thread_ranks_lost(0));

    thread_ranks_begin(2); /* the same job with fewer processes */
    session = resumed_session(folder->file, NULL);
    run_session(session, settings.iterations);
    assert_sessions_equal(session, expected);
    nca_session_destroy(session);
    thread_ranks_end();
    assert_false(thread_ranks_lost(0));
    nca_session_destroy(expected);
    nca_session_destroy(before);
}

static void a_process_that_cannot_create_its_part_says_why(void **state)
{
    (void)state;
    const nca__objective unknown = {.name = "unknown", .pack = nca__grow_objective.pack};
    noise n = {9};
    batch_case c = batch_case_make(4, 9, 10, 5, 8, 12);
    batch_case_draw(&c, &n);
    thread_ranks_begin(3);
    nca__batch_options options = batch_options(&c, (batch_how){.threads = 1});
    nca__backend_choose(&options, NCA_DEVICE_CPU);
    options.objective = &unknown;
    nca__batch *batch = NULL;
    assert_int_equal(nca__batch_create(&batch, &options, &failure), NCA_UNSUPPORTED);
    assert_non_null(strstr(failure.message, "process 1 of 3: there is no objective \"unknown\""));
    options.objective = &nca__grow_objective; /* and the others go on */
    assert_ok(nca__batch_create(&batch, &options, &failure));
    batch_result found = batch_found_in(batch, &c);
    batch_result_free(&found);
    nca__batch_destroy(batch);
    thread_ranks_end();
    batch_case_free(&c);
}

static const nca__backend *backend_of(nca_device device)
{
    nca__batch_options options = {.precision = NCA_PRECISION_BF16};
    nca__backend_choose(&options, device);
    assert_int_equal(options.wanted, device);
    return options.backend;
}

static void without_a_cluster_a_device_has_its_own_backend_again(void **state)
{
    (void)state;
    thread_ranks_begin(2);
    assert_string_equal(backend_of(NCA_DEVICE_AUTO)->name, "dealt");
    assert_non_null(nca__cluster_current());
    nca__cluster_forget();
    assert_ptr_equal(backend_of(NCA_DEVICE_AUTO), &nca__backend_cpu);
    assert_null(nca__cluster_current());
    thread_ranks_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_cover_the_batch_and_differ_by_one_sample_at_most),
        cmocka_unit_test(every_result_of_a_pass_has_the_bits_of_one_process),
        cmocka_unit_test(a_training_has_the_same_bits_for_any_number_of_processes),
        cmocka_unit_test(a_memory_limit_holds_for_each_process_and_changes_no_bit),
        cmocka_unit_test_setup_teardown(a_run_moves_between_numbers_of_processes, make_folder,
                                        remove_folder),
        cmocka_unit_test(classifiers_are_trained_with_every_read_out_and_loss),
        cmocka_unit_test(a_rollout_has_the_same_bits_for_any_number_of_processes),
        cmocka_unit_test(a_large_grid_in_strips_has_the_bits_of_one_process),
        cmocka_unit_test(a_grid_is_divided_if_its_strips_are_high_enough),
        cmocka_unit_test(an_evaluation_has_the_same_text),
        cmocka_unit_test(alive_cells_are_counted_as_by_the_cpu),
        cmocka_unit_test_setup_teardown(a_session_survives_the_loss_of_a_process, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_process_that_cannot_create_its_part_says_why),
        cmocka_unit_test(without_a_cluster_a_device_has_its_own_backend_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
