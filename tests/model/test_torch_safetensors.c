/* Safetensors files of other programs: state dicts, and models with half-precision tensors. */
#include "model/torch_fixture.h"
#include "nca/safetensors.h"

static void state_dicts_as_safetensors_are_read_like_the_others(void **state)
{
    static const char *const names[] = {"state_dict.safetensors", "half_state_dict.safetensors",
                                        "bfloat16_state_dict.safetensors",
                                        "double_state_dict.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        nca_torch_report report;
        assert_true(nca_torch_is(fixture(names[i])));
        nca_model *model = taken(names[i], NULL, &report);
        assert_values(model, by_channel, true, false);
        assert_string_equal(report.unused, "");
        nca_model_destroy(model);
    }
    /* A file written by this program is not a state dict. */
    nca_model *model = make_model(4, 5, true);
    const char *path = path_in(*state, "m.safetensors");
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    assert_false(nca_torch_is(path));
    nca_model_destroy(model);
}

/* For a float32 value that a half represents exactly as a normal number: another exponent, fewer
 * bits. */
static uint16_t half_of(uint32_t word)
{
    const uint32_t sign = word >> 31 << 15, exponent = word >> 23 & 255;
    return (uint16_t)(exponent == 0 ? sign
                                    : (sign | (exponent - 127 + 15) << 10 | (word >> 13 & 1023)));
}

/* A model of this program with tensors of another type; the values are multiples of 1/32, which
 * all types represent exactly. */
static void save_as(const char *path, const nca_model *model, nca_dtype dtype)
{
    nca_safetensors *file = NULL;
    nca_safetensors_writer *writer = NULL;
    const char *key, *value;
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_open(&file, path, 1 << 20, NULL), NCA_OK);
    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    for (size_t i = 0; nca_safetensors_metadata_at(file, i, &key, &value); i++) {
        nca_safetensors_writer_metadata(writer, key, value, NULL);
    }
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        nca_tensor_view view = *nca_safetensors_at(file, i);
        view.dtype = dtype;
        assert_int_equal(nca_safetensors_writer_tensor(writer, &view, NULL), NCA_OK);
    }
    for (size_t i = 0; i < nca_safetensors_count(file); i++) {
        const nca_tensor_view *view = nca_safetensors_at(file, i);
        for (size_t k = 0; k < view->bytes / 4; k++) {
            float single;
            memcpy(&single, (const char *)view->data + 4 * k, 4);
            uint32_t word;
            memcpy(&word, &single, sizeof word);
            const uint16_t bits = dtype == NCA_DTYPE_F16 ? half_of(word) : (uint16_t)(word >> 16);
            assert_int_equal(nca_safetensors_writer_write(writer, &bits, 2, NULL), NCA_OK);
        }
    }
    assert_int_equal(nca_safetensors_writer_commit(writer, NULL), NCA_OK);
    nca_safetensors_writer_destroy(writer);
    nca_safetensors_close(file);
}

static void models_of_half_floats_are_widened_exactly(void **state)
{
    static const nca_dtype types[] = {NCA_DTYPE_F16, NCA_DTYPE_BF16};
    nca_model *model = make_model(4, 5, true);
    const size_t count = nca_parameter_count(&model->automaton);
    for (size_t i = 0; i < count; i++) {
        model->parameters[i] = ((float)(i % 101) - 50) / 32;
    }
    fill_info(model);
    for (size_t i = 0; i < 2; i++) {
        const char *path = path_in(*state, "half.safetensors");
        nca_model *back = NULL;
        nca_error error = {0};
        save_as(path, model, types[i]);
        if (nca_model_load(&back, path, &error) != NCA_OK) {
            fail_msg("%s", error.message);
        }
        assert_memory_equal(back->parameters, model->parameters, count * sizeof(float));
        assert_memory_equal(back->target, model->target, sizeof(float) * 5 * 3 * 4);
        nca_model_destroy(back);
    }
    nca_model_destroy(model);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(state_dicts_as_safetensors_are_read_like_the_others),
        IN_FOLDER(models_of_half_floats_are_widened_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
