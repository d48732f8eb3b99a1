/* Reading and writing learned filters of a state dict. */
#include "model/torch_fixture.h"

/* In fixtures with separate taps for each channel: the taps of `filter` (from 0) of `filters`. */
static float tap_of(size_t filters, size_t filter, size_t channel, size_t tap)
{
    return ((float)((channel * filters + filter) * 9 + tap) - 50) / 32;
}

/* The column of the file with the weight of map k of channel c; NO_COLUMN: the weight is zero. */
typedef size_t column_of_map(size_t maps, size_t k, size_t c);

static const size_t NO_COLUMN = SIZE_MAX;

static size_t by_channel_and_map(size_t maps, size_t k, size_t c)
{
    return c * maps + k;
}

static size_t by_map(size_t maps, size_t k, size_t c)
{
    (void)maps;
    return k * C + c;
}

static size_t identity_first(size_t maps, size_t k, size_t c)
{
    return k == 0 ? c : C + c * (maps - 1) + k - 1;
}

/* The identity is the second of three. */
static size_t identity_moved(size_t maps, size_t k, size_t c)
{
    static const size_t place[K] = {2, 0, 1};
    return c * maps + place[k];
}

/* The file has no identity; its maps follow, in its order. */
static size_t identity_added(size_t maps, size_t k, size_t c)
{
    return k == 0 ? NO_COLUMN : c * (maps - 1) + k - 1;
}

/* The rows of W1 against those of the file, which have `columns` values. */
static void assert_rows(const nca_model *model, size_t columns, column_of_map *column)
{
    const size_t maps = model->automaton.filter_count + 1;
    const nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    for (size_t i = 0; i < N * maps * C; i++) {
        const size_t from = column(maps, i / C % maps, i % C);
        const float wanted = from == NO_COLUMN ? 0 : value_of(0, i / (maps * C) * columns + from);
        assert_true(p.w1[i] == wanted);
    }
}

static void assert_kernel(const float *taps, size_t filter, size_t channel, const float kernel[9])
{
    for (size_t i = 0; i < 9; i++) {
        assert_true(taps[(filter * 9 + i) * C + channel] == kernel[i]);
    }
}

/* Taps and weights are multiples of 1/32 that count up in the file's order. */
static void assert_learned(const char *name, size_t filters, nca_torch_order order,
                           column_of_map *column)
{
    nca_torch_report report;
    nca_model *model = taken(name, NULL, &report);
    const nca_automaton *a = &model->automaton;
    assert_int_equal(a->filter, NCA_FILTER_LEARNED);
    assert_int_equal(a->filter_count, filters);
    assert_int_equal(report.used.order, order);
    assert_false(report.assumed_filter || report.assumed_scale);
    assert_string_equal(report.unused, "");
    const nca_parameters p = nca_parameters_view(model->parameters, a);
    for (size_t i = 0; i < filters * 9 * C; i++) {
        assert_true(p.taps[i] == tap_of(filters, i / (9 * C), i % C, i / C % 9));
    }
    assert_rows(model, (filters + 1) * C, column);
    for (size_t i = 0; i < C * N; i++) {
        assert_true(p.w2[i] == value_of(2, i));
    }
    nca_model_destroy(model);
}

static void learned_filters_are_read_exactly_in_every_form(void **state)
{
    (void)state;
    assert_learned("learned_four", 3, NCA_TORCH_ORDER_CHANNEL, by_channel_and_map);
    assert_learned("learned_state_dict.safetensors", 3, NCA_TORCH_ORDER_CHANNEL,
                   by_channel_and_map);
    assert_learned("learned_after", 2, NCA_TORCH_ORDER_IDENTITY_FIRST, identity_first);
    assert_learned("learned_apart", 1, NCA_TORCH_ORDER_FILTER, by_map);
}

/* Kernels that the fixtures derive from Sobel: `add` is added to each tap. */
static void assert_sobel_plus(const float *taps, size_t filter, float add, bool transposed)
{
    static const float sobel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    float kernel[9];
    for (size_t i = 0; i < 9; i++) {
        kernel[i] = sobel[transposed ? i % 3 * 3 + i / 3 : i] + add;
    }
    for (size_t c = 0; c < C; c++) {
        assert_kernel(taps, filter, c, kernel);
    }
}

