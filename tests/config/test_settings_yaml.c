/* Settings from YAML: what is accepted, and what is refused and with which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/usual_settings.h"
#include "nca/sweep.h"
#include "says.h"

static void assert_refused_bytes(const char *text, size_t size, nca_status status,
                                 const char *message)
{
    nca_settings settings = defaults();
    const nca_settings before = settings;
    nca_error error = {0};
    assert_int_equal(nca_settings_parse(&settings, text, size, "c.yaml", &error), status);
    assert_says(error.message, message);
    assert_memory_equal(&settings, &before, sizeof settings);
    assert_int_equal(nca_settings_parse(&settings, text, size, "c.yaml", NULL), status);
}

static void assert_refused(const char *text, nca_status status, const char *message)
{
    assert_refused_bytes(text, strlen(text), status, message);
}

static void the_reference_keys_work(void **state)
{
    (void)state;
    nca_settings s = parsed("target_path: \"data/chest image.png\"\n"
                            "model_path: null\n"
                            "ani_path:\n"
                            "device: cuda\n"
                            "iterations: 2000\n"
                            "learning_rate: 0.002\n"
                            "img_size: 28 # cells\n"
                            "padding: 0\n"
                            "n_channels: 16\n"
                            "batch_size: 8\n"
                            "pool_size: 1024\n"
                            "filter: Sobel\n"
                            "loss: l1\n"
                            "damage: true\n");
    assert_string_equal(s.target_path, "data/chest image.png");
    assert_string_equal(s.model_path, "");
    assert_string_equal(s.ani_path, "");
    assert_int_equal(s.device, NCA_DEVICE_CUDA);
    assert_int_equal(s.img_size, 28);
    assert_int_equal(s.loss, NCA_LOSS_L1);
    assert_int_equal(s.damage, 3);
    assert_int_equal(s.experiment, NCA_EXPERIMENT_REGENERATING);
}

static void damage_means_regenerating_unless_an_experiment_is_named(void **state)
{
    (void)state;
    assert_int_equal(parsed("damage: false").experiment, NCA_EXPERIMENT_PERSISTENT);
    assert_int_equal(parsed("damage: 2").experiment, NCA_EXPERIMENT_REGENERATING);
    assert_int_equal(parsed("damage: 2\nexperiment: growing").experiment, NCA_EXPERIMENT_GROWING);
    assert_int_equal(parsed("").experiment, NCA_EXPERIMENT_REGENERATING);
    assert_int_equal(parsed("recipe: distill").experiment, NCA_EXPERIMENT_PERSISTENT);
}

static void only_the_reference_keys_choose_the_recipe_medmnist(void **state)
{
    (void)state;
    nca_settings s = parsed("filter: scharr\npadding: 3\n");
    assert_int_equal(s.recipe, NCA_RECIPE_MEDMNIST);
    assert_false(s.output_bias);
    assert_int_equal(s.injection, NCA_INJECTION_AFTER);
    assert_int_equal(s.img_size, 28);
    assert_int_equal(s.padding, 3);
    static const char *const ours[] = {
        "filter: scharr\nseed: 1\n",   "filter: scharr\nhidden: 64\n", "lr: 0.001\n",
        "target: a.png\npadding: 3\n", "padding: 3\nrecipe: robust\n", ""};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        s = parsed(ours[i]);
        assert_int_equal(s.recipe, NCA_RECIPE_ROBUST);
        assert_true(s.output_bias);
    }
    assert_int_equal(parsed("padding: 3\nrecipe: distill\n").recipe, NCA_RECIPE_DISTILL);
}

/* Files of versions with another default and fewer settings name their recipe. */
static void a_file_that_names_its_recipe_has_all_of_its_values(void **state)
{
    (void)state;
    for (unsigned recipe = 0; recipe < NCA_RECIPE_COUNT; recipe++) {
        char text[80];
        snprintf(text, sizeof text, "seed: 0\nrecipe: %s\n",
                 nca_setting_named("recipe")->choices[recipe]);
        const nca_settings found = parsed(text);
        nca_settings expected = defaults();
        nca_settings_apply_recipe(&expected, (nca_recipe)recipe);
        assert_memory_equal(&found, &expected, sizeof found);
    }
    const nca_settings old = parsed("recipe: distill\nseed: 0\ndamage_shape: circle\n");
    assert_int_equal(old.damage_area, NCA_DAMAGE_AREA_GRID);
    assert_int_equal(old.schedule, NCA_SCHEDULE_STEP);
}

