/* Model files: back to the same bits, readable by anyone, and every misfit named. */
#include "nca/model.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/page.h"
#include "nca/safetensors.h"
#include "nca/torch.h"

/* ---- Helpers ---------------------------------------------------------------------------------*/

static raw_file read_raw(const char *path)
{
    raw_file raw = {0};
    assert_int_equal(nca__file_read(&raw.bytes, &raw.size, path, 1u << 30, NULL), NCA_OK);
    return raw;
}

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

/* A model's file taken apart, so that a test can put it together wrongly. */
typedef struct parts {
    json_t *header;
    uint8_t *data;
    size_t size; /* of the data */
} parts;

static parts take_apart(const nca_model *model, const char *path)
{
    uint64_t length = 0;
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    raw_file raw = read_raw(path);
    memcpy(&length, raw.bytes, 8);
    parts all = {.header = json_loadb((const char *)raw.bytes + 8, length, 0, NULL),
                 .size = raw.size - 8 - length};
    assert_non_null(all.header);
    all.data = malloc(all.size + 64);
    assert_non_null(all.data);
    memcpy(all.data, raw.bytes + 8 + length, all.size);
    free(raw.bytes);
    return all;
}

static void put_together(const parts *all, const char *path)
{
    char *text = json_dumps(all->header, JSON_COMPACT);
    assert_non_null(text);
    raw_file raw = make_raw(text, all->size);
    memcpy(raw.bytes + raw.size - all->size, all->data, all->size);
    assert_int_equal(nca__file_write(path, raw.bytes, raw.size, NULL), NCA_OK);
    free(raw.bytes);
    free(text);
}

static void throw_away(parts *all)
{
    json_decref(all->header);
    free(all->data);
}

/* Saves a small model with one metadata value changed (NULL: removed). */
static void save_with(const char *path, const char *key, const char *value)
{
    nca_model *model = make_model(4, 3, true);
    fill_info(model);
    parts all = take_apart(model, path);
    json_t *metadata = json_object_get(all.header, "__metadata__");
    if (value == NULL) {
        assert_int_equal(json_object_del(metadata, key), 0);
    } else {
        assert_int_equal(json_object_set_new(metadata, key, json_string(value)), 0);
    }
    put_together(&all, path);
    throw_away(&all);
    nca_model_destroy(model);
}

/* ---- What is right ---------------------------------------------------------------------------*/

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
    assert_non_null(strstr(error.message, "input_channels"));
    assert_null(text);
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
    /* What others add is ignored. */
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

/* ---- What is wrong ---------------------------------------------------------------------------*/

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

/* Renames, retypes and reshapes one tensor after the other. */
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
        IN_FOLDER(a_model_comes_back_with_every_bit),
        IN_FOLDER(every_setting_of_the_automaton_is_kept),
        IN_FOLDER(input_channels_are_kept_and_refused_where_nothing_knows_them),
        IN_FOLDER(the_same_model_gives_the_same_bytes),
        IN_FOLDER(any_safetensors_reader_opens_a_model),
        IN_FOLDER(what_is_unknown_is_left_out),
        IN_FOLDER(tensors_may_stand_in_any_order),
        IN_FOLDER(texts_are_made_printable),
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
