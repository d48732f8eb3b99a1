/* Evaluations as CSV and JSON: they contain all numbers, and values that are not finite are valid
 * for readers. */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/temporary_folder.h"
#include "measure/filling_model.h"
#include "nca/evaluate.h"

static nca_evaluation_row row = {
    .steps = 80,
    .metric = {{0.1, 0.25}, {INFINITY, NAN}, {3, 0}, {0, 0}, {INFINITY, 0}, {NAN, NAN}},
    .surviving = 0.875};
static size_t curve_steps[] = {0, 80};
static nca_spread curve[] = {{0.5, 0}, {0.1, NAN}};

static nca_evaluation small = {.rollouts = 8,
                               .height = 5,
                               .width = 7,
                               .seed = UINT64_MAX,
                               .row_count = 1,
                               .rows = &row,
                               .curve_count = 2,
                               .curve_steps = curve_steps,
                               .curve = curve};

static void csv_has_a_line_for_every_number(void **state)
{
    char *text = NULL;
    (void)state;
    assert_int_equal(nca_evaluation_csv(&text, &small, NULL), NCA_OK);
    assert_string_equal(text, "part,shape,step,measure,mean,deviation\n"
                              "steps,,80,L1,0.1,0.25\n"
                              "steps,,80,L2,inf,nan\n"
                              "steps,,80,Manhattan,3,0\n"
                              "steps,,80,Hinge,0,0\n"
                              "steps,,80,PSNR,inf,0\n"
                              "steps,,80,SSIM,nan,nan\n"
                              "steps,,80,surviving,0.875,\n"
                              "curve,,0,L2,0.5,0\n"
                              "curve,,80,L2,0.1,nan\n");
    free(text);
}

static json_t *parse(const nca_evaluation *evaluation, const nca_evaluation_about *about)
{
    char *text = NULL;
    json_error_t error;
    assert_int_equal(nca_evaluation_json(&text, evaluation, about, NULL), NCA_OK);
    assert_true(text[strlen(text) - 1] == '\n');
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) {
        fail_msg("%s in %s", error.text, text);
    }
    free(text);
    return object;
}

static void json_says_null_where_a_number_is_not_finite(void **state)
{
    const nca_evaluation_about about = {
        .model = "a \"b\"\n\xff.safetensors", .target = "phantom", .angle_degrees = 45};
    json_t *object = parse(&small, &about), *first, *value;
    (void)state;
    assert_string_equal(json_string_value(json_object_get(object, "model")),
                        "a \"b\"??.safetensors");
    assert_string_equal(json_string_value(json_object_get(object, "target")), "phantom");
    assert_true(json_number_value(json_object_get(object, "angle")) == 45.0);
    assert_int_equal(json_integer_value(json_object_get(object, "width")), 7);
    assert_string_equal(json_string_value(json_object_get(object, "seed")), "18446744073709551615");
    first = json_array_get(json_object_get(object, "rows"), 0);
    assert_int_equal(json_integer_value(json_object_get(first, "steps")), 80);
    value = json_object_get(first, "L1");
    assert_true(json_real_value(json_object_get(value, "mean")) == 0.1);
    assert_true(json_real_value(json_object_get(value, "deviation")) == 0.25);
    value = json_object_get(first, "PSNR");
    assert_true(json_is_null(json_object_get(value, "mean")));
    assert_true(json_real_value(json_object_get(value, "deviation")) == 0.0);
    assert_true(json_is_null(json_object_get(json_object_get(first, "SSIM"), "mean")));
    assert_true(json_real_value(json_object_get(first, "surviving")) == 0.875);
    assert_int_equal(json_array_size(json_object_get(object, "healing")), 0);
    assert_null(json_object_get(object, "damage_at"));
    value = json_object_get(object, "curve");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(value, "steps"), 1)), 80);
    assert_true(json_is_null(json_array_get(json_object_get(value, "deviation"), 1)));
    json_decref(object);
}

/* The first number of the CSV line that starts with this text. */
static double csv_number(const char *text, const char *start)
{
    const char *line = strstr(text, start);
    if (line == NULL) {
        fail_msg("no line %s", start);
        return 0;
    }
    return strtod(line + strlen(start), NULL);
}

