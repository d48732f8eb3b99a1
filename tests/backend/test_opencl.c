/* The OpenCL backend gives the bits of the CPU: states, losses, counts, gradients. Every device
 * here is tested; without one, only what a program is told of it. Most of the time goes into
 * building kernels, so cases share their shapes where they can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "backend/device_choice.h"
#include "backend/thread_ranks.h"
#include "task/classify_objective.h"
#include "task/grow_batch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Calls `test` for every device that can be used. */
static void on_every_device(void (*test)(size_t device))
{
    nca_device_info *list;
    size_t count, tested = 0;
    assert_int_equal(nca_devices_list(&list, &count, NULL), NCA_OK);
    for (size_t i = 1; i < count; i++) {
        if (list[i].problem[0] == 0) {
            test(i - 1);
            tested++;
        } else {
            print_message("%s: %s\n", list[i].name, list[i].problem);
        }
    }
    if (tested == 0) {
        print_message("no OpenCL device: %s\n", list[0].problem);
    }
    free(list);
    if (tested == 0) {
        skip();
    }
}

static batch_how on_device(size_t device)
{
    return (batch_how){.backend = &nca__backend_opencl, .device = device};
}

/* ---- Training --------------------------------------------------------------------------------*/

static void compare_training(size_t device, batch_case *c, size_t memory_limit)
{
    noise n = {c->height * 1000 + c->width};
    batch_case_draw(c, &n);
    batch_how how = on_device(device);
    how.memory_limit = memory_limit;
    batch_result expected = batch_found(c, (batch_how){.threads = 1});
    batch_result found = batch_found(c, how);
    batch_assert_same(c, "opencl", &found, &expected);
    batch_result_free(&expected);
    batch_result_free(&found);
    batch_case_free(c);
}

static void train_on(size_t device)
{
    batch_case cases[] = {
        batch_case_make(2, 28, 28, 6, 16, 128), batch_case_make(1, 31, 37, 3, 16, 128),
        batch_case_make(3, 5, 6, 17, 5, 1),     batch_case_make(1, 1, 1, 9, 5, 1),
        batch_case_make(3, 33, 17, 2, 33, 15),  batch_case_make(2, 1, 300, 5, 33, 15),
        batch_case_make(2, 40, 40, 12, 17, 33), batch_case_make(3, 16, 16, 9, 17, 33),
    };
    cases[1].automaton.angle_radians = 0.7f;
    cases[2].automaton.boundary = cases[3].automaton.boundary = NCA_BOUNDARY_REFLECT;
    for (size_t i = 4; i < COUNT(cases); i++) {
        cases[i].automaton.filter = NCA_FILTER_LEARNED;
        cases[i].automaton.filter_count = i < 6 ? 1 : 4;
        cases[i].automaton.boundary = i < 6 ? NCA_BOUNDARY_REPLICATE : NCA_BOUNDARY_CIRCULAR;
        cases[i].automaton.alive_channel = i < 6 ? -1 : 3;
        cases[i].automaton.output_bias = i >= 6;
    }
    cases[4].automaton.fire_rate = 1.0f;
    cases[6].start = BATCH_START_SEED;
    cases[7].start = BATCH_START_INFINITE;
    cases[2].losses = 8;
    cases[5].losses = 2;
    cases[6].losses = cases[7].losses = 4;
    for (size_t i = 0; i < COUNT(cases); i++) {
        compare_training(device, &cases[i], 0);
    }
}

/* With less memory, states are recomputed and samples are processed in groups. */
static void train_in_little_memory_on(size_t device)
{
    batch_case plain = batch_case_make(3, 16, 16, 9, 17, 33);
    const size_t plane = batch_values(&plain) * sizeof(float);
    const size_t planes[] = {6, 15, 18, 29};
    for (size_t i = 0; i < COUNT(planes); i++) {
        batch_case c = plain;
        c.automaton.filter = NCA_FILTER_LEARNED;
        c.automaton.filter_count = 4;
        c.automaton.boundary = NCA_BOUNDARY_CIRCULAR;
        c.losses = 4;
        compare_training(device, &c, planes[i] * plane);
    }
}

/* ---- Classification: input channels, no masks, an objective that waits, a head ---------------*/

enum {
    CLASSES = 3,
    FEATURES = 5,
    SAMPLES = 4
};

typedef struct class_case {
    nca_automaton automaton;
    nca__class_asked asked;
    const void *asked_of[SAMPLES];
    float *initial[SAMPLES], *parameters;
} class_case;

