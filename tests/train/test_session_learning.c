/* Sessions learn: each recipe grows a small target. */
#include "train/session_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_target_is_learnt_without_a_pool),
        cmocka_unit_test(a_small_target_is_learnt_from_a_pool),
        cmocka_unit_test(a_small_target_is_learnt_by_the_other_recipe),
        cmocka_unit_test(a_small_target_is_learnt_by_the_recipe_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
