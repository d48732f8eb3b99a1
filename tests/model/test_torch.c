/* State dicts of PyTorch: all forms that torch.save writes give the same values
 * (fixtures/make_torch.py), hostile archives give an error, and written files can be read. */
#include "base/file.h"
#include "base/zip.h"
#include "model/pickle_text.h"
#include "model/torch_fixture.h"

static nca_model *loaded(const char *path)
{
    nca_model *model = NULL;
    nca_error error = {0};
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.filter = NCA_FILTER_SCHARR;
    if (nca_model_load_torch(&model, path, &options, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return model;
}

static void assert_scharr(const nca_model *model, bool output_bias)
{
    assert_int_equal(model->automaton.filter, NCA_FILTER_SCHARR);
    assert_values(model, by_channel, true, output_bias);
}

/* ---- Files of torch.save ---------------------------------------------------------------------*/

static void every_form_of_a_state_dict_gives_the_same_model(void **state)
{
    (void)state;
    static const char *const names[] = {
        "reference",   "plain_dict", "half",      "bfloat16",     "double",
        "shared",      "strided",    "parameter", "prefix_model", "prefix_module",
        "prefix_none", "checkpoint", "protocol4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        nca_model *model = loaded(fixture(names[i]));
        assert_scharr(model, false);
        nca_model_destroy(model);
        assert_true(nca_torch_is(fixture(names[i])));
    }
}

static void an_output_bias_becomes_b2(void **state)
{
    (void)state;
    nca_model *model = loaded(fixture("bias"));
    assert_scharr(model, true);
    nca_model_destroy(model);
}

static void what_does_not_fit_is_refused_with_what_is_there(void **state)
{
    (void)state;
    refused("two", NCA_FORMAT, "found several; the file has a.0.weight [5, 12, 1, 1], ");
    refused("other", NCA_FORMAT, "found none; the file has counter [], weight [2, 3]");
    refused("integers", NCA_UNSUPPORTED, "has type int64; expected float32");
    refused("expanded", NCA_UNSUPPORTED, "save it as tensor.contiguous()");
    refused("not_finite", NCA_FORMAT, "\"update_module.0.weight\" is not finite");
    refused("whole_module", NCA_UNSUPPORTED, "\"torch.nn.modules.linear.Linear\"");
    refused("old_form", NCA_UNSUPPORTED, "save it again with a newer PyTorch");
    assert_true(nca_torch_is(fixture("old_form")));
    refused("missing", NCA_NOT_FOUND, "missing.pt");
    assert_false(nca_torch_is(fixture("missing")));
    refused_path(NCA_FIXTURES "/gradients.bin", NULL, NCA_FORMAT, "gradients.bin");
    assert_false(nca_torch_is(NCA_FIXTURES "/gradients.bin"));
}

static void tensors_are_listed_with_types_and_shapes(void **state)
{
    (void)state;
    nca_torch *file = NULL;
    float *values = NULL;
    assert_int_equal(nca_torch_open(&file, fixture("other"), NULL), NCA_OK);
    assert_int_equal(nca_torch_count(file), 2);
    const nca_torch_tensor *counter = nca_torch_at(file, 0);
    assert_string_equal(counter->name, "counter");
    assert_string_equal(counter->dtype, "int64");
    assert_int_equal(counter->rank, 0);
    assert_int_equal(counter->count, 1);
    assert_int_equal(nca_torch_values(&values, file, counter, NULL), NCA_UNSUPPORTED);
    const nca_torch_tensor *weight = nca_torch_find(file, "weight");
    assert_ptr_equal(weight, nca_torch_at(file, 1));
    assert_null(nca_torch_at(file, 2));
    assert_null(nca_torch_find(file, "weigh"));
    assert_int_equal(nca_torch_values(&values, file, weight, NULL), NCA_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_true(values[i] == 1);
    }
    free(values);
    nca_torch_close(file);
    nca_torch_close(NULL);
}

/* ---- Archives built here ----------------------------------------------------------------------
 */

/* An archive in the folder "x" with one storage "0" of `size` ascending bytes. */
static const char *make_archive(temporary_folder *folder, const pickle_text *pickle, size_t size,
                                const char *byteorder)
{
    uint8_t *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)i;
    }
    const char *path = path_in(folder, "made.pt");
    nca__zip_writer *writer = NULL;
    assert_int_equal(nca__zip_writer_create(&writer, path, NULL), NCA_OK);
    assert_int_equal(
        nca__zip_writer_add_bytes(writer, "x/data.pkl", pickle->bytes, pickle->size, true, NULL),
        NCA_OK);
    assert_int_equal(nca__zip_writer_add_bytes(writer, "x/data/0", bytes, size, false, NULL),
                     NCA_OK);
    if (byteorder != NULL) {
        assert_int_equal(nca__zip_writer_add_bytes(writer, "x/byteorder", byteorder,
                                                   strlen(byteorder), false, NULL),
                         NCA_OK);
    }
    assert_int_equal(nca__zip_writer_commit(writer, NULL), NCA_OK);
    nca__zip_writer_destroy(writer);
    free(bytes);
    return path;
}