static class_case class_case_make(nca_readout readout, size_t values)
{
    static const nca__class_loss loss = {.kind = NCA_CLASS_LOSS_CROSS_ENTROPY, .classes = CLASSES};
    static const uint8_t answer = 1;
    class_case c = {.asked = {.loss = &loss, .first = 7, .features = CLASSES, .answer = &answer}};
    noise n = {(uint64_t)readout + 5};
    nca_automaton_default(&c.automaton);
    c.automaton.channels = 16;
    c.automaton.hidden = 20;
    c.automaton.alive_channel = -1;
    c.automaton.input_channels = 3;
    c.automaton.filter = NCA_FILTER_LEARNED;
    c.automaton.boundary = NCA_BOUNDARY_REPLICATE;
    if (readout != NCA_READOUT_CELLS) {
        c.automaton.head_inputs = FEATURES;
        c.automaton.head_outputs = CLASSES;
        c.asked.features = FEATURES;
    }
    const size_t parameters = nca_parameter_count(&c.automaton);
    c.parameters = batch_allocate(parameters, sizeof(float));
    noise_fill(c.parameters, parameters, &n, -0.3f, 0.3f);
    for (size_t i = 0; i < SAMPLES; i++) {
        c.initial[i] = batch_allocate(values, sizeof(float));
        noise_fill(c.initial[i], values, &n, -0.8f, 0.8f);
    }
    return c;
}

/* Everything that a pass returns, one array after the other. */
static float *train_classes(class_case *c, const nca__backend *backend, size_t device,
                            nca_readout readout, size_t side)
{
    const size_t values = side * side * c->automaton.channels;
    const size_t parameters = nca_parameter_count(&c->automaton);
    const nca__batch_options options = {.backend = backend,
                                        .device = device,
                                        .automaton = c->automaton,
                                        .batch = SAMPLES,
                                        .batch_total = SAMPLES + 3,
                                        .first_sample = 2,
                                        .height = side,
                                        .width = side,
                                        .max_steps = 7,
                                        .losses = 3,
                                        .objective = nca__class_objective(readout)};
    float *all = batch_allocate(SAMPLES * (2 * values + 2 + parameters) + parameters, sizeof *all);
    float *final[SAMPLES], *gradient[SAMPLES];
    double losses[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        final[i] = all + i * values;
        gradient[i] = all + (SAMPLES + i) * values;
        c->asked_of[i] = &c->asked;
    }
    float *rest = all + 2 * SAMPLES * values + 2 * SAMPLES;
    const nca__batch_pass pass = {.steps = 6,
                                  .seed = 99,
                                  .iteration = 4,
                                  .asked = c->asked_of,
                                  .initial = (const float *const *)c->initial,
                                  .final = final,
                                  .losses = losses,
                                  .gradient = rest,
                                  .sample_gradients = rest + parameters,
                                  .initial_gradient = gradient};
    nca__batch *batch;
    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_OK);
    nca__batch_set_parameters(batch, c->parameters);
    assert_int_equal(nca__batch_train(batch, &pass, NULL), NCA_OK);
    nca__batch_destroy(batch);
    memcpy(all + 2 * SAMPLES * values, losses, sizeof losses);
    return all;
}

static void classify_on(size_t device)
{
    enum {
        SIDE = 12
    };
    for (int readout = 0; readout < NCA_READOUT_COUNT; readout++) {
        class_case c = class_case_make((nca_readout)readout, SIDE * SIDE * 16);
        const size_t count = SAMPLES * (2 * SIDE * SIDE * 16 + 2) +
                             (SAMPLES + 1) * nca_parameter_count(&c.automaton);
        float *expected = train_classes(&c, &nca__backend_cpu, 0, (nca_readout)readout, SIDE);
        float *found = train_classes(&c, &nca__backend_opencl, device, (nca_readout)readout, SIDE);
        for (size_t i = 0; i < count; i++) {
            if (memcmp(found + i, expected + i, sizeof *found) != 0) {
                fail_msg("read-out %d, value %zu of %zu: %.9g, expected %.9g", readout, i, count,
                         (double)found[i], (double)expected[i]);
            }
        }
        free(expected);
        free(found);
        for (size_t i = 0; i < SAMPLES; i++) {
            free(c.initial[i]);
        }
        free(c.parameters);
    }
}

/* ---- Rollouts --------------------------------------------------------------------------------*/

