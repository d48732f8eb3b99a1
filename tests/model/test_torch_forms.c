/* Properties that a state dict does not contain, and where it can be: names, keys, other objects,
 * columns, perception kernels, safetensors (fixtures/make_torch.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/safetensors.h"
#include "nca/torch.h"

enum {
    C = 4,
    N = 5,
    K = 3
};

static const char *fixture(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, NCA_FIXTURES "/torch/%s%s", name,
             strchr(name, '.') != NULL ? "" : ".pt");
    return path;
}

static nca_model *taken(const char *name, const nca_torch_options *options,
                        nca_torch_report *report)
{
    nca_error error = {0};
    nca_torch *file = NULL;
    nca_model *model = NULL;
    if (nca_torch_open(&file, fixture(name), &error) != NCA_OK ||
        nca_model_from_torch(&model, file, options, report, &error) != NCA_OK) {
        fail_msg("%s: %s", name, error.message);
    }
    nca_torch_close(file);
    return model;
}

static void refused_with(const char *name, const nca_torch_options *options, nca_status status,
                         const char *part)
{
    nca_model *model = NULL;
    nca_error error = {0};
    if (nca_model_load_torch(&model, fixture(name), options, &error) != status) {
        fail_msg("%s: status %d, %s", name, error.status, error.message);
    }
    assert_null(model);
    assert_says(error, part);
    assert_int_equal(nca_model_load_torch(&model, fixture(name), options, NULL), status);
}

static void refused(const char *name, nca_status status, const char *part)
{
    refused_with(name, NULL, status, part);
}

/* Element i of tensor `tensor` in the file. */
static float value_of(size_t tensor, size_t i)
{
    return ((float)i - 10 * (float)tensor - 10) / 32;
}

/* The column and factor of filter k of channel c in the file. */
typedef size_t column_of(double *out_factor, size_t k, size_t c);

static size_t by_channel(double *out_factor, size_t k, size_t c)
{
    *out_factor = 1;
    return c * K + k;
}

static void assert_values(const nca_model *model, column_of *column, bool first_bias,
                          bool output_bias)
{
    const nca_automaton *a = &model->automaton;
    assert_int_equal(a->channels, C);
    assert_int_equal(a->hidden, N);
    assert_int_equal(a->output_bias, output_bias);
    nca_parameters p = nca_parameters_view(model->parameters, a);
    for (size_t n = 0; n < N; n++) {
        for (size_t i = 0; i < K * C; i++) {
            double factor;
            const size_t j = column(&factor, i / C, i % C);
            const double wanted = (double)value_of(0, n * K * C + j) * factor;
            assert_true(fabs((double)p.w1[n * K * C + i] - wanted) <= 1e-6 * fabs(wanted));
        }
        assert_true(p.b1[n] == (first_bias ? value_of(1, n) : 0));
    }
    for (size_t i = 0; i < C * N; i++) {
        assert_true(p.w2[i] == value_of(2, i));
    }
    for (size_t c = 0; output_bias && c < C; c++) {
        assert_true(p.b2[c] == value_of(3, c));
    }
}

/* ---- Names and places ------------------------------------------------------------------------*/

static void networks_are_found_under_the_usual_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool first_bias, output_bias;
    } cases[] = {{"fc0_fc1", true, false},
                 {"conv1_conv2", true, false},
                 {"no_biases", false, false},
                 {"both_biases", true, true},
                 {"reversed", true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_model *model = taken(cases[i].name, NULL, NULL);
        assert_values(model, by_channel, cases[i].first_bias, cases[i].output_bias);
        nca_model_destroy(model);
    }
}

static void weights_are_found_under_any_key(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"key_ema", "ema"},
                                           {"nested", "checkpoint.weights.0.net"},
                                           {"usual_key", "model"},
                                           {"fc0_fc1", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_torch_report report;
        nca_model *model = taken(cases[i][0], NULL, &report);
        assert_values(model, by_channel, true, false);
        assert_string_equal(report.path, cases[i][1]);
        nca_model_destroy(model);
    }
    refused("two_keys", NCA_FORMAT, "several keys contain an update network: \"a\", \"b.c\"");
    refused("no_network", NCA_FORMAT, "none an update network: \"a\", \"b\"");
}

