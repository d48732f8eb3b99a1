/* Model files: the same bits after loading, and readable by other programs. */
#include "model/model_parts.h"
#include "nca/page.h"
#include "nca/torch.h"

static void assert_same_models(const nca_model *a, const nca_model *b)
{
    assert_int_equal(a->automaton.channels, b->automaton.channels);
    assert_int_equal(a->automaton.hidden, b->automaton.hidden);
    assert_int_equal(a->automaton.filter, b->automaton.filter);
    assert_int_equal(a->automaton.filter_count, b->automaton.filter_count);
    assert_int_equal(a->automaton.boundary, b->automaton.boundary);
    assert_memory_equal(&a->automaton.angle_radians, &b->automaton.angle_radians, sizeof(float));
    assert_memory_equal(&a->automaton.fire_rate, &b->automaton.fire_rate, sizeof(float));
    assert_memory_equal(&a->automaton.step_size, &b->automaton.step_size, sizeof(float));
    assert_int_equal(a->automaton.alive_channel, b->automaton.alive_channel);
    assert_memory_equal(&a->automaton.alive_threshold, &b->automaton.alive_threshold,
                        sizeof(float));
    assert_int_equal(a->automaton.output_bias, b->automaton.output_bias);
    assert_int_equal(a->automaton.input_channels, b->automaton.input_channels);
    assert_int_equal(a->automaton.head_inputs, b->automaton.head_inputs);
    assert_int_equal(a->automaton.head_outputs, b->automaton.head_outputs);
    assert_int_equal(a->info.height, b->info.height);
    assert_int_equal(a->info.width, b->info.width);
    assert_int_equal(a->info.padding, b->info.padding);
    assert_true(a->info.iterations == b->info.iterations);
    assert_true(a->info.loss == b->info.loss || (isnan(a->info.loss) && isnan(b->info.loss)));
    assert_true(a->info.seed == b->info.seed);
    assert_string_equal(a->info.target, b->info.target);
    assert_string_equal(a->info.loss_name, b->info.loss_name);
    assert_string_equal(a->info.experiment, b->info.experiment);
    assert_string_equal(a->info.recipe, b->info.recipe);
    assert_memory_equal(a->parameters, b->parameters,
                        nca_parameter_count(&a->automaton) * sizeof(float));
    assert_int_equal(a->target == NULL, b->target == NULL);
    if (a->target != NULL) {
        assert_memory_equal(a->target, b->target,
                            (size_t)a->info.height * a->info.width * 4 * sizeof(float));
    }
}

static void assert_round_trip(const nca_model *model, const char *path)
{
    nca_model *back = NULL;
    nca_error error = {0};
    if (nca_model_save(model, path, &error) != NCA_OK ||
        nca_model_load(&back, path, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_same_models(model, back);
    nca_model_destroy(back);
}

static void a_model_comes_back_with_every_bit(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    static const uint32_t shapes[][2] = {{4, 1}, {5, 3}, {16, 128}, {17, 33}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        for (int bias = 0; bias < 2; bias++) {
            nca_model *model = make_model(shapes[i][0], shapes[i][1], bias != 0);
            assert_round_trip(model, path);
            fill_info(model);
            model->parameters[0] = -0.0f;
            model->parameters[1] = 1e-45f;
            assert_round_trip(model, path);
            nca_model_destroy(model);
        }
    }
}

static void every_setting_of_the_automaton_is_kept(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    uint64_t random = 5;
    for (int i = 0; i < 200; i++) {
        nca_model *model = make_filtered(4 + (uint32_t)i % 3, 2, i % 2 == 0,
                                         (nca_filter)(i % NCA_FILTER_COUNT), 1 + (uint32_t)i % 8);
        nca_automaton *automaton = &model->automaton;
        automaton->boundary = (nca_boundary)(i % NCA_BOUNDARY_COUNT);
        automaton->angle_radians = automaton->filter == NCA_FILTER_LEARNED
                                       ? 0.0f
                                       : (float)((double)(int64_t)next_random(&random) * 0x1p-60);
        automaton->fire_rate = (float)((double)(next_random(&random) >> 40) + 1) * 0x1p-25f;
        automaton->step_size = (float)((double)(int64_t)next_random(&random) * 0x1p-80);
        automaton->alive_channel = i % 5 - 1;
        automaton->alive_channel =
            automaton->alive_channel < (int32_t)automaton->channels ? automaton->alive_channel : -1;
        automaton->alive_threshold = (float)((double)(int64_t)next_random(&random) * 0x1p-66);
        model->info.loss = (double)next_random(&random) * 0x1p-70;
        model->info.seed = next_random(&random);
        assert_round_trip(model, path);
        nca_model_destroy(model);
    }
}

static void input_channels_are_kept_and_refused_where_nothing_knows_them(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = NULL;
    nca_error error;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.channels = 6;
    automaton.hidden = 3;
    automaton.input_channels = 2;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        model->parameters[i] = (float)i / 8.0f;
    }
    assert_round_trip(model, path);
    parts all = take_apart(model, path);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(all.header, "__metadata__"),
                                          "automaton.input_channels")),
        "2");
    throw_away(&all);
    assert_int_equal(nca_model_save_torch(model, path_in(*state, "m.pt"), &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "input_channels"));
    char *text = NULL;
    const nca_page_model carried = {model, "m", false};
    assert_int_equal(nca_page_model_text(&text, &carried, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "input channels"));
    assert_null(text);
    nca_model_destroy(model);
}

