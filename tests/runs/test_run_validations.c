/* Validations of a run of a classification: the best model, an early end, and what a watch shows.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "runs/classify_run.h"

static void validations_are_recorded_and_the_best_model_is_kept(void **state)
{
    make_pictures(state);
    const nca_settings settings = small(state, "whole");
    nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
    size_t count, best, ties = 0;
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
        assert_false(rows[i].auc > rows[best].auc);
        if (i != best && rows[i].auc == rows[best].auc) {
            assert_true(rows[i].log_loss > rows[best].log_loss ||
                        (i > best && rows[i].log_loss == rows[best].log_loss));
            ties++;
        }
    }
    assert_true(ties > 0); /* the images are easy, so the lower log loss has decided */
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

static void a_model_that_is_trained_to_keep_its_answer_is_validated_late(void **state)
{
    make_pictures(state);
    nca_settings settings = small(state, "late");
    set(&settings, "carry", "0.5");
    nca_run *run = trained(&settings, NCA_RUN_NEW, 0);
    size_t count, best;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    nca_model *model = NULL;
    nca_run_path path;
    assert_ok(
        nca_model_load(&model, nca_run_file(&path, settings.output, NCA_RUN_MODEL), &failure));
    for (size_t times = 1; times <= NCA_VALIDATION_LATE; times += NCA_VALIDATION_LATE - 1) {
        nca_prediction_options options;
        nca_prediction_options_default(&options);
        options.seed = settings.seed;
        options.steps = times * model->classifier->steps;
        nca_class_evaluation *evaluation = NULL;
        assert_ok(nca_evaluate_classes(&evaluation, model, nca_run_images(run), NCA_SPLIT_VAL,
                                       &options, &failure));
        const bool same = evaluation->scores.log_loss == rows[best].log_loss;
        assert_int_equal(same, times == NCA_VALIDATION_LATE);
        nca_class_evaluation_destroy(evaluation);
    }
    nca_model_destroy(model);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(validations_are_recorded_and_the_best_model_is_kept),
        IN_FOLDER(a_model_that_is_trained_to_keep_its_answer_is_validated_late),
        IN_FOLDER(the_confusion_is_that_of_the_last_validation),
        IN_FOLDER(a_run_ends_when_validations_get_no_better),
        IN_FOLDER(a_best_model_that_was_not_saved_is_not_counted_as_kept),
        IN_FOLDER(a_watch_shows_the_best_model_and_that_patience_has_ended_a_run),
        IN_FOLDER(a_run_is_finished_with_the_plots_of_its_validations),
        IN_FOLDER(a_validation_that_fails_keeps_what_was_trained),
        IN_FOLDER(log_loss_selects_the_model_where_the_auc_is_not_defined),
        IN_FOLDER(values_that_are_not_finite_end_the_run_and_keep_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
