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
        cmocka_unit_test(only_a_live_page_has_what_follows_a_training),
        cmocka_unit_test(no_models_and_too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
