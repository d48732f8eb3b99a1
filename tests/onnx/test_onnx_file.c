/* Files of ONNX: their encoding, what is refused, and that the same model gives the same bytes.
 * tests/onnx/test_onnx.sh compares what they compute with rollouts. */
#include "base/protobuf.h"
#include "model/model_parts.h"
#include "nca/onnx.h"

static void integers_have_seven_bits_in_a_byte(void **state)
{
    (void)state;
    nca__growing_text out = nca__growing_text_make(8);
    nca__protobuf_integer(&out, 1, 0);
    nca__protobuf_integer(&out, 1, 127);
    nca__protobuf_integer(&out, 2, 300);
    nca__protobuf_integer(&out, 20, 1);
    static const uint8_t expected[] = {0x08, 0x00, 0x08, 0x7f, 0x10, 0xac, 0x02, 0xa0, 0x01, 0x01};
    assert_int_equal(out.length, sizeof expected);
    assert_memory_equal(out.text, expected, sizeof expected);
    free(out.text);
    out = nca__growing_text_make(8);
    nca__protobuf_integer(&out, 1, UINT64_MAX); /* -1 of an int64 */
    assert_int_equal(out.length, 11);
    assert_int_equal((uint8_t)out.text[10], 1);
    free(out.text);
}

static void a_message_has_its_length_in_front(void **state)
{
    (void)state;
    nca__growing_text inner = nca__growing_text_make(8), out = nca__growing_text_make(8);
    nca__protobuf_text(&inner, 1, "ab");
    nca__protobuf_message(&out, 3, &inner);
    assert_null(inner.text);
    static const uint8_t expected[] = {0x1a, 4, 0x0a, 2, 'a', 'b'};
    assert_int_equal(out.length, sizeof expected);
    assert_memory_equal(out.text, expected, sizeof expected);
    free(out.text);
}

static void the_same_model_gives_the_same_bytes(void **state)
{
    nca_model *model = make_filtered(6, 5, true, NCA_FILTER_LEARNED, 3);
    char *first = strdup(path_in(*state, "a.onnx"));
    for (int form = 0; form < NCA_ONNX_FORM_COUNT; form++) {
        assert_int_equal(nca_onnx_save(model, first, (nca_onnx_form)form, NULL), NCA_OK);
        const char *second = path_in(*state, "b.onnx");
        assert_int_equal(nca_onnx_save(model, second, (nca_onnx_form)form, NULL), NCA_OK);
        raw_file a = read_raw(first), b = read_raw(second);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.bytes, b.bytes, a.size);
        assert_true(a.size > nca_parameter_count(&model->automaton) * sizeof(float));
        free(a.bytes);
        free(b.bytes);
    }
    free(first);
    nca_model_destroy(model);
}

/* For the sanitizers: no other test of C writes these. */
static void every_boundary_and_every_read_out_is_written(void **state)
{
    static char names[3][NCA_CLASS_NAME] = {"a", "b", "c"};
    for (int i = 0; i < 3 * NCA_BOUNDARY_COUNT; i++) {
        nca_automaton automaton;
        nca_automaton_default(&automaton);
        automaton.channels = 9;
        automaton.hidden = 5;
        automaton.boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        automaton.input_channels = 3;
        automaton.alive_channel = i % 3 == 0   ? -1
                                  : i % 3 == 1 ? 0
                                               : 5; /* none, an input, another */
        automaton.step_size = 0.5f;
        automaton.head_inputs = i % 2 == 0 ? 4 : 0;
        automaton.head_outputs = i % 2 == 0 ? 3 : 0;
        const nca_classifier classifier = {.kind = NCA_LABELS_MULTI_CLASS,
                                           .classes = 3,
                                           .class_names = names,
                                           .readout =
                                               i % 2 == 0 ? NCA_READOUT_MAX : NCA_READOUT_CELLS,
                                           .sigmoid = i % 4 < 2,
                                           .scale = {2, 2, 2},
                                           .offset = {-1, -1, -1},
                                           .height = 6,
                                           .width = 7,
                                           .steps = 3,
                                           .temperature = i % 2 == 0 ? 1.5 : 1.0};
        nca_model *model = NULL;
        assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
        assert_int_equal(nca_model_set_classifier(model, &classifier, NULL), NCA_OK);
        for (int form = 0; form < NCA_ONNX_FORM_COUNT; form++) {
            const char *path = path_in(*state, "c.onnx");
            assert_int_equal(nca_onnx_save(model, path, (nca_onnx_form)form, NULL), NCA_OK);
        }
        nca_model_destroy(model);
    }
}

static void what_cannot_be_written_is_refused(void **state)
{
    nca_error error = {0};
    nca_model *model = make_model(4, 5, true);
    const char *path = path_in(*state, "a.onnx");
    assert_int_equal(nca_onnx_save(model, path, NCA_ONNX_FORM_COUNT, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "unknown form 2"));
    model->parameters[3] = NAN;
    assert_int_equal(nca_onnx_save(model, path, NCA_ONNX_STEP, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "finite"));
    assert_int_equal(access(path, F_OK), -1);
    model->parameters[3] = 0;
    const char *nowhere = path_in(*state, "none/a.onnx");
    assert_int_equal(nca_onnx_save(model, nowhere, NCA_ONNX_STEP, &error), NCA_NOT_FOUND);
    nca_model_destroy(model);
}

static void files_are_known_by_their_ending(void **state)
{
    (void)state;
    assert_true(nca_onnx_has_ending("runs/photo.onnx"));
    assert_true(nca_onnx_has_ending("PHOTO.ONNX"));
    assert_false(nca_onnx_has_ending("photo.onnx.html"));
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_seven_bits_in_a_byte),
        cmocka_unit_test(a_message_has_its_length_in_front),
        IN_FOLDER(the_same_model_gives_the_same_bytes),
        IN_FOLDER(every_boundary_and_every_read_out_is_written),
        IN_FOLDER(what_cannot_be_written_is_refused),
        cmocka_unit_test(files_are_known_by_their_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
