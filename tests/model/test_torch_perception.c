/* Fixed filters of a state dict: the order and scale of the columns, how perception kernels
 * determine them, and what is assumed without kernels. */
#include "model/torch_fixture.h"

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

/* The orders used in the fixtures; this library's order is identity, x, y. */
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
    refused("no_identity_nine", NCA_UNSUPPORTED,
            "\"perceive.weight\" [36, 1, 3, 3]: none of the perception kernels of channel 0 is the "
            "identity, and there are 9 maps already");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_said_is_assumed_and_reported),
        cmocka_unit_test(order_and_scale_of_the_columns_are_turned_into_ours),
        cmocka_unit_test(known_kernels_say_filter_order_and_scale),
        cmocka_unit_test(kernels_that_do_not_fit_are_refused_by_name),
        cmocka_unit_test(options_that_contradict_the_kernels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
