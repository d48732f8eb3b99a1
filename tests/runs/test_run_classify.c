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
#include <unistd.h>

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
    static const char *const plots[] = {NCA_RUN_VALIDATION_PNG, NCA_RUN_VALIDATION_SVG};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(access(nca_run_file(&path, settings.output, plots[i]), R_OK), 0);
    }
    /* One row is a point. */
    char *svg = NULL;
    assert_ok(nca_validations_plot_svg(&svg, read, 1, "one", &failure));
    assert_non_null(strstr(svg, "balanced accuracy"));
    free(svg);
    assert_int_equal(nca_validations_plot_svg(&svg, read, 0, "none", &failure),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_validations_plot(read, count, NULL, "plot.txt", &failure),
                     NCA_INVALID_ARGUMENT);
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

static void a_run_that_replaces_another_leaves_only_its_own_files(void **state)
{
    make_pictures(state);
    nca_settings first = small(state, "replaced"), fresh = small(state, "fresh");
    set(&fresh, "seed", "8");
    nca_run_close(trained(&fresh, NCA_RUN_NEW, 0));
    nca_run_close(trained(&first, NCA_RUN_NEW, 0));
    for (int i = 0; i < 2; i++) {
        set(&first, "seed", "8");
        nca_run_close(trained(&first, NCA_RUN_REPLACE, 0));
        assert_same_file(fresh.output, first.output, NCA_RUN_VALIDATION);
        assert_int_not_equal(access(path_in(*state, "replaced/.replacement"), F_OK), 0);
    }
    /* Also where it has written no validation of its own. */
    set(&first, "val_share", "0");
    nca_run_close(trained(&first, NCA_RUN_REPLACE, 0));
    assert_int_not_equal(access(path_in(*state, "replaced/validation.csv"), F_OK), 0);
}

/* With the split that this seed draws, and without the validations of the first try. */
static void a_retried_run_has_the_files_of_a_run_with_the_next_seed(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "whole");
    settings.seed++;
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    nca_settings other = small(state, "retried");
    uint64_t stop = 11;
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.iterated = stop_after;
    options.user = &stop;
    assert_ok(nca_run_open(&run, &other, &options, &failure));
    assert_ok(nca_run_train(run, &failure));
    assert_ok(nca_run_retry(run, &failure));
    stop = 7;
    assert_ok(nca_run_train(run, &failure));
    nca_run_close(run);
    set(&other, "seed", "4"); /* as in its config.yaml */
    nca_run_close(trained(&other, NCA_RUN_RESUME, 0));
    assert_same_file(settings.output, other.output, NCA_RUN_VALIDATION);
    assert_same_file(settings.output, other.output, NCA_RUN_MODEL);
}

