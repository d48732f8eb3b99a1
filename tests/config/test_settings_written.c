/* Settings written as YAML give every bit back, and arbitrary bytes are handled. */
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

/* Settings that differ from the defaults in every field, some with unusual bits. */
static nca_settings unusual(void)
{
    nca_settings s = defaults();
    nca_settings_apply_recipe(&s, NCA_RECIPE_MEDMNIST);
    static const char *const values[][2] = {
        {"experiment", "growing"},
        {"target_path", "a \"b\\c\"\t\n#: \xC3\xA9\xE2\x80\xA8\xF0\x9F\xA6\x8E\x7F .png"},
        {"img_size", "0"},
        {"stretch", "true"},
        {"hidden", "77"},
        {"filter", "mean"},
        {"angle", "-12.345678"},
        {"boundary", "circular"},
        {"fire_rate", "0.33333334"},
        {"step_size", "0.7"},
        {"alive_channel", "-1"},
        {"iterations", "4000000000"},
        {"seed", "18446744073709551615"},
        {"memory_limit", "123456789"},
        {"kernels", "scalar"},
        {"output", "null"},
        {"model_path", "~"},
        {"ani_path", " x "},
        {"schedule", "cosine"},
        {"beta2", "0.98765432"},
        {"epsilon", "1e-20"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(nca_settings_set(&s, values[i][0], values[i][1], NULL), NCA_OK);
    }
    return s;
}

static nca_settings classifying(void)
{
    nca_settings s = defaults();
    const char *const values[][2] = {
        {"task", "classify"},
        {"data", "my \"images\"/birds"},
        {"val_share", "0.33333334"},
        {"flip_x", "true"},
        {"shift", "3"},
        {"noise", "0.012345678"},
        {"readout", "per-cell"},
        {"class_loss", "focal"},
        {"focal_gamma", "1.7"},
        {"sampling", "balanced"},
        {"img_size", "64"},
        {"root", "some folder"},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(nca_settings_set(&s, values[i][0], values[i][1], NULL), NCA_OK);
    }
    return s;
}

static void a_written_file_gives_every_bit_back(void **state)
{
    (void)state;
    const nca_settings all[] = {defaults(), unusual(), classifying()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *text = NULL;
        assert_int_equal(nca_settings_format(&text, &all[i], NULL), NCA_OK);
        nca_settings back = parsed(text);
        assert_memory_equal(&back, &all[i], sizeof back);
        for (size_t k = 0; k < nca_setting_count(); k++) {
            const nca_setting *setting = nca_setting_at(k);
            const bool used = nca_setting_is_used(setting, all[i].task);
            char line[80];
            snprintf(line, sizeof line, "\n%s: ", setting->key);
            assert_int_equal(strstr(text, line) != NULL, used);
            assert_int_equal(strstr(text, setting->help) != NULL, used);
        }
        free(text);
    }
}

static void settings_that_do_not_fit_are_not_written(void **state)
{
    (void)state;
    nca_settings s = defaults();
    nca_error error;
    s.batch_size = 0;
    char *text = (char *)&s;
    assert_int_equal(nca_settings_format(&text, &s, &error), NCA_INVALID_ARGUMENT);
    assert_ptr_equal(text, &s);
}

static void files_are_saved_and_loaded(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    char folder[1024], path[1100];
    snprintf(folder, sizeof folder, "%s/nca-config-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/config.yaml", folder);
    nca_settings s = unusual(), back = defaults();
    nca_error error;
    assert_int_equal(nca_settings_load(&back, path, &error), NCA_NOT_FOUND);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(nca_settings_save(&s, path, &error), NCA_OK);
    assert_int_equal(nca_settings_load(&back, path, &error), NCA_OK);
    assert_memory_equal(&back, &s, sizeof s);
    assert_int_equal(nca_settings_load(&back, folder, &error), NCA_IO);
    unlink(path);
    rmdir(folder);
}

/* Mutations of a valid file: the result is either valid settings or a message that names the file,
 * and on failure nothing changes. */
static void hostile_bytes_get_an_answer(void **state)
{
    (void)state;
    nca_settings good = unusual();
    char *text = NULL;
    assert_int_equal(nca_settings_format(&text, &good, NULL), NCA_OK);
    size_t size = strlen(text);
    char *bytes = malloc(size);
    assert_non_null(bytes);
    static const char awkward[] = "\0\n\t:-?[]{}&*!|>'\"%@`#, \xFF\xC3\xE2~<=0";
    uint32_t word = 1;
    unsigned refused = 0;
    for (unsigned round = 0; round < 4000; round++) {
        memcpy(bytes, text, size);
        size_t kept = size;
        for (unsigned i = 0; i <= round % 4; i++) {
            word = word * 1664525u + 1013904223u;
            size_t at = (word >> 8) % size;
            word = word * 1664525u + 1013904223u;
            if ((word >> 28) == 0) {
                kept = at;
            }
            bytes[at] = awkward[(word >> 8) % (sizeof awkward - 1)];
        }
        nca_settings s = good;
        nca_error error = {0};
        nca_status status = nca_settings_parse(&s, bytes, kept, "c.yaml", &error);
        if (status != NCA_OK) {
            refused++;
            assert_memory_equal(error.message, "c.yaml:", 7);
            assert_null(strchr(error.message, '\n'));
            assert_memory_equal(&s, &good, sizeof s);
        }
    }
    assert_true(refused > 400 && refused < 4000);
    free(bytes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_file_gives_every_bit_back),
        cmocka_unit_test(settings_that_do_not_fit_are_not_written),
        cmocka_unit_test(files_are_saved_and_loaded),
        cmocka_unit_test(hostile_bytes_get_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
