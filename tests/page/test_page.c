/* The page: its contents, escaping, refused models, and weights as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "nca/page.h"
#include "page/template.h"
#include "page/weight_bytes.h"

static nca_model *model_make(void)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 6;
    automaton.hidden = 5;
    nca_model *model = NULL;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        model->parameters[i] = (float)((int)(i * 37 % 101) - 50) / 64.0f;
    }
    float target[7 * 9 * 4] = {0};
    target[(2 * 9 + 3) * 4] = 0.5f;
    target[(2 * 9 + 3) * 4 + 3] = 1.5f; /* clamped */
    target[(4 * 9 + 6) * 4 + 3] = 0.25f;
    assert_int_equal(nca_model_set_target(model, target, 7, 9, NULL), NCA_OK);
    return model;
}

/* A classifier of 3x2 pixels in three channels, with a head. */
static nca_model *classifier_make(nca_label_kind kind)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 12;
    automaton.hidden = 5;
    automaton.alive_channel = -1;
    automaton.input_channels = 3;
    automaton.head_inputs = 4;
    automaton.head_outputs = 2;
    nca_model *model = NULL;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    char names[2][NCA_CLASS_NAME] = {"malignant", "a \"<b>\""};
    const nca_classifier classifier = {.kind = kind,
                                       .classes = 2,
                                       .class_names = names,
                                       .readout = NCA_READOUT_MAX,
                                       .sigmoid = kind == NCA_LABELS_MULTI_LABEL,
                                       .scale = {2, 3, 4},
                                       .offset = {-1, 0.1f, 0},
                                       .height = 2,
                                       .width = 3,
                                       .steps = 24,
                                       .temperature = 1.0 / 3.0};
    assert_int_equal(nca_model_set_classifier(model, &classifier, NULL), NCA_OK);
    return model;
}

static json_t *read_carried(const nca_page_model *carried)
{
    char *text = NULL;
    assert_int_equal(nca_page_model_text(&text, carried, NULL), NCA_OK);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    free(text);
    return json;
}

static void a_model_is_carried_whole(void **state)
{
    (void)state;
    nca_model *model = model_make();
    const nca_page_model carried = {model, "a \"name\" \xff<b>", false};
    json_t *json = read_carried(&carried);
    assert_string_equal(json_string_value(json_object_get(json, "name")), "a \"name\" ?<b>");
    assert_int_equal(json_integer_value(json_object_get(json, "channels")), 6);
    assert_string_equal(json_string_value(json_object_get(json, "filter")), "sobel");
    const json_t *tensors = json_object_get(json, "tensors");
    assert_int_equal(json_array_size(tensors), nca_tensor_count(&model->automaton));
    /* update.b1, five floats, the fourth is -1/64: 20 bytes, 28 characters. */
    const json_t *b1 = json_array_get(tensors, 1);
    assert_string_equal(json_string_value(json_object_get(b1, "name")), "update.b1");
    assert_int_equal(json_string_length(json_object_get(b1, "data")), 28);
    const json_t *target = json_object_get(json, "target");
    assert_int_equal(json_integer_value(json_object_get(target, "top")), 2);
    assert_int_equal(json_integer_value(json_object_get(target, "left")), 3);
    assert_int_equal(json_integer_value(json_object_get(target, "height")), 3);
    assert_int_equal(json_integer_value(json_object_get(target, "width")), 4);
    /* 0.5, 0, 0, 1.5 as bytes 128, 0, 0, 255. */
    assert_memory_equal(json_string_value(json_object_get(target, "data")), "gAAA/", 5);
    json_decref(json);
    nca_model_destroy(model);
}

static void an_empty_target_and_none_are_carried(void **state)
{
    (void)state;
    nca_model *model = model_make();
    memset(model->target, 0, (size_t)7 * 9 * 4 * sizeof(float));
    const nca_page_model carried = {model, "empty", true};
    json_t *json = read_carried(&carried);
    const json_t *target = json_object_get(json, "target");
    assert_int_equal(json_integer_value(json_object_get(target, "height")), 0);
    assert_string_equal(json_string_value(json_object_get(target, "data")), "");
    json_decref(json);
    free(model->target);
    model->target = NULL;
    json = read_carried(&carried);
    assert_true(json_is_null(json_object_get(json, "target")));
    json_decref(json);
    nca_model_destroy(model);
}

static void quantised_weights_are_multiples_of_their_rows_scale(void **state)
{
    (void)state;
    nca_model *model = model_make();
    const nca_automaton *automaton = &model->automaton;
    const size_t count = nca_parameter_count(automaton);
    float *before = malloc(count * sizeof *before);
    memcpy(before, model->parameters, count * sizeof *before);
    nca_model_quantise(model);
    const float *w1 = model->parameters;
    for (size_t row = 0; row < automaton->hidden; row++) {
        const size_t columns = 3 * automaton->channels;
        const float scale = nca__row_scale(before + row * columns, columns);
        for (size_t i = row * columns; i < (row + 1) * columns; i++) {
            const float multiple = w1[i] / scale;
            assert_true(fabsf(multiple - rintf(multiple)) < 1e-4f && fabsf(multiple) < 127.5f);
            assert_true(fabsf(w1[i] - before[i]) <= 0.5001f * scale);
        }
    }
    const size_t b1 = nca_tensor_named(automaton, "update.b1").offset;
    assert_memory_equal(model->parameters + b1, before + b1, automaton->hidden * sizeof(float));
    /* Rounding again changes only the last bits of a scale. */
    memcpy(before, model->parameters, count * sizeof *before);
    nca_model_quantise(model);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabsf(model->parameters[i] - before[i]) <= 1e-6f);
    }
    assert_int_equal(nca__quantised(1.0f, 0.0f), 0);
    free(before);
    nca_model_destroy(model);
}

