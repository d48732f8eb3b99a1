/* nca evaluate --robustness: the table, the files and the exit codes. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "base/file.h"
#include "base/temporary_folder.h"
#include "cli/model/evaluate_robustness.h"

static nca_model *some_model(made_images *made)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, NCA_LABELS_MULTI_CLASS, 1);
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, 20);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return model;
}

static robustness_job some_job(const nca_model *model, const made_images *made)
{
    robustness_job job = {.model = model,
                          .path = "a/model.safetensors",
                          .data = &made->data,
                          .split = NCA_SPLIT_TEST,
                          .quiet = true};
    nca_robustness_options_default(&job.options);
    job.options.prediction.threads = 1;
    return job;
}

/* Runs with standard output and standard error in files; returns the exit code and the text of the
 * former. free() it. */
static int run(char **out_text, const robustness_job *job, void **state)
{
    const char *path = path_in(*state, "output");
    size_t size = 0;
    fflush(stdout);
    fflush(stderr);
    const int own_output = dup(STDOUT_FILENO), own_error = dup(STDERR_FILENO);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    const int code = evaluate_robustness(job);
    fflush(stdout);
    fflush(stderr);
    dup2(own_output, STDOUT_FILENO);
    dup2(own_error, STDERR_FILENO);
    close(own_output);
    close(own_error);
    fclose(file);
    assert_ok(nca__file_read((uint8_t **)out_text, &size, path, 1 << 20, &failure));
    return code;
}

static void check_has(const char *text, const char *word)
{
    if (strstr(text, word) == NULL) {
        fail_msg("expected \"%s\" in:\n%s", word, text);
    }
}

static void the_table_has_all_rows_in_100_columns(void **state)
{
    made_images made;
    nca_model *model = some_model(&made);
    robustness_job job = some_job(model, &made);
    const double rate = 0.25;
    char *text = NULL;
    job.options.fire_rates = &rate;
    job.options.fire_rate_count = 1;
    assert_int_equal(run(&text, &job, state), EXIT_OK);
    check_has(text, "a/model.safetensors\nlines made by a test, split test: 24 images of 10x10");
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        check_has(text, nca_corruption_describe((nca_corruption)kind)->name);
    }
    check_has(text, "size x 2 ");
    check_has(text, "fire rate 0.25 ");
    for (const char *line = text; *line != 0; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\n") <= 100);
    }
    free(text);
    nca_model_destroy(model);
}

static void files_are_written_beside_the_table(void **state)
{
    made_images made;
    nca_model *model = some_model(&made);
    robustness_job job = some_job(model, &made);
    char csv[1100], json[1100], plot[1100], montage[1100], *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(csv, sizeof csv, "%s", path_in(*state, "rows.csv"));
    snprintf(json, sizeof json, "%s", path_in(*state, "rows.json"));
    snprintf(plot, sizeof plot, "%s", path_in(*state, "plot.png"));
    snprintf(montage, sizeof montage, "%s", path_in(*state, "images.png"));
    job.csv = csv;
    job.json = json;
    job.plot = plot;
    job.montage = montage;
    assert_int_equal(run(&text, &job, state), EXIT_OK);
    check_has(text, "lines made by a test, split test");
    free(text);
    assert_int_equal(access(plot, R_OK), 0);
    assert_int_equal(access(montage, R_OK), 0);
    assert_int_equal(access(csv, R_OK), 0);
    assert_ok(nca__file_read(&bytes, &size, json, 1 << 20, &failure));
    check_has((const char *)bytes, "\"model\": \"a/model.safetensors\"");
    check_has((const char *)bytes, "\"kind\": \"lost-cells\"");
    free(bytes);
    nca_model_destroy(model);
}

static void failures_have_their_exit_codes(void **state)
{
    made_images made;
    nca_model *model = some_model(&made);
    robustness_job job = some_job(model, &made);
    char *text = NULL;
    job.csv = "/nowhere/at/all.csv";
    assert_int_equal(run(&text, &job, state), EXIT_FAILED);
    check_has(text, "/nowhere/at/all.csv");
    free(text);
    job.csv = NULL;
    job.split = NCA_SPLIT_VAL;
    made.data.split[NCA_SPLIT_VAL].count = 0;
    assert_int_equal(run(&text, &job, state), EXIT_USAGE);
    check_has(text, "split val has no images");
    free(text);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_table_has_all_rows_in_100_columns,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(files_are_written_beside_the_table, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(failures_have_their_exit_codes, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
