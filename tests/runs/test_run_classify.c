/* The run of a classification: epochs, and the same files after stopping, resuming and replacing.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "runs/classify_run.h"

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
    nca_classify_take_epochs(&settings, nca_run_images(run));
    assert_int_equal(settings.iterations, 3 * ((images + 3) / 4));
    set(&settings, "epochs", "0");
    set(&settings, "iterations", "7");
    nca_classify_take_epochs(&settings, nca_run_images(run));
    assert_int_equal(settings.iterations, 7);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_run_stopped_anywhere_has_the_same_files),
        IN_FOLDER(a_run_that_replaces_another_leaves_only_its_own_files),
        IN_FOLDER(a_retried_run_has_the_files_of_a_run_with_the_next_seed),
        IN_FOLDER(threads_kernels_and_memory_give_the_same_files),
        IN_FOLDER(epochs_set_the_iterations),
        IN_FOLDER(what_a_run_cannot_use_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