static void the_recipe_goes_first_wherever_it_stands(void **state)
{
    (void)state;
    nca_settings s = parsed("padding: 4\nrecipe: medmnist\n");
    assert_int_equal(s.padding, 4);
    assert_int_equal(s.img_size, 28);
    assert_int_equal(s.recipe, NCA_RECIPE_MEDMNIST);
}

static void a_size_given_wins_over_the_targets_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const files[] = {
        "padding: 4\nimg_size: 14\ntarget: medmnist:breastmnist/train/3\nrecipe: medmnist\n",
        "recipe: distill\ntarget: medmnist:breastmnist/train/3\nimg_size: 14\npadding: 4\n",
    };
    for (size_t i = 0; i < 2; i++) {
        nca_settings s = parsed(files[i]);
        assert_int_equal(s.padding, 4);
        assert_int_equal(s.img_size, 14);
    }
    nca_settings s = parsed("padding: 4\ntarget: medmnist:breastmnist/train/3\ncolourmap: magma\n"
                            "root: null\n");
    assert_int_equal(s.padding, 4);
    assert_int_equal(s.img_size, 0);
    assert_int_equal(s.colormap, NCA_COLORMAP_MAGMA);
    assert_string_equal(s.root, "");
    char *text = NULL; /* and the complete file says so */
    assert_int_equal(nca_settings_format(&text, &s, NULL), NCA_OK);
    nca_settings back = parsed(text);
    assert_memory_equal(&back, &s, sizeof s);
    free(text);
}

static void forms_of_yaml_that_mean_the_same_are_taken(void **state)
{
    (void)state;
    assert_int_equal(parsed("{iterations: 7, loss: \"L1\"}").iterations, 7);
    assert_int_equal(parsed("---\niterations: 7\n...\n").iterations, 7);
    assert_int_equal(parsed("\xEF\xBB\xBFiterations: 7\r\n").iterations, 7);
    assert_int_equal(parsed("\xEF\xBB\xBFpadding: 0\r\niterations: 7\r\n").iterations, 7);
    assert_int_equal(parsed("'iterations': 7").iterations, 7);
    assert_int_equal(parsed("learning-rate: 1\niterations: 7").iterations, 7);
    nca_settings usual = defaults();
    assert_int_equal(parsed("# nothing\n").iterations, usual.iterations);
    assert_int_equal(parsed("---\n").iterations, usual.iterations);
    assert_true(parsed("memory_limit: 512 MiB").memory_limit == UINT64_C(512) << 20);
    assert_string_equal(parsed("target: 'null'").target_path, "null");
    assert_string_equal(parsed("target: 123").target_path, "123");
}

static void errors_name_the_line_and_the_nearest_key(void **state)
{
    (void)state;
    const nca_status bad = NCA_INVALID_ARGUMENT;
    assert_refused("iterations: 5\n\nlerning_rate: 1\n", NCA_NOT_FOUND,
                   "c.yaml:3:*\"lerning_rate\"*\"learning_rate\"*");
    assert_refused("a: 1", NCA_NOT_FOUND, "c.yaml:1:*\"a\"*nca train --help*");
    assert_refused("iterations: many", bad, "c.yaml:1:*iterations:*1*4000000000*\"many\"*");
    assert_refused("iterations: \"5\"", bad, "c.yaml:1:*iterations:*1*4000000000*\"5\"*");
    assert_refused("iterations:", bad, "c.yaml:1:*iterations:*1*4000000000*");
    assert_refused("target_path: ~", bad, "c.yaml:1:*target_path:*text*4095*bytes*");
    assert_refused("stretch: false\nloss: 3", bad, "c.yaml:2:*loss:*L2*L1*\"3\"*");
    assert_refused("damage:\n  7000000", bad, "c.yaml:2:*damage:*0*65536*\"7000000\"*");
}