static void threads_kernels_and_memory_give_the_same_files(void **state)
{
    make_pictures(state);
    nca_settings one = small(state, "one");
    nca_run_close(trained(&one, NCA_RUN_NEW, 0));
    for (unsigned i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "other%u", i);
        nca_settings other = small(state, name);
        other.threads = i + 1;
        other.memory_limit = i == 1 ? (uint64_t)1 << 30 : 20000;
        set(&other, "kernels", i == 0 ? "auto" : "scalar");
        nca_run_close(trained(&other, NCA_RUN_NEW, 0));
        assert_same_file(one.output, other.output, NCA_RUN_VALIDATION);
        assert_same_file(one.output, other.output, NCA_RUN_MODEL);
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
    /* More epochs are more iterations, where the schedule allows it. */
    settings = small(state, "more");
    set(&settings, "epochs", "2");
    set(&settings, "schedule", "constant");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    set(&settings, "epochs", "4");
    run = trained(&settings, NCA_RUN_RESUME, 0);
    assert_int_equal(nca_run_last(run)->iteration, 4 * ((images + 3) / 4));
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

/* What a stop between the row of a validation and its model leaves, or a user who removes it. */
static void a_best_model_that_was_not_saved_is_not_counted_as_kept(void **state)
{
    make_pictures(state);
    for (int i = 0; i < 2; i++) {
        nca_settings settings = small(state, i == 0 ? "removed" : "older");
        nca_run_path path;
        nca_model *model = NULL;
        size_t count, best;
        nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
        nca_run_file(&path, settings.output, NCA_RUN_MODEL);
        if (i == 0) {
            assert_int_equal(unlink(path.text), 0);
        } else {
            assert_ok(nca_model_load(&model, path.text, &failure));
            model->info.iterations = 1;
            assert_ok(nca_model_save(model, path.text, &failure));
            nca_model_destroy(model);
        }
        nca_run *run = trained(&settings, NCA_RUN_RESUME, 0);
        nca_run_validations(run, &count, &best);
        assert_true(count > 0);
        assert_int_equal(best, count);
        nca_run_close(run);
        assert_ok(nca_model_load(&model, path.text, &failure));
        assert_int_equal(model->info.iterations, 20);
        nca_model_destroy(model);
    }
}

static void note_row(const nca_metrics_row *row, void *user)
{
    *(uint64_t *)user = row->iteration;
}

static void a_watch_shows_the_best_model_and_that_patience_has_ended_a_run(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "watched");
    set(&settings, "iterations", "2000");
    set(&settings, "validate_every", "2");
    set(&settings, "patience", "4");
    set(&settings, "select", "accuracy");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 6)); /* stopped, with a checkpoint */
    nca_run_watch *watch = NULL;
    nca_run_news news;
    nca_error error;
    uint64_t last = 0;
    assert_ok(nca_run_watch_open(&watch, settings.output, NULL, &failure));
    assert_ok(nca_run_watch_settings_read(watch, &failure));
    assert_ok(nca_run_watch_rows(watch, note_row, &last, &failure));
    assert_string_equal(nca_run_watch_state(watch), "running");
    nca_run_watch_news(&news, watch, true, &error);
    assert_null(news.session);
    assert_non_null(news.model);
    assert_non_null(news.model->classifier);
    nca_run_news_free(&news);
    nca_run_watch_news(&news, watch, true, &error); /* nothing is new */
    assert_null(news.model);
    nca_run_watch_close(watch);
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 0));
    assert_ok(nca_run_watch_open(&watch, settings.output, NULL, &failure));
    assert_ok(nca_run_watch_settings_read(watch, &failure));
    assert_ok(nca_run_watch_rows(watch, note_row, &last, &failure));
    assert_true(last < 2000);
    assert_string_equal(nca_run_watch_state(watch), "finished");
    nca_run_watch_close(watch);
}

static void a_run_is_finished_with_the_plots_of_its_validations(void **state)
{
    make_pictures(state);
    for (int without = 0; without < 2; without++) {
        nca_settings settings = small(state, without ? "rowless" : "drawn");
        nca_run_path path;
        set(&settings, "val_share", without ? "0" : "0.3");
        nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
        assert_false(nca_run_is_finished(&settings));
        const nca_status drawn = nca_run_draw(run, &failure);
        nca_run_close(run);
        if (drawn == NCA_UNSUPPORTED) {
            skip(); /* without cairo */
        }
        assert_ok(drawn);
        assert_true(nca_run_is_finished(&settings));
        if (!without) {
            assert_int_equal(unlink(nca_run_file(&path, settings.output, NCA_RUN_VALIDATION_PNG)),
                             0);
            assert_false(nca_run_is_finished(&settings));
        }
    }
}

/* A folder has the name of the file, so that it cannot be written. */
static void a_validation_that_fails_keeps_what_was_trained(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "kept");
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_path path;
    nca_settings saved;
    uint64_t done = 0;
    set(&settings, "checkpoint_every", "0");
    nca_run_options_default(&options);
    assert_ok(nca_run_open(&run, &settings, &options, &failure));
    assert_ok(nca_run_begin(run, &failure));
    assert_ok(
        nca_folder_create(nca_run_file(&path, settings.output, NCA_RUN_VALIDATION), &failure));
    assert_int_not_equal(nca_run_train(run, &failure), NCA_OK);
    const uint64_t last = nca_run_last(run)->iteration;
    nca_run_close(run);
    assert_true(last > 0);
    assert_ok(nca_checkpoint_settings(
        &saved, &done, nca_run_file(&path, settings.output, NCA_RUN_CHECKPOINT), &failure));
    assert_int_equal(done, last);
}

static void remember_notice(const char *text, void *user)
{
    char *all = user;
    snprintf(all + strlen(all), 2000 - strlen(all), "%s\n", text);
}

