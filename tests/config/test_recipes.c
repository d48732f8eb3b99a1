/* The recipes: which settings each chooses, and that it chooses no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/usual_settings.h"
#include "nca/nca.h"
#include "says.h"

static void assert_text(const nca_settings *settings, const char *key, const char *expected)
{
    char value[NCA_SETTING_SIZE];
    const nca_setting *setting = nca_setting_named(key);
    assert_non_null(setting);
    size_t length = nca_settings_get(value, sizeof value, settings, setting);
    assert_string_equal(value, expected);
    assert_int_equal(length, strlen(expected));
}

static void the_recipe_distill_has_these_values(void **state)
{
    (void)state;
    nca_settings settings = distill();
    static const char *const expected[][2] = {
        {"recipe", "distill"},
        {"task", "grow"},
        {"experiment", "persistent"},
        {"target_path", "phantom"},
        {"img_size", "40"},
        {"padding", "16"},
        {"stretch", "false"},
        {"root", ""},
        {"colormap", "grey"},
        {"exif", "apply"},
        {"window", ""},
        {"data", ""},
        {"val_share", "0.15"},
        {"test_share", "0.15"},
        {"skip_broken", "false"},
        {"sampling", "uniform"},
        {"flip_x", "false"},
        {"flip_y", "false"},
        {"turns", "false"},
        {"shift", "0"},
        {"brightness", "0"},
        {"contrast", "0"},
        {"noise", "0"},
        {"input_range", "symmetric"},
        {"readout", "mean"},
        {"features", "0"},
        {"class_loss", "cross-entropy"},
        {"focal_gamma", "2"},
        {"label_smoothing", "0"},
        {"class_weights", "none"},
        {"carry", "0"},
        {"loss_steps", "1"},
        {"epochs", "0"},
        {"validate_every", "0"},
        {"validation_rollouts", "1"},
        {"select", "auc"},
        {"patience", "0"},
        {"n_channels", "16"},
        {"hidden", "128"},
        {"filter", "sobel"},
        {"filter_count", "2"},
        {"filter_initialisation", "fixed"},
        {"angle", "0"},
        {"boundary", "zero"},
        {"fire_rate", "0.5"},
        {"step_size", "1"},
        {"alive_channel", "3"},
        {"alive_threshold", "0.1"},
        {"output_bias", "true"},
        {"initialisation", "glorot"},
        {"init", ""},
        {"init_digest", ""},
        {"iterations", "2000"},
        {"extension", "0"},
        {"batch_size", "8"},
        {"pool_size", "1024"},
        {"steps_min", "64"},
        {"steps_max", "95"},
        {"loss", "L2"},
        {"damage", "3"},
        {"damage_rate", "1"},
        {"damage_shape", "circle"},
        {"damage_area", "grid"},
        {"seed_survival", "0"},
        {"injection", "before"},
        {"changes", ""},
        {"optimiser", "adam"},
        {"learning_rate", "0.002"},
        {"schedule", "step"},
        {"decay_at", "2000"},
        {"decay_factor", "0.1"},
        {"warmup", "0"},
        {"normalise_gradient", "true"},
        {"beta1", "0.9"},
        {"beta2", "0.999"},
        {"epsilon", "1e-07"},
        {"weight_decay", "0"},
        {"gradient_clip", "0"},
        {"average_decay", "0"},
        {"seed", "0"},
        {"device", "cpu"},
        {"threads", "0"},
        {"kernels", "auto"},
        {"precision", "fp32"},
        {"memory_limit", "1 GiB"},
        {"checkpoint_every", "100"},
        {"snapshot_every", "0"},
        {"output", ""},
        {"model_path", ""},
        {"ani_path", ""},
        {"tensorboard", "false"},
    };
    assert_int_equal(sizeof expected / sizeof *expected, nca_setting_count());
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_text(&settings, expected[i][0], expected[i][1]);
    }
    assert_int_equal(nca_settings_check(&settings, NULL), NCA_OK);
}

static void defaults_are_the_recipe_robust(void **state)
{
    (void)state;
    nca_settings settings = defaults(), applied = distill();
    assert_int_equal(settings.recipe, NCA_RECIPE_ROBUST);
    assert_int_equal(nca_settings_check(&settings, NULL), NCA_OK);
    nca_settings_apply_recipe(&applied, NCA_RECIPE_ROBUST);
    assert_memory_equal(&settings, &applied, sizeof settings);
}

/* A setting for which a recipe may have another value than distill. */
typedef struct recipe_value {
    nca_recipe recipe;
    const char *key, *value;
} recipe_value;