static pickle_text dict_of(const tensor_text *tensors, size_t count)
{
    pickle_text p = {.size = 0};
    PUT(&p, "\x80\x02}(");
    for (size_t i = 0; i < count; i++) {
        pickle_put_tensor(&p, &tensors[i]);
    }
    PUT(&p, "u.");
    return p;
}

/* A valid tensor: 6 floats of the 12 in the storage. */
static const tensor_text good = {"w", "Float", "0", 12, 3, 2, 2, {2, 3}, {3, 1}};

static void refused_tensor(void **state, const tensor_text *tensor, nca_status status,
                           const char *part)
{
    pickle_text p = dict_of(tensor, 1);
    nca_torch *file = NULL;
    nca_error error = {0};
    const char *path = make_archive(*state, &p, 48, NULL);
    assert_int_equal(nca_torch_open(&file, path, &error), status);
    assert_null(file);
    assert_says(error, part);
    assert_int_equal(nca_torch_open(&file, path, NULL), status);
}

static void tensors_that_do_not_fit_their_storage_are_refused(void **state)
{
    tensor_text t = good;
    t.offset = 7;
    refused_tensor(state, &t, NCA_FORMAT, "\"w\": shape, strides and offset reach past the 12");
    t = good;
    t.offset = -1;
    refused_tensor(state, &t, NCA_FORMAT, "an offset >= 0");
    t = good;
    t.strides[0] = -3;
    refused_tensor(state, &t, NCA_FORMAT, "strides[0] should be a whole number of at least 0");
    t = good;
    t.shape[1] = -3;
    refused_tensor(state, &t, NCA_FORMAT, "shape[1] should be a whole number of at least 0");
    t = good;
    t.stride_rank = 1;
    refused_tensor(state, &t, NCA_FORMAT, "expected a stride for each dimension");
    t = good;
    t.shape[0] = INT64_MAX;
    t.shape[1] = INT64_MAX;
    refused_tensor(state, &t, NCA_FORMAT, "reach past the 12 elements");
    t = good;
    t.strides[0] = t.strides[1] = INT64_MAX;
    refused_tensor(state, &t, NCA_FORMAT, "reach past the 12 elements");
    t = good;
    t.shape[0] = t.shape[1] = 1 << 20;
    t.strides[0] = t.strides[1] = 0;
    refused_tensor(state, &t, NCA_UNSUPPORTED, "share the 12 of its storage");
    t = good;
    t.rank = t.stride_rank = 9;
    refused_tensor(state, &t, NCA_UNSUPPORTED, "has 9 dimensions");
}

static void storages_that_are_not_there_are_refused(void **state)
{
    tensor_text t = good;
    t.elements = 13;
    refused_tensor(state, &t, NCA_FORMAT, "should have 13 elements of 4 bytes, found 48 bytes");
    t.elements = INT64_MAX;
    refused_tensor(state, &t, NCA_FORMAT, "should have 9223372036854775807 elements");
    t = good;
    t.type = "Double";
    refused_tensor(state, &t, NCA_FORMAT, "should have 12 elements of 8 bytes, found 48 bytes");
    t = good;
    t.key = "1";
    refused_tensor(state, &t, NCA_FORMAT, "storage \"x/data/1\" is missing from the archive");
    t.key = "../data/0";
    refused_tensor(state, &t, NCA_FORMAT, "is missing from the archive");
}