/* A batch for rollouts, which holds the case's initial states. */
static nca__batch *make_runner(const batch_case *c, const nca__backend *backend, size_t device,
                               uint32_t mask_sets)
{
    nca__batch_options options =
        batch_options(c, (batch_how){.backend = backend, .device = device});
    options.max_steps = 0;
    options.objective = NULL;
    options.first_sample = 5;
    options.mask_sets = mask_sets;
    nca__batch *batch;
    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_OK);
    nca__batch_set_parameters(batch, c->parameters);
    for (size_t i = 0; i < c->batch; i++) {
        nca__batch_set(batch, i, c->initial + i * batch_values(c));
    }
    return batch;
}

static void assert_same_states(const nca__batch *found, const nca__batch *expected,
                               const batch_case *c)
{
    const size_t values = batch_values(c), channels = c->automaton.channels;
    float *states[2] = {batch_allocate(values, sizeof(float)),
                        batch_allocate(values, sizeof(float))};
    for (size_t i = 0; i < c->batch; i++) {
        nca__batch_get(states[0], found, i);
        nca__batch_get(states[1], expected, i);
        if (!batch_same(states[0], states[1], values)) {
            fail_msg("%s: the state of sample %zu has other bits", batch_case_text(c), i);
        }
        assert_int_equal(nca__batch_alive(found, i), nca__batch_alive(expected, i));
        size_t stride;
        const float *row = nca__batch_row(&stride, found, i, c->height - 1);
        for (size_t k = 0; k < c->width; k++) {
            assert_true(batch_same(row + k * stride,
                                   states[1] + ((c->height - 1) * c->width + k) * channels,
                                   channels));
        }
    }
    free(states[0]);
    free(states[1]);
}

static void roll_out_on(size_t device)
{
    batch_case cases[] = {
        batch_case_make(2, 28, 28, 1, 16, 128), batch_case_make(3, 31, 37, 1, 17, 33),
        batch_case_make(3, 16, 16, 1, 17, 33),  batch_case_make(2, 9, 21, 1, 16, 32),
        batch_case_make(2, 20, 20, 1, 16, 128),
    };
    cases[0].start = BATCH_START_SEED;
    for (size_t i = 1; i <= 2; i++) {
        cases[i].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
        cases[i].automaton.filter = NCA_FILTER_LEARNED;
        cases[i].automaton.filter_count = 4;
    }
    cases[2].start = BATCH_START_HUGE;
    cases[3].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[3].automaton.alive_threshold = -0.1f;
    cases[3].automaton.input_channels = 4; /* the alive channel is one of them */
    cases[4].automaton.alive_threshold = -0.2f;
    cases[4].start = BATCH_START_TINY;
    for (size_t i = 0; i < COUNT(cases); i++) {
        noise n = {i + 77};
        batch_case *c = &cases[i];
        batch_case_draw(c, &n);
        nca__batch *found = make_runner(c, &nca__backend_opencl, device, (uint32_t)i % 3);
        nca__batch *expected = make_runner(c, &nca__backend_cpu, 0, (uint32_t)i % 3);
        assert_same_states(found, expected, c);
        static const uint64_t first[] = {0, 5, 0xFFFFFFF0u};
        for (size_t k = 0; k < COUNT(first); k++) {
            nca__batch *const both[] = {found, expected};
            for (size_t j = 0; j < 2; j++) {
                assert_int_equal(nca__batch_run(both[j], first[k], 3 + 4 * k, c->seed, 1, NULL),
                                 NCA_OK);
            }
            assert_same_states(found, expected, c);
            for (size_t j = 0; j < 2; j++) {
                nca__batch_set(both[j], 1, c->initial);
                nca__batch_set_fire_rate(both[j], 0.3f);
            }
        }
        nca__batch_destroy(found);
        nca__batch_destroy(expected);
        batch_case_free(c);
    }
}

/* ---- Several processes (thread_ranks.h), each with the device ---------------------------------*/

/* A strip whose cells are not at the same place of a block of fire masks as in the whole grid, and
 * which goes on at row 0 of it. */
static void run_strips_on(size_t device)
{
    for (size_t i = 0; i < 4; i++) {
        noise n = {i + 5};
        batch_case c = batch_case_make(1, 20, 9 + i, 1, 16, 128);
        batch_case_draw(&c, &n);
        nca__batch *both[2];
        for (size_t k = 0; k < 2; k++) {
            nca__batch_options options =
                batch_options(&c, k == 0 ? on_device(device) : (batch_how){.threads = 1});
            options.max_steps = 0;
            options.objective = NULL;
            options.first_row = 35 - 7 * i;
            options.total_rows = 47;
            assert_int_equal(nca__batch_create(&both[k], &options, NULL), NCA_OK);
            nca__batch_set_parameters(both[k], c.parameters);
            nca__batch_set(both[k], 0, c.initial);
            assert_int_equal(nca__batch_run(both[k], 3, 6, 99, 1, NULL), NCA_OK);
        }
        assert_same_states(both[0], both[1], &c);
        nca__batch_destroy(both[0]);
        nca__batch_destroy(both[1]);
        batch_case_free(&c);
    }
}