static const recipe_value bundles[] = {
    {NCA_RECIPE_MEDMNIST, "injection", "after"},
    {NCA_RECIPE_MEDMNIST, "normalise_gradient", "false"},
    {NCA_RECIPE_MEDMNIST, "schedule", "constant"},
    {NCA_RECIPE_MEDMNIST, "output_bias", "false"},
    {NCA_RECIPE_MEDMNIST, "initialisation", "uniform"},
    {NCA_RECIPE_MEDMNIST, "epsilon", "1e-08"},
    {NCA_RECIPE_MEDMNIST, "img_size", "28"},
    {NCA_RECIPE_MEDMNIST, "padding", "0"},
    {NCA_RECIPE_MEDMNIST, "exif", "ignore"},
    {NCA_RECIPE_FAST, "iterations", "1000"},
    {NCA_RECIPE_FAST, "optimiser", "muon"},
    {NCA_RECIPE_FAST, "learning_rate", "0.0015"},
    {NCA_RECIPE_FAST, "beta1", "0.95"},
    {NCA_RECIPE_FAST, "schedule", "cosine"},
    {NCA_RECIPE_FAST, "decay_factor", "0.05"},
    {NCA_RECIPE_FAST, "warmup", "60"},
    {NCA_RECIPE_FAST, "batch_size", "2"},
    {NCA_RECIPE_FAST, "pool_size", "64"},
    {NCA_RECIPE_FAST, "steps_min", "48"},
    {NCA_RECIPE_FAST, "steps_max", "64"},
    {NCA_RECIPE_FAST, "damage", "1"},
    {NCA_RECIPE_ROBUST, "experiment", "regenerating"},
    {NCA_RECIPE_ROBUST, "iterations", "4000"},
    {NCA_RECIPE_ROBUST, "extension", "1800"},
    {NCA_RECIPE_ROBUST, "batch_size", "4"},
    {NCA_RECIPE_ROBUST, "pool_size", "128"},
    {NCA_RECIPE_ROBUST, "steps_min", "48"},
    {NCA_RECIPE_ROBUST, "steps_max", "96"},
    {NCA_RECIPE_ROBUST, "damage", "3"},
    {NCA_RECIPE_ROBUST, "damage_rate", "0.75"},
    {NCA_RECIPE_ROBUST, "damage_shape", "mixed"},
    {NCA_RECIPE_ROBUST, "damage_area", "living"},
    {NCA_RECIPE_ROBUST, "seed_survival", "0.5"},
    {NCA_RECIPE_ROBUST, "optimiser", "muon"},
    {NCA_RECIPE_ROBUST, "learning_rate", "0.0015"},
    {NCA_RECIPE_ROBUST, "schedule", "plateau"},
    {NCA_RECIPE_ROBUST, "decay_at", "4000"},
    {NCA_RECIPE_ROBUST, "decay_factor", "0.2"},
    {NCA_RECIPE_ROBUST, "warmup", "60"},
    {NCA_RECIPE_ROBUST, "average_decay", "0.995"},
    {NCA_RECIPE_CLASSIFY, "task", "classify"},
    {NCA_RECIPE_CLASSIFY, "experiment", "growing"},
    {NCA_RECIPE_CLASSIFY, "batch_size", "16"},
    {NCA_RECIPE_CLASSIFY, "pool_size", "128"},
    {NCA_RECIPE_CLASSIFY, "steps_min", "24"},
    {NCA_RECIPE_CLASSIFY, "steps_max", "24"},
    {NCA_RECIPE_CLASSIFY, "damage", "0"},
    {NCA_RECIPE_CLASSIFY, "damage_rate", "0.75"},
    {NCA_RECIPE_CLASSIFY, "damage_shape", "mixed"},
    {NCA_RECIPE_CLASSIFY, "damage_area", "living"},
    {NCA_RECIPE_CLASSIFY, "img_size", "0"},
    {NCA_RECIPE_CLASSIFY, "padding", "0"},
    {NCA_RECIPE_CLASSIFY, "n_channels", "32"},
    {NCA_RECIPE_CLASSIFY, "hidden", "64"},
    {NCA_RECIPE_CLASSIFY, "filter", "learned"},
    {NCA_RECIPE_CLASSIFY, "alive_channel", "-1"},
    {NCA_RECIPE_CLASSIFY, "schedule", "cosine"},
    {NCA_RECIPE_CLASSIFY, "decay_at", "4000"},
    {NCA_RECIPE_CLASSIFY, "decay_factor", "0.01"},
    {NCA_RECIPE_CLASSIFY, "warmup", "100"},
    {NCA_RECIPE_CLASSIFY, "normalise_gradient", "false"},
    {NCA_RECIPE_CLASSIFY, "epsilon", "1e-08"},
    {NCA_RECIPE_CLASSIFY, "shift", "2"},
    {NCA_RECIPE_CLASSIFY, "brightness", "0.1"},
    {NCA_RECIPE_CLASSIFY, "contrast", "0.2"},
    {NCA_RECIPE_CLASSIFY, "noise", "0.05"},
    {NCA_RECIPE_CLASSIFY, "label_smoothing", "0.1"},
    {NCA_RECIPE_CLASSIFY, "optimiser", "muon"},
    {NCA_RECIPE_CLASSIFY, "average_decay", "0.98"},
};

