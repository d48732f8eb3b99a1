/* The model as an object. */
#include "nca/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "model/small_model.h"

static void a_new_model_is_all_zero_and_knows_nothing(void **state)
{
    (void)state;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    nca_model *model = NULL;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        assert_true(model->parameters[i] == 0.0f);
    }
    assert_null(model->target);
    assert_true(isnan(model->info.loss));
    assert_int_equal(model->info.height, 0);
    assert_int_equal(model->automaton.hidden, 128);
    nca_model_destroy(model);
    nca_model_destroy(NULL);
}

static void an_automaton_out_of_range_makes_no_model(void **state)
{
    (void)state;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    nca_model *model = NULL;
    nca_error error;
    automaton.channels = 3;
    assert_int_equal(nca_model_create(&model, &automaton, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "channels must be 4 to 1024");
    assert_null(model);
}

static void a_target_is_copied_and_sets_the_size(void **state)
{
    (void)state;
    nca_model *model = make_model(4, 1, true);
    float target[2 * 3 * 4] = {0.5f};
    assert_int_equal(nca_model_set_target(model, target, 2, 3, NULL), NCA_OK);
    target[0] = 0.0f;
    assert_true(model->target[0] == 0.5f);
    assert_int_equal(model->info.height, 2);
    assert_int_equal(model->info.width, 3);
    target[0] = 0.25f;
    assert_int_equal(nca_model_set_target(model, target, 3, 2, NULL), NCA_OK);
    assert_true(model->target[0] == 0.25f);
    assert_int_equal(model->info.height, 3);
    nca_model_destroy(model);
}

static void a_copy_is_the_same_and_its_own(void **state)
{
    (void)state;
    nca_model *model = make_model(4, 1, true);
    nca_model *copy = NULL;
    fill_info(model);
    assert_int_equal(nca_model_copy(&copy, model, NULL), NCA_OK);
    assert_memory_equal(&copy->info, &model->info, sizeof copy->info);
    assert_memory_equal(copy->parameters, model->parameters,
                        nca_parameter_count(&model->automaton) * sizeof *copy->parameters);
    assert_ptr_not_equal(copy->parameters, model->parameters);
    assert_memory_equal(copy->target, model->target,
                        model->info.height * model->info.width * 4 * sizeof *copy->target);
    assert_ptr_not_equal(copy->target, model->target);
    nca_model_destroy(model);
    nca_model_destroy(copy);
}

static void a_target_of_impossible_size_changes_nothing(void **state)
{
    (void)state;
    nca_model *model = make_model(4, 1, true);
    float target[4] = {1};
    nca_error error;
    assert_int_equal(nca_model_set_target(model, target, 1, 1, NULL), NCA_OK);
    float *before = model->target;
    assert_int_equal(nca_model_set_target(model, target, 0, 1, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_model_set_target(model, target, 1, NCA_MAX_SIDE + 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error, "1 to 16384 cells, found 1 x 16385");
    assert_int_equal(nca_model_set_target(model, target, NCA_MAX_SIDE, NCA_MAX_SIDE, &error),
                     NCA_LIMIT);
    assert_ptr_equal(model->target, before);
    assert_int_equal(model->info.width, 1);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_model_is_all_zero_and_knows_nothing),
        cmocka_unit_test(an_automaton_out_of_range_makes_no_model),
        cmocka_unit_test(a_target_is_copied_and_sets_the_size),
        cmocka_unit_test(a_copy_is_the_same_and_its_own),
        cmocka_unit_test(a_target_of_impossible_size_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