static void deal_on(size_t device)
{
    const nca_device wanted =
        (nca_device)(NCA_DEVICE_OPENCL + (unsigned)(device + 1) * NCA_DEVICE_NUMBER);
    noise n = {21};
    batch_case c = batch_case_make(5, 9, 10, 4, 16, 128);
    batch_case_draw(&c, &n);
    batch_result expected = batch_found(&c, (batch_how){.threads = 1});
    thread_ranks_begin(3);
    nca__batch_options options = batch_options(&c, (batch_how){.threads = 1});
    nca__backend_choose(&options, wanted);
    nca__batch *batch;
    assert_int_equal(nca__batch_create(&batch, &options, NULL), NCA_OK);
    batch_result found = batch_found_in(batch, &c);
    batch_assert_same(&c, "dealt over devices", &found, &expected);
    nca__batch_destroy(batch);

    /* On a process without that device a strict one is an error. */
    nca_error failure;
    nca__backend_choose(
        &options, (nca_device)(NCA_DEVICE_OPENCL + 4000u * NCA_DEVICE_NUMBER + NCA_DEVICE_STRICT));
    assert_int_equal(nca__batch_create(&batch, &options, &failure), NCA_UNSUPPORTED);
    assert_non_null(strstr(failure.message, "process 1 of 3: device: opencl:3999!: "));
    thread_ranks_end();
    batch_result_free(&expected);
    batch_result_free(&found);
    batch_case_free(&c);
}

/* ---- The tests -------------------------------------------------------------------------------*/

static void a_training_pass_has_the_bits_of_the_cpu(void **context)
{
    (void)context;
    on_every_device(train_on);
}

static void recomputed_states_and_groups_of_samples_have_the_same_bits(void **context)
{
    (void)context;
    on_every_device(train_in_little_memory_on);
}

static void a_classification_has_the_bits_of_the_cpu(void **context)
{
    (void)context;
    on_every_device(classify_on);
}

static void a_rollout_has_the_bits_of_the_cpu(void **context)
{
    (void)context;
    on_every_device(roll_out_on);
}

static void a_strip_of_a_grid_has_the_bits_of_the_cpu(void **context)
{
    (void)context;
    on_every_device(run_strips_on);
}

static void batches_are_dealt_over_devices(void **context)
{
    (void)context;
    on_every_device(deal_on);
}

/* Without a number, processes of a machine have a device each. */
static void processes_of_a_machine_share_its_devices(void **context)
{
    (void)context;
    nca_device_info *list;
    size_t count, numbers[64], usable = 0;
    assert_int_equal(nca_devices_list(&list, &count, NULL), NCA_OK);
    for (size_t i = 1; i < count; i++) {
        if (list[i].problem[0] == 0) {
            numbers[usable++] = i - 1;
        }
    }
    free(list);
    for (size_t place = 0; place < 5; place++) {
        const nca_device own = nca__device_of_place(
            (nca_device)(NCA_DEVICE_OPENCL + (unsigned)NCA_DEVICE_STRICT), place);
        assert_int_equal(nca_device_kind(own), NCA_DEVICE_OPENCL);
        assert_true(nca_device_is_strict(own));
        assert_int_equal(nca_device_number(own), usable > 0 ? numbers[place % usable] : 0);
    }
    assert_int_equal(nca__device_of_place(NCA_DEVICE_CPU, 3), NCA_DEVICE_CPU);
    const unsigned numbered = NCA_DEVICE_OPENCL + 3 * NCA_DEVICE_NUMBER;
    assert_int_equal(nca__device_of_place((nca_device)numbered, 1), numbered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_pass_has_the_bits_of_the_cpu),
        cmocka_unit_test(recomputed_states_and_groups_of_samples_have_the_same_bits),
        cmocka_unit_test(a_classification_has_the_bits_of_the_cpu),
        cmocka_unit_test(a_rollout_has_the_bits_of_the_cpu),
        cmocka_unit_test(a_strip_of_a_grid_has_the_bits_of_the_cpu),
        cmocka_unit_test(batches_are_dealt_over_devices),
        cmocka_unit_test(processes_of_a_machine_share_its_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
