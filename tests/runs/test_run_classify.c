/* The run of a classification: epochs, validations, the best model, an early end, and the same
 * files after stopping and resuming. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/nca.h"

static nca_error failure;

#define assert_ok(call)                                                           \
    do {                                                                          \
        const nca_status status_of_call = (call);                                 \
        if (status_of_call != NCA_OK) {                                           \
            fail_msg("%s: %s", nca_status_name(status_of_call), failure.message); \
        }                                                                         \
    } while (0)

static void set(nca_settings *settings, const char *key, const char *value)
{
    assert_ok(nca_settings_set(settings, key, value, &failure));
}

/* Folders of small pictures: class "dark" and class "light", 10 of each. */
static void make_pictures(void **state)
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

static nca_settings small(void **state, const char *output)
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

static bool stop_after(nca_run *run, const nca_iteration *report, void *user)
{
    (void)run;
    return report->iteration != *(const uint64_t *)user;
}

static nca_run *trained(const nca_settings *settings, nca_run_start start, uint64_t stop)
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

static void assert_same_file(const char *folder, const char *other, const char *name)
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

static void validations_are_recorded_and_the_best_model_is_kept(void **state)
{
    make_pictures(state);
    const nca_settings settings = small(state, "whole");
    nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
    size_t count, best;
    assert_true(nca_run_is_complete(run));
    const nca_labelled *data = nca_run_images(run);
    const size_t images = data->split[NCA_SPLIT_TRAIN].count;
    const uint64_t epoch = (images + 3) / 4;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    assert_int_equal(count, 20 / epoch + (20 % epoch != 0));
    assert_int_equal(rows[0].iteration, epoch);
    assert_int_equal(rows[count - 1].iteration, 20);
    assert_true(best < count);
    for (size_t i = 0; i < count; i++) {
        assert_true(!(rows[i].auc > rows[best].auc) && (i >= best || rows[i].auc < rows[best].auc));
    }
    nca_model *model = NULL;
    nca_run_path path;
    assert_ok(
        nca_model_load(&model, nca_run_file(&path, settings.output, NCA_RUN_MODEL), &failure));
    assert_int_equal(model->info.iterations, rows[best].iteration);
    assert_string_equal(model->classifier->class_names[1], "light");
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.seed = settings.seed;
    nca_class_evaluation *evaluation = NULL;
    assert_ok(nca_evaluate_classes(&evaluation, model, data, NCA_SPLIT_VAL, &options, &failure));
    assert_true(evaluation->scores.auc == rows[best].auc);
    assert_true(evaluation->scores.log_loss == rows[best].log_loss);
    nca_class_evaluation_destroy(evaluation);
    nca_model_destroy(model);
    assert_ok(nca_run_draw(run, &failure));
    nca_run_close(run);
    nca_validation_row *read = NULL;
    size_t read_count;
    assert_ok(nca_validations_read(&read, &read_count, settings.output, &failure));
    assert_int_equal(read_count, count);
    free(read);
}

static void a_run_stopped_anywhere_has_the_same_files(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "whole");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    for (uint64_t stop = 1; stop < 20; stop += 3) {
        char name[32];
        snprintf(name, sizeof name, "stopped%u", (unsigned)stop);
        nca_settings other = small(state, name);
        nca_run_close(trained(&other, NCA_RUN_NEW, stop));
        nca_run_close(trained(&other, NCA_RUN_RESUME, stop + 7));
        nca_run_close(trained(&other, NCA_RUN_RESUME, 0));
        assert_same_file(settings.output, other.output, NCA_RUN_VALIDATION);
        assert_same_file(settings.output, other.output, NCA_RUN_MODEL);
    }
}

static void epochs_set_the_iterations(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "epochs");
    set(&settings, "epochs", "3");
    nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
    const size_t images = nca_run_images(run)->split[NCA_SPLIT_TRAIN].count;
    assert_int_equal(nca_run_last(run)->iteration, 3 * ((images + 3) / 4));
    nca_run_close(run);
}

static void the_confusion_is_that_of_the_last_validation(void **state)
{
    make_pictures(state);
    const nca_settings settings = small(state, "confused");
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    assert_ok(nca_run_open(&run, &settings, &options, &failure));
    assert_null(nca_run_confusion(run));
    assert_ok(nca_run_train(run, &failure));
    size_t count, best, all = 0;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    const size_t *confusion = nca_run_confusion(run);
    assert_non_null(confusion);
    for (size_t i = 0; i < 4; i++) {
        all += confusion[i];
    }
    assert_int_equal(all, nca_run_images(run)->split[NCA_SPLIT_VAL].count);
    const double right = (double)(confusion[0] + confusion[3]) / (double)all;
    assert_memory_equal(&right, &rows[count - 1].accuracy, sizeof right);
    nca_run_close(run);
}

static void a_run_ends_when_validations_get_no_better(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "patient");
    set(&settings, "iterations", "2000");
    set(&settings, "validate_every", "2");
    set(&settings, "patience", "4");
    set(&settings, "select", "accuracy");
    nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
    size_t count, best;
    nca_run_validations(run, &count, &best);
    assert_true(nca_run_is_complete(run));
    assert_true(nca_run_last(run)->iteration < 2000);
    assert_int_equal(count - 1 - best, 4);
    nca_run_close(run);
    run = trained(&settings, NCA_RUN_RESUME, 0); /* nothing is left to do */
    assert_true(nca_run_is_complete(run));
    assert_int_equal(nca_run_last(run)->iteration, 0);
    nca_run_close(run);
}

static void what_a_run_cannot_use_is_refused(void **state)
{
    make_pictures(state);
    nca_run_options options;
    nca_run *run = NULL;
    nca_run_options_default(&options);
    nca_settings settings = small(state, "refused");
    settings.data[0] = 0;
    assert_int_equal(nca_run_open(&run, &settings, &options, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "--data"));
    settings = small(state, "refused");
    set(&settings, "init", "some/model.safetensors");
    assert_int_equal(nca_run_open(&run, &settings, &options, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "init"));
    assert_null(run);
    /* A damaged list of validations. */
    settings = small(state, "damaged");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 9));
    nca_run_path path;
    FILE *file = fopen(nca_run_file(&path, settings.output, NCA_RUN_VALIDATION), "a");
    assert_non_null(file);
    fputs("nonsense\n", file);
    fclose(file);
    options.start = NCA_RUN_RESUME;
    assert_int_equal(nca_run_open(&run, &settings, &options, &failure), NCA_FORMAT);
    assert_non_null(strstr(failure.message, NCA_RUN_VALIDATION));
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(validations_are_recorded_and_the_best_model_is_kept),
        IN_FOLDER(a_run_stopped_anywhere_has_the_same_files),
        IN_FOLDER(epochs_set_the_iterations),
        IN_FOLDER(the_confusion_is_that_of_the_last_validation),
        IN_FOLDER(a_run_ends_when_validations_get_no_better),
        IN_FOLDER(what_a_run_cannot_use_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
