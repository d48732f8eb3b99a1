/* Backends that stand around the CPU's, made here and registered for a device: a session trains on
 * them and gives the same bits. One counts the calls; one deals a batch out to two, as machines
 * would. */
#include "train/session_fixture.h"

#include "backend/backend.h"
#include "backend/batch_case.h"
#include "task/grow_objective.h"

enum {
    PARTS = 2 /* batches that a dealt one consists of */
};

/* ---- A batch in parts ------------------------------------------------------------------------*/

typedef struct dealt {
    nca__batch base; /* first */
    size_t batch, parameters;
    size_t count;
    nca__batch *parts[PARTS];
    size_t first[PARTS + 1]; /* the samples of part i are first[i]..first[i+1]-1 */
    float *sample_gradients; /* (B, parameters) */
} dealt;

static struct calls {
    int created, destroyed, parameters, fire_rates, trained;
} calls;

static const dealt *dealt_of(const nca__batch *batch)
{
    return (const dealt *)batch;
}

/* What the options ask of part i of `count`. */
static nca__batch_options part_options(const nca__batch_options *options, size_t count, size_t i)
{
    nca__batch_options part = *options;
    const size_t first = options->batch * i / count;
    part.backend = &nca__backend_cpu;
    part.batch = options->batch * (i + 1) / count - first;
    part.batch_total = options->batch;
    part.first_sample = options->first_sample + (uint32_t)first;
    return part;
}

static void parts_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                         const nca__batch_options *options, size_t count)
{
    *out_states = *out_other = 0;
    for (size_t i = 0; i < count; i++) {
        const nca__batch_options part = part_options(options, count, i);
        size_t states, other;
        nca__batch_memory(&states, &other, out_least, &part);
        *out_states += states;
        *out_other += other;
    }
}

static nca_status parts_create(nca__batch **out_batch, const nca__batch_options *options,
                               size_t count, nca_error *error)
{
    dealt *batch = batch_allocate(1, sizeof *batch);
    batch->batch = options->batch;
    batch->parameters = nca_parameter_count(&options->automaton);
    batch->count = count;
    batch->sample_gradients = batch_allocate(batch->batch * batch->parameters, sizeof(float));
    nca_status status = NCA_OK;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        const nca__batch_options part = part_options(options, count, i);
        status = nca__batch_create(&batch->parts[i], &part, error);
        batch->first[i + 1] = batch->first[i] + part.batch;
    }
    calls.created++;
    *out_batch = &batch->base;
    return status;
}

static void parts_destroy(nca__batch *base)
{
    dealt *batch = (dealt *)base;
    for (size_t i = 0; i < batch->count; i++) {
        nca__batch_destroy(batch->parts[i]);
    }
    free(batch->sample_gradients);
    free(batch);
    calls.destroyed++;
}

static unsigned parts_threads(const nca__batch *batch)
{
    return nca__batch_threads(dealt_of(batch)->parts[0]);
}

static const char *parts_kernels(const nca__batch *batch)
{
    return nca__batch_kernels(dealt_of(batch)->parts[0]);
}

static void parts_set_parameters(nca__batch *batch, const float *parameters)
{
    calls.parameters++;
    for (size_t i = 0; i < dealt_of(batch)->count; i++) {
        nca__batch_set_parameters(dealt_of(batch)->parts[i], parameters);
    }
}

static void parts_set_fire_rate(nca__batch *batch, float fire_rate)
{
    calls.fire_rates++;
    for (size_t i = 0; i < dealt_of(batch)->count; i++) {
        nca__batch_set_fire_rate(dealt_of(batch)->parts[i], fire_rate);
    }
}

static nca_status parts_train(nca__batch *base, const nca__batch_pass *pass, nca_error *error)
{
    const dealt *batch = dealt_of(base);
    calls.trained++;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < batch->count && status == NCA_OK; i++) {
        const size_t first = batch->first[i];
        nca__batch_pass part = *pass;
        part.asked += first;
        part.initial += first;
        part.final = pass->final != NULL ? pass->final + first : NULL;
        part.losses += first;
        part.alive = pass->alive != NULL ? pass->alive + first : NULL;
        part.initial_gradient =
            pass->initial_gradient != NULL ? pass->initial_gradient + first : NULL;
        part.gradient = NULL;
        part.sample_gradients = batch->sample_gradients + first * batch->parameters;
        status = nca__batch_train(batch->parts[i], &part, error);
    }
    for (size_t i = 0; i < batch->parameters; i++) {
        pass->gradient[i] = 0.0f;
        for (size_t sample = 0; sample < batch->batch; sample++) {
            pass->gradient[i] += batch->sample_gradients[sample * batch->parameters + i];
        }
    }
    return status;
}