static void the_identity_becomes_the_first_map_wherever_it_stands(void **state)
{
    (void)state;
    nca_model *model = taken("learned_moved", NULL, NULL);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    assert_sobel_plus(p.taps, 0, 0, false);
    assert_sobel_plus(p.taps, 1, 1, false);
    assert_rows(model, K * C, identity_moved);
    nca_model_destroy(model);
    model = taken("learned_shared", NULL, NULL); /* the same kernels for all channels */
    p = nca_parameters_view(model->parameters, &model->automaton);
    assert_sobel_plus(p.taps, 0, 1, false);
    assert_sobel_plus(p.taps, 1, 0, false);
    nca_model_destroy(model);
}

static void assert_identity_added(const nca_model *model, const nca_torch_report *report)
{
    assert_true(report->added_identity);
    assert_int_equal(model->automaton.filter, NCA_FILTER_LEARNED);
    assert_int_equal(model->automaton.filter_count, K);
    assert_rows(model, K * C, identity_added);
}

static void a_missing_identity_is_added_with_zero_weights(void **state)
{
    (void)state;
    static const float twice[9] = {[4] = 2}, once[9] = {[4] = 1};
    nca_torch_report report;
    nca_model *model = taken("no_identity", NULL, &report);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    assert_identity_added(model, &report);
    for (size_t c = 0; c < C; c++) {
        assert_kernel(p.taps, 0, c, twice);
    }
    assert_sobel_plus(p.taps, 1, 0, false);
    assert_sobel_plus(p.taps, 2, 1, false);
    nca_model_destroy(model);
    /* Only channel 1 has none: all kernels of the others are learned filters too. */
    model = taken("one_identity_missing", NULL, &report);
    p = nca_parameters_view(model->parameters, &model->automaton);
    assert_identity_added(model, &report);
    for (size_t c = 0; c < C; c++) {
        assert_kernel(p.taps, 0, c, c == 1 ? twice : once);
    }
    nca_model_destroy(model);
    model = taken("learned_four", NULL, &report);
    assert_false(report.added_identity);
    nca_model_destroy(model);
}

static void kernels_of_a_fixed_filter_are_learned_ones_when_asked_for(void **state)
{
    (void)state;
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.filter = NCA_FILTER_LEARNED;
    nca_model *model = taken("sobel_cat", &options, NULL);
    const nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    assert_int_equal(model->automaton.filter, NCA_FILTER_LEARNED);
    assert_sobel_plus(p.taps, 0, 0, false);
    assert_sobel_plus(p.taps, 1, 0, true);
    nca_model_destroy(model);
    /* Kernels that do not all belong to one kind of filter. */
    static const char *const names[] = {"learned", "mixed", "twice"};
    for (size_t i = 0; i < 3; i++) {
        model = taken(names[i], NULL, NULL);
        assert_int_equal(model->automaton.filter, NCA_FILTER_LEARNED);
        assert_int_equal(model->automaton.filter_count, 2);
        nca_model_destroy(model);
    }
}

static void learned_filters_come_back_from_a_state_dict_to_the_bit(void **state)
{
    for (uint32_t count = 1; count <= NCA_MAX_FILTERS; count++) {
        nca_model *model = make_filtered(5, 7, true, NCA_FILTER_LEARNED, count), *back = NULL;
        const size_t parameters = nca_parameter_count(&model->automaton);
        const char *path = path_in(*state, "learned.pt");
        nca_torch_options options;
        nca_torch_options_default(&options);
        options.filter = NCA_FILTER_LEARNED;
        assert_int_equal(nca_model_save_torch(model, path, NULL), NCA_OK);
        assert_int_equal(nca_model_load_torch(&back, path, count == 2 ? &options : NULL, NULL),
                         NCA_OK);
        assert_int_equal(nca_parameter_count(&back->automaton), parameters);
        assert_int_equal(back->automaton.filter_count, count);
        assert_memory_equal(back->parameters, model->parameters, parameters * sizeof(float));
        nca_model_destroy(back);
        nca_model_destroy(model);
    }
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learned_filters_are_read_exactly_in_every_form),
        cmocka_unit_test(the_identity_becomes_the_first_map_wherever_it_stands),
        cmocka_unit_test(a_missing_identity_is_added_with_zero_weights),
        cmocka_unit_test(kernels_of_a_fixed_filter_are_learned_ones_when_asked_for),
        IN_FOLDER(learned_filters_come_back_from_a_state_dict_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