static void everything_but_a_flat_mapping_is_refused(void **state)
{
    (void)state;
    const nca_status bad = NCA_FORMAT;
    assert_refused("- a\n- b\n", bad, "c.yaml:1:*\"iterations: 2000\"*");
    assert_refused("hello", bad, "c.yaml:1:*\"iterations: 2000\"*");
    assert_refused("iterations: 1\nloss: [L1]", bad, "c.yaml:2:*loss:*plain*list*");
    assert_refused("loss:\n  name: L1", bad, "c.yaml:2:*loss:*plain*nested*mapping*");
    assert_refused("loss: &x L1", bad, "c.yaml:1:*loss:*plain*anchor*");
    assert_refused("loss: *x", bad, "c.yaml:1: loss: expected a plain value, found an alias (*)");
    assert_refused("loss: !!str L1", bad, "c.yaml:1:*loss:*plain*");
    assert_refused("? [a]\n: 1", bad, "c.yaml:1:*name*setting*list*");
    assert_refused("iterations: 1\n---\niterations: 2\n", bad, "c.yaml:2:*document*start*another*");
    assert_refused("loss: L1\nseed: 1\nloss: L2", bad,
                   "c.yaml:3: setting \"loss\" was already given on line 1; keep one");
    assert_refused("batch: 1\nbatch_size: 2", bad,
                   "c.yaml:2: setting \"batch_size\" was already given on line 1; keep one");
    assert_refused("target: \"a\\0b\"", bad, "c.yaml:1:*target_path:*zero*byte*");
}

static void bytes_that_are_no_yaml_are_refused(void **state)
{
    (void)state;
    nca_settings s = defaults();
    nca_error error;
    static const char *const wrong[] = {"loss: \"L1", "\tloss: L1", "loss: L1: L2",
                                        "@",          "loss: [",    "%YAML 9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(nca_settings_parse(&s, wrong[i], strlen(wrong[i]), "c.yaml", &error),
                         NCA_FORMAT);
        assert_memory_equal(error.message, "c.yaml:", 7);
    }
    assert_refused("seed: 1\nloss: L\xFF", NCA_FORMAT, "c.yaml:2:*UTF-8*UTF-8*");
    assert_refused_bytes("seed: 1\n\0", 9, NCA_FORMAT, "c.yaml:2:*UTF-8*");
}

/* No message has the words of libyaml, which are not for users ("did not find expected hexdecimal
 * number"). */
