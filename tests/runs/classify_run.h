/* Small runs of a classification. */
#ifndef NCA_TESTS_CLASSIFY_RUN_H
#define NCA_TESTS_CLASSIFY_RUN_H

#include <stdlib.h>
#include <string.h>

#include "assert_ok.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/nca.h"

static inline void set(nca_settings *settings, const char *key, const char *value)
{
    assert_ok(nca_settings_set(settings, key, value, &failure));
}

/* Folders of small pictures: class "dark" and class "light", 10 of each. */
static inline void make_pictures(void **state)
{
    static const char *const folders[] = {"birds", "birds/dark", "birds/light"};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(nca_folder_create(path_in(*state, folders[i]), &failure));
    }
    for (unsigned i = 0; i < 20; i++) {
        char name[64];
        nca_image *image = NULL;
        assert_ok(nca_image_create(&image, 6, 6, &failure));
        for (size_t k = 0; k < 36; k++) {
            const uint8_t value = (uint8_t)(i % 2 * 120 + (i * 31 + k * 17) % 100);
            memset(image->pixels + 4 * k, value, 3);
            image->pixels[4 * k + 3] = 255;
        }
        snprintf(name, sizeof name, "birds/%s/%u.png", i % 2 == 0 ? "dark" : "light", i);
        assert_ok(nca_image_save_png(image, path_in(*state, name), &failure));
        nca_image_destroy(image);
    }
}

static inline nca_settings small(void **state, const char *output)
{
    static const char *const values[][2] = {
        {"task", "classify"}, {"n_channels", "8"},     {"hidden", "8"},
        {"batch_size", "4"},  {"threads", "1"},        {"steps_min", "3"},
        {"steps_max", "4"},   {"iterations", "20"},    {"warmup", "2"},
        {"seed", "3"},        {"val_share", "0.3"},    {"checkpoint_every", "5"},
        {"flip_x", "true"},   {"average_decay", "0.8"}};
    nca_settings settings;
    nca_settings_default(&settings);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        set(&settings, values[i][0], values[i][1]);
    }
    set(&settings, "data", path_in(*state, "birds"));
    set(&settings, "output", path_in(*state, output));
    return settings;
}

static inline bool stop_after(nca_run *run, const nca_iteration *report, void *user)
{
    (void)run;
    return report->iteration != *(const uint64_t *)user;
}

static inline nca_run *trained(const nca_settings *settings, nca_run_start start, uint64_t stop)
{
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = start;
    options.iterated = stop_after;
    options.user = &stop;
    assert_ok(nca_run_open(&run, settings, &options, &failure));
    assert_ok(nca_run_train(run, &failure));
    return run;
}

static inline void assert_same_file(const char *folder, const char *other, const char *name)
{
    uint8_t *bytes[2];
    size_t sizes[2];
    nca_run_path path;
    for (int i = 0; i < 2; i++) {
        assert_ok(nca__file_read(&bytes[i], &sizes[i],
                                 nca_run_file(&path, i == 0 ? folder : other, name), 1 << 24,
                                 &failure));
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

#endif
