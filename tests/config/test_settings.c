/* The table of settings, and conversion to and from text. */
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

/* Sets a value and expects the message; the settings must be unchanged. */
static void assert_refused(const char *key, const char *value, nca_status status,
                           const char *message)
{
    nca_settings settings = defaults(), before = settings;
    nca_error error = {0};
    assert_int_equal(nca_settings_set(&settings, key, value, &error), status);
    assert_says(error.message, message);
    assert_int_equal(error.status, status);
    assert_memory_equal(&settings, &before, sizeof settings);
}

#define ASSERT_CHOICES(key, name_of, count)                                  \
    for (unsigned i = 0; i < (count); i++) {                                 \
        assert_string_equal(nca_setting_named(key)->choices[i], name_of(i)); \
    }

static void choices_are_the_names_of_their_enums(void **state)
{
    (void)state;
    ASSERT_CHOICES("filter", nca_filter_name, NCA_FILTER_COUNT);
    ASSERT_CHOICES("boundary", nca_boundary_name, NCA_BOUNDARY_COUNT);
    ASSERT_CHOICES("initialisation", nca_initialisation_name, NCA_INITIALISATION_COUNT);
    ASSERT_CHOICES("colormap", nca_colormap_name, NCA_COLORMAP_COUNT);
    ASSERT_CHOICES("loss", nca_loss_name, NCA_LOSS_COUNT);
    ASSERT_CHOICES("damage_shape", nca_damage_name, NCA_DAMAGE_COUNT);
    ASSERT_CHOICES("schedule", nca_schedule_name, NCA_SCHEDULE_COUNT);
    ASSERT_CHOICES("optimiser", nca_optimiser_name, NCA_OPTIMISER_COUNT);
    /* Not all precisions can train. */
    const char *const *names = nca_setting_named("precision")->choices;
    for (unsigned i = 0; names[i] != NULL; i++) {
        assert_string_equal(names[i], nca_precision_name((nca_precision)i));
    }
}

static void every_row_is_found_by_its_names_and_groups_are_contiguous(void **state)
{
    (void)state;
    size_t groups = 0;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        assert_ptr_equal(nca_setting_named(setting->key), setting);
        if (setting->alias != NULL) {
            assert_ptr_equal(nca_setting_named(setting->alias), setting);
        }
        groups += i == 0 || strcmp(setting->group, nca_setting_at(i - 1)->group) != 0;
    }
    assert_int_equal(groups, 8);
    assert_null(nca_setting_at(nca_setting_count()));
    assert_null(nca_setting_named("learningrate"));
    assert_ptr_equal(nca_setting_named("learning-rate"), nca_setting_named("learning_rate"));
    assert_string_equal(nca_setting_at(0)->key, "recipe");
}

static void the_nearest_key_is_named_when_one_is_near(void **state)
{
    (void)state;
    static const char *const near[][2] = {{"learning_rat", "learning_rate"},
                                          {"bacth_size", "batch_size"},
                                          {"iter", "iterations"},
                                          {"chanels", "channels"},
                                          {"pool-sise", "pool_size"}};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        assert_string_equal(nca_setting_nearest(near[i][0]), near[i][1]);
    }
    static const char *const far[] = {
        "zzz", "foo" /* not "pool" */, "",
        "a text that is far longer than any key could ever be, so no"};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_null(nca_setting_nearest(far[i]));
    }
}

static void set_target(nca_settings *settings, const char *target)
{
    assert_int_equal(nca_settings_set(settings, "target", target, NULL), NCA_OK);
}

static void a_target_of_medmnist_keeps_its_own_size_without_padding(void **state)
{
    (void)state;
    nca_settings settings = defaults();
    set_target(&settings, "medmnist:breastmnist/train/3");
    assert_text(&settings, "img_size", "0");
    assert_text(&settings, "padding", "0");
    settings.padding = 6;
    nca_settings_apply_recipe(&settings, NCA_RECIPE_MEDMNIST);
    assert_text(&settings, "img_size", "0");
    assert_text(&settings, "padding", "0");
    settings.padding = 6;
    set_target(&settings, "medmnist:breastmnist/train/4");
    assert_text(&settings, "padding", "0");
    set_target(&settings, "photo.png"); /* the values of the recipe are restored */
    assert_text(&settings, "img_size", "28");
    settings.padding = 6;
    set_target(&settings, "phantom");
    assert_text(&settings, "padding", "6");
    nca_settings before = settings;
    assert_int_equal(nca_settings_set(&settings, "target", "", NULL), NCA_INVALID_ARGUMENT);
    assert_memory_equal(&settings, &before, sizeof before);
}

