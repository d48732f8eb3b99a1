/* Sweep files: the runs they expand to, their names, and what is refused with which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/sweep.h"
#include "says.h"

static nca_sweep *parsed_with(const char *text, const nca_sweep_override *overrides, size_t count)
{
    nca_sweep *sweep = NULL;
    nca_error error = {0};
    if (nca_sweep_parse(&sweep, text, strlen(text), "s.yaml", overrides, count, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return sweep;
}

static nca_sweep *parsed(const char *text)
{
    return parsed_with(text, NULL, 0);
}

static void assert_refused(const char *text, nca_status status, const char *message)
{
    nca_sweep *sweep = NULL;
    nca_error error = {0};
    assert_int_equal(nca_sweep_parse(&sweep, text, strlen(text), "s.yaml", NULL, 0, &error),
                     status);
    assert_says(error.message, message);
    assert_null(sweep);
    assert_int_equal(nca_sweep_parse(&sweep, text, strlen(text), "s.yaml", NULL, 0, NULL), status);
}

static void assert_names(const nca_sweep *sweep, const char *const *names, size_t count)
{
    assert_int_equal(nca_sweep_count(sweep), count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(nca_sweep_name(sweep, i), names[i]);
    }
}

static void lists_are_multiplied_in_the_order_of_the_file(void **state)
{
    (void)state;
    nca_sweep *sweep = parsed("filter: [sobel, scharr]\n"
                              "iterations: 5\n"
                              "loss:\n  - L2\n  - L1\n"
                              "seeds: 2\n");
    static const char *const names[] = {"sobel_L2_seed0",  "sobel_L2_seed1",  "sobel_L1_seed0",
                                        "sobel_L1_seed1",  "scharr_L2_seed0", "scharr_L2_seed1",
                                        "scharr_L1_seed0", "scharr_L1_seed1"};
    assert_names(sweep, names, 8);
    const nca_settings *last = nca_sweep_settings(sweep, 7);
    assert_int_equal(last->filter, NCA_FILTER_SCHARR);
    assert_int_equal(last->loss, NCA_LOSS_L1);
    assert_int_equal(last->seed, 1);
    assert_int_equal(last->iterations, 5);
    assert_int_equal(nca_sweep_axis_count(sweep), 2);
    assert_string_equal(nca_sweep_axis(sweep, 0)->key, "filter");
    assert_string_equal(nca_sweep_axis(sweep, 1)->key, "loss");
    assert_string_equal(nca_sweep_value(sweep, 7, 1), "L1");
    assert_true(nca_sweep_has_seeds(sweep));
    assert_int_equal(nca_sweep_group_count(sweep), 4);
    assert_int_equal(nca_sweep_group(sweep, 5), 2);
    nca_sweep_destroy(sweep);
}

static void a_file_without_lists_is_one_run(void **state)
{
    (void)state;
    nca_sweep *sweep = parsed("filter: [scharr]\n");
    static const char *const names[] = {"run"};
    assert_names(sweep, names, 1);
    assert_int_equal(nca_sweep_axis_count(sweep), 0);
    assert_int_equal(nca_sweep_group_count(sweep), 1);
    assert_false(nca_sweep_has_seeds(sweep));
    nca_sweep_destroy(sweep);
    sweep = parsed("");
    assert_names(sweep, names, 1);
    nca_sweep_destroy(sweep);
}

static void each_mapping_of_runs_is_a_product_and_doubles_run_once(void **state)
{
    (void)state;
    nca_sweep *sweep = parsed("recipe: medmnist\n"
                              "target: [phantom]\n"
                              "runs:\n"
                              "  - filter: [sobel, mean]\n"
                              "  - loss: [L2, L1]\n"
                              "  - damage: 3\n");
    /* The default of damage is also 3, in another experiment. */
    static const char *const names[] = {"sobel_L2_persistent", "mean_L2_persistent",
                                        "sobel_L1_persistent", "sobel_L2_regenerating"};
    assert_names(sweep, names, 4);
    assert_int_equal(nca_sweep_settings(sweep, 0)->recipe, NCA_RECIPE_MEDMNIST);
    assert_int_equal(nca_sweep_settings(sweep, 3)->experiment, NCA_EXPERIMENT_REGENERATING);
    nca_sweep_destroy(sweep);
    /* The number of damaged samples is shown only if it has a meaning. */
    sweep = parsed("recipe: distill\ndamage: [0, 2]");
    static const char *const two[] = {"persistent", "regenerating"};
    assert_names(sweep, two, 2);
    nca_sweep_destroy(sweep);
    sweep = parsed("recipe: distill\ndamage: [0, 2, 3]");
    static const char *const three[] = {"persistent_damage-0", "regenerating_damage-2",
                                        "regenerating_damage-3"};
    assert_names(sweep, three, 3);
    nca_sweep_destroy(sweep);
    sweep = parsed("recipe: distill\ndamage: [0, 2]\nexperiment: regenerating");
    static const char *const named[] = {"damage-0", "damage-2"};
    assert_names(sweep, named, 2);
    nca_sweep_destroy(sweep);
}