static void both_hold_the_healing_of_a_real_evaluation(void **state)
{
    static const size_t steps[] = {12};
    nca_model *model = filling_model(0.4f, 0.5f, 9, 9);
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    nca_evaluation *evaluation = NULL;
    char *text = NULL;
    (void)state;
    options.rollouts = 3;
    options.steps = steps;
    options.step_count = 1;
    options.damage_at = 20;
    options.cuts = 2;
    options.threads = 1;
    assert_int_equal(nca_evaluate(&evaluation, model, &options, NULL), NCA_OK);
    assert_int_equal(nca_evaluation_csv(&text, evaluation, NULL), NCA_OK);
    json_t *object = parse(evaluation, NULL), *shape, *value;
    assert_null(json_object_get(object, "model"));
    assert_int_equal(json_integer_value(json_object_get(object, "damage_at")), 20);
    assert_int_equal(json_array_size(json_object_get(object, "healing")), NCA_DAMAGE_SHAPES);

    const nca_healing *healing = &evaluation->healing[NCA_DAMAGE_SQUARE];
    const nca_healing_cut *square = &healing->cuts[0], *second = &healing->cuts[1];
    shape = json_array_get(json_object_get(object, "healing"), NCA_DAMAGE_SQUARE);
    assert_string_equal(json_string_value(json_object_get(shape, "shape")), "square");
    value = json_array_get(json_object_get(shape, "after"), 1);
    assert_int_equal(json_integer_value(json_object_get(value, "steps_after")), 100);
    value = json_object_get(shape, "curve");
    assert_int_equal(json_array_size(json_object_get(value, "mean")), 2 * NCA_HEALING_STEPS + 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(value, "steps"), 0)), 20);
    assert_true(square->cut.mean > 0.0);
    assert_true(fabs(json_real_value(json_array_get(json_object_get(value, "mean"), 0)) -
                     square->cut.mean) < 1e-10);

    assert_true(csv_number(text, "healing,square,20,before,") == square->before.mean);
    assert_true(csv_number(text, "healing,square,20,cut,") == square->cut.mean);
    assert_true(csv_number(text, "healing,square,120,after,") == square->after[1].mean);
    assert_true(csv_number(text, "healing,square,20,healed_share,") == square->healed_share);
    assert_true(csv_number(text, "healing,square,20,cells_cut,") == square->cells.mean);
    assert_true(csv_number(text, "healing,square,20,missed_share,") == square->missed / 3.0);
    assert_true(fabs(json_real_value(json_object_get(shape, "missed_share")) -
                     square->missed / 3.0) < 1e-10);
    assert_true(csv_number(text, "healing_curve,square,23,L2,") == healing->curve[3].mean);
    assert_true(csv_number(text, "healing_curve,none,420,L2,") ==
                evaluation->undamaged[2 * NCA_HEALING_STEPS].mean);
    assert_true(csv_number(text, "healing,square,20,restored_share,") == square->restored_share);
    assert_true(csv_number(text, "healing,square,20,living_share,") == square->living_share.mean);

    /* The second cut has lines at its own step, and an object in "cuts". */
    assert_true(csv_number(text, "healing,square,220,cut,") == second->cut.mean);
    assert_true(csv_number(text, "healing,square,420,after,") == second->after[2].mean);
    assert_true(csv_number(text, "healing,square,220,restored_step,") ==
                    second->restored_step.mean ||
                isnan(second->restored_step.mean));
    assert_string_equal(json_string_value(json_object_get(object, "damage_area")), "living");
    assert_int_equal(json_integer_value(json_object_get(object, "cuts")), 2);
    value = json_object_get(shape, "cuts");
    assert_int_equal(json_array_size(value), 2);
    value = json_array_get(value, 1);
    assert_int_equal(json_integer_value(json_object_get(value, "step")), 220);
    assert_true(fabs(json_number_value(json_object_get(value, "restored_share")) -
                     second->restored_share) < 1e-10);
    assert_true(fabs(json_real_value(json_object_get(json_object_get(value, "cut"), "mean")) -
                     second->cut.mean) < 1e-10);
    json_decref(object);
    free(text);
    nca_evaluation_destroy(evaluation);
    nca_model_destroy(model);
}

static void files_are_whole_or_not_there(void **state)
{
    temporary_folder *folder = *state;
    nca_error error;
    assert_int_equal(nca_evaluation_save_csv(&small, path_in(folder, "e.csv"), &error), NCA_OK);
    assert_int_equal(nca_evaluation_save_json(&small, NULL, path_in(folder, "e.json"), &error),
                     NCA_OK);
    assert_int_equal(count_entries(folder->path), 2);
    assert_int_equal(nca_evaluation_save_csv(&small, path_in(folder, "no/e.csv"), &error),
                     NCA_NOT_FOUND);
    assert_int_equal(count_entries(folder->path), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_has_a_line_for_every_number),
        cmocka_unit_test(json_says_null_where_a_number_is_not_finite),
        cmocka_unit_test(both_hold_the_healing_of_a_real_evaluation),
        cmocka_unit_test_setup_teardown(files_are_whole_or_not_there, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
