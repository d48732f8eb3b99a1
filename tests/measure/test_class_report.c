/* A report of a classifier: its parts agree with the functions that compute each of them, it is the
 * same as files, and data that does not fit is refused. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include <jansson.h>

#include "measure/diverging_model.h"
#include "nca/class_report.h"
#include "nca/classify.h"

static nca_model *learned(made_images *made, nca_label_kind kind, nca_class_loss loss)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, kind, 1);
    settings.class_loss = loss;
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, 40);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return model;
}

static nca_class_report_options few(void)
{
    nca_class_report_options options;
    nca_class_report_options_default(&options);
    assert_int_equal(options.prediction.rollouts, 16);
    assert_int_equal(options.step_rollouts, 1);
    options.prediction.rollouts = 3;
    options.prediction.threads = 1;
    return options;
}

static nca_class_report *report_of(const nca_model *model, const made_images *made,
                                   const nca_class_report_options *options)
{
    nca_class_report *report = NULL;
    assert_ok(
        nca_class_report_create(&report, model, &made->data, NCA_SPLIT_TEST, options, &failure));
    return report;
}

static void assert_same_scores(const nca_class_row *row, const nca_scores *scores)
{
    assert_true(row->auc == scores->auc && row->accuracy == scores->accuracy);
    assert_true(row->balanced_accuracy == scores->balanced_accuracy);
    assert_true(row->log_loss == scores->log_loss && row->brier == scores->brier);
    assert_true(row->ece == scores->ece);
}

/* The row of an evaluation with so many rollouts and steps. */
static void assert_row(const nca_class_row *row, const nca_model *model, const made_images *made)
{
    nca_prediction_options options;
    nca_class_evaluation *e = NULL;
    nca_prediction_options_default(&options);
    options.rollouts = row->rollouts;
    options.steps = row->steps;
    options.threads = 1;
    assert_ok(nca_evaluate_classes(&e, model, &made->data, NCA_SPLIT_TEST, &options, &failure));
    assert_same_scores(row, &e->scores);
    nca_class_evaluation_destroy(e);
}

