/* Invalid model files are refused, and each message names the reason. */
#include "model/model_parts.h"

static void assert_not_loaded(const char *path, nca_status expected, const char *part)
{
    nca_model *model = NULL;
    nca_error error = {0};
    nca_status status = nca_model_load(&model, path, &error);
    if (status != expected) {
        fail_msg("%s instead of %s: %s", nca_status_name(status), nca_status_name(expected),
                 error.message);
    }
    assert_null(model);
    assert_says(error, path);
    assert_says(error, part);
}

static void a_file_of_another_kind_is_named(void **state)
{
    temporary_folder *folder = *state;
    char missing[600];
    snprintf(missing, sizeof missing, "%s/none", folder->path);
    assert_not_loaded(missing, NCA_NOT_FOUND, "cannot be opened");
    assert_not_loaded(folder->path, NCA_IO, "a folder");
    const char *path = path_in(folder, "m.safetensors");
    nca__file_write(path, "", 0, NULL);
    assert_not_loaded(path, NCA_FORMAT, "found 0");
    nca__file_write(path, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, NULL);
    assert_not_loaded(path, NCA_FORMAT, "not a safetensors file");
    nca__file_write(path, "\2\0\0\0\0\0\0\0{}", 10, NULL);
    assert_not_loaded(path, NCA_FORMAT, "metadata \"format\" is missing");
    save_with(path, "format", "nca-checkpoint");
    assert_not_loaded(path, NCA_FORMAT, "found \"nca-checkpoint\"; the model of a run is");
    save_with(path, "format", "pt");
    assert_not_loaded(path, NCA_FORMAT,
                      "expected a model (metadata \"format\" is \"nca-model\"), found \"pt\"");
}

static void every_required_key_is_missed_by_name(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    static const char *const keys[] = {"format",
                                       "format_version",
                                       "automaton.channels",
                                       "automaton.hidden",
                                       "automaton.filter",
                                       "automaton.boundary",
                                       "automaton.angle",
                                       "automaton.fire_rate",
                                       "automaton.step_size",
                                       "automaton.alive_channel",
                                       "automaton.alive_threshold",
                                       "automaton.output_bias"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char part[100];
        save_with(path, keys[i], NULL);
        snprintf(part, sizeof part, "metadata \"%s\" is missing", keys[i]);
        assert_not_loaded(path, NCA_FORMAT, part);
    }
}

static void a_later_format_is_told_from_a_wrong_one(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    save_with(path, "format_version", "2");
    assert_not_loaded(path, NCA_UNSUPPORTED, "has model format 2; this nca");
    static const char *const wrong[] = {"0", "-1", "1.0", "", "one"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        save_with(path, "format_version", wrong[i]);
        assert_not_loaded(path, NCA_FORMAT, "expected a whole number of at least 1");
    }
}