static void objects_beside_the_weights_stay_unread(void **state)
{
    (void)state;
    static const char *const names[] = {"foreign", "foreign4"};
    for (size_t i = 0; i < 2; i++) {
        nca_torch_report report;
        nca_model *model = taken(names[i], NULL, &report);
        assert_values(model, by_channel, true, false);
        assert_string_equal(report.path, "model_state_dict");
        assert_string_equal(report.elsewhere, "optimizer (1 tensor)");
        assert_non_null(strstr(report.unread, "numpy.core.multiarray.scalar"));
        assert_non_null(strstr(report.unread, "argparse.Namespace"));
        nca_model_destroy(model);
    }
    assert_int_not_equal(access("nca-was-run", F_OK), 0);
}

static void tensors_that_are_not_used_are_named(void **state)
{
    (void)state;
    nca_torch_report report;
    nca_model *model = taken("beside", NULL, &report);
    assert_values(model, by_channel, true, false);
    assert_string_equal(report.unused, "head.weight [2, 7], mean [3]");
    nca_model_destroy(model);
}

static void networks_that_cannot_be_run_are_refused_by_name(void **state)
{
    (void)state;
    refused("three_layers", NCA_UNSUPPORTED, "\"update_module.4.weight\" [4, 4, 1, 1] is a third");
    refused("four_filters", NCA_UNSUPPORTED, "\"update_module.0.weight\" [5, 16, 1, 1] takes 4");
}

static void the_old_form_gets_one_message_whatever_its_protocol(void **state)
{
    (void)state;
    static const char *const names[] = {"old_form0", "old_form1", "old_form",
                                        "old_form3", "old_form4", "old_form5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        refused(names[i], NCA_UNSUPPORTED, "before PyTorch 1.6");
        assert_true(nca_torch_is(fixture(names[i])));
    }
}

/* ---- Unknown properties -----------------------------------------------------------------------
 */

static void what_nobody_said_is_assumed_and_reported(void **state)
{
    (void)state;
    nca_torch_report report;
    nca_model *model = taken("reference", NULL, &report);
    assert_true(report.assumed_filter && report.assumed_order && report.assumed_boundary &&
                report.assumed_scale && report.assumed_fire_rate);
    assert_int_equal(report.used.filter, NCA_FILTER_SOBEL);
    assert_int_equal(report.used.order, NCA_TORCH_ORDER_CHANNEL);
    assert_true(report.used.filter_scale == 0.125);
    assert_string_equal(report.perception, "");
    nca_model_destroy(model);
    nca_torch_options all;
    nca_torch_options_default(&all);
    all.filter = NCA_FILTER_SCHARR;
    all.order = NCA_TORCH_ORDER_CHANNEL;
    all.boundary = NCA_BOUNDARY_CIRCULAR;
    all.filter_scale = 1.0 / 16;
    all.fire_rate = 0.25f;
    model = taken("reference", &all, &report);
    assert_false(report.assumed_filter || report.assumed_order || report.assumed_boundary ||
                 report.assumed_scale || report.assumed_fire_rate);
    assert_values(model, by_channel, true, false);
    assert_int_equal(model->automaton.filter, NCA_FILTER_SCHARR);
    assert_int_equal(model->automaton.boundary, NCA_BOUNDARY_CIRCULAR);
    assert_true(model->automaton.fire_rate == 0.25f);
    nca_model_destroy(model);
}

static size_t unscaled_by_filter(double *out_factor, size_t k, size_t c)
{
    *out_factor = k == 0 ? 1 : 8;
    return k * C + c;
}

static size_t unscaled_identity_first(double *out_factor, size_t k, size_t c)
{
    *out_factor = k == 0 ? 1 : 8;
    return k == 0 ? c : C + c * 2 + k - 1;
}