static void a_task_chooses_its_recipe_and_refuses_settings_of_another(void **state)
{
    (void)state;
    nca_settings settings = defaults();
    nca_error error;
    assert_int_equal(nca_settings_set(&settings, "task", "classify", NULL), NCA_OK);
    assert_text(&settings, "recipe", "classify");
    assert_text(&settings, "filter", "learned");
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    assert_int_equal(nca_settings_set(&settings, "stretch", "true", NULL), NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "stretch: task classify does not use"));
    settings.stretch = false;
    static const char *const unused[][2] = {{"experiment", "persistent"}, {"extension", "300"},
                                            {"pool_size", "64"},          {"loss", "L1"},
                                            {"damage_area", "grid"},      {"injection", "after"},
                                            {"seed_survival", "0.5"},     {"ani_path", "a.gif"}};
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++) {
        nca_settings other = settings;
        assert_int_equal(nca_settings_set(&other, unused[i][0], unused[i][1], NULL), NCA_OK);
        assert_int_equal(nca_settings_check(&other, &error), NCA_INVALID_ARGUMENT);
        assert_ptr_equal(strstr(error.message, unused[i][0]), error.message);
        assert_non_null(strstr(error.message, "task classify does not use"));
    }
    assert_int_equal(nca_settings_set(&settings, "changes", "9 lr 0.1, 9 fire_rate 1", NULL),
                     NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    assert_int_equal(nca_settings_set(&settings, "changes", "9 lr 0.1, 9 damage 1", NULL), NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "changes: expected damage 0"));
    assert_int_equal(nca_settings_set(&settings, "changes", "9 damage 0", NULL), NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    assert_int_equal(nca_settings_set(&settings, "changes", "", NULL), NCA_OK);
    settings.damage = 2;
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "damage: expected 0 with task classify and carry 0"));
    settings.carry = 0.5f;
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    settings.carry = 0.0f;
    settings.damage = 0;
    settings.loss_steps = 13; /* of 24 steps */
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "loss_steps: expected 1, or at most half of steps_min"));
    settings.loss_steps = 12;
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    settings.loss_steps = settings.steps_min = 1;
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    settings.steps_min = 24;
    assert_int_equal(nca_settings_set(&settings, "task", "grow", NULL), NCA_OK);
    assert_text(&settings, "recipe", "robust");
    assert_int_equal(nca_settings_check(&settings, &error), NCA_OK);
    assert_int_equal(nca_settings_set(&settings, "flip_x", "true", NULL), NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "flip_x: task grow does not use"));
    settings = defaults();
    assert_int_equal(nca_settings_set(&settings, "recipe", "fast", NULL), NCA_OK);
    assert_int_equal(nca_settings_set(&settings, "task", "classify", NULL), NCA_OK);
    assert_int_equal(nca_settings_check(&settings, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "leave the recipe out"));
}

static void settings_are_applied_in_four_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        unsigned expected = strcmp(setting->key, "recipe") == 0        ? 0
                            : strcmp(setting->key, "task") == 0        ? 1
                            : strcmp(setting->key, "target_path") == 0 ? 2
                                                                       : NCA_SETTING_PASSES - 1;
        assert_int_equal(nca_setting_pass(setting), expected);
    }
}

static void text_becomes_values(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"loss", "l1", "L1"},
        {"filter", "Laplacian", "laplacian"},
        {"damage-shape", "half_plane", "half-plane"},
        {"stretch", "Yes", "true"},
        {"damage", "false", "0"},
        {"damage", "True", "3"},
        {"alive_channel", "-1", "-1"},
        {"seed", "18446744073709551615", "18446744073709551615"},
        {"lr", "1e-3", "0.001"},
        {"kernels", "AVX2", "avx2"},
    };
    nca_settings s = defaults();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(nca_settings_set(&s, cases[i][0], cases[i][1], NULL), NCA_OK);
        assert_text(&s, cases[i][0], cases[i][2]);
    }
    assert_int_equal(s.loss, NCA_LOSS_L1);
    assert_true(s.stretch);
    assert_true(s.seed == UINT64_MAX);
    assert_true(s.learning_rate == 1e-3f);
}

static void amounts_of_memory_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } amounts[] = {{"512 MiB", UINT64_C(512) << 20},
                   {"1GiB", UINT64_C(1) << 30},
                   {"2e9", UINT64_C(2000000000)},
                   {"1.5 GiB", UINT64_C(3) << 29},
                   {"4096", 4096},
                   {"3 MB", 3000000},
                   {"2g", UINT64_C(2) << 30},
                   {"1 B", 1}};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        nca_settings s = defaults(), back = s;
        assert_int_equal(nca_settings_set(&s, "memory_limit", amounts[i].text, NULL), NCA_OK);
        assert_true(s.memory_limit == amounts[i].bytes);
        char text[64];
        nca_settings_get(text, sizeof text, &s, nca_setting_named("memory"));
        assert_int_equal(nca_settings_set(&back, "memory_limit", text, NULL), NCA_OK);
        assert_true(back.memory_limit == s.memory_limit);
    }
    static const char *const wrong[] = {"",   "lots",  "-1",     "0",    "1 GiB x",
                                        "e9", "1e",    "1 PiB",  "1..5", "99999999 TiB",
                                        " 1", "1e300", "1e99999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        nca_settings s = defaults();
        assert_int_equal(nca_settings_set(&s, "memory_limit", wrong[i], NULL),
                         NCA_INVALID_ARGUMENT);
    }
}