static void a_metadata_value_out_of_range_is_named(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    static const struct {
        const char *key, *value, *part;
    } cases[] = {
        {"automaton.channels", "3", "automaton.channels must be 4 to 1024"},
        {"automaton.channels", "3", "found 3"},
        {"automaton.channels", "4.0",
         "expected a whole number from 0 to 4294967295, found \"4.0\""},
        {"automaton.channels", "4294967300", "expected a whole number"},
        {"automaton.hidden", "0", "automaton.hidden must be"},
        {"automaton.hidden", "-3", "expected a whole number"},
        {"automaton.filter", "Sobel", "expected one of sobel, scharr"},
        {"automaton.boundary", "", "expected zero, circular, reflect or replicate"},
        {"automaton.angle", "1e7", "automaton.angle must be"},
        {"automaton.angle", "nan", "expected a decimal number, found \"nan\""},
        {"automaton.fire_rate", "0", "automaton.fire_rate must be"},
        {"automaton.fire_rate", "1.5", "found 1.5"},
        {"automaton.fire_rate", "0,5", "expected a decimal number, found \"0,5\""},
        {"automaton.step_size", "1e39", "expected a decimal number"},
        {"automaton.alive_channel", "4", "automaton.alive_channel must be"},
        {"automaton.alive_channel", "-2", "expected a channel's number or -1"},
        {"automaton.alive_channel", "2147483648", "expected a channel's number or -1"},
        {"automaton.alive_threshold", "inf", "expected a decimal number"},
        {"automaton.output_bias", "yes", "expected true or false, found \"yes\""},
        {"training.height", "16385", "must both be 1 to 16384"},
        {"training.height", "0", "both be missing; found 0 and 3"},
        {"training.padding", "2",
         "training.padding must leave at least one cell of the 5 x 3 grid; found 2"},
        {"training.padding", "4294967295", "found 4294967295"},
        {"training.iterations", "18446744073709551616", "expected a whole number"},
        {"training.loss", "1e999", "expected a decimal number"},
        {"training.seed", " 1", "expected a whole number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        save_with(path, cases[i].key, cases[i].value);
        assert_not_loaded(path, NCA_FORMAT, cases[i].part);
        assert_not_loaded(path, NCA_FORMAT, cases[i].key);
    }
    char text[NCA_MODEL_TEXT + 1];
    memset(text, 't', NCA_MODEL_TEXT);
    text[NCA_MODEL_TEXT] = '\0';
    save_with(path, "training.recipe", text);
    assert_not_loaded(path, NCA_FORMAT, "a string of at most 255 bytes");
}

static void metadata_that_contradict_the_tensors_are_refused(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    save_with(path, "automaton.channels", "5");
    assert_not_loaded(path, NCA_FORMAT,
                      "tensor \"update.w1\": the metadata require shape [3, 15], found [3, 12]");
    save_with(path, "automaton.hidden", "16384");
    assert_not_loaded(path, NCA_FORMAT, "require shape [16384, 12], found [3, 12]");
    save_with(path, "automaton.output_bias", "false");
    assert_not_loaded(path, NCA_FORMAT, "tensor \"update.b2\" does not belong");
    save_with(path, "training.width", "4");
    assert_not_loaded(path, NCA_FORMAT, "\"target.rgba\": the metadata require shape [5, 4, 4]");
}

static void a_target_without_a_size_is_refused(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = make_model(4, 3, true);
    fill_info(model);
    parts all = take_apart(model, path);
    json_t *metadata = json_object_get(all.header, "__metadata__");
    json_object_del(metadata, "training.height");
    json_object_del(metadata, "training.width");
    json_object_del(metadata, "training.padding");
    put_together(&all, path);
    assert_not_loaded(path, NCA_FORMAT, "\"target.rgba\" needs metadata \"training.height\"");
    throw_away(&all);
    nca_model_destroy(model);
}

/* Changes the name, type and shape of each tensor in turn. */
static void tensors_that_do_not_fit_are_refused(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    static const char *const names[] = {"update.w1", "update.b1", "update.w2", "update.b2"};
    nca_model *model = make_model(4, 3, true);
    char part[200];
    for (size_t i = 0; i < 4; i++) {
        parts all = take_apart(model, path);
        json_t *tensor = json_object_get(all.header, names[i]);
        json_t *shape = json_object_get(tensor, "shape");

        json_object_set_new(tensor, "dtype", json_string("U32"));
        put_together(&all, path);
        snprintf(part, sizeof part, "tensor \"%s\": expected type F32, F16 or BF16, found U32",
                 names[i]);
        assert_not_loaded(path, NCA_FORMAT, part);
        json_object_set_new(tensor, "dtype", json_string("I32"));
        put_together(&all, path);
        assert_not_loaded(path, NCA_FORMAT, "expected type F32, F16 or BF16, found another");
        json_object_set_new(tensor, "dtype", json_string("F32"));

        json_array_append_new(shape, json_integer(1));
        put_together(&all, path);
        snprintf(part, sizeof part, "tensor \"%s\": the metadata require shape", names[i]);
        assert_not_loaded(path, NCA_FORMAT, part);
        json_array_remove(shape, json_array_size(shape) - 1);

        json_object_set(all.header, "other", tensor);
        json_object_del(all.header, names[i]);
        put_together(&all, path);
        snprintf(part, sizeof part, "tensor \"%s\" is missing", names[i]);
        assert_not_loaded(path, NCA_FORMAT, part);
        throw_away(&all);
    }
    parts all = take_apart(model, path);
    json_object_set_new(all.header, "extra\nname",
                        json_pack("{s:s,s:[i],s:[I,I]}", "dtype", "U8", "shape", 2, "data_offsets",
                                  (json_int_t)all.size, (json_int_t)all.size + 2));
    memset(all.data + all.size, 0, 2);
    all.size += 2;
    put_together(&all, path);
    assert_not_loaded(path, NCA_FORMAT, "tensor \"extra?name\" does not belong to this model");
    throw_away(&all);
    nca_model_destroy(model);
}

static void a_value_that_is_not_finite_is_found(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "m.safetensors");
    static const struct {
        size_t index;
        float value;
        const char *part;
    } cases[] = {
        {0, NAN, "tensor \"update.w1\"[0, 0] is not a number"},
        {35, INFINITY, "tensor \"update.w1\"[2, 11] is infinite"},
        {37, -INFINITY, "tensor \"update.b1\"[1] is minus infinity"},
        {39 + 7, NAN, "tensor \"update.w2\"[2, 1] is not a number"},
        {39 + 12 + 3, NAN, "tensor \"update.b2\"[3] is not a number"},
        {39 + 16 + 2 * 12 + 1 * 4 + 3, NAN, "tensor \"target.rgba\"[2, 1, 3] is not a number"},
    };
    nca_model *model = make_model(4, 3, true);
    fill_info(model);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        parts all = take_apart(model, path);
        memcpy(all.data + 4 * cases[i].index, &cases[i].value, 4);
        put_together(&all, path);
        throw_away(&all);
        assert_not_loaded(path, NCA_FORMAT, cases[i].part);
    }
    assert_int_equal(unlink(path), 0);
    nca_error error;
    model->parameters[35] = NAN;
    assert_int_equal(nca_model_save(model, path, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "update.w1\"[2, 11]");
    nca_model_destroy(model);
    assert_int_equal(count_entries(folder->path), 0);
}