static size_t occurrences(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static void a_page_cannot_be_broken_out_of(void **state)
{
    (void)state;
    size_t length;
    if (nca__page_template(&length) == NULL) {
        skip(); /* built without the page */
    }
    nca_model *model = model_make();
    const nca_page_model models[] = {{model, "</script><script>alert(1)</script>%MODELS%", false},
                                     {model, "plain", true}};
    nca_page_options options;
    nca_page_options_default(&options);
    options.title = "</title><b>&amp; %CONNECT%";
    char *text = NULL;
    assert_int_equal(nca_page_text(&text, &length, models, 2, &options, NULL), NCA_OK);
    assert_int_equal(strlen(text), length);
    assert_int_equal(occurrences(text, "<script>alert"), 0);
    assert_int_equal(occurrences(text, "</title><b>"), 0);
    assert_int_equal(occurrences(text, "&lt;/title&gt;&lt;b&gt;&amp;amp; %CONNECT%"), 1);
    assert_int_equal(occurrences(text, "connect-src 'none'"), 1);
    assert_int_equal(occurrences(text, "id=\"nca-models\""), 1);
    free(text);
    nca_model_destroy(model);
}

static void a_classifier_is_carried_whole(void **state)
{
    (void)state;
    nca_model *model = classifier_make(NCA_LABELS_BINARY);
    const nca_page_model carried = {model, "breast", false};
    json_t *json = read_carried(&carried);
    assert_int_equal(json_integer_value(json_object_get(json, "height")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "width")), 3);
    assert_int_equal(json_integer_value(json_object_get(json, "inputChannels")), 3);
    assert_int_equal(json_integer_value(json_object_get(json, "headInputs")), 4);
    assert_int_equal(json_integer_value(json_object_get(json, "headOutputs")), 2);
    assert_true(json_is_null(json_object_get(json, "target")));
    const json_t *last = json_array_get(json_object_get(json, "tensors"),
                                        json_array_size(json_object_get(json, "tensors")) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "name")), "head.b");
    const json_t *c = json_object_get(json, "classifier");
    assert_string_equal(json_string_value(json_object_get(c, "kind")), "binary-class");
    assert_string_equal(json_string_value(json_object_get(c, "readout")), "max");
    assert_string_equal(json_string_value(json_array_get(json_object_get(c, "classes"), 1)),
                        "a \"<b>\"");
    assert_int_equal(json_integer_value(json_object_get(c, "steps")), 24);
    const double temperature = json_number_value(json_object_get(c, "temperature"));
    assert_memory_equal(&temperature, &model->classifier->temperature, sizeof temperature);
    const float offset = (float)json_number_value(json_array_get(json_object_get(c, "offset"), 1));
    assert_memory_equal(&offset, &model->classifier->offset[1], sizeof offset);
    json_decref(json);
    nca_model_destroy(model);
}

/* Two images of 3x2 pixels in three channels. */
static const uint8_t pixels[2 * 2 * 3 * 3] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 250};

static nca_page_examples some_examples(void)
{
    static const uint8_t labels[] = {1, 0};
    static const char *const names[] = {"</script>", "two"};
    return (nca_page_examples){.count = 2,
                               .height = 2,
                               .width = 3,
                               .channels = 3,
                               .images = pixels,
                               .label_width = 1,
                               .labels = labels,
                               .names = names};
}

static void only_a_page_of_classifiers_has_their_program_and_examples(void **state)
{
    (void)state;
    size_t length;
    if (nca__page_template(&length) == NULL) {
        skip(); /* built without the page */
    }
    nca_model *const made[] = {model_make(), classifier_make(NCA_LABELS_BINARY)};
    const nca_page_examples examples = some_examples();
    nca_page_options options;
    nca_page_options_default(&options);
    for (size_t i = 0; i < 3; i++) {
        const nca_page_model models[] = {{made[i > 0 ? 1 : 0], "plain", true}};
        char *text = NULL;
        options.examples = i == 2 ? &examples : NULL;
        assert_int_equal(nca_page_text(&text, &length, models, 1, &options, NULL), NCA_OK);
        assert_int_equal(occurrences(text, "<script type=\"text/plain\" id=\"nca-class-program\">"),
                         i > 0 ? 1 : 0);
        assert_int_equal(occurrences(text, "id=\"nca-examples\""), i == 2 ? 1 : 0);
        assert_int_equal(occurrences(text, "%CLASS") + occurrences(text, "%END%"), 0);
        assert_int_equal(occurrences(text, "<script"), occurrences(text, "</script>"));
        free(text);
    }
    nca_model_destroy(made[0]);
    nca_model_destroy(made[1]);
}

