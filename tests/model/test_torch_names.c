/* Where a state dict may be located in a file, and the names under which its network is found. */
#include "model/torch_fixture.h"

#include <unistd.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_are_found_under_the_usual_names),
        cmocka_unit_test(weights_are_found_under_any_key),
        cmocka_unit_test(objects_beside_the_weights_stay_unread),
        cmocka_unit_test(tensors_that_are_not_used_are_named),
        cmocka_unit_test(networks_that_cannot_be_run_are_refused_by_name),
        cmocka_unit_test(the_old_form_gets_one_message_whatever_its_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