static void a_model_that_could_not_be_loaded_is_not_saved(void **state)
{
    temporary_folder *folder = *state;
    const char *path = path_in(folder, "m.safetensors");
    nca_model *model = make_model(4, 3, true);
    nca_error error;
    model->automaton.fire_rate = 0;
    assert_int_equal(nca_model_save(model, path, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "automaton.fire_rate must be greater than 0 and at most 1; found 0");
    model->automaton.fire_rate = 1;
    model->info.height = 3;
    assert_int_equal(nca_model_save(model, path, &error), NCA_INVALID_ARGUMENT);
    model->info.height = 0;
    float pixel[4] = {0};
    assert_int_equal(nca_model_set_target(model, pixel, 1, 1, NULL), NCA_OK);
    model->info.height = 0;
    model->info.width = 0;
    assert_int_equal(nca_model_save(model, path, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "the target needs info.height");
    assert_int_equal(count_entries(folder->path), 0);
    nca_model_destroy(model);
}

static void an_unwritable_place_is_named(void **state)
{
    temporary_folder *folder = *state;
    nca_model *model = make_model(4, 3, true);
    nca_error error;
    assert_int_equal(nca_model_save(model, folder->path, &error), NCA_IO);
    assert_says(error, "a folder");
    assert_int_equal(nca_model_save(model, path_in(folder, "no/m"), &error), NCA_NOT_FOUND);
    assert_says(error, "create the folder first");
    nca_model_destroy(model);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_of_another_kind_is_named),
        IN_FOLDER(every_required_key_is_missed_by_name),
        IN_FOLDER(a_later_format_is_told_from_a_wrong_one),
        IN_FOLDER(a_metadata_value_out_of_range_is_named),
        IN_FOLDER(metadata_that_contradict_the_tensors_are_refused),
        IN_FOLDER(a_target_without_a_size_is_refused),
        IN_FOLDER(tensors_that_do_not_fit_are_refused),
        IN_FOLDER(a_value_that_is_not_finite_is_found),
        IN_FOLDER(a_model_that_could_not_be_loaded_is_not_saved),
        IN_FOLDER(an_unwritable_place_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
