/* A device uses the backend that is registered for it: sessions, rollouts and evaluations call
 * it and give the same bits. */
#include "train/session_fixture.h"

#include "backend/batch_case.h"
#include "backend/device_choice.h"
#include "backend/equal_rollouts.h"
#include "backend/parts_backend.h"
#include "measure/filling_model.h"
#include "nca/evaluate.h"
#include "nca/rollout.h"
#include "task/grow_objective.h"

/* ---- Sessions --------------------------------------------------------------------------------*/

static void assert_trains_alike(const nca__backend *backend)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    nca_session *expected = small_session(&settings);
    run_session(expected, settings.iterations);

    settings.device = NCA_DEVICE_CUDA;
    backend_use(NCA_DEVICE_CUDA, backend, 0);
    nca_session *found = small_session(&settings);
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
    run_session(found, settings.iterations);

    assert_sessions_equal(found, expected);
    assert_string_equal(nca_session_kernels(found), nca_session_kernels(expected));
    assert_int_equal(nca_session_threads(found), nca_session_threads(expected));
    assert_int_equal(calls.created, 1);
    assert_int_equal(calls.trained, settings.iterations);
    assert_int_equal(calls.fire_rates, settings.iterations);
    assert_int_equal(calls.parameters, settings.iterations + 1);
    assert_int_equal(calls.destroyed, 0);
    nca_session_destroy(found);
    assert_int_equal(calls.destroyed, 1);
    nca_session_destroy(expected);
}

static void a_session_trains_alike_on_every_backend(void **context)
{
    (void)context;
    assert_trains_alike(&backend_counting);
    assert_trains_alike(&backend_dividing);
}

static const nca__backend *backend_of(nca_device device, nca_precision precision)
{
    nca__batch_options options = {.precision = precision};
    nca__backend_choose(&options, device);
    return options.backend;
}

static void a_device_stands_for_the_backend_that_is_registered_for_it(void **context)
{
    (void)context;
    const nca__backend *own = backend_of(NCA_DEVICE_MPS, NCA_PRECISION_FP32);
    nca__backend_register(NCA_DEVICE_MPS, &backend_counting);
    assert_ptr_equal(backend_of(NCA_DEVICE_MPS, NCA_PRECISION_FP32), &backend_counting);
    assert_ptr_equal(backend_of(NCA_DEVICE_CPU, NCA_PRECISION_FP32), &nca__backend_cpu);
    nca__backend_register(NCA_DEVICE_MPS, NULL);
    assert_ptr_equal(backend_of(NCA_DEVICE_MPS, NCA_PRECISION_FP32), own);
}

static void other_precisions_run_on_the_cpu(void **context)
{
    (void)context;
    for (int device = 0; device < NCA_DEVICE_COUNT; device++) {
        assert_ptr_equal(backend_of((nca_device)device, NCA_PRECISION_BF16), &nca__backend_cpu);
    }
}

/* There is no machine with so many graphics processors. */
static void a_device_that_does_not_exist_is_the_cpu_unless_it_is_strict(void **context)
{
    (void)context;
    nca_device device;
    nca_device_info info;
    assert_true(nca_device_parse(&device, "gpu:4321"));
    assert_ok(nca_device_choose(&info, device, NCA_PRECISION_FP32, &failure));
    assert_string_equal(info.name, "cpu");
    assert_true(info.problem[0] != 0);
    assert_ptr_equal(backend_of(device, NCA_PRECISION_FP32), &nca__backend_cpu);
    assert_true(nca_device_parse(&device, "gpu:4321!"));
    assert_int_equal(nca_device_choose(&info, device, NCA_PRECISION_FP32, &failure),
                     NCA_UNSUPPORTED);
    assert_non_null(strstr(failure.message, "gpu:4321!"));
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.device = device;
    float rgba[SMALL_CELLS * 4];
    const nca_target target = small_target(rgba);
    assert_int_equal(refused_session(&settings, &target, &failure), NCA_UNSUPPORTED);
    failure = (nca_error){0};
}