static void order_and_scale_of_the_columns_are_turned_into_ours(void **state)
{
    (void)state;
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.order = NCA_TORCH_ORDER_FILTER;
    options.filter_scale = 1;
    nca_model *model = taken("fc0_fc1", &options, NULL);
    assert_values(model, unscaled_by_filter, true, false);
    nca_model_destroy(model);
    options.order = NCA_TORCH_ORDER_IDENTITY_FIRST;
    model = taken("fc0_fc1", &options, NULL);
    assert_values(model, unscaled_identity_first, true, false);
    nca_model_destroy(model);
    options.filter_scale = -1;
    refused_with("fc0_fc1", &options, NCA_INVALID_ARGUMENT, "filter_scale");
    options.filter_scale = (double)NAN;
    refused_with("fc0_fc1", &options, NCA_INVALID_ARGUMENT, "filter_scale");
    nca_torch_options_default(&options);
    options.fire_rate = 2;
    refused_with("fc0_fc1", &options, NCA_INVALID_ARGUMENT, "fire_rate");
}

/* ---- Perception kernels ----------------------------------------------------------------------*/

/* The forms in the fixtures; ours is identity, x, y. */
static size_t grouped_y_identity_x(double *out_factor, size_t k, size_t c)
{
    static const size_t place[K] = {1, 2, 0};
    *out_factor = k == 0 ? 1 : 8;
    return c * K + place[k];
}

static size_t pairs_of_quarters(double *out_factor, size_t k, size_t c)
{
    *out_factor = k == 0 ? 1 : 2;
    return k == 0 ? c : C + c * 2 + k - 1;
}

static size_t with_x_negated(double *out_factor, size_t k, size_t c)
{
    *out_factor = k == 1 ? -1 : 1;
    return c * K + k;
}

static size_t unscaled_by_channel(double *out_factor, size_t k, size_t c)
{
    *out_factor = k == 0 ? 1 : 8;
    return c * K + k;
}

static void known_kernels_say_filter_order_and_scale(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kernels;
        nca_filter filter;
        nca_torch_order order;
        double scale;
        bool assumed_order;
        column_of *column;
    } cases[] = {
        {"sobel_grouped", "perceive.weight [12, 1, 3, 3]", NCA_FILTER_SOBEL,
         NCA_TORCH_ORDER_CHANNEL, 1, false, grouped_y_identity_x},
        {"sobel_pairs", "perceive.weight [8, 1, 3, 3]", NCA_FILTER_SOBEL,
         NCA_TORCH_ORDER_IDENTITY_FIRST, 0.25, true, pairs_of_quarters},
        {"sobel_three", "perceive.weight [3, 1, 3, 3]", NCA_FILTER_SOBEL, NCA_TORCH_ORDER_CHANNEL,
         0.125, true, with_x_negated},
        {"sobel_cat", "kx [3, 3], ky [3, 3]", NCA_FILTER_SOBEL, NCA_TORCH_ORDER_FILTER, 1, true,
         unscaled_by_filter},
        {"sobel_once", "kernel [1, 1, 3, 3]", NCA_FILTER_SOBEL, NCA_TORCH_ORDER_CHANNEL, 1, true,
         unscaled_by_channel},
        {"mean_grouped", "perceive.weight [12, 1, 3, 3]", NCA_FILTER_MEAN, NCA_TORCH_ORDER_CHANNEL,
         1.0 / 9, false, by_channel},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_torch_report report;
        nca_model *model = taken(cases[i].name, NULL, &report);
        assert_string_equal(report.perception, cases[i].kernels);
        assert_string_equal(report.unused, "");
        assert_int_equal(model->automaton.filter, cases[i].filter);
        assert_int_equal(report.used.order, cases[i].order);
        assert_true(fabs(report.used.filter_scale - cases[i].scale) < 1e-6);
        assert_false(report.assumed_filter || report.assumed_scale);
        assert_int_equal(report.assumed_order, cases[i].assumed_order);
        assert_values(model, cases[i].column, true, false);
        nca_model_destroy(model);
    }
}

