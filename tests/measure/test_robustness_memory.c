/* Robustness without memory, at every single allocation: the error says so, and the outputs are
 * unchanged. The linker redirects the library's allocations to base/failing_memory.h. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "base/failing_memory.h"
#include "nca/classify.h"
#include "nca/robustness.h"

static made_images made;
static nca_model *model;
static nca_robustness *measured; /* what the texts are made of */

typedef struct outputs {
    nca_robustness *robustness;
    char *text;
    uint8_t image[MADE_PIXELS];
} outputs;

typedef nca_status attempt(outputs *out, nca_error *error);

static nca_status run_evaluate(outputs *out, nca_error *error)
{
    static const double rate = 1.0;
    nca_robustness_options options;
    nca_robustness_options_default(&options);
    options.prediction.threads = 1;
    options.prediction.steps = 1;
    options.without_corruptions = true;
    options.fire_rates = &rate;
    options.fire_rate_count = 1;
    return nca_evaluate_robustness(&out->robustness, model, &made.data, NCA_SPLIT_TEST, &options,
                                   error);
}

static nca_status run_blur(outputs *out, nca_error *error)
{
    nca_corruption_options options;
    nca_corruption_options_default(&options);
    options.kind = NCA_CORRUPTION_BLUR;
    options.amount = 0.1;
    return nca_corrupt(out->image, made.images, 1, MADE_SIDE, MADE_SIDE, 1, &options, error);
}

static nca_status run_csv(outputs *out, nca_error *error)
{
    return nca_robustness_csv(&out->text, measured, error);
}

static nca_status run_json(outputs *out, nca_error *error)
{
    return nca_robustness_json(&out->text, measured, NULL, error);
}

static void out_of_memory_is_reported_everywhere(void **state)
{
    static attempt *const attempts[] = {run_evaluate, run_blur, run_csv, run_json};
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        nca_status status = NCA_OUT_OF_MEMORY;
        long places = 0;
        for (; status != NCA_OK; places++) {
            static const outputs untouched;
            outputs out;
            memset(&out, 0, sizeof out);
            nca_error error = {0};
            before_failure = places;
            status = attempts[i](&out, &error);
            const bool all_succeeded = before_failure >= 0;
            before_failure = -1;
            if (status == NCA_OK) {
                assert_true(all_succeeded);
                nca_robustness_destroy(out.robustness);
                free(out.text);
                continue;
            }
            assert_int_equal(status, NCA_OUT_OF_MEMORY);
            assert_non_null(strstr(error.message, "memory"));
            assert_memory_equal(&out, &untouched, sizeof out);
        }
        assert_true(places > 1);
    }
}

static int make_model(void **state)
{
    (void)state;
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    outputs out = {0};
    make_images(&made, NCA_LABELS_MULTI_CLASS, 1);
    assert_ok(nca_session_create_classify(&session, &settings, &made.data, &failure));
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    assert_ok(run_evaluate(&out, &failure));
    measured = out.robustness;
    return 0;
}

static int free_model(void **state)
{
    (void)state;
    nca_robustness_destroy(measured);
    nca_model_destroy(model);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_memory_is_reported_everywhere),
    };
    return cmocka_run_group_tests(tests, make_model, free_model);
}