static void names_of_targets_are_short_and_safe(void **state)
{
    (void)state;
    nca_sweep *sweep =
        parsed("target: [phantom, a b/photo.one.png, 'medmnist:breastmnist/train/3',\n"
               "  'medmnist:x/organ.npz/test/7?axis=z&slice=2', ../.png]\n"
               "padding: [0, 4]\n");
    static const char *const labels[] = {"phantom", "photo.one", "breastmnist/train/3",
                                         "organ/test/7?axis=z&slice=2", ".png"};
    static const char *const names[] = {"phantom_padding-0", "photo.one_padding-0",
                                        "breastmnist-train-3_padding-0",
                                        "organ-test-7-axis-z-slice-2_padding-0", "png_padding-0"};
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(nca_sweep_label(sweep, 2 * i, 0), labels[i]);
        assert_string_equal(nca_sweep_label(sweep, 2 * i + 1, 1), "padding 4");
        assert_string_equal(nca_sweep_name(sweep, 2 * i), names[i]);
    }
    nca_sweep_destroy(sweep);
}

static void names_that_would_clash_are_told_apart(void **state)
{
    (void)state;
    nca_sweep *sweep = parsed("target: [a/x.png, b/x.png]");
    static const char *const whole[] = {"a-x.png", "b-x.png"};
    assert_names(sweep, whole, 2);
    nca_sweep_destroy(sweep);
    sweep = parsed("target: [a+x, a x, a:x, a-x]");
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(nca_sweep_name(sweep, i), nca_sweep_name(sweep, k));
        }
    }
    nca_sweep_destroy(sweep);
    char text[4096], path[1500];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = 0;
    snprintf(text, sizeof text, "target: [a%s1, a%s2]", path, path);
    sweep = parsed(text);
    assert_string_not_equal(nca_sweep_name(sweep, 0), nca_sweep_name(sweep, 1));
    assert_true(strlen(nca_sweep_name(sweep, 0)) < 250);
    nca_sweep_destroy(sweep);
}

static void options_replace_what_the_file_says(void **state)
{
    (void)state;
    static const nca_sweep_override overrides[] = {
        {"filter", "mean"}, {"filter", "sobel"}, {"iterations", "7"}, {"seeds", "2"}};
    nca_sweep *sweep = parsed_with("seeds: 5\n"
                                   "runs:\n"
                                   "  - {filter: scharr, seed: 4}\n"
                                   "  - {filter: [scharr, gaussian], loss: L1, seeds: 3}\n",
                                   overrides, 4);
    static const char *const names[] = {"mean_L2_seed4",  "mean_L2_seed5", "sobel_L2_seed4",
                                        "sobel_L2_seed5", "mean_L1_seed0", "mean_L1_seed1",
                                        "sobel_L1_seed0", "sobel_L1_seed1"};
    assert_names(sweep, names, 8);
    assert_int_equal(nca_sweep_settings(sweep, 3)->iterations, 7);
    nca_sweep_destroy(sweep);
    nca_error error = {0};
    static const nca_sweep_override wrong[] = {{"filtre", "mean"}}, bad[] = {{"filter", "x"}};
    assert_int_equal(nca_sweep_parse(&sweep, "", 0, "s.yaml", wrong, 1, &error), NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, "did you mean \"filter\"?"));
    assert_int_equal(nca_sweep_parse(&sweep, "", 0, "s.yaml", bad, 1, &error),
                     NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "filter: expected one of"));
}