static void counting_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                            const nca__batch_options *options)
{
    parts_memory(out_states, out_other, out_least, options, 1);
}

static void dealing_memory(size_t *out_states, size_t *out_other, size_t *out_least,
                           const nca__batch_options *options)
{
    parts_memory(out_states, out_other, out_least, options, PARTS);
}

static nca_status counting_create(nca__batch **out_batch, const nca__batch_options *options,
                                  nca_error *error)
{
    return parts_create(out_batch, options, 1, error);
}

static nca_status dealing_create(nca__batch **out_batch, const nca__batch_options *options,
                                 nca_error *error)
{
    return parts_create(out_batch, options, PARTS, error);
}

/* The functions of training; a session calls no others. */
#define ROW(kind)                                                                                  \
    {                                                                                              \
        .name = #kind, .memory = kind##_memory, .create = kind##_create, .destroy = parts_destroy, \
        .threads = parts_threads, .kernels = parts_kernels,                                        \
        .set_parameters = parts_set_parameters, .set_fire_rate = parts_set_fire_rate,              \
        .train = parts_train                                                                       \
    }
static const nca__backend counting = ROW(counting);
static const nca__backend dealing = ROW(dealing);

/* ---- Sessions --------------------------------------------------------------------------------*/

static void assert_trains_alike(const nca__backend *backend)
{
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_REGENERATING);
    nca_session *expected = small_session(&settings);
    run_session(expected, settings.iterations);

    settings.device = NCA_DEVICE_CUDA;
    calls = (struct calls){0};
    nca__backend_register(NCA_DEVICE_CUDA, backend);
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

static void a_session_trains_on_a_backend_that_counts_calls(void **context)
{
    (void)context;
    assert_trains_alike(&counting);
}

static void a_session_trains_on_a_backend_that_deals_the_batch_out(void **context)
{
    (void)context;
    assert_trains_alike(&dealing);
}

static void every_device_stands_for_the_cpu(void **context)
{
    (void)context;
    for (int device = 0; device < NCA_DEVICE_COUNT; device++) {
        assert_ptr_equal(nca__backend_of((nca_device)device), &nca__backend_cpu);
    }
    nca__backend_register(NCA_DEVICE_MPS, &counting);
    assert_ptr_equal(nca__backend_of(NCA_DEVICE_MPS), &counting);
    assert_ptr_equal(nca__backend_of(NCA_DEVICE_CPU), &nca__backend_cpu);
    nca__backend_register(NCA_DEVICE_MPS, NULL);
    assert_ptr_equal(nca__backend_of(NCA_DEVICE_MPS), &nca__backend_cpu);
}

static void a_session_needs_the_memory_that_its_backend_says(void **context)
{
    (void)context;
    nca_settings settings = small_settings(NCA_RECIPE_ROBUST, NCA_EXPERIMENT_PERSISTENT);
    settings.device = NCA_DEVICE_CUDA;
    const nca_session_memory one = nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    nca__backend_register(NCA_DEVICE_CUDA, &dealing);
    const nca_session_memory two = nca_session_memory_needed(&settings, SMALL_HEIGHT, SMALL_WIDTH);
    nca__backend_register(NCA_DEVICE_CUDA, NULL);
    assert_int_equal(two.states, 2 * one.states); /* one thread, so one sample at a time, each */
    assert_int_equal(two.pool, one.pool);
}

/* ---- Parts of a batch ------------------------------------------------------------------------*/

/* Part i of PARTS of a batch, trained by itself; its samples' parts of the gradient go to `out`. */
static batch_result train_part(const batch_case *whole, size_t i, float *out)
{
    const size_t half = whole->batch / PARTS;
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
    for (size_t i = 0; i < PARTS; i++) {
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
        cmocka_unit_test(every_device_stands_for_the_cpu),
        cmocka_unit_test(a_session_trains_on_a_backend_that_counts_calls),
        cmocka_unit_test(a_session_trains_on_a_backend_that_deals_the_batch_out),
        cmocka_unit_test(a_session_needs_the_memory_that_its_backend_says),
        cmocka_unit_test(batches_of_two_give_the_losses_and_the_gradient_of_one_of_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