static void kernels_that_do_not_fit_are_refused_by_name(void **state)
{
    (void)state;
    refused("no_identity", NCA_UNSUPPORTED,
            "\"perceive.weight\" [12, 1, 3, 3]: none of the perception kernels of channel 0 is the "
            "identity");
    refused("no_identity", NCA_UNSUPPORTED, "a column of zeros");
    refused("perception_bias", NCA_UNSUPPORTED, "\"perceive.bias\"");
    refused("learned_nan", NCA_FORMAT, "\"perceive.weight\" is not finite");
    refused("four_filters", NCA_UNSUPPORTED, "takes 4 filters of 4 channels");
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.filter = NCA_FILTER_LEARNED;
    refused_with("sobel_once", &options, NCA_UNSUPPORTED, "learned filters need a kernel for each");
    refused_with("reference", &options, NCA_INVALID_ARGUMENT, "no perception kernels");
    options.filter_scale = 1;
    refused_with("learned", &options, NCA_INVALID_ARGUMENT, "no scale");
    nca_torch_options_default(&options);
    options.filter = NCA_FILTER_SOBEL;
    refused_with("learned", &options, NCA_INVALID_ARGUMENT, "are learned; filter sobel");
}

/* ---- Learned filters -------------------------------------------------------------------------*/

/* In fixtures with separate taps for each channel: those of `filter` (from 0) of `filters`. */
static float tap_of(size_t filters, size_t filter, size_t channel, size_t tap)
{
    return ((float)((channel * filters + filter) * 9 + tap) - 50) / 32;
}

/* The columns count up from -10/32 in steps of 1/32 in the file's order. */
static void assert_learned(const char *name, size_t filters, nca_torch_order order)
{
    nca_torch_report report;
    nca_model *model = taken(name, NULL, &report);
    const nca_automaton *a = &model->automaton;
    const size_t maps = filters + 1;
    assert_int_equal(a->filter, NCA_FILTER_LEARNED);
    assert_int_equal(a->filter_count, filters);
    assert_int_equal(report.used.order, order);
    assert_false(report.assumed_filter || report.assumed_scale);
    assert_string_equal(report.unused, "");
    const nca_parameters p = nca_parameters_view(model->parameters, a);
    for (size_t i = 0; i < filters * 9 * C; i++) {
        assert_true(p.taps[i] == tap_of(filters, i / (9 * C), i % C, i / C % 9));
    }
    for (size_t i = 0; i < N * maps * C; i++) {
        const size_t k = i / C % maps, c = i % C;
        const size_t column = order == NCA_TORCH_ORDER_CHANNEL  ? c * maps + k
                              : order == NCA_TORCH_ORDER_FILTER ? k * C + c
                              : k == 0                          ? c
                                                                : C + c * filters + k - 1;
        assert_true(p.w1[i] == ((float)(i / (maps * C) * maps * C + column) - 10) / 32);
    }
    for (size_t i = 0; i < C * N; i++) {
        assert_true(p.w2[i] == value_of(2, i));
    }
    nca_model_destroy(model);
}

static void learned_filters_are_read_exactly_in_every_form(void **state)
{
    (void)state;
    assert_learned("learned_four", 3, NCA_TORCH_ORDER_CHANNEL);
    assert_learned("learned_state_dict.safetensors", 3, NCA_TORCH_ORDER_CHANNEL);
    assert_learned("learned_after", 2, NCA_TORCH_ORDER_IDENTITY_FIRST);
    assert_learned("learned_apart", 1, NCA_TORCH_ORDER_FILTER);
}

/* Kernels that the fixtures derive from Sobel: `add` is added to each tap. */
static void assert_sobel_plus(const float *taps, size_t filter, float add, bool transposed)
{
    static const float sobel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    for (size_t i = 0; i < 9; i++) {
        for (size_t c = 0; c < C; c++) {
            const float wanted = sobel[transposed ? i % 3 * 3 + i / 3 : i] + add;
            assert_true(taps[(filter * 9 + i) * C + c] == wanted);
        }
    }
}