static void errors_name_the_line_and_the_nearest_key(void **state)
{
    (void)state;
    const nca_status bad = NCA_INVALID_ARGUMENT;
    assert_refused("iterations: 5\nlos: [L1]\n", NCA_NOT_FOUND, "s.yaml:2:*\"los\"*\"loss\"*");
    assert_refused("sedes: 5\n", NCA_NOT_FOUND, "s.yaml:1:*\"sedes\"*\"seed\"*");
    assert_refused("rnus: 5\n", NCA_NOT_FOUND, "s.yaml:1:*\"rnus\"*\"runs\"*");
    assert_refused("loss:\n - L1\n - L3\n", bad, "s.yaml:3:*loss:*L2*L1*\"L3\"*");
    assert_refused("loss: []\n", NCA_FORMAT, "s.yaml:1:*loss:*list*none*");
    assert_refused("loss: [[L1]]\n", NCA_FORMAT, "s.yaml:1:*loss:*plain*list*them*");
    assert_refused("loss: {a: b}\n", NCA_FORMAT, "s.yaml:1:*loss:*plain*list*them*");
    assert_refused("loss: L1\nLoss: 3\n", NCA_NOT_FOUND, "s.yaml:2:*\"Loss\"*\"loss\"*");
    assert_refused("size: 9\nimg_size: [8]\n", NCA_FORMAT,
                   "s.yaml:2: setting \"img_size\" was already given on line 1; keep one");
    assert_refused("seeds: 0\n", bad, "s.yaml:1:*seeds:*1*1000*\"0\"*");
    assert_refused("seeds: [1, 2]\n", bad, "s.yaml:1:*seeds:*number*seeds*1*1000*");
    assert_refused("seeds: 2\nseed: [1, 2]\n", bad, "s.yaml:1:*seeds:*combined*list*seed*");
    assert_refused("seed: 18446744073709551615\nseeds: 2\n", bad,
                   "s.yaml: seeds: 18446744073709551615 is too large a first seed for 2 seeds");
    assert_refused(
        "model_path: m\n", bad,
        "s.yaml:1: model_path: all runs would write the same file; remove this setting: each "
        "run writes its own file in its own folder");
    assert_refused("output: [a, b]\n", bad, "s.yaml:1:*output:*folder*whole*sweep*");
}

static void runs_must_be_a_list_of_mappings(void **state)
{
    (void)state;
    assert_refused("runs: 3\n", NCA_FORMAT, "s.yaml:1:*runs:*\"- filter: [sobel, scharr]\"*");
    assert_refused("runs: []\n", NCA_FORMAT, "s.yaml:1:*runs:*list*none*");
    assert_refused("runs:\n - 3\n", NCA_FORMAT, "s.yaml:2:*runs:*mapping*settings*plain*");
    assert_refused("runs:\n - loss: L1\n   runs: 3\n", NCA_FORMAT,
                   "s.yaml:3:*runs:*outermost*level*inside*");
    assert_refused("runs: [{loss: L1}]\nruns: [{loss: L1}]\n", NCA_FORMAT,
                   "s.yaml:2: setting \"runs\" was already given on line 1; keep one");
}