static void a_device_is_read_as_it_is_written(void **context)
{
    (void)context;
    static const char *const texts[] = {"cpu",    "cuda",  "mps",     "auto", "gpu",
                                        "opencl", "gpu:0", "cuda:17", "gpu!", "opencl:65534!"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        nca_device device;
        char text[NCA_DEVICE_TEXT];
        assert_true(nca_device_parse(&device, texts[i]));
        assert_int_equal(nca_device_text(text, device), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
    static const char *const wrong[] = {"gp",     "gpux",  "gpu:", "gpu:x", "gpu:1:2", "gpu:65535",
                                        "auto:1", "gpu!!", "!gpu", "GPU",   "gpu: 1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        nca_device device = NCA_DEVICE_MPS;
        assert_false(nca_device_parse(&device, wrong[i]));
        assert_int_equal(device, NCA_DEVICE_MPS);
    }
    nca_device device;
    assert_true(nca_device_parse(&device, "cuda:3!"));
    assert_int_equal(nca_device_kind(device), NCA_DEVICE_CUDA);
    assert_int_equal(nca_device_number(device), 3);
    assert_true(nca_device_is_strict(device));
    assert_int_equal(nca_device_kind(NCA_DEVICE_COUNT), NCA_DEVICE_COUNT);
    assert_int_equal(nca_device_kind((nca_device)0x2000000), NCA_DEVICE_COUNT);
}

static void a_session_needs_the_memory_that_its_backend_says(void **context)
{
    (void)context;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.device = NCA_DEVICE_CUDA;
    const nca_session_memory one = nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    nca__backend_register(NCA_DEVICE_CUDA, &backend_dividing);
    const nca_session_memory two = nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
    assert_int_equal(two.states, 2 * one.states); /* one thread each, so one sample at a time */
    assert_int_equal(two.pool, one.pool);
}

/* ---- Rollouts and evaluations ----------------------------------------------------------------*/

enum {
    SIDE = 12,
    ROLLED = 5
};

static nca_rollout *create_rollout(const nca_model *model, nca_device device)
{
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = ROLLED;
    options.first_sample = 3;
    options.threads = 1;
    options.device = device;
    nca_rollout *rollout = NULL;
    assert_ok(nca_rollout_create(&rollout, model, &options, &failure));
    return rollout;
}

static void a_rollout_runs_on_its_device(void **context)
{
    (void)context;
    const nca_damage damage = nca_damage_draw(NCA_DAMAGE_CIRCLE, 1, 0, 0);
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout *expected = create_rollout(model, NCA_DEVICE_CPU);
    backend_use(NCA_DEVICE_MPS, &backend_dividing, 0);
    nca_rollout *found = create_rollout(model, NCA_DEVICE_MPS);
    nca__backend_register(NCA_DEVICE_MPS, NULL);
    nca_rollout *const both[] = {found, expected};
    assert_rollouts_equal(found, expected, ROLLED, model);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(nca_rollout_run(both[i], 9, &failure));
        assert_true(nca_rollout_damage(both[i], ROLLED - 1, &damage) > 0);
        assert_ok(nca_rollout_run(both[i], 4, &failure));
    }
    assert_int_equal(calls.run, 2);
    assert_int_equal(calls.states, ROLLED + 1); /* the seeds, and the damage */
    assert_rollouts_equal(found, expected, ROLLED, model);
    nca_rollout_destroy(found);
    nca_rollout_destroy(expected);
    assert_int_equal(calls.created, 1);
    assert_int_equal(calls.destroyed, 1);
    nca_model_destroy(model);
}

static void a_device_that_is_none_is_refused(void **context)
{
    (void)context;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    assert_int_equal(options.device, NCA_DEVICE_CPU);
    options.device = NCA_DEVICE_COUNT;
    nca_rollout *rollout = NULL;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "device"));
    nca_evaluation_options measured;
    nca_evaluation_options_default(&measured);
    assert_int_equal(measured.device, NCA_DEVICE_CPU);
    measured.device = (nca_device)-1;
    nca_evaluation *evaluation = NULL;
    assert_int_equal(nca_evaluate(&evaluation, model, &measured, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "device"));
    assert_null(rollout);
    assert_null(evaluation);
    nca_model_destroy(model);
}

static char *evaluation_text(const nca_model *model, nca_device device)
{
    static const size_t steps[] = {5, 20};
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    options.rollouts = 19; /* more than run at the same time */
    options.steps = steps;
    options.step_count = 2;
    options.damage_at = 10;
    options.curve_every = 3;
    options.threads = 1;
    options.device = device;
    nca_evaluation *evaluation = NULL;
    char *text = NULL;
    assert_ok(nca_evaluate(&evaluation, model, &options, &failure));
    assert_ok(nca_evaluation_csv(&text, evaluation, &failure));
    nca_evaluation_destroy(evaluation);
    return text;
}

