/* Threads, kernel sets and memory limits must not change a bit of a training. */
#include "train/session_fixture.h"

#include "task/grow_task.h"

static void threads_never_change_a_bit(void **state)
{
    (void)state;
    for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
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
    for (int recipe = 0; recipe < GROWTH_RECIPES; recipe++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_never_change_a_bit),
        cmocka_unit_test(kernel_sets_never_change_a_bit),
        cmocka_unit_test(memory_limits_never_change_a_bit),
        cmocka_unit_test(another_seed_gives_another_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