static void the_identity_becomes_the_first_map_wherever_it_stands(void **state)
{
    (void)state;
    nca_model *model = taken("learned_moved", NULL, NULL);
    nca_parameters p = nca_parameters_view(model->parameters, &model->automaton);
    assert_sobel_plus(p.taps, 0, 0, false);
    assert_sobel_plus(p.taps, 1, 1, false);
    for (size_t i = 0; i < N * K * C; i++) {
        static const size_t place[K] = {2, 0, 1};
        const size_t column = i % C * K + place[i / C % K];
        assert_true(p.w1[i] == value_of(0, i / (K * C) * K * C + column));
    }
    nca_model_destroy(model);
    model = taken("learned_shared", NULL, NULL); /* the same kernels for all channels */
    p = nca_parameters_view(model->parameters, &model->automaton);
    assert_sobel_plus(p.taps, 0, 1, false);
    assert_sobel_plus(p.taps, 1, 0, false);
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
    /* Kernels that are not filters of the same kind. */
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

static void options_that_contradict_the_kernels_are_refused(void **state)
{
    (void)state;
    nca_torch_options options;
    nca_torch_options_default(&options);
    options.filter = NCA_FILTER_SCHARR;
    refused_with("sobel_grouped", &options, NCA_INVALID_ARGUMENT, "are sobel; filter scharr");
    options.filter = NCA_FILTER_SOBEL;
    options.filter_scale = 0.125;
    refused_with("sobel_grouped", &options, NCA_INVALID_ARGUMENT, "have the scale 1; scale 0.125");
    options.filter_scale = 1;
    options.order = NCA_TORCH_ORDER_FILTER;
    nca_model *model = taken("sobel_once", &options, NULL);
    assert_values(model, unscaled_by_filter, true, false);
    nca_model_destroy(model);
}

/* ---- Safetensors -----------------------------------------------------------------------------*/

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
    /* Files written by this program are not state dicts. */
    nca_model *model = make_model(4, 5, true);
    const char *path = path_in(*state, "m.safetensors");
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    assert_false(nca_torch_is(path));
    nca_model_destroy(model);
}

/* The half of a float32 that a half can represent exactly as a normal number: another exponent,
 * fewer bits. */
static uint16_t half_of(uint32_t word)
{
    const uint32_t sign = word >> 31 << 15, exponent = word >> 23 & 255;
    return (uint16_t)(exponent == 0 ? sign
                                    : (sign | (exponent - 127 + 15) << 10 | (word >> 13 & 1023)));
}

/* A model of this program whose tensors have another type; values are multiples of 1/32, which all
 * types can represent. */
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
        cmocka_unit_test(networks_are_found_under_the_usual_names),
        cmocka_unit_test(weights_are_found_under_any_key),
        cmocka_unit_test(objects_beside_the_weights_stay_unread),
        cmocka_unit_test(tensors_that_are_not_used_are_named),
        cmocka_unit_test(networks_that_cannot_be_run_are_refused_by_name),
        cmocka_unit_test(the_old_form_gets_one_message_whatever_its_protocol),
        cmocka_unit_test(what_nobody_said_is_assumed_and_reported),
        cmocka_unit_test(order_and_scale_of_the_columns_are_turned_into_ours),
        cmocka_unit_test(known_kernels_say_filter_order_and_scale),
        cmocka_unit_test(kernels_that_do_not_fit_are_refused_by_name),
        cmocka_unit_test(learned_filters_are_read_exactly_in_every_form),
        cmocka_unit_test(the_identity_becomes_the_first_map_wherever_it_stands),
        cmocka_unit_test(kernels_of_a_fixed_filter_are_learned_ones_when_asked_for),
        IN_FOLDER(learned_filters_come_back_from_a_state_dict_to_the_bit),
        cmocka_unit_test(options_that_contradict_the_kernels_are_refused),
        IN_FOLDER(state_dicts_as_safetensors_are_read_like_the_others),
        IN_FOLDER(models_of_half_floats_are_widened_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
