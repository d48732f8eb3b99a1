/* The memory that a session needs, computed before it is created. */
#include "train/session_fixture.h"

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
    assert_int_equal(refused_session(&settings, &target, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "pool_size"));
    assert_non_null(strstr(error.message, "TiB"));
}

static void the_memory_check_names_what_is_needed_and_there(void **state)
{
    (void)state;
    nca_error error;
    const nca_session_memory needed = {3000, 2000, 1000};
    assert_int_equal(nca__session_memory_check(&needed, 4500, 6000, &error), NCA_OK);
    assert_int_equal(nca__session_memory_check(&needed, 4500, 5999, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "5.9 KiB"));
    assert_non_null(strstr(error.message, "pool_size"));
    const nca_session_memory endless = {1, SIZE_MAX, SIZE_MAX};
    assert_int_equal(nca__session_memory_check(&endless, 6000, SIZE_MAX - 1, &error), NCA_LIMIT);
    assert_non_null(strstr(error.message, "lower memory_limit"));
    /* Not if the smallest limit does not help either. */
    assert_int_equal(nca__session_memory_check(&endless, SIZE_MAX, SIZE_MAX - 1, &error),
                     NCA_LIMIT);
    assert_null(strstr(error.message, "memory_limit"));
    assert_non_null(strstr(error.message, "lower the size of the grid"));
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
        assert_int_equal(nca__session_memory_check(&needed, 0, SIZE_MAX - 1, NULL), NCA_LIMIT);
    }
    nca_settings settings = sound;
    settings.batch_size = 0;
    assert_true(nca_session_memory_needed(&settings, 8, 8).other == SIZE_MAX);
    settings = sound;
    settings.steps_max = UINT32_MAX;
    assert_true(nca_session_memory_needed(&settings, 8, 8).other == SIZE_MAX);
}

/* The maximum of all settings: computed without an overflow, which would give less memory than a
 * smaller session needs. */
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
    assert_int_equal(nca__session_memory_check(&needed, 0, (size_t)1 << 50, NULL), NCA_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_that_cannot_fit_is_refused_before_training),
        cmocka_unit_test(the_memory_check_names_what_is_needed_and_there),
        cmocka_unit_test(the_memory_needed_follows_the_settings),
        cmocka_unit_test(what_no_session_takes_needs_endless_memory),
        cmocka_unit_test(the_largest_session_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