static void syntax_errors_are_in_our_own_words(void **state)
{
    (void)state;
    static const char *const wrong[] = {"target: \"C:\\Users\"",
                                        "target: \"\\q\"",
                                        "target: \"\\uD800\"",
                                        "loss: \"L1",
                                        "\tloss: L1",
                                        "loss: L1: L2",
                                        "@",
                                        "loss: [L1",
                                        "loss: {a: 1",
                                        "loss: [L1 L2: ]]",
                                        "%YAML 9",
                                        "%YAML x",
                                        "%FOO bar\n--- a",
                                        "%TAG ! x\n%TAG ! x",
                                        "seed: 1\n- loss",
                                        "seed: 1\n  loss: L2",
                                        "- a\nb: 1",
                                        "loss: - L2",
                                        "loss: |x",
                                        "loss: |0\n a",
                                        "loss: &",
                                        "loss: *",
                                        "loss: !<a",
                                        "loss: !a!b c",
                                        "a: !%zz b",
                                        "seed 5\n\nloss: L2",
                                        "seed: 1\n]",
                                        "? a\n b",
                                        "seed: 1\n... x",
                                        "seed: \"a\n--- b\"",
                                        "seed: 1\n\xff",
                                        "seed: 1\n\x01",
                                        "seed: \xE2\x28\xA1",
                                        "seed: \xED\xA0\x80"};
    static const char *const theirs[] = {
        "did not find", "could not find",  "hexdecimal",       "octet", "token", "scalar", "<",
        "block map",    "in this context", "found unexpected", "stream"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        nca_settings s = defaults();
        nca_error error;
        assert_int_not_equal(nca_settings_parse(&s, wrong[i], strlen(wrong[i]), "c.yaml", &error),
                             NCA_OK);
        assert_memory_equal(error.message, "c.yaml:", 7);
        for (size_t k = 0; k < sizeof theirs / sizeof *theirs; k++) {
            if (strstr(error.message, theirs[k]) != NULL) {
                fail_msg("\"%s\" is libyaml's: %s", theirs[k], error.message);
            }
        }
        if (strstr(error.message, "cannot be read") != NULL) {
            fail_msg("there are no words for the fault of \"%s\"", wrong[i]);
        }
    }
    assert_refused("target: \"C:\\Users\"", NCA_FORMAT,
                   "c.yaml:1:*hexadecimal digits*single quotes*");
}

/* Errors that are detected further down, and the line that must be corrected. */
static void a_syntax_error_names_the_line_of_the_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *word;
    } cases[] = {
        {"iterations: 10\nseed:5\nloss: L2\n", 2, "space after the colon"},
        {"iterations: 10\nseed:5\n", 2, "space after the colon"},
        {"iterations: 10\nseed 5\n\n\nloss: L2\n", 2, "space after the colon"},
        {"seed:5\niterations: 10\n", 1, "one per line"},
        {"seed: 1\nani_path: \"a.gif\niterations: 5\nloss: L2\n", 2, "closing quote"},
        {"seed: 1\nani_path: 'a.gif\niterations: 5\nloss: L2\n", 2, "closing quote"},
        {"seed: 1\nani_path: \"a.gif\niterations: 5\nmodel_path: \"b.pt\"\n", 2, "closing quote"},
        {"seed: 1\nani_path: 'a.gif\niterations: 5\nmodel_path: 'b.pt'\n", 2, "closing quote"},
        {"seed: 1\n\"loss: L2\niterations: 5\n", 2, "closing quote"},
        {"seed: 1\n\"loss: L2\niterations: 5\n\"hidden\": 7\n", 2, "closing quote"},
        {"seed: 1\nani_path: 'it's.gif'\nloss: L2\n", 2, ""},
        {"seed: 1\nani_path: \"a.gif\" b\nloss: L2\n", 2, "iterations: 2000"},
        {"seed: 1\nloss: L1: L2\niterations: 5\n", 2, ""},
        {"seed: 1\n loss: L2\niterations: 5\n", 2, ""},
        {"  seed: 1\nloss: L2\n", 2, ""},
        {"seed: 1\n\tloss: L2\niterations: 5\n", 2, "instead of tabs"},
        {"\tseed: 1\nloss: L2\n", 1, "instead of tabs"},
        {"seed: 1\nani_path: @a\nloss: L2\n", 2, "quotes around"},
        {"seed: 1\nani_path: `a\nloss: L2\n", 2, "quotes around"},
        {"seed: 1\nani_path: %a\nloss: L2\n", 2, "quotes around"},
        {"seed: 1\nloss: - L2\niterations: 5\n", 2, ""},
        {"seed: 1\n- loss\niterations: 5\n", 2, ""},
        {"seed: 1\n]\niterations: 5\n", 2, ""},
        {"seed: 1\nani_path: |x\nloss: L2\n", 2, ""},
        {"seed: 1\nani_path: &\nloss: L2\n", 2, ""},
        {"\xEF\xBB\xBFseed: 1\r\nani_path: \"\xC3\xA9\r\nloss: L2\r\n", 2, "closing quote"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_settings s = defaults();
        nca_error error;
        char place[32];
        assert_int_equal(
            nca_settings_parse(&s, cases[i].text, strlen(cases[i].text), "c.yaml", &error),
            NCA_FORMAT);
        snprintf(place, sizeof place, "c.yaml:%u: ", cases[i].line);
        if (strncmp(error.message, place, strlen(place)) != 0 ||
            strstr(error.message, cases[i].word) == NULL) {
            fail_msg("expected %s...%s, found %s\n%s", place, cases[i].word, error.message,
                     cases[i].text);
        }
    }
    /* A list is valid only in sweeps; its brackets are valid in any YAML. */
    static const char open_list[] = "seed: 1\nloss: [L1, L2\niterations: 5\nfilter: [mean]\n";
    nca_sweep *sweep = NULL;
    nca_error error;
    assert_int_equal(
        nca_sweep_parse(&sweep, open_list, strlen(open_list), "c.yaml", NULL, 0, &error),
        NCA_FORMAT);
    assert_memory_equal(error.message, "c.yaml:2: ", 10);
    assert_non_null(strstr(error.message, "bracket"));
}