static void expect_refused(const nca_page_model *models, size_t count,
                           const nca_page_examples *examples, const char *words)
{
    nca_error error;
    nca_page_options options;
    nca_page_options_default(&options);
    options.examples = examples;
    char *text = NULL;
    size_t length;
    assert_int_equal(nca_page_text(&text, &length, models, count, &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, words));
    assert_null(text);
}

static void models_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    nca_model *grows = model_make(), *binary = classifier_make(NCA_LABELS_BINARY);
    nca_model *labels = classifier_make(NCA_LABELS_MULTI_LABEL);
    nca_model *larger = classifier_make(NCA_LABELS_BINARY);
    larger->classifier->height = 4;
    const nca_page_model mixed[] = {{grows, "photo", false}, {binary, "breast", false}};
    expect_refused(mixed, 2, NULL, "breast classifies images and photo does not");
    const nca_page_model kinds[] = {{binary, "breast", false}, {labels, "chest", false}};
    expect_refused(kinds, 2, NULL, "chest");
    const nca_page_model sizes[] = {{binary, "breast", false}, {larger, "big", false}};
    expect_refused(sizes, 2, NULL, "big");
    grows->automaton.input_channels = 1;
    nca_error error;
    char *text = NULL;
    assert_int_equal(nca_page_model_text(&text, &mixed[0], &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "photo has input channels"));
    nca_model_destroy(grows);
    nca_model_destroy(binary);
    nca_model_destroy(labels);
    nca_model_destroy(larger);
}

static void examples_that_do_not_fit_the_model_are_refused(void **state)
{
    (void)state;
    nca_model *grows = model_make(), *binary = classifier_make(NCA_LABELS_BINARY);
    const nca_page_model model = {binary, "breast", false}, other = {grows, "photo", false};
    static const uint8_t wrong[] = {1, 2};
    nca_page_examples examples = some_examples();
    expect_refused(&other, 1, &examples, "do not classify");
    examples.channels = 1;
    expect_refused(&model, 1, &examples, "3 channels");
    examples = some_examples();
    examples.width = 2;
    expect_refused(&model, 1, &examples, "2x3 pixels");
    examples = some_examples();
    examples.label_width = 2;
    expect_refused(&model, 1, &examples, "expected 1 label");
    examples = some_examples();
    examples.labels = wrong;
    expect_refused(&model, 1, &examples, "example image 1: expected a label from 0 to 1, found 2");
    nca_model_destroy(grows);
    nca_model_destroy(binary);
}

/* The exported page is small: it does not contain the code that follows a training. */
static void only_a_live_page_has_what_follows_a_training(void **state)
{
    (void)state;
    size_t length;
    if (nca__page_template(&length) == NULL) {
        skip(); /* built without the page */
    }
    nca_model *model = model_make();
    const nca_page_model models[] = {{model, "plain", true}};
    const nca_page_options plain = {0}, live = {.live_token = "0123456789abcdef"};
    const nca_page_options *const options[] = {&plain, &live};
    for (size_t i = 0; i < 2; i++) {
        char *text = NULL;
        assert_int_equal(nca_page_text(&text, &length, models, 1, options[i], NULL), NCA_OK);
        assert_int_equal(strlen(text), length);
        assert_int_equal(occurrences(text, "<script type=\"text/plain\" id=\"nca-live-program\">"),
                         i);
        assert_int_equal(occurrences(text, "id=\"nca-live\""), i);
        assert_int_equal(occurrences(text, "%LIVE%") + occurrences(text, "%END%"), 0);
        free(text);
    }
    nca_model_destroy(model);
}

static void no_models_and_too_many_are_refused(void **state)
{
    (void)state;
    nca_error error;
    char *text = NULL;
    size_t length;
    nca_page_options options;
    nca_page_options_default(&options);
    assert_int_equal(nca_page_text(&text, &length, NULL, 0, &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "expected 1 to 1024 models, found 0"));
    assert_int_equal(nca_page_text(&text, &length, NULL, NCA_PAGE_MAX_MODELS + 1, &options, &error),
                     NCA_INVALID_ARGUMENT);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_carried_whole),
        cmocka_unit_test(an_empty_target_and_none_are_carried),
        cmocka_unit_test(quantised_weights_are_multiples_of_their_rows_scale),
        cmocka_unit_test(a_page_cannot_be_broken_out_of),
        cmocka_unit_test(a_classifier_is_carried_whole),
        cmocka_unit_test(only_a_page_of_classifiers_has_their_program_and_examples),
        cmocka_unit_test(models_that_do_not_fit_together_are_refused),
        cmocka_unit_test(examples_that_do_not_fit_the_model_are_refused),
        cmocka_unit_test(only_a_live_page_has_what_follows_a_training),
        cmocka_unit_test(no_models_and_too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