static void runs_that_do_not_fit_together_are_refused_by_name(void **state)
{
    (void)state;
    assert_refused("recipe: distill\npool_size: [1024, 4]\n", NCA_INVALID_ARGUMENT,
                   "s.yaml:*pool_size-4*pool_size*batch_size*8*4*pool_size*batch_size*");
}

static void more_than_some_thousand_runs_are_refused(void **state)
{
    (void)state;
    assert_refused("seeds: 1000\nfilter: [sobel, scharr, mean, gaussian, laplacian]\n", NCA_LIMIT,
                   "s.yaml: expands to more than 4096 runs; shorten its lists or split it");
    assert_refused("seeds: 1000\nruns: [{}, {}, {}, {}, {}]\n", NCA_LIMIT,
                   "s.yaml: expands to more than 4096 runs; shorten its lists or split it");
    nca_sweep *sweep = parsed("seeds: 1000\nfilter: [sobel, scharr, mean, gaussian]\n");
    assert_int_equal(nca_sweep_count(sweep), 4000);
    nca_sweep_destroy(sweep);
}

static void damaged_files_get_an_answer(void **state)
{
    (void)state;
    static const char whole[] = "recipe: medmnist\nseeds: 2\ntarget: [a.png, 'b c']\nruns:\n"
                                "  - filter: [sobel, mean]\n  - {loss: [L2, L1], damage: 3}\n";
    static const char bytes[] = "\0\n\t -:,[]{}'\"#&*!|>%@`0a\x80\xff";
    char text[sizeof whole];
    size_t answers = 0;
    for (size_t at = 0; at < sizeof whole - 1; at++) {
        for (size_t i = 0; i < sizeof bytes - 1; i++) {
            nca_sweep *sweep = NULL;
            nca_error error = {0};
            memcpy(text, whole, sizeof whole);
            text[at] = bytes[i];
            nca_status status =
                nca_sweep_parse(&sweep, text, sizeof whole - 1, "s.yaml", NULL, 0, &error);
            assert_true((status == NCA_OK) == (sweep != NULL));
            assert_true(status == NCA_OK || strncmp(error.message, "s.yaml", 6) == 0);
            answers += status != NCA_OK;
            nca_sweep_destroy(sweep);
        }
        nca_sweep *sweep = NULL;
        if (nca_sweep_parse(&sweep, whole, at, "s.yaml", NULL, 0, NULL) == NCA_OK) {
            nca_sweep_destroy(sweep);
        }
    }
    assert_true(answers > 100);
}

static void a_short_run_has_a_short_warmup_unless_one_is_chosen(void **state)
{
    (void)state;
    static const char text[] = "recipe: fast\niterations: [40, 61]\n";
    nca_sweep *sweep = NULL;
    nca_error error = {0};
    assert_int_equal(nca_sweep_parse(&sweep, text, strlen(text), "s.yaml", NULL, 0, &error),
                     NCA_OK);
    assert_int_equal(nca_sweep_short_warmups(sweep), 1);
    assert_int_equal(nca_sweep_settings(sweep, 0)->warmup, 20);
    assert_int_equal(nca_sweep_settings(sweep, 1)->warmup, 60);
    nca_sweep_destroy(sweep);
    static const char blocks[] = "recipe: fast\nruns:\n  - iterations: 40\n"
                                 "  - {iterations: 100, warmup: 10}\n";
    assert_int_equal(nca_sweep_parse(&sweep, blocks, strlen(blocks), "s.yaml", NULL, 0, &error),
                     NCA_OK);
    assert_int_equal(nca_sweep_short_warmups(sweep), 1);
    nca_sweep_destroy(sweep);
    const nca_sweep_override chosen = {"warmup", "60"};
    assert_int_equal(nca_sweep_parse(&sweep, text, strlen(text), "s.yaml", &chosen, 1, &error),
                     NCA_INVALID_ARGUMENT);
}

