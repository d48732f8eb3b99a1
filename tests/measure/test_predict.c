/* Predictions: the same for an image alone or among others, for any threads and kernels; the mean
 * and deviation of rollouts; and calls that are refused. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "nca/class_evaluation.h"
#include "nca/classify.h"
#include "nca/predict.h"

enum {
    VALUES = MADE_COUNT * MADE_CLASSES
};

/* A model that has learned for some iterations, so that its answers differ. */
static nca_model *some_model(made_images *made, nca_readout readout, uint32_t features)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, NCA_LABELS_MULTI_CLASS, 1);
    settings.readout = readout;
    settings.features = features;
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, 30);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return model;
}

static nca_prediction_options some_options(size_t rollouts)
{
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.rollouts = rollouts;
    options.threads = 1;
    options.seed = 3;
    return options;
}

static void predict(double *p, double *deviations, double *scores, const nca_model *model,
                    const uint8_t *images, size_t count, const nca_prediction_options *options)
{
    assert_ok(nca_predict(p, deviations, scores, model, images, count, MADE_SIDE, MADE_SIDE,
                          options, &failure));
}

static void an_image_has_the_same_answer_alone_and_among_others(void **state)
{
    (void)state;
    made_images made;
    for (int readout = 0; readout < NCA_READOUT_COUNT; readout++) {
        nca_model *model =
            some_model(&made, (nca_readout)readout, readout == NCA_READOUT_CELLS ? 0 : 5);
        for (size_t rollouts = 1; rollouts <= 3; rollouts += 2) {
            const nca_prediction_options options = some_options(rollouts);
            double all[3][VALUES], one[3][MADE_CLASSES];
            predict(all[0], all[1], all[2], model, made.images, MADE_COUNT, &options);
            for (size_t i = 0; i < MADE_COUNT; i++) {
                predict(one[0], one[1], one[2], model, made.images + i * MADE_PIXELS, 1, &options);
                for (size_t k = 0; k < 3; k++) {
                    assert_memory_equal(one[k], all[k] + i * MADE_CLASSES, sizeof one[k]);
                }
            }
        }
        nca_model_destroy(model);
    }
}

static void threads_and_kernels_change_no_answer(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    nca_prediction_options options = some_options(4);
    double wanted[VALUES], found[VALUES];
    predict(wanted, NULL, NULL, model, made.images, MADE_COUNT, &options);
    for (size_t set = 0; nca_kernels_at(set) != NULL; set++) {
        if (nca_kernels_missing(nca_kernels_at(set)) == NULL) {
            options.kernels = nca_kernels_at(set);
            options.threads = (unsigned)set + 1;
            predict(found, NULL, NULL, model, made.images, MADE_COUNT, &options);
            assert_memory_equal(found, wanted, sizeof found);
        }
    }
    nca_model_destroy(model);
}

/* The mean over three rollouts is that of their fire masks one by one: those of a batch of three
 * samples that is run by hand. */
static void rollouts_are_averaged_and_their_deviation_is_told(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    nca_prediction_options options = some_options(3);
    double p[MADE_CLASSES], deviations[MADE_CLASSES], single[MADE_CLASSES], none[MADE_CLASSES];
    predict(p, deviations, NULL, model, made.images, 1, &options);
    double sum = 0;
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        sum += p[k];
        assert_true(deviations[k] > 0 && deviations[k] < 1);
    }
    assert_true(fabs(sum - 1) < 1e-12);
    options.rollouts = 1;
    predict(single, none, NULL, model, made.images, 1, &options);
    assert_memory_not_equal(single, p, sizeof p);
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        assert_true(none[k] == 0);
    }
    /* No steps would be the same for all masks; with fire rate 1 there are no masks. */
    model->automaton.fire_rate = 1;
    options.rollouts = 3;
    predict(p, deviations, NULL, model, made.images, 1, &options);
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        assert_true(deviations[k] <= 1e-12);
    }
    nca_model_destroy(model);
}

static void the_temperature_divides_the_scores(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MAX, 0);
    const nca_prediction_options options = some_options(1);
    double scores[MADE_CLASSES], cooled[MADE_CLASSES], p[MADE_CLASSES];
    predict(NULL, NULL, scores, model, made.images, 1, &options);
    model->classifier->temperature = 4;
    predict(p, NULL, cooled, model, made.images, 1, &options);
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        assert_true(cooled[k] == scores[k] / 4);
    }
    assert_true(fabs(p[0] / p[1] - exp(cooled[0] - cooled[1])) < 1e-9);
    nca_model_destroy(model);
}

static void several_steps_are_read_from_the_same_rollouts(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 4, 9};
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    nca_prediction_options options = some_options(2);
    double all[3][VALUES], deviations[3][VALUES], one[VALUES], deviation[VALUES];
    assert_ok(nca_predict_steps(all[0], deviations[0], NULL, model, made.images, MADE_COUNT,
                                MADE_SIDE, MADE_SIDE, steps, 3, &options, &failure));
    for (size_t s = 0; s < 3; s++) {
        options.steps = steps[s];
        predict(one, deviation, NULL, model, made.images, MADE_COUNT, &options);
        assert_memory_equal(all[s], one, sizeof one);
        assert_memory_equal(deviations[s], deviation, sizeof deviation);
    }
    static const size_t wrong[][2] = {{0, 1}, {2, 2}, {3, 1}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(nca_predict_steps(all[0], NULL, NULL, model, made.images, 1, MADE_SIDE,
                                           MADE_SIDE, wrong[i], 2, &options, &failure),
                         NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(failure.message, "steps"));
    }
    nca_model_destroy(model);
}