/* Each of these backslashes begins another escape: an unknown letter, an invalid number, and a line
 * break or a tab, which libyaml accepts. */
static void a_windows_path_in_double_quotes_says_what_to_do(void **state)
{
    (void)state;
    static const char *const paths[] = {"C:\\Users\\me.png", "C:\\photos\\me.png",
                                        "C:\\new\\table.png", "..\\best.png", "D:\\xray.png"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char text[128];
        nca_settings s = defaults();
        nca_error error;
        snprintf(text, sizeof text, "seed: 1\ntarget_path: \"%s\"\nloss: L1\n", paths[i]);
        assert_int_equal(nca_settings_parse(&s, text, strlen(text), "c.yaml", &error), NCA_FORMAT);
        assert_memory_equal(error.message, "c.yaml:2: ", 10);
        assert_non_null(strstr(error.message, "single quotes"));
        snprintf(text, sizeof text, "seed: 1\ntarget_path: '%s'\n", paths[i]);
        assert_string_equal(parsed(text).target_path, paths[i]);
    }
    assert_string_equal(parsed("target_path: \"a\\\\b\\\"c\"").target_path, "a\\b\"c");
}

static void a_huge_file_is_refused(void **state)
{
    (void)state;
    size_t size = (1u << 20) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '#', size);
    assert_refused_bytes(text, size, NCA_LIMIT,
                         "c.yaml: the file has 1048577 bytes; at most 1048576 are supported");
    nca_settings s = defaults();
    assert_int_equal(nca_settings_parse(&s, text, size - 1, "c.yaml", NULL), NCA_OK);
    memset(text, '[', size);
    assert_int_equal(nca_settings_parse(&s, text, size - 1, "c.yaml", NULL), NCA_FORMAT);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_keys_work),
        cmocka_unit_test(damage_means_regenerating_unless_an_experiment_is_named),
        cmocka_unit_test(only_the_reference_keys_choose_the_recipe_medmnist),
        cmocka_unit_test(a_file_that_names_its_recipe_has_all_of_its_values),
        cmocka_unit_test(the_recipe_goes_first_wherever_it_stands),
        cmocka_unit_test(a_size_given_wins_over_the_targets_wherever_it_stands),
        cmocka_unit_test(forms_of_yaml_that_mean_the_same_are_taken),
        cmocka_unit_test(errors_name_the_line_and_the_nearest_key),
        cmocka_unit_test(everything_but_a_flat_mapping_is_refused),
        cmocka_unit_test(bytes_that_are_no_yaml_are_refused),
        cmocka_unit_test(syntax_errors_are_in_our_own_words),
        cmocka_unit_test(a_syntax_error_names_the_line_of_the_fault),
        cmocka_unit_test(a_windows_path_in_double_quotes_says_what_to_do),
        cmocka_unit_test(a_huge_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