static nca_sweep *swept(const char *text, uint64_t expected_iterations, uint64_t expected_decay)
{
    nca_sweep *sweep = parsed(text);
    assert_int_equal(nca_sweep_settings(sweep, 0)->schedule, NCA_SCHEDULE_PLATEAU);
    assert_int_equal(nca_sweep_settings(sweep, 0)->iterations, expected_iterations);
    assert_int_equal(nca_sweep_settings(sweep, 0)->decay_at, expected_decay);
    return sweep;
}

static void the_decay_of_a_plateau_ends_with_its_run_unless_one_is_chosen(void **state)
{
    (void)state;
    nca_sweep *sweep = swept("iterations: [40, 9000]\n", 40, 40);
    assert_int_equal(nca_sweep_settings(sweep, 0)->recipe, NCA_RECIPE_ROBUST);
    assert_int_equal(nca_sweep_settings(sweep, 1)->decay_at, 9000);
    assert_true(nca_sweep_settings(sweep, 0)->warmup < 40);
    nca_sweep_destroy(sweep);
    nca_sweep_destroy(swept("iterations: 400\ndecay_at: 300\n", 400, 300));
    sweep = swept("runs:\n  - {iterations: 400, decay_at: 300}\n  - iterations: 500\n", 400, 300);
    assert_int_equal(nca_sweep_settings(sweep, 1)->decay_at, 500);
    nca_sweep_destroy(sweep);
    nca_sweep_destroy(swept("recipe: distill\nschedule: plateau\niterations: 400\n", 400, 400));
    sweep = parsed("recipe: [fast, distill, robust]\niterations: 400\n");
    assert_int_equal(nca_sweep_settings(sweep, 0)->decay_at, 2000);
    assert_int_equal(nca_sweep_settings(sweep, 1)->decay_at, 2000);
    assert_int_equal(nca_sweep_settings(sweep, 2)->decay_at, 400);
    nca_sweep_destroy(sweep);
    assert_refused("decay_at: 30\nwarmup: 30\n", NCA_INVALID_ARGUMENT,
                   "s.yaml:*decay_at*30*30*decay_at*");
}

static void a_run_or_an_axis_beyond_the_last_gives_nothing(void **state)
{
    (void)state;
    nca_sweep *sweep = parsed("filter: [sobel, mean]\n");
    assert_int_equal(nca_sweep_count(sweep), 2);
    assert_non_null(nca_sweep_axis(sweep, 0));
    assert_null(nca_sweep_axis(sweep, 1));
    assert_non_null(nca_sweep_value(sweep, 1, 0));
    assert_null(nca_sweep_value(sweep, 2, 0));
    assert_null(nca_sweep_value(sweep, 1, 1));
    assert_null(nca_sweep_label(sweep, 2, 0));
    assert_null(nca_sweep_label(sweep, 1, 1));
    assert_null(nca_sweep_settings(sweep, 2));
    assert_null(nca_sweep_name(sweep, 2));
    assert_int_equal(nca_sweep_group(sweep, 2), nca_sweep_group_count(sweep));
    nca_sweep_destroy(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_multiplied_in_the_order_of_the_file),
        cmocka_unit_test(a_file_without_lists_is_one_run),
        cmocka_unit_test(each_mapping_of_runs_is_a_product_and_doubles_run_once),
        cmocka_unit_test(names_of_targets_are_short_and_safe),
        cmocka_unit_test(names_that_would_clash_are_told_apart),
        cmocka_unit_test(options_replace_what_the_file_says),
        cmocka_unit_test(errors_name_the_line_and_the_nearest_key),
        cmocka_unit_test(runs_must_be_a_list_of_mappings),
        cmocka_unit_test(runs_that_do_not_fit_together_are_refused_by_name),
        cmocka_unit_test(more_than_some_thousand_runs_are_refused),
        cmocka_unit_test(damaged_files_get_an_answer),
        cmocka_unit_test(a_short_run_has_a_short_warmup_unless_one_is_chosen),
        cmocka_unit_test(the_decay_of_a_plateau_ends_with_its_run_unless_one_is_chosen),
        cmocka_unit_test(a_run_or_an_axis_beyond_the_last_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