static void an_evaluation_runs_on_its_device(void **context)
{
    (void)context;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    char *expected = evaluation_text(model, NCA_DEVICE_CPU);
    backend_use(NCA_DEVICE_CUDA, &backend_dividing, 0);
    char *found = evaluation_text(model, NCA_DEVICE_CUDA);
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
    assert_string_equal(found, expected);
    assert_int_equal(calls.created, 4); /* 19 rollouts in two chunks, to grow and to heal */
    assert_int_equal(calls.destroyed, 4);
    assert_true(calls.run > 4);
    free(found);
    free(expected);
    nca_model_destroy(model);
}

static void the_stability_test_runs_on_the_device_of_the_session(void **context)
{
    (void)context;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    nca_session *expected = small_session(&settings);
    settings.device = NCA_DEVICE_CUDA;
    nca_session *session = small_session(&settings);
    nca_stability on_cpu, on_device;
    assert_ok(nca_session_test_stability(&on_cpu, expected, NULL, NULL, &failure));
    backend_use(NCA_DEVICE_CUDA, &backend_counting, 0);
    assert_ok(nca_session_test_stability(&on_device, session, NULL, NULL, &failure));
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
    assert_int_equal(calls.created, 1);
    assert_true(calls.run > 0);
    assert_true(on_device.early == on_cpu.early && on_device.late == on_cpu.late);
    nca_session_destroy(session);
    nca_session_destroy(expected);
}

/* ---- Parts of a batch ------------------------------------------------------------------------*/

/* Trains part i of BACKEND_PARTS of a batch separately; the gradients of its samples are written
 * to `out`. */
static batch_result train_part(const batch_case *whole, size_t i, float *out)
{
    const size_t half = whole->batch / BACKEND_PARTS;
    const nca__batch_options options = {
        .automaton = whole->automaton,
        .batch = half,
        .batch_total = whole->batch,
        .first_sample = (uint32_t)(i * half),
        .height = whole->height,
        .width = whole->width,
        .threads = 2,
        .max_steps = whole->steps,
        .objective = &nca__grow_objective,
    };
    batch_case part = *whole;
    part.batch = half;
    part.initial += i * half * batch_values(whole);
    nca__batch *batch = NULL;
    assert_ok(nca__batch_create(&batch, &options, &failure));
    batch_result result = batch_found_parts(batch, &part, out);
    nca__batch_destroy(batch);
    return result;
}

static void batches_of_two_give_the_losses_and_the_gradient_of_one_of_four(void **context)
{
    (void)context;
    noise n = {14};
    batch_case c = batch_case_make(4, 9, 8, 6, 16, 20);
    batch_case_draw(&c, &n);
    const size_t parameters = nca_parameter_count(&c.automaton);
    const size_t half_values = 2 * batch_values(&c);
    batch_result whole = batch_found(&c, (batch_how){.threads = 1});
    float *parts = batch_allocate(4 * parameters, sizeof *parts);
    float *sum = batch_allocate(parameters, sizeof *sum);
    for (size_t i = 0; i < BACKEND_PARTS; i++) {
        batch_result half = train_part(&c, i, parts + i * 2 * parameters);
        assert_memory_equal(half.losses, whole.losses + 2 * i, 2 * sizeof(double));
        assert_memory_equal(half.alive, whole.alive + 2 * i, 2 * sizeof(size_t));
        assert_true(batch_same(half.final, whole.final + i * half_values, half_values));
        assert_true(batch_same(half.initial_gradient, whole.initial_gradient + i * half_values,
                               half_values));
        batch_result_free(&half);
    }
    for (size_t sample = 0; sample < c.batch; sample++) {
        for (size_t k = 0; k < parameters; k++) {
            sum[k] += parts[sample * parameters + k];
        }
    }
    assert_memory_equal(sum, whole.gradient, parameters * sizeof *sum);
    free(sum);
    free(parts);
    batch_result_free(&whole);
    batch_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_stands_for_the_backend_that_is_registered_for_it),
        cmocka_unit_test(other_precisions_run_on_the_cpu),
        cmocka_unit_test(a_device_that_does_not_exist_is_the_cpu_unless_it_is_strict),
        cmocka_unit_test(a_device_is_read_as_it_is_written),
        cmocka_unit_test(a_session_trains_alike_on_every_backend),
        cmocka_unit_test(a_session_needs_the_memory_that_its_backend_says),
        cmocka_unit_test(a_rollout_runs_on_its_device),
        cmocka_unit_test(a_device_that_is_none_is_refused),
        cmocka_unit_test(an_evaluation_runs_on_its_device),
        cmocka_unit_test(the_stability_test_runs_on_the_device_of_the_session),
        cmocka_unit_test(batches_of_two_give_the_losses_and_the_gradient_of_one_of_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