/* Without a validation image of class "light" there is no AUC. */
static void log_loss_selects_the_model_where_the_auc_is_not_defined(void **state)
{
    make_pictures(state);
    char notices[2000] = "";
    nca_settings settings = small(state, "undefined");
    FILE *table = fopen(path_in(*state, "birds.csv"), "w");
    assert_non_null(table);
    for (unsigned i = 0; i < 20; i++) {
        fprintf(table, "birds/%s/%u.png,%s,%s\n", i % 2 == 0 ? "dark" : "light", i,
                i % 2 == 0 ? "dark" : "light", i % 2 == 0 && i < 8 ? "val" : "train");
    }
    fclose(table);
    set(&settings, "data", path_in(*state, "birds.csv"));
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.notice = remember_notice;
    options.user = notices;
    assert_ok(nca_run_open(&run, &settings, &options, &failure));
    assert_non_null(strstr(notices, "selected by log loss"));
    assert_ok(nca_run_train(run, &failure));
    size_t count, best;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    assert_true(best < count);
    for (size_t i = 0; i < count; i++) {
        assert_true(isnan(rows[i].auc) && !(rows[i].log_loss < rows[best].log_loss));
    }
    nca_run_close(run);
    settings = small(state, "defined");
    notices[0] = 0;
    assert_ok(nca_run_open(&run, &settings, &options, &failure));
    assert_null(strstr(notices, "select:"));
    nca_run_close(run);
}

/* Updates so large that the values are not finite after a few iterations. */
static void values_that_are_not_finite_end_the_run_and_keep_its_folder(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "diverged");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    set(&settings, "checkpoint_every", "0");
    set(&settings, "step_size", "1000");
    set(&settings, "learning_rate", "10");
    set(&settings, "steps_max", "40");
    set(&settings, "steps_min", "40");
    set(&settings, "iterations", "200");
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.start = NCA_RUN_REPLACE;
    assert_ok(nca_run_open(&run, &settings, &options, &failure));
    assert_int_equal(nca_run_train(run, &failure), NCA_DIVERGED);
    assert_non_null(strstr(failure.message, "learning_rate"));
    assert_non_null(strstr(failure.message, "step_size"));
    nca_run_close(run);
    const nca_settings whole = small(state, "whole");
    nca_run_close(trained(&whole, NCA_RUN_NEW, 0));
    assert_same_file(whole.output, settings.output, NCA_RUN_VALIDATION);
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
    assert_int_equal(nca_run_open(&run, &settings, &options, &failure), NCA_NOT_FOUND);
    assert_non_null(strstr(failure.message, "some/model.safetensors"));
    assert_null(run);
    settings = small(state, "refused");
    set(&settings, "val_share", "0");
    set(&settings, "patience", "3");
    assert_int_equal(nca_run_open(&run, &settings, &options, &failure), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(failure.message, "patience: expected 0"));
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
    nca_validation_row *rows = NULL;
    size_t count = 77;
    assert_int_equal(nca_validations_read(&rows, &count, settings.output, &failure), NCA_FORMAT);
    assert_true(rows == NULL && count == 77);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(validations_are_recorded_and_the_best_model_is_kept),
        IN_FOLDER(a_run_stopped_anywhere_has_the_same_files),
        IN_FOLDER(a_run_that_replaces_another_leaves_only_its_own_files),
        IN_FOLDER(a_retried_run_has_the_files_of_a_run_with_the_next_seed),
        IN_FOLDER(threads_kernels_and_memory_give_the_same_files),
        IN_FOLDER(epochs_set_the_iterations),
        IN_FOLDER(the_confusion_is_that_of_the_last_validation),
        IN_FOLDER(a_run_ends_when_validations_get_no_better),
        IN_FOLDER(a_best_model_that_was_not_saved_is_not_counted_as_kept),
        IN_FOLDER(a_watch_shows_the_best_model_and_that_patience_has_ended_a_run),
        IN_FOLDER(a_run_is_finished_with_the_plots_of_its_validations),
        IN_FOLDER(a_validation_that_fails_keeps_what_was_trained),
        IN_FOLDER(log_loss_selects_the_model_where_the_auc_is_not_defined),
        IN_FOLDER(values_that_are_not_finite_end_the_run_and_keep_its_folder),
        IN_FOLDER(what_a_run_cannot_use_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