static void a_wrong_value_says_what_was_expected_and_found(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"n_channels", "3", "n_channels:*4*1024*\"3\"*"},
        {"batch", "0", "batch_size:*1*65536*\"0\"*"},
        {"fire_rate", "0", "fire_rate:*1e-06*1*\"0\"*"},
        {"fire_rate", "nan", "fire_rate:*1e-06*1*\"nan\"*"},
        {"learning_rate", "fast", "learning_rate:*1e-09*10*\"fast\"*"},
        {"iterations", "0", "iterations:*1*4000000000*\"0\"*"},
        {"iterations", "2e3", "iterations:*1*4000000000*\"2e3\"*"},
        {"iterations", "-5", "iterations:*1*4000000000*\"-5\"*"},
        {"seed", "18446744073709551616", "seed:*0*18446744073709551615*\"18446744073709551616\"*"},
        {"threads", "5000", "threads:*0*1024*\"5000\"*"},
        {"alive_channel", "-2", "alive_channel:*-1*1023*\"-2\"*"},
        {"loss", "L3", "loss:*L2*L1*\"L3\"*"},
        {"kernels", "sse", "kernels:*avx2*avx512*\"sse\"*"},
        {"stretch", "1", "stretch:*\"1\"*"},
        {"target", "", "target_path:*medmnist:SET/SPLIT/INDEX*"},
        {"target", "a\xFF.png", "target_path:*UTF-8*"},
        {"loss", "a\nb\x1b[31m and a very long text that has to be cut somewhere here",
         "loss:*L2*L1*\"a?b?[31m and a very long text that has to be cut somewhere h...\"*"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_refused(rows[i][0], rows[i][1], NCA_INVALID_ARGUMENT, rows[i][2]);
    }
    assert_refused("learnin_rate", "1", NCA_NOT_FOUND, "*\"learnin_rate\"*\"learning_rate\"*");
    assert_refused("xyzzy", "1", NCA_NOT_FOUND, "*\"xyzzy\"*nca train --help*");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char path[NCA_PATH_SIZE + 1];
    memset(path, 'a', sizeof path);
    path[NCA_PATH_SIZE] = 0;
    nca_settings s = defaults();
    nca_error error;
    assert_int_equal(nca_settings_set(&s, "output", path, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "output: expected a text of at most 4095 bytes"));
    path[NCA_PATH_SIZE - 1] = 0;
    assert_int_equal(nca_settings_set(&s, "output", path, &error), NCA_OK);
    assert_string_equal(s.output, path);
}

/* Every bit pattern of a float that is in range is restored from its text. */
static void numbers_keep_their_bits(void **state)
{
    (void)state;
    const nca_setting *setting = nca_setting_named("learning_rate");
    uint32_t word = 12345;
    for (unsigned i = 0; i < 5000; i++) {
        word = word * 1664525u + 1013904223u;
        uint32_t bits = 0x31000000u + word % 0x0F000000u; /* about 2e-9 to 2.2 */
        nca_settings s = defaults(), back = s;
        memcpy(&s.learning_rate, &bits, sizeof bits);
        char text[64];
        nca_settings_get(text, sizeof text, &s, setting);
        assert_int_equal(nca_settings_set(&back, "learning_rate", text, NULL), NCA_OK);
        assert_memory_equal(&back.learning_rate, &bits, sizeof bits);
    }
}

static void a_value_that_does_not_fit_the_buffer_is_cut(void **state)
{
    (void)state;
    nca_settings s = defaults();
    char small[4] = "xyz";
    assert_int_equal(nca_settings_get(small, sizeof small, &s, nca_setting_named("experiment")),
                     strlen("regenerating"));
    assert_string_equal(small, "reg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choices_are_the_names_of_their_enums),
        cmocka_unit_test(every_row_is_found_by_its_names_and_groups_are_contiguous),
        cmocka_unit_test(the_nearest_key_is_named_when_one_is_near),
        cmocka_unit_test(a_target_of_medmnist_keeps_its_own_size_without_padding),
        cmocka_unit_test(a_task_chooses_its_recipe_and_refuses_settings_of_another),
        cmocka_unit_test(settings_are_applied_in_four_passes),
        cmocka_unit_test(text_becomes_values),
        cmocka_unit_test(amounts_of_memory_have_units),
        cmocka_unit_test(a_wrong_value_says_what_was_expected_and_found),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(numbers_keep_their_bits),
        cmocka_unit_test(a_value_that_does_not_fit_the_buffer_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