static void a_head_is_kept_and_refused_where_nothing_knows_it(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = NULL;
    nca_error error;
    nca_automaton automaton;
    char digests[2][NCA_MODEL_DIGEST_SIZE];
    nca_automaton_default(&automaton);
    automaton.channels = 6;
    automaton.hidden = 3;
    automaton.head_inputs = 4;
    automaton.head_outputs = 2;
    assert_int_equal(nca_model_create(&model, &automaton, NULL), NCA_OK);
    for (size_t i = 0; i < nca_parameter_count(&automaton); i++) {
        model->parameters[i] = (float)i / 8.0f;
    }
    assert_round_trip(model, path);
    assert_int_equal(nca_model_save_torch(model, path_in(*state, "m.pt"), &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "a head"));
    char *text = NULL;
    const nca_page_model carried = {model, "m", false};
    assert_int_equal(nca_page_model_text(&text, &carried, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "a head"));
    assert_null(text);
    nca_model_digest(digests[0], model);
    model->automaton.head_inputs = 1; /* as many parameters: 4 of w, but 5 of b are 4 more */
    model->automaton.head_outputs = 5;
    nca_model_digest(digests[1], model);
    assert_string_not_equal(digests[0], digests[1]);
    model->automaton = automaton;
    nca_model_destroy(model);
}

static void the_same_model_gives_the_same_bytes(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = make_model(16, 8, true);
    nca_model *loaded = NULL;
    fill_info(model);
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    raw_file first = read_raw(path);
    assert_int_equal(nca_model_load(&loaded, path, NULL), NCA_OK);
    assert_int_equal(nca_model_save(loaded, path, NULL), NCA_OK);
    raw_file second = read_raw(path);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    free(first.bytes);
    free(second.bytes);
    nca_model_destroy(loaded);
    nca_model_destroy(model);
}

/* Reads the file as another program would: a length, JSON, offsets. */
static void any_safetensors_reader_opens_a_model(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    static const struct {
        const char *name;
        size_t shape[3], rank;
    } expected[] = {{"update.w1", {7, 15}, 2},
                    {"update.b1", {7}, 1},
                    {"update.w2", {5, 7}, 2},
                    {"update.b2", {5}, 1},
                    {"target.rgba", {5, 3, 4}, 3}};
    nca_model *model = make_model(5, 7, true);
    fill_info(model);
    parts all = take_apart(model, path);
    assert_int_equal(json_object_size(all.header), 6);
    size_t offset = 0;
    const float *values = model->parameters;
    for (size_t i = 0; i < 5; i++) {
        json_t *tensor = json_object_get(all.header, expected[i].name);
        json_t *shape = json_object_get(tensor, "shape");
        json_t *offsets = json_object_get(tensor, "data_offsets");
        size_t count = 1;
        assert_string_equal(json_string_value(json_object_get(tensor, "dtype")), "F32");
        assert_int_equal(json_array_size(shape), expected[i].rank);
        for (size_t axis = 0; axis < expected[i].rank; axis++) {
            assert_int_equal(json_integer_value(json_array_get(shape, axis)),
                             expected[i].shape[axis]);
            count *= expected[i].shape[axis];
        }
        assert_int_equal(json_integer_value(json_array_get(offsets, 0)), offset);
        assert_int_equal(json_integer_value(json_array_get(offsets, 1)), offset + 4 * count);
        values = i == 4 ? model->target : values;
        assert_memory_equal(all.data + offset, values, 4 * count);
        values += count;
        offset += 4 * count;
    }
    assert_int_equal(offset, all.size);
    json_t *metadata = json_object_get(all.header, "__metadata__");
    static const char *const pairs[][2] = {
        {"format", "nca-model"},
        {"format_version", "1"},
        {"automaton.channels", "5"},
        {"automaton.hidden", "7"},
        {"automaton.filter", "sobel"},
        {"automaton.boundary", "zero"},
        {"automaton.angle", "0"},
        {"automaton.fire_rate", "0.5"},
        {"automaton.step_size", "1"},
        {"automaton.alive_channel", "3"},
        {"automaton.alive_threshold", "0.1"},
        {"automaton.output_bias", "true"},
        {"training.height", "5"},
        {"training.width", "3"},
        {"training.padding", "1"},
        {"training.iterations", "18446744073709551615"},
        {"training.loss", "0.30000000000000004"},
        {"training.seed", "1234567890123456789"},
        {"training.target", "photos/caf\xC3\xA9 \"1\".png"},
        {"training.loss_name", "L2"},
        {"training.experiment", "regenerating"},
        {"training.recipe", "distill"},
    };
    assert_int_equal(json_object_size(metadata), sizeof pairs / sizeof pairs[0]);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *found = json_string_value(json_object_get(metadata, pairs[i][0]));
        assert_non_null(found);
        assert_string_equal(found, pairs[i][1]);
    }
    throw_away(&all);
    nca_model_destroy(model);
}

