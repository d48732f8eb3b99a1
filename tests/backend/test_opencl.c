/* The OpenCL backend gives the bits of the CPU: states, losses, counts, gradients. Every device here
 * is tested; without one, only what a program is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/batch_case.h"
#include "backend/devices.h"
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
        batch_case_make(2, 28, 28, 6, 16, 128), batch_case_make(1, 31, 37, 3, 16, 32),
        batch_case_make(3, 5, 6, 17, 5, 17),    batch_case_make(1, 1, 1, 9, 4, 1),
        batch_case_make(3, 33, 17, 2, 33, 31),  batch_case_make(2, 1, 300, 5, 15, 15),
        batch_case_make(2, 40, 40, 12, 16, 32), batch_case_make(3, 16, 16, 9, 17, 33),
    };
    cases[1].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    cases[1].automaton.angle_radians = 0.7f;
    cases[2].automaton.alive_channel = -1;
    cases[2].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[3].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[4].automaton.fire_rate = 1.0f;
    cases[4].automaton.boundary = NCA_BOUNDARY_REFLECT;
    cases[5].automaton.boundary = NCA_BOUNDARY_REPLICATE;
    cases[5].automaton.output_bias = false;
    cases[6].start = BATCH_START_SEED;
    for (size_t i = 4; i < COUNT(cases); i++) {
        cases[i].automaton.filter = NCA_FILTER_LEARNED;
        cases[i].automaton.filter_count = (uint32_t)(i - 3);
    }
    cases[6].automaton.boundary = NCA_BOUNDARY_CIRCULAR;
    cases[7].start = BATCH_START_INFINITE;
    cases[2].losses = 8;
    cases[5].losses = 2;
    cases[6].losses = cases[7].losses = 4;
    for (size_t i = 0; i < COUNT(cases); i++) {
        compare_training(device, &cases[i], 0);
    }
}

static void a_training_pass_has_the_bits_of_the_cpu(void **context)
{
    (void)context;
    on_every_device(train_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_pass_has_the_bits_of_the_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