static void a_recipe_changes_its_bundle_and_nothing_else(void **state)
{
    (void)state;
    static const char *const typed[] = {"Distill", "MedMNIST", "fast", "Robust", "classify"};
    for (unsigned recipe = 0; recipe < NCA_RECIPE_COUNT; recipe++) {
        nca_settings settings = distill(), expected = distill();
        settings.seed = expected.seed = 7;
        assert_int_equal(nca_settings_set(&settings, "recipe", typed[recipe], NULL), NCA_OK);
        expected.recipe = (nca_recipe)recipe;
        for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
            if (bundles[i].recipe == recipe) {
                assert_text(&settings, bundles[i].key, bundles[i].value);
                assert_int_equal(
                    nca_settings_set(&expected, bundles[i].key, bundles[i].value, NULL), NCA_OK);
            }
        }
        assert_memory_equal(&settings, &expected, sizeof settings);
        assert_int_equal(nca_settings_check(&settings, NULL), NCA_OK);
        nca_settings_apply_recipe(&settings, NCA_RECIPE_DISTILL);
        nca_settings usual = distill();
        usual.seed = 7;
        assert_memory_equal(&settings, &usual, sizeof settings);
    }
}

static void what_a_recipe_chooses_is_marked(void **state)
{
    (void)state;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        bool chosen = false;
        for (size_t k = 0; k < sizeof bundles / sizeof *bundles; k++) {
            chosen = chosen || strcmp(bundles[k].key, nca_setting_at(i)->key) == 0;
        }
        assert_int_equal(nca_setting_at(i)->recipe_dependent, chosen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recipe_distill_has_these_values),
        cmocka_unit_test(defaults_are_the_recipe_robust),
        cmocka_unit_test(a_recipe_changes_its_bundle_and_nothing_else),
        cmocka_unit_test(what_a_recipe_chooses_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