static void a_dictionary_that_is_none_of_tensors_is_refused(void **state)
{
    tensor_text twice[] = {good, good};
    nca_torch *file = NULL;
    nca_error error = {0};
    pickle_text p = dict_of(twice, 2);
    assert_int_equal(nca_torch_open(&file, make_archive(*state, &p, 48, NULL), &error), NCA_FORMAT);
    assert_says(error, "tensor \"w\" appears twice in the file");

    static const struct {
        const char *bytes, *part;
    } others[] = {
        {"\x80\x02}.", "expected a dictionary of tensors"},
        {"\x80\x02N.", "found None without tensors"},
        {"\x80\x02].", "found a list without tensors"},
        /* A dictionary that is its own state dict. */
        {"\x80\x02}q\x01"
         "\x8c\x0astate_dicth\x01s.",
         "found a dictionary without tensors"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        p.size = 0;
        pickle_put(&p, others[i].bytes, strlen(others[i].bytes));
        assert_int_equal(nca_torch_open(&file, make_archive(*state, &p, 48, NULL), &error),
                         NCA_FORMAT);
        assert_says(error, others[i].part);
    }
    assert_null(file);
}

static void the_state_dict_of_a_checkpoint_goes_before_its_other_tensors(void **state)
{
    tensor_text best = good, other = good;
    best.name = "best_loss";
    other.name = "other";
    pickle_text p = {.size = 0};
    PUT(&p, "\x80\x02}(");
    pickle_put_tensor(&p, &best);
    pickle_put_text(&p, "state_dict");
    PUT(&p, "}(");
    pickle_put_tensor(&p, &good);
    pickle_put_tensor(&p, &other);
    pickle_put_text(&p, "step");
    PUT(&p, "K\x07uu.");
    nca_torch *file = NULL;
    assert_int_equal(nca_torch_open(&file, make_archive(*state, &p, 48, NULL), NULL), NCA_OK);
    assert_int_equal(nca_torch_count(file), 2);
    assert_string_equal(nca_torch_at(file, 0)->name, "w");
    assert_string_equal(nca_torch_at(file, 1)->name, "other");
    nca_torch_close(file);
}

static void the_byte_order_is_honoured(void **state)
{
    static const char *const orders[] = {"little", "big"};
    pickle_text p = dict_of(&good, 1);
    for (size_t i = 0; i < 2; i++) {
        nca_torch *file = NULL;
        float *values = NULL;
        const char *path = make_archive(*state, &p, 48, orders[i]);
        assert_int_equal(nca_torch_open(&file, path, NULL), NCA_OK);
        assert_int_equal(nca_torch_values(&values, file, nca_torch_at(file, 0), NULL), NCA_OK);
        const uint8_t first[2][4] = {{12, 13, 14, 15}, {15, 14, 13, 12}};
        assert_memory_equal(values, first[i], 4);
        free(values);
        nca_torch_close(file);
    }
    nca_torch *file = NULL;
    nca_error error = {0};
    assert_int_equal(nca_torch_open(&file, make_archive(*state, &p, 48, "middle"), &error),
                     NCA_FORMAT);
    assert_says(error, "its byteorder should be");
}

static void half_floats_are_exact_on_all_their_values(void **state)
{
    const tensor_text all = {"w", "Half", "0", 1 << 16, 0, 1, 1, {1 << 16}, {1}};
    pickle_text p = dict_of(&all, 1);
    uint16_t *bits = malloc(sizeof *bits << 16);
    assert_non_null(bits);
    for (size_t i = 0; i < 1 << 16; i++) {
        bits[i] = (uint16_t)i;
    }
    const char *path = path_in(*state, "half.pt");
    nca__zip_writer *writer = NULL;
    assert_int_equal(nca__zip_writer_create(&writer, path, NULL), NCA_OK);
    nca__zip_writer_add_bytes(writer, "data.pkl", p.bytes, p.size, false, NULL);
    nca__zip_writer_add_bytes(writer, "data/0", bits, sizeof *bits << 16, false, NULL);
    assert_int_equal(nca__zip_writer_commit(writer, NULL), NCA_OK);
    nca__zip_writer_destroy(writer);
    nca_torch *file = NULL;
    float *values = NULL;
    assert_int_equal(nca_torch_open(&file, path, NULL), NCA_OK);
    assert_int_equal(nca_torch_values(&values, file, nca_torch_at(file, 0), NULL), NCA_OK);
    for (size_t i = 0; i < 1 << 16; i++) {
        int exponent = (int)(i >> 10 & 31);
        double fraction = (double)(i & 1023) / 1024;
        double size = exponent == 31  ? fraction > 0 ? (double)NAN : (double)INFINITY
                      : exponent == 0 ? fraction * 0x1p-14
                                      : (1 + fraction) * pow(2, exponent - 15);
        float wanted = (float)(i >> 15 ? -size : size);
        bool same = memcmp(&values[i], &wanted, sizeof wanted) == 0;
        assert_true(same || (isnan(wanted) && isnan(values[i])));
    }
    free(values);
    free(bits);
    nca_torch_close(file);
}

/* ---- Damage ----------------------------------------------------------------------------------*/

static void a_file_cut_or_damaged_anywhere_gets_an_answer(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0, accepted = 0;
    uint64_t random = 3;
    assert_int_equal(nca__file_read(&bytes, &size, fixture("reference"), 1 << 20, NULL), NCA_OK);
    for (size_t cut = 0; cut < size; cut++) {
        nca_torch *file = NULL;
        nca_error error = {0};
        assert_int_not_equal(nca_torch_parse(&file, bytes, cut, "cut.pt", &error), NCA_OK);
        assert_says(error, "cut.pt: ");
    }
    for (size_t i = 0; i < 2 * size; i++) {
        nca_torch *file = NULL;
        nca_model *model = NULL;
        nca_error error = {0};
        uint8_t kept = bytes[i / 2];
        bytes[i / 2] = (uint8_t)(i % 2 == 0 ? next_random(&random) : kept ^ 1u);
        nca_status status = nca_torch_parse(&file, bytes, size, "bad.pt", &error);
        if (status == NCA_OK) {
            status = nca_model_from_torch(&model, file, NULL, NULL, &error);
        }
        if (status != NCA_OK) {
            assert_says(error, "bad.pt: ");
        }
        accepted += status == NCA_OK;
        nca_model_destroy(model);
        nca_torch_close(file);
        bytes[i / 2] = kept;
    }
    /* Some damage affects bytes that are not needed; most does not. */
    assert_true(accepted < size);
    free(bytes);
}

/* ---- Writing ---------------------------------------------------------------------------------*/

static void a_written_model_comes_back_to_the_bit(void **state)
{
    static const uint32_t shapes[][2] = {{4, 1}, {16, 128}, {5, 300}, {100, 7}};
    for (size_t i = 0; i < 8; i++) {
        nca_model *model = make_model(shapes[i / 2][0], shapes[i / 2][1], i % 2 == 1);
        const char *path = path_in(*state, "model.pt");
        uint8_t *first = NULL, *second = NULL;
        size_t size = 0, again = 0;
        assert_int_equal(nca_model_save_torch(model, path, NULL), NCA_OK);
        assert_int_equal(nca__file_read(&first, &size, path, 1 << 24, NULL), NCA_OK);
        nca_model *back = loaded(path);
        assert_int_equal(back->automaton.output_bias, model->automaton.output_bias);
        size_t count = nca_parameter_count(&model->automaton);
        assert_int_equal(nca_parameter_count(&back->automaton), count);
        assert_memory_equal(back->parameters, model->parameters, count * sizeof(float));
        assert_int_equal(nca_model_save_torch(back, path, NULL), NCA_OK);
        assert_int_equal(nca__file_read(&second, &again, path, 1 << 24, NULL), NCA_OK);
        assert_int_equal(size, again);
        assert_memory_equal(first, second, size);
        free(first);
        free(second);
        nca_model_destroy(back);
        nca_model_destroy(model);
    }
}

static void a_model_that_could_not_be_read_is_not_written(void **state)
{
    nca_error error = {0};
    nca_model *model = make_model(16, 8, true);
    model->parameters[3] = NAN;
    const char *path = path_in(*state, "model.pt");
    assert_int_equal(nca_model_save_torch(model, path, &error), NCA_INVALID_ARGUMENT);
    assert_says(error, "parameter 3 is not finite");
    model->parameters[3] = 0;
    assert_int_equal(nca_model_save_torch(model, path_in(*state, "no/model.pt"), &error),
                     NCA_NOT_FOUND);
    assert_int_equal(count_entries(((temporary_folder *)*state)->path), 0);
    nca_model_destroy(model);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_state_dict_gives_the_same_model),
        cmocka_unit_test(an_output_bias_becomes_b2),
        cmocka_unit_test(what_does_not_fit_is_refused_with_what_is_there),
        cmocka_unit_test(tensors_are_listed_with_types_and_shapes),
        IN_FOLDER(tensors_that_do_not_fit_their_storage_are_refused),
        IN_FOLDER(storages_that_are_not_there_are_refused),
        IN_FOLDER(a_dictionary_that_is_none_of_tensors_is_refused),
        IN_FOLDER(the_state_dict_of_a_checkpoint_goes_before_its_other_tensors),
        IN_FOLDER(the_byte_order_is_honoured),
        IN_FOLDER(half_floats_are_exact_on_all_their_values),
        cmocka_unit_test(a_file_cut_or_damaged_anywhere_gets_an_answer),
        IN_FOLDER(a_written_model_comes_back_to_the_bit),
        IN_FOLDER(a_model_that_could_not_be_read_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
