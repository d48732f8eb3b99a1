/* Rollouts as parts of a larger one, and restoring saved states. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "measure/filling_model.h"
#include "nca/rollout.h"
#include "says.h"

enum {
    SIDE = 12,
    STATE = SIDE * SIDE * 4,
    BATCH = 8
};

static nca_rollout *create(const nca_model *model, size_t batch, size_t first, unsigned threads)
{
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = batch;
    options.first_sample = first;
    options.seed = 77;
    options.threads = threads;
    nca_rollout *rollout = NULL;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    return rollout;
}

static void more_than_the_machine_has_is_refused_before_it_is_asked_for(void **state)
{
    (void)state;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.batch = 65536;
    options.height = options.width = 8192;
    nca_rollout *rollout = NULL;
    nca_error error;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &error), NCA_LIMIT);
    assert_null(rollout);
    assert_non_null(strstr(error.message, "65536 samples on a grid of 8192x8192 need "));
    assert_non_null(strstr(error.message, "TiB of memory, but this machine has "));
    nca_model_destroy(model);
}

static void a_sample_is_the_same_alone_and_in_a_batch(void **state)
{
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout *whole = create(model, BATCH, 0, 2);
    float together[STATE], alone[STATE], before[STATE];
    (void)state;
    assert_int_equal(nca_rollout_run(whole, 9, NULL), NCA_OK);
    memset(before, 0, sizeof before);
    for (size_t sample = 0; sample < BATCH; sample++) {
        nca_rollout *one = create(model, 1, sample, 1);
        assert_int_equal(nca_rollout_run(one, 9, NULL), NCA_OK);
        nca_rollout_get(together, whole, sample);
        nca_rollout_get(alone, one, 0);
        assert_memory_equal(alone, together, sizeof alone);
        assert_memory_not_equal(alone, before, sizeof alone);
        memcpy(before, alone, sizeof before);
        nca_rollout_destroy(one);
    }
    nca_rollout_destroy(whole);
    nca_model_destroy(model);
}

static void going_back_to_kept_states_repeats_the_run(void **state)
{
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout *rollout = create(model, 1, 3, 1);
    float kept[STATE], first[STATE], second[STATE];
    (void)state;
    assert_int_equal(nca_rollout_run(rollout, 5, NULL), NCA_OK);
    nca_rollout_get(kept, rollout, 0);
    assert_int_equal(nca_rollout_run(rollout, 4, NULL), NCA_OK);
    nca_rollout_get(first, rollout, 0);
    nca_rollout_set(rollout, 0, kept);
    nca_rollout_set_steps(rollout, 5);
    assert_int_equal(nca_rollout_run(rollout, 4, NULL), NCA_OK);
    nca_rollout_get(second, rollout, 0);
    assert_memory_equal(first, second, sizeof first);
    assert_int_equal(nca_rollout_steps(rollout), 9);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
}

static void samples_end_where_the_fire_masks_do(void **state)
{
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    nca_rollout *rollout = NULL;
    nca_error error;
    (void)state;
    options.mask_sets = 1u << 24;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "mask_sets:*16777215*16777216*");
    options.mask_sets = 0;
    options.batch = 2;
    options.first_sample = (1u << 24) - 1;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "batch:*16777216*2*16777215*");
    options.first_sample = SIZE_MAX;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_INVALID_ARGUMENT);
    options.first_sample = (1u << 24) - 2;
    assert_int_equal(nca_rollout_create(&rollout, model, &options, NULL), NCA_OK);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
}

enum {
    READERS = 4,
    READINGS = 2000
};

/* One of several threads that read the same rollout. */
typedef struct reader {
    pthread_t thread;
    const nca_rollout *rollout;
    size_t wrong;
    float states[BATCH][STATE]; /* the expected states */
    float target[STATE];
    double losses[BATCH];
} reader;

static void *read_often(void *argument)
{
    reader *self = argument;
    float rgba[STATE];
    for (size_t i = 0; i < READINGS; i++) {
        const size_t sample = i % BATCH;
        nca_rollout_rgba(rgba, self->rollout, sample);
        self->wrong += memcmp(rgba, self->states[sample], sizeof rgba) != 0;
        self->wrong += nca_rollout_loss(self->rollout, sample, NCA_LOSS_L2, self->target) !=
                       self->losses[sample];
    }
    return NULL;
}

static void threads_read_a_rollout_together(void **state)
{
    (void)state;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout *rollout = create(model, BATCH, 0, 1);
    assert_int_equal(nca_rollout_run(rollout, 7, NULL), NCA_OK);
    reader *readers = calloc(READERS, sizeof *readers);
    assert_non_null(readers);
    assert_int_equal(model->automaton.channels, 4); /* so that a state is its RGBA */
    for (size_t r = 0; r < READERS; r++) {
        readers[r].rollout = rollout;
        for (size_t sample = 0; sample < BATCH; sample++) {
            nca_rollout_get(readers[r].states[sample], rollout, sample);
            readers[r].losses[sample] =
                nca_loss_value(NCA_LOSS_L2, readers[r].states[sample], readers[r].target, SIDE,
                               SIDE, model->automaton.channels);
        }
    }
    for (size_t r = 0; r < READERS; r++) {
        assert_int_equal(pthread_create(&readers[r].thread, NULL, read_often, &readers[r]), 0);
    }
    for (size_t r = 0; r < READERS; r++) {
        assert_int_equal(pthread_join(readers[r].thread, NULL), 0);
        assert_int_equal(readers[r].wrong, 0);
    }
    free(readers);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
}

static void a_sample_beyond_the_batch_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    nca_model *model = filling_model(0.3f, 0.5f, SIDE, SIDE);
    nca_rollout *rollout = create(model, BATCH, 0, 1);
    assert_int_equal(nca_rollout_run(rollout, 3, NULL), NCA_OK);
    float kept[STATE], values[STATE], untouched[STATE];
    assert_true(nca_rollout_get(kept, rollout, BATCH - 1));
    memset(values, 0x5A, sizeof values);
    memcpy(untouched, values, sizeof values);
    const nca_damage damage = nca_damage_draw(NCA_DAMAGE_CIRCLE, 1, 0, 0);
    const size_t beyond[] = {BATCH, SIZE_MAX};
    for (size_t i = 0; i < 2; i++) {
        assert_false(nca_rollout_get(values, rollout, beyond[i]));
        assert_false(nca_rollout_rgba(values, rollout, beyond[i]));
        assert_memory_equal(values, untouched, sizeof values);
        assert_false(nca_rollout_set(rollout, beyond[i], values));
        assert_int_equal(nca_rollout_damage(rollout, beyond[i], &damage), 0);
        assert_int_equal(nca_rollout_alive(rollout, beyond[i]), 0);
        assert_true(isnan(nca_rollout_loss(rollout, beyond[i], NCA_LOSS_L2, values)));
    }
    assert_true(nca_rollout_get(values, rollout, BATCH - 1));
    assert_memory_equal(values, kept, sizeof values);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_the_machine_has_is_refused_before_it_is_asked_for),
        cmocka_unit_test(a_sample_is_the_same_alone_and_in_a_batch),
        cmocka_unit_test(going_back_to_kept_states_repeats_the_run),
        cmocka_unit_test(samples_end_where_the_fire_masks_do),
        cmocka_unit_test(threads_read_a_rollout_together),
        cmocka_unit_test(a_sample_beyond_the_batch_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
