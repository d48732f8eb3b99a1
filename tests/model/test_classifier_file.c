/* The description of a classifier in a model file: it comes back as it was, and files that do not
 * fit together are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/safetensors.h"

enum {
    CLASSES = 3
};

static char names[CLASSES][NCA_CLASS_NAME] = {"normal", "benign \"1\"", "caf\xC3\xA9"};

static nca_classifier some_classifier(void)
{
    return (nca_classifier){.kind = NCA_LABELS_ORDINAL,
                            .classes = CLASSES,
                            .class_names = names,
                            .readout = NCA_READOUT_MAX,
                            .sigmoid = true,
                            .scale = {2.0f, 0.1f, 3.3333333f},
                            .offset = {-1.0f, 0.0f, 1e-20f},
                            .height = 28,
                            .width = 29,
                            .steps = 24,
                            .temperature = 1.0 / 3.0};
}

static nca_model *classifier_model(uint32_t head_inputs)
{
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 9;
    automaton.hidden = 6;
    automaton.input_channels = 3;
    automaton.alive_channel = -1;
    automaton.head_inputs = head_inputs;
    automaton.head_outputs = head_inputs > 0 ? CLASSES : 0;
    nca_model *model = NULL;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    return model;
}

static void assert_same(const nca_classifier *a, const nca_classifier *b)
{
    assert_non_null(a);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->classes, b->classes);
    assert_int_equal(a->readout, b->readout);
    assert_int_equal(a->sigmoid, b->sigmoid);
    assert_memory_equal(a->scale, b->scale, sizeof a->scale);
    assert_memory_equal(a->offset, b->offset, sizeof a->offset);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->steps, b->steps);
    assert_memory_equal(&a->temperature, &b->temperature, sizeof a->temperature);
    for (size_t k = 0; k < a->classes; k++) {
        assert_string_equal(a->class_names[k], b->class_names[k]);
    }
}

static void a_classifier_comes_back_from_its_file_and_its_copy(void **state)
{
    for (uint32_t head_inputs = 0; head_inputs <= 5; head_inputs += 5) {
        const nca_classifier wanted = some_classifier();
        const char *path = path_in(*state, "classifier.safetensors");
        nca_model *model = classifier_model(head_inputs), *back = NULL, *copy = NULL;
        assert_int_equal(nca_model_set_classifier(model, &wanted, NULL), NCA_OK);
        assert_ptr_not_equal(model->classifier->class_names, names);
        assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
        assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
        assert_same(back->classifier, &wanted);
        assert_int_equal(nca_model_copy(&copy, back, NULL), NCA_OK);
        nca_model_destroy(back);
        assert_same(copy->classifier, &wanted);
        nca_model_destroy(copy);
        nca_model_destroy(model);
    }
}

static void a_model_that_grows_has_no_classifier(void **state)
{
    const char *path = path_in(*state, "grows.safetensors");
    nca_model *model = make_model(5, 7, true), *back = NULL;
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
    assert_null(back->classifier);
    nca_model_destroy(back);
    nca_model_destroy(model);
}

static void what_does_not_fit_the_automaton_is_refused(void **state)
{
    (void)state;
    nca_model *model = classifier_model(0);
    nca_error error;
    nca_classifier c = some_classifier();
    c.classes = 1;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    c = some_classifier();
    c.classes = NCA_MAX_CLASSES + 1;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    c = some_classifier();
    c.steps = 0;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    c = some_classifier();
    c.temperature = 0;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    c = some_classifier();
    c.readout = NCA_READOUT_COUNT;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    c = some_classifier();
    c.kind = NCA_LABELS_BINARY; /* with 3 classes */
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "binary");
    c = some_classifier();
    c.kind = NCA_LABELS_MULTI_LABEL;
    c.sigmoid = false;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "sigmoid");
    assert_null(model->classifier);
    c = some_classifier();
    model->automaton.input_channels = 2; /* neither grey nor colour */
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "input channels");
    model->automaton.input_channels = 3;
    nca_model_destroy(model);
    model = classifier_model(7); /* 3 inputs and 7 features do not fit into 9 channels */
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    nca_model_destroy(model);
    model = classifier_model(5);
    c = some_classifier();
    c.readout = NCA_READOUT_CELLS;
    assert_int_equal(nca_model_set_classifier(model, &c, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "dense layer");
    nca_model_destroy(model);
}

/* Replaces text in a file by text of the same length. */
static void patch(const char *path, const char *from, const char *to)
{
    FILE *file = fopen(path, "r+b");
    static char bytes[1 << 16];
    assert_non_null(file);
    assert_int_equal(strlen(from), strlen(to));
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    char *at = memmem(bytes, size, from, strlen(from));
    assert_non_null(at);
    memcpy(at, to, strlen(to));
    rewind(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void files_with_wrong_values_are_refused(void **state)
{
    static const char *const changes[][3] = {
        {"\"classify\"", "\"classifx\"", "classifx"},
        {"\"ordinal-regression\"", "\"ordinal-regressiom\"", "classifier.kind"},
        {"\"classifier.steps\":\"24\"", "\"classifier.steps\":\"-4\"", "classifier.steps"},
        {"\"classifier.steps\":\"24\"", "\"classifier.steqs\":\"24\"", "classifier.steps"},
        {"\"classifier.class.2\"", "\"classifier.class.3\"", "classifier.class.2"},
        {"\"classifier.classes\":\"3\"", "\"classifier.classes\":\"1\"", "classes"},
        {"\"classifier.sigmoid\":\"true\"", "\"classifier.sigmoid\":\"tree\"", "sigmoid"},
        {"\"classifier.temperature\":\"0.3", "\"classifier.temperature\":\"-.3", "temperature"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const nca_classifier c = some_classifier();
        const char *path = path_in(*state, "patched.safetensors");
        nca_model *model = classifier_model(0), *back = NULL;
        nca_error error = {0};
        assert_int_equal(nca_model_set_classifier(model, &c, NULL), NCA_OK);
        assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
        nca_model_destroy(model);
        patch(path, changes[i][0], changes[i][1]);
        assert_int_not_equal(nca_model_load(&back, path, &error), NCA_OK);
        assert_null(back);
        assert_says(error, changes[i][2]);
    }
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_classifier_comes_back_from_its_file_and_its_copy),
        IN_FOLDER(a_model_that_grows_has_no_classifier),
        cmocka_unit_test(what_does_not_fit_the_automaton_is_refused),
        IN_FOLDER(files_with_wrong_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