static void rows_are_evaluations_with_other_steps_and_rollouts(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY);
    nca_class_report_options options = few();
    nca_class_report *report = report_of(model, &made, &options);
    const size_t steps = model->classifier->steps;
    assert_int_equal(report->steps, steps);
    assert_int_equal(report->step_count, NCA_CLASS_STEP_ROWS);
    const size_t expected[] = {steps / 2, steps, 2 * steps, 4 * steps, 16 * steps};
    for (size_t i = 0; i < NCA_CLASS_STEP_ROWS; i++) {
        assert_int_equal(report->over_steps[i].steps, expected[i]);
        assert_int_equal(report->over_steps[i].rollouts, 1);
        assert_row(&report->over_steps[i], model, &made);
    }
    assert_memory_equal(&report->single, &report->over_steps[1], sizeof report->single);
    const nca_class_row mean = {.steps = steps, .rollouts = 3};
    nca_class_row filled = mean;
    filled.auc = report->evaluation->scores.auc;
    filled.accuracy = report->evaluation->scores.accuracy;
    filled.balanced_accuracy = report->evaluation->scores.balanced_accuracy;
    filled.log_loss = report->evaluation->scores.log_loss;
    filled.brier = report->evaluation->scores.brier;
    filled.ece = report->evaluation->scores.ece;
    assert_row(&filled, model, &made);
    nca_class_report_destroy(report);

    /* Chosen steps without those of the classifier, and more rollouts for them. */
    const size_t chosen[] = {1, 5};
    options.steps = chosen;
    options.step_count = 2;
    options.step_rollouts = 2;
    options.prediction.steps = 4;
    report = report_of(model, &made, &options);
    assert_int_equal(report->steps, 4);
    assert_int_equal(report->step_count, 2);
    assert_int_equal(report->over_steps[1].rollouts, 2);
    assert_row(&report->over_steps[1], model, &made);
    assert_int_equal(report->single.steps, 4);
    assert_int_equal(report->single.rollouts, 1);
    assert_row(&report->single, model, &made);
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static void the_temperature_is_that_of_the_validation_images(void **state)
{
    (void)state;
    static const struct {
        nca_label_kind kind;
        nca_class_loss loss;
    } cases[] = {{NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY},
                 {NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_BINARY_CROSS_ENTROPY},
                 {NCA_LABELS_MULTI_LABEL, NCA_CLASS_LOSS_CROSS_ENTROPY},
                 {NCA_LABELS_BINARY, NCA_CLASS_LOSS_CROSS_ENTROPY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_images made;
        nca_model *model = learned(&made, cases[i].kind, cases[i].loss);
        const nca_class_report_options options = few();
        nca_class_report *report = report_of(model, &made, &options);
        /* The splits have the same images, so no temperature has a lower log loss on test. For one
         * rollout, the log loss of the mean class scores is that of the model. */
        assert_true(report->temperature > 0);
        assert_int_equal(report->calibrated.count, MADE_COUNT);
        model->classifier->temperature = report->temperature;
        nca_class_report *again = report_of(model, &made, &options);
        assert_true(fabs(again->temperature / report->temperature - 1) < 1e-6);
        assert_true(fabs(again->calibrated.log_loss - report->calibrated.log_loss) < 1e-9);
        nca_class_report_destroy(again);
        nca_class_report_destroy(report);
        nca_model_destroy(model);
    }
}

static void rows_that_are_not_finite_have_no_scores(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY);
    const nca_class_report_options options = few();
    enlarge_updates(model, 1e3f);
    nca_class_report *report = report_of(model, &made, &options);
    const nca_class_row *last = &report->over_steps[report->step_count - 1];
    assert_int_equal(report->step_count, NCA_CLASS_STEP_ROWS);
    assert_int_equal(last->steps, 16 * model->classifier->steps);
    assert_int_equal(last->rollouts, 1);
    assert_true(isnan(last->auc) && isnan(last->accuracy) && isnan(last->balanced_accuracy));
    assert_true(isnan(last->log_loss) && isnan(last->brier) && isnan(last->ece));
    assert_row(&report->over_steps[1], model, &made);
    char *text = NULL;
    assert_ok(nca_class_report_json(&text, report, NULL, &failure));
    assert_null(strstr(text, "nan"));
    free(text);
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static bool count_calls(double share, void *user)
{
    (void)share;
    ++*(size_t *)user;
    return true;
}

static void steps_are_checked_first_and_rows_above_the_limit_are_left_out(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_BINARY, NCA_CLASS_LOSS_CROSS_ENTROPY);
    nca_class_report_options options = few();
    nca_class_report *report = NULL;
    const size_t wrong[][2] = {{3, 3}, {4, 10000001}, {0, 1}};
    size_t calls = 0;
    options.progress = count_calls;
    options.user = &calls;
    options.step_count = 2;
    for (size_t i = 0; i < 3; i++) {
        options.steps = wrong[i];
        assert_int_equal(
            nca_class_report_create(&report, model, &made.data, NCA_SPLIT_TEST, &options, &failure),
            NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(failure.message, "steps"));
    }
    options.steps = NULL;
    options.prediction.steps = SIZE_MAX;
    assert_int_equal(
        nca_class_report_create(&report, model, &made.data, NCA_SPLIT_TEST, &options, &failure),
        NCA_INVALID_ARGUMENT);
    assert_true(calls == 0 && report == NULL);
    /* 16 times as many are more than 10000000. The model of one cell changes nothing. */
    enlarge_updates(model, 0.0f);
    options = few();
    options.prediction.rollouts = 1;
    options.prediction.steps = 625001;
    for (size_t s = 0; s < NCA_SPLIT_COUNT; s++) {
        made.data.split[s].count = s == NCA_SPLIT_TEST ? 1 : 0;
    }
    made.data.height = made.data.width = 1;
    report = report_of(model, &made, &options);
    assert_int_equal(report->step_count, NCA_CLASS_STEP_ROWS - 1);
    assert_int_equal(report->over_steps[report->step_count - 1].steps, 4 * 625001);
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static void without_validation_images_there_is_no_temperature(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_BINARY, NCA_CLASS_LOSS_CROSS_ENTROPY);
    const nca_class_report_options options = few();
    made.data.split[NCA_SPLIT_VAL].count = 0;
    nca_class_report *report = report_of(model, &made, &options);
    assert_true(isnan(report->temperature));
    assert_int_equal(report->calibrated.count, 0);
    char *json = NULL, *csv = NULL;
    assert_ok(nca_class_report_json(&json, report, NULL, &failure));
    assert_ok(nca_class_report_csv(&csv, report, &failure));
    assert_non_null(strstr(json, "\"temperature\": null"));
    assert_null(strstr(csv, "with_temperature"));
    free(json);
    free(csv);
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static void coverage_starts_at_the_accuracy_and_uses_the_uncertainty(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY);
    nca_class_report_options options = few();
    nca_class_report *report = report_of(model, &made, &options);
    const double left_out[] = {0, 0.1, 0.2, 0.5};
    double expected[4];
    const nca_predictions predictions = {.kind = report->kind,
                                         .count = report->count,
                                         .classes = report->classes,
                                         .probabilities = report->evaluation->probabilities,
                                         .labels = report->labels};
    assert_true(report->coverage[0].entropy == report->evaluation->scores.accuracy);
    assert_true(report->coverage[0].spread == report->evaluation->scores.accuracy);
    assert_ok(nca_risk_coverage(expected, left_out, 4, &predictions, report->entropy, &failure));
    for (size_t i = 0; i < NCA_CLASS_COVERAGES; i++) {
        assert_true(report->coverage[i].left_out == left_out[i]);
        assert_true(report->coverage[i].entropy == expected[i]);
    }
    for (size_t i = 0; i < report->count; i++) {
        const double *p = report->evaluation->probabilities + i * report->classes;
        assert_true(report->entropy[i] == nca_entropy(p, report->classes));
        assert_true(report->spread[i] > 0);
    }
    nca_class_report_destroy(report);
    options.prediction.rollouts = 1;
    report = report_of(model, &made, &options);
    assert_true(isnan(report->coverage[1].spread));
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static void the_entropy_of_labels_is_that_of_each(void **state)
{
    (void)state;
    const double p[] = {0.5, 1.0};
    nca_classifier c = {.kind = NCA_LABELS_MULTI_LABEL, .classes = 2, .sigmoid = true};
    assert_true(nca_prediction_entropy(&c, p) == 0.5);
    c.kind = NCA_LABELS_BINARY; /* a sigmoid for each class */
    assert_true(nca_prediction_entropy(&c, p) == 0.5);
    c.sigmoid = false;
    assert_true(nca_prediction_entropy(&c, p) == nca_entropy(p, 2));
}

static void a_report_is_the_same_as_json_and_csv(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY);
    const nca_class_report_options options = few();
    snprintf(model->classifier->class_names[1], NCA_CLASS_NAME, "1, \"one\"");
    snprintf(made.names[1], NCA_CLASS_NAME, "1, \"one\"");
    nca_class_report *report = report_of(model, &made, &options);
    const nca_class_report_about about = {.model = "runs/lines", .data = "lines"};
    char *text = NULL;
    json_error_t wrong;
    assert_ok(nca_class_report_json(&text, report, &about, &failure));
    json_t *json = json_loads(text, 0, &wrong);
    assert_non_null(json);
    free(text);
    assert_string_equal(json_string_value(json_object_get(json, "model")), "runs/lines");
    assert_int_equal(json_integer_value(json_object_get(json, "images")), MADE_COUNT);
    assert_int_equal(json_array_size(json_object_get(json, "classes")), MADE_CLASSES);
    assert_int_equal(json_array_size(json_object_get(json, "over_steps")), NCA_CLASS_STEP_ROWS);
    const json_t *scores = json_object_get(json, "scores");
    const double accuracy = json_number_value(json_object_get(scores, "accuracy"));
    assert_true(fabs(accuracy - report->evaluation->scores.accuracy) < 1e-11);
    const json_t *row = json_array_get(json_object_get(json, "confusion"), 2);
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        assert_int_equal(json_integer_value(json_array_get(row, k)),
                         report->evaluation->scores.confusion[2 * MADE_CLASSES + k]);
    }
    json_decref(json);
    assert_ok(nca_class_report_csv(&text, report, &failure));
    char line[128];
    snprintf(line, sizeof line, "\nscores,,%zu,accuracy,", report->steps);
    const char *found = strstr(text, line);
    assert_non_null(found);
    assert_true(strtod(found + strlen(line), NULL) == report->evaluation->scores.accuracy);
    assert_non_null(strstr(text, "\nclass,\"1, \"\"one\"\"\",,images,5\n"));
    assert_non_null(strstr(text, "\ncoverage,,0.5,entropy,"));
    free(text);
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