static void what_is_unknown_is_left_out(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = make_model(4, 1, false);
    parts all = take_apart(model, path);
    json_t *metadata = json_object_get(all.header, "__metadata__");
    assert_int_equal(json_object_size(metadata), 12);
    assert_int_equal(json_object_size(all.header), 4);
    /* Additional metadata is ignored. */
    json_object_set_new(metadata, "licence", json_string("CC0"));
    put_together(&all, path);
    nca_model *back = NULL;
    assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
    assert_same_models(model, back);
    throw_away(&all);
    nca_model_destroy(back);
    nca_model_destroy(model);
}

static void tensors_may_stand_in_any_order(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = make_model(5, 3, true);
    fill_info(model);
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    nca_safetensors *file = NULL;
    assert_int_equal(nca_safetensors_open(&file, path, 1u << 20, NULL), NCA_OK);
    nca_safetensors_writer *writer = NULL;
    assert_int_equal(nca_safetensors_writer_open(&writer, path, NULL), NCA_OK);
    const char *key;
    const char *value;
    for (size_t i = 0; nca_safetensors_metadata_at(file, i, &key, &value); i++) {
        assert_int_equal(nca_safetensors_writer_metadata(writer, key, value, NULL), NCA_OK);
    }
    for (size_t i = nca_safetensors_count(file); i-- > 0;) {
        assert_int_equal(nca_safetensors_writer_tensor(writer, nca_safetensors_at(file, i), NULL),
                         NCA_OK);
    }
    for (size_t i = nca_safetensors_count(file); i-- > 0;) {
        const nca_tensor_view *view = nca_safetensors_at(file, i);
        assert_int_equal(nca_safetensors_writer_write(writer, view->data, view->bytes, NULL),
                         NCA_OK);
    }
    assert_int_equal(nca_safetensors_writer_commit(writer, NULL), NCA_OK);
    nca_safetensors_writer_destroy(writer);
    nca_safetensors_close(file);
    nca_model *back = NULL;
    assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
    assert_same_models(model, back);
    nca_model_destroy(back);
    nca_model_destroy(model);
}

static void texts_are_made_printable(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    nca_model *model = make_model(4, 1, false);
    nca_model *back = NULL;
    strcpy(model->info.target, "a\x1b[2J\xFF.png");
    memset(model->info.recipe, 'r', NCA_MODEL_TEXT);
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
    assert_string_equal(back->info.target, "a?[2J?.png");
    assert_int_equal(strlen(back->info.recipe), NCA_MODEL_TEXT - 1);
    nca_model_destroy(back);
    nca_model_destroy(model);
    save_with(path, "training.target", "\x1b[2J");
    assert_int_equal(nca_model_load(&back, path, NULL), NCA_OK);
    assert_string_equal(back->info.target, "?[2J");
    nca_model_destroy(back);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_model_comes_back_with_every_bit),
        IN_FOLDER(every_setting_of_the_automaton_is_kept),
        IN_FOLDER(input_channels_are_kept_and_refused_where_nothing_knows_them),
        IN_FOLDER(a_head_is_kept_and_refused_where_nothing_knows_it),
        IN_FOLDER(the_same_model_gives_the_same_bytes),
        IN_FOLDER(any_safetensors_reader_opens_a_model),
        IN_FOLDER(what_is_unknown_is_left_out),
        IN_FOLDER(tensors_may_stand_in_any_order),
        IN_FOLDER(texts_are_made_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