static bool stop_at_once(size_t done, void *user)
{
    *(size_t *)user = done;
    return false;
}

/* A single image with many steps can be stopped, too. */
static void a_long_prediction_can_be_stopped_before_its_first_image(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    nca_prediction_options options = some_options(64);
    double p[MADE_CLASSES];
    size_t done = 7;
    options.steps = 1000000;
    options.progress = stop_at_once;
    options.user = &done;
    assert_int_equal(
        nca_predict(p, NULL, NULL, model, made.images, 1, MADE_SIDE, MADE_SIDE, &options, &failure),
        NCA_INTERRUPTED);
    assert_int_equal(done, 0);
    nca_model_destroy(model);
}

static void calls_that_cannot_be_answered_are_refused(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    nca_prediction_options options = some_options(0);
    nca_error error;
    double p[VALUES];
    size_t done = 0;
    assert_int_equal(
        nca_predict(p, NULL, NULL, model, made.images, 1, MADE_SIDE, MADE_SIDE, &options, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "rollouts"));
    options = some_options(1);
    options.reserved[0] = 1;
    assert_int_equal(
        nca_predict(p, NULL, NULL, model, made.images, 1, MADE_SIDE, MADE_SIDE, &options, &error),
        NCA_INVALID_ARGUMENT);
    options = some_options(1);
    options.progress = stop_at_once;
    options.user = &done;
    assert_int_equal(
        nca_predict(p, NULL, NULL, model, made.images, 1, MADE_SIDE, MADE_SIDE, &options, &error),
        NCA_INTERRUPTED);
    assert_int_equal(done, 1);
    options = some_options(1);
    assert_ok(nca_predict(p, NULL, NULL, model, NULL, 0, MADE_SIDE, MADE_SIDE, &options, &failure));
    assert_int_equal(
        nca_predict(p, NULL, NULL, model, made.images, 1, 0, MADE_SIDE, &options, &error),
        NCA_INVALID_ARGUMENT);
    nca_model grows = *model;
    grows.classifier = NULL;
    assert_int_equal(
        nca_predict(p, NULL, NULL, &grows, made.images, 1, MADE_SIDE, MADE_SIDE, &options, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "classifies"));
    nca_model_destroy(model);
}

static void an_evaluation_scores_the_predictions_of_a_split(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, NCA_READOUT_MEAN, 0);
    const nca_prediction_options options = some_options(2);
    nca_class_evaluation *evaluation = NULL;
    nca_error error;
    double p[VALUES], deviations[VALUES], scores[VALUES];
    predict(p, deviations, scores, model, made.images, MADE_COUNT, &options);
    assert_ok(
        nca_evaluate_classes(&evaluation, model, &made.data, NCA_SPLIT_VAL, &options, &failure));
    assert_int_equal(evaluation->count, MADE_COUNT);
    assert_memory_equal(evaluation->probabilities, p, sizeof p);
    assert_memory_equal(evaluation->deviations, deviations, sizeof deviations);
    assert_memory_equal(evaluation->logits, scores, sizeof scores);
    size_t right = 0;
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        right += evaluation->scores.confusion[k * MADE_CLASSES + k];
    }
    assert_true(evaluation->scores.accuracy == (double)right / MADE_COUNT);
    nca_class_evaluation_destroy(evaluation);
    evaluation = NULL;
    /* Data that does not fit the model, each with a word of its message. */
    made.data.split[NCA_SPLIT_VAL].count = 0;
    assert_int_equal(
        nca_evaluate_classes(&evaluation, model, &made.data, NCA_SPLIT_VAL, &options, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "split val has no images"));
    made.data.channels = 3;
    assert_int_equal(
        nca_evaluate_classes(&evaluation, model, &made.data, NCA_SPLIT_TEST, &options, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "1 channel,"));
    made.data.channels = 1;
    made.data.classes = 3;
    assert_int_equal(
        nca_evaluate_classes(&evaluation, model, &made.data, NCA_SPLIT_TEST, &options, &error),
        NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "4 classes"));
    assert_null(evaluation);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_has_the_same_answer_alone_and_among_others),
        cmocka_unit_test(threads_and_kernels_change_no_answer),
        cmocka_unit_test(rollouts_are_averaged_and_their_deviation_is_told),
        cmocka_unit_test(the_temperature_divides_the_scores),
        cmocka_unit_test(several_steps_are_read_from_the_same_rollouts),
        cmocka_unit_test(a_long_prediction_can_be_stopped_before_its_first_image),
        cmocka_unit_test(calls_that_cannot_be_answered_are_refused),
        cmocka_unit_test(an_evaluation_scores_the_predictions_of_a_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