static bool stop_in_the_middle(double share, void *user)
{
    double *last = user;
    assert_true(share >= *last && share <= 1 + 1e-9);
    *last = share;
    return share < 0.5;
}

static bool go_on(double share, void *user)
{
    *(double *)user = share;
    return true;
}

static void progress_ends_at_one_and_can_stop_it(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_BINARY, NCA_CLASS_LOSS_CROSS_ENTROPY);
    nca_class_report_options options = few();
    double share = 0;
    options.user = &share;
    options.progress = go_on;
    for (size_t rollouts = 1; rollouts <= 2; rollouts++) { /* with and without a run for one */
        options.step_rollouts = rollouts;
        nca_class_report_destroy(report_of(model, &made, &options));
        assert_true(fabs(share - 1) < 1e-9);
    }
    share = 0;
    options.progress = stop_in_the_middle;
    nca_class_report *report = NULL;
    assert_int_equal(
        nca_class_report_create(&report, model, &made.data, NCA_SPLIT_TEST, &options, &failure),
        NCA_INTERRUPTED);
    assert_true(report == NULL && share >= 0.5);
    nca_model_destroy(model);
}

static void other_classes_are_refused_unless_they_are_only_numbered(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = learned(&made, NCA_LABELS_MULTI_CLASS, NCA_CLASS_LOSS_CROSS_ENTROPY);
    const nca_class_report_options options = few();
    nca_class_report *report = NULL;
    snprintf(made.names[2], NCA_CLASS_NAME, "curve");
    assert_int_equal(
        nca_class_report_create(&report, model, &made.data, NCA_SPLIT_TEST, &options, &failure),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "\"line 2\""));
    assert_non_null(strstr(failure.message, "\"curve\""));
    assert_null(report);
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        snprintf(made.names[k], NCA_CLASS_NAME, "%zu", k);
    }
    report = report_of(model, &made, &options);
    assert_string_equal(report->class_names[2], "line 2");
    nca_class_report_destroy(report);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_evaluations_with_other_steps_and_rollouts),
        cmocka_unit_test(rows_that_are_not_finite_have_no_scores),
        cmocka_unit_test(steps_are_checked_first_and_rows_above_the_limit_are_left_out),
        cmocka_unit_test(the_temperature_is_that_of_the_validation_images),
        cmocka_unit_test(without_validation_images_there_is_no_temperature),
        cmocka_unit_test(coverage_starts_at_the_accuracy_and_uses_the_uncertainty),
        cmocka_unit_test(the_entropy_of_labels_is_that_of_each),
        cmocka_unit_test(a_report_is_the_same_as_json_and_csv),
        cmocka_unit_test(progress_ends_at_one_and_can_stop_it),
        cmocka_unit_test(other_classes_are_refused_unless_they_are_only_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
