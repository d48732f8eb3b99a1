/* The operations on a run: train, stop, resume, replace, read, run a sweep. */
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

enum {
    ITERATIONS = 6
};

static void set(nca_settings *settings, const char *key, const char *value)
{
    nca_error error;
    if (nca_settings_set(settings, key, value, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
}

/* A training that takes a moment. */
static nca_settings small(void **state, const char *name)
{
    static const char *const values[][2] = {
        {"recipe", "distill"}, {"target_path", "phantom"}, {"img_size", "8"},   {"padding", "2"},
        {"n_channels", "8"},   {"hidden", "16"},           {"pool_size", "16"}, {"batch_size", "2"},
        {"threads", "1"},      {"steps_min", "4"},         {"steps_max", "6"},  {"iterations", "6"},
        {"extension", "0"}};
    nca_settings settings;
    nca_settings_default(&settings);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        set(&settings, values[i][0], values[i][1]);
    }
    set(&settings, "output", path_in(*state, name));
    return settings;
}

typedef struct record {
    uint64_t stop_after; /* 0: never */
    size_t iterations;
} record;

static bool count_iterations(nca_run *run, const nca_iteration *report, void *user)
{
    record *r = user;
    assert_int_equal(nca_run_last(run)->iteration, report->iteration);
    r->iterations++;
    return report->iteration != r->stop_after;
}

/* Trains; the run is complete unless it was stopped. */
static void train(const nca_settings *settings, nca_run_start start, record *r)
{
    nca_run *run = NULL;
    nca_run_options options;
    nca_error error;
    nca_run_options_default(&options);
    options.start = start;
    options.iterated = count_iterations;
    options.user = r;
    nca_status status = nca_run_open(&run, settings, &options, &error);
    if (status == NCA_OK) {
        status = nca_run_train(run, &error);
    }
    if (status != NCA_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(nca_run_is_complete(run), r->stop_after == 0);
    nca_run_close(run);
}

static void assert_same_file(const char *folder, const char *other, const char *name)
{
    uint8_t *bytes[2];
    size_t sizes[2];
    const char *const folders[] = {folder, other};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nca__file_read(&bytes[i], &sizes[i],
                                        nca_run_file(&(nca_run_path){0}, folders[i], name), 1 << 24,
                                        NULL),
                         NCA_OK);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void a_stopped_run_resumes_to_the_same_bits(void **state)
{
    nca_settings whole = small(state, "whole"), parts = small(state, "parts"), resumed;
    record all = {0}, first = {.stop_after = 2}, rest = {0};
    uint64_t done;
    nca_error notice;
    train(&whole, NCA_RUN_NEW, &all);
    assert_int_equal(all.iterations, ITERATIONS);
    train(&parts, NCA_RUN_NEW, &first);
    assert_int_equal(first.iterations, 2);
    assert_int_equal(nca_run_resume_settings(&resumed, &done, &notice, parts.output, NULL), NCA_OK);
    assert_int_equal(done, 2);
    assert_int_equal(notice.status, NCA_OK);
    assert_string_equal(resumed.output, parts.output);
    train(&resumed, NCA_RUN_RESUME, &rest);
    assert_int_equal(rest.iterations, ITERATIONS - 2);
    assert_same_file(whole.output, parts.output, NCA_RUN_MODEL);
}

static bool never(void *user)
{
    (void)user;
    return false;
}

static void keep_going_stops_before_the_next_iteration(void **state)
{
    const nca_settings settings = small(state, "run");
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.keep_going = never;
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_train(run, NULL), NCA_OK);
    assert_int_equal(nca_run_last(run)->iteration, 0);
    assert_false(nca_run_is_complete(run));
    assert_int_equal(
        access(nca_run_file(&(nca_run_path){0}, settings.output, NCA_RUN_CHECKPOINT), F_OK), 0);
    nca_run_close(run);
}

typedef struct stop_in_test {
    const nca_run *run;
    bool has_checkpoint; /* when it was stopped */
} stop_in_test;

/* Asked when all iterations are done only by the stability test. */
static bool is_before_the_test(void *user)
{
    stop_in_test *s = user;
    const nca_session *session = nca_run_session(s->run);
    nca_run_path path;
    nca_run_file(&path, nca_run_settings(s->run)->output, NCA_RUN_CHECKPOINT);
    s->has_checkpoint = access(path.text, F_OK) == 0;
    return nca_session_iteration(session) < nca_session_total(session);
}

static void a_run_is_saved_before_its_stability_test(void **state)
{
    nca_settings settings = small(state, "run");
    settings.extension = 1;
    stop_in_test stop = {0};
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    options.keep_going = is_before_the_test;
    options.user = &stop;
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    stop.run = run;
    assert_int_equal(nca_run_train(run, NULL), NCA_OK);
    assert_int_equal(nca_run_last(run)->iteration, ITERATIONS);
    assert_false(nca_run_is_complete(run));
    assert_true(stop.has_checkpoint);
    nca_run_close(run);
}

static void a_folder_takes_one_run_at_a_time(void **state)
{
    const nca_settings settings = small(state, "run");
    nca_run *first = NULL, *second = NULL;
    nca_run_options options;
    nca_error error;
    nca_run_options_default(&options);
    options.start = NCA_RUN_REPLACE;
    assert_int_equal(nca_run_open(&first, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_begin(first, NULL), NCA_OK);
    assert_int_equal(nca_run_open(&second, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_begin(second, &error), NCA_EXISTS);
    assert_non_null(strstr(error.message, settings.output));
    nca_run_close(second);
    nca_run_close(first);
    record r = {0};
    train(&settings, NCA_RUN_REPLACE, &r); /* unlocked when the run ended */
}

static void a_run_is_replaced_only_on_request_and_with_a_checkpoint(void **state)
{
    nca_settings settings = small(state, "run");
    record r = {0};
    nca_run *run = NULL;
    nca_run_options options;
    const char *name;
    train(&settings, NCA_RUN_NEW, &r);
    const nca_settings before = settings;
    set(&settings, "seed", "7");
    nca_run_options_default(&options);
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_begin(run, NULL), NCA_EXISTS);
    nca_run_close(run);
    options.start = NCA_RUN_REPLACE;
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_begin(run, NULL), NCA_OK);
    assert_true(nca_run_is_replacing(run));
    nca_run_close(run); /* no checkpoint: the old run stays */
    nca_settings found;
    uint64_t done;
    assert_int_equal(nca_run_resume_settings(&found, &done, NULL, settings.output, NULL), NCA_OK);
    assert_int_equal(found.seed, before.seed);
    train(&settings, NCA_RUN_REPLACE, &r);
    assert_int_equal(nca_run_resume_settings(&found, &done, NULL, settings.output, NULL), NCA_OK);
    assert_int_equal(found.seed, 7);
    assert_true(nca_run_exists(settings.output, &name));
    assert_string_equal(name, NCA_RUN_CHECKPOINT);
}

static void what_breaks_the_bits_is_refused_by_name(void **state)
{
    nca_settings saved = small(state, "run"), changed = saved;
    assert_null(nca_run_refused(&saved, &changed, 4));
    assert_null(nca_run_refused(&saved, &changed, 306)); /* extended */
    set(&changed, "threads", "2");
    set(&changed, "iterations", "9");
    assert_null(nca_run_refused(&saved, &changed, 4));
    set(&changed, "iterations", "3");
    assert_string_equal(nca_run_refused(&saved, &changed, 4)->key, "iterations");
    set(&changed, "iterations", "9");
    set(&saved, "schedule", "cosine");
    set(&changed, "schedule", "cosine");
    assert_string_equal(nca_run_refused(&saved, &changed, 4)->key, "iterations");
    set(&changed, "iterations", "6");
    set(&changed, "learning_rate", "0.5");
    assert_string_equal(nca_run_refused(&saved, &changed, 4)->key, "learning_rate");
    changed = saved;
    set(&changed, "changes", "3 fire_rate 0.4");
    assert_string_equal(nca_run_refused(&saved, &changed, 4)->key, "changes");
    assert_null(nca_run_refused(&saved, &changed, 2)); /* it has not happened yet */
}

static void without_a_checkpoint_there_is_nothing_to_resume(void **state)
{
    nca_settings settings;
    uint64_t done;
    nca_error error;
    assert_int_equal(
        nca_run_resume_settings(&settings, &done, NULL, path_in(*state, "none"), &error),
        NCA_NOT_FOUND);
}

static void add_row(const nca_metrics_row *row, void *user)
{
    nca_metrics_row *rows = user;
    assert_in_range(row->iteration, 1, ITERATIONS);
    rows[row->iteration - 1] = *row;
}

static void metrics_and_changes_are_read_back(void **state)
{
    const nca_settings settings = small(state, "run");
    nca_run *run = NULL;
    nca_run_options options;
    nca_error error;
    nca_run_options_default(&options);
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_change(run, "fire_rate", "0.4", &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_run_checkpoint(run, &error), NCA_INVALID_ARGUMENT); /* not begun */
    assert_int_equal(nca_run_begin(run, NULL), NCA_OK);
    assert_int_equal(nca_run_change(run, "fire_rate", "0.4", NULL), NCA_OK);
    assert_int_equal(nca_run_change(run, "img_size", "9", NULL), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_run_train(run, NULL), NCA_OK);
    nca_run_watch *watch = NULL;
    nca_metrics_row rows[ITERATIONS] = {{0}};
    assert_int_equal(nca_run_watch_open(&watch, settings.output, NULL, NULL), NCA_OK);
    assert_int_equal(nca_run_watch_settings_read(watch, NULL), NCA_OK);
    assert_int_equal(nca_run_watch_rows(watch, add_row, rows, NULL), NCA_OK);
    size_t count;
    uint64_t first;
    const double *losses = nca_run_losses(run, &count, &first);
    assert_int_equal(count, ITERATIONS);
    assert_int_equal(first, 1);
    for (size_t i = 0; i < ITERATIONS; i++) {
        assert_int_equal(rows[i].iteration, i + 1);
        assert_true(rows[i].loss > 0.999999 * losses[i] && rows[i].loss < 1.000001 * losses[i]);
    }
    assert_string_equal(nca_run_watch_state(watch), "finished");
    nca_run_news news;
    nca_run_watch_news(&news, watch, false, NULL);
    assert_non_null(news.model);
    nca_run_news_free(&news);
    nca_run_watch_news(&news, watch, false, NULL); /* nothing is new */
    assert_null(news.model);
    nca_run_watch_close(watch);
    char changes[NCA_CHANGES_SIZE];
    assert_int_equal(nca_events_read(changes, settings.output, ITERATIONS, NULL), NCA_OK);
    assert_string_equal(changes, "1 fire_rate 0.4");
    nca_run_close(run);
}

static void an_extended_run_is_watched_to_its_new_end(void **state)
{
    nca_settings settings = small(state, "run");
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_train(run, NULL), NCA_OK);
    nca_run_close(run);
    /* As if only the first two iterations had been requested. */
    settings.iterations = 2;
    settings.extension = 1800;
    assert_int_equal(
        nca_settings_save(&settings,
                          nca_run_file(&(nca_run_path){0}, settings.output, NCA_RUN_CONFIG), NULL),
        NCA_OK);
    nca_run_watch *watch = NULL;
    nca_metrics_row rows[ITERATIONS] = {{0}};
    assert_int_equal(nca_run_watch_open(&watch, settings.output, NULL, NULL), NCA_OK);
    assert_int_equal(nca_run_watch_settings_read(watch, NULL), NCA_OK);
    assert_int_equal(nca_run_watch_total(watch), 2);
    assert_int_equal(nca_run_watch_rows(watch, add_row, rows, NULL), NCA_OK);
    assert_int_equal(nca_run_watch_total(watch), 2 + NCA_EXTENSION_STEP);
    assert_string_equal(nca_run_watch_state(watch), "running");
    nca_run_watch_close(watch);
}

static void a_drawn_run_is_finished(void **state)
{
    const nca_settings settings = small(state, "run");
    nca_run *run = NULL;
    nca_run_options options;
    nca_error error;
    nca_run_options_default(&options);
    assert_int_equal(nca_run_open(&run, &settings, &options, NULL), NCA_OK);
    assert_int_equal(nca_run_train(run, NULL), NCA_OK);
    assert_false(nca_run_is_finished(&settings));
    if (nca_run_draw(run, &error) == NCA_UNSUPPORTED) {
        nca_run_close(run);
        skip();
    }
    assert_true(nca_run_is_finished(&settings));
    nca_run_close(run);
}

static nca_status count_frame(const nca_growth_frame *frame, void *user, nca_error *error)
{
    size_t *frames = user;
    (void)error;
    assert_int_equal(frame->count, 1);
    assert_int_equal(frame->step, *frames);
    ++*frames;
    return NCA_OK;
}

static void a_growth_is_shown_frame_by_frame(void **state)
{
    const nca_settings settings = small(state, "run");
    record r = {0};
    nca_model *model;
    nca_growth growth;
    size_t frames = 0;
    train(&settings, NCA_RUN_NEW, &r);
    assert_int_equal(
        nca_model_load(&model, nca_run_model_path(&(nca_run_path){0}, settings.output), NULL),
        NCA_OK);
    nca_growth_default(&growth, model);
    growth.steps = 5;
    growth.cut_at = 0;
    growth.show = count_frame;
    growth.user = &frames;
    nca_growth_subject subject = {.model = model};
    assert_int_equal(nca_growth_run(&growth, &subject, 1, NULL, NULL), NCA_OK);
    assert_int_equal(frames, 6); /* the seed and five steps */
    assert_true(subject.has_loss);
    growth.keep_going = never;
    frames = 0;
    assert_int_equal(nca_growth_run(&growth, &subject, 1, NULL, NULL), NCA_INTERRUPTED);
    assert_int_equal(nca_growth_run(&growth, &subject, 0, NULL, NULL), NCA_INVALID_ARGUMENT);
    nca_model_destroy(model);
}

static void a_run_from_a_model_is_watched_and_tried_again_from_its_weights(void **state)
{
    record r = {0};
    nca_settings first = small(state, "first"), second = small(state, "second");
    train(&first, NCA_RUN_NEW, &r);
    set(&second, "init", first.output);
    bool given[NCA_MAX_SETTINGS] = {false};
    nca_error error;
    assert_int_equal(nca_run_take_initial(&second, given, &error), NCA_OK);
    assert_int_equal(strlen(second.init_digest), NCA_MODEL_DIGEST_SIZE - 1);
    nca_run *run = NULL;
    nca_run_options options;
    nca_run_options_default(&options);
    assert_int_equal(nca_run_open(&run, &second, &options, &error), NCA_OK);
    assert_int_equal(nca_run_begin(run, &error), NCA_OK);
    nca_model *model = NULL;
    nca_run_path path;
    nca_run_file(&path, first.output, NCA_RUN_MODEL);
    assert_int_equal(nca_model_load(&model, path.text, &error), NCA_OK);
    const size_t bytes = nca_parameter_count(&model->automaton) * sizeof(float);
    /* Nothing is saved yet: a watch returns the initial weights. */
    nca_run_watch *watch = NULL;
    nca_run_news news;
    assert_int_equal(nca_run_watch_open(&watch, second.output, NULL, &error), NCA_OK);
    assert_int_equal(nca_run_watch_settings_read(watch, &error), NCA_OK);
    nca_run_watch_news(&news, watch, false, &error);
    assert_non_null(news.model);
    assert_memory_equal(news.model->parameters, model->parameters, bytes);
    nca_run_news_free(&news);
    nca_run_watch_close(watch);
    assert_int_equal(nca_run_train(run, &error), NCA_OK);
    nca_run_close(run);
    /* A resumed run is retried from the copy in its folder. */
    uint64_t done;
    assert_int_equal(unlink(path.text), 0);
    assert_int_equal(nca_run_resume_settings(&second, &done, NULL, second.output, &error), NCA_OK);
    options.start = NCA_RUN_RESUME;
    assert_int_equal(nca_run_open(&run, &second, &options, &error), NCA_OK);
    assert_int_equal(nca_run_begin(run, &error), NCA_OK);
    assert_int_equal(nca_run_retry(run, &error), NCA_OK);
    assert_int_equal(nca_run_settings(run)->seed, second.seed + 1);
    assert_memory_equal(nca_session_model(nca_run_session(run))->parameters, model->parameters,
                        bytes);
    nca_run_close(run);
    nca_run_file(&path, second.output, NCA_RUN_INIT);
    assert_int_equal(access(path.text, F_OK), 0);
    nca_model_destroy(model);
}

static void count_ended(const nca_sweep_job *job, size_t run, void *user)
{
    assert_int_equal(nca_sweep_run_at(job, run)->status, NCA_SWEEP_DONE);
    ++*(size_t *)user;
}

static void a_sweep_runs_and_is_found_again(void **state)
{
    static const char text[] = "recipe: distill\ntarget: phantom\nimg_size: 8\npadding: 2\n"
                               "n_channels: 8\nhidden: 16\npool_size: 16\nbatch_size: 2\n"
                               "steps_min: 4\nsteps_max: 6\niterations: 3\nextension: 0\n"
                               "filter: [sobel, mean]\n";
    const char *folder = path_in(*state, "sweep");
    nca_sweep *sweep = NULL;
    nca_sweep_job *job = NULL, *second = NULL;
    nca_sweep_options options;
    nca_error error;
    size_t ended = 0;
    assert_int_equal(nca_sweep_parse(&sweep, text, sizeof text - 1, "grid", NULL, 0, &error),
                     NCA_OK);
    nca_sweep_options_default(&options);
    options.ended = count_ended;
    options.user = &ended;
    assert_int_equal(nca_sweep_open(&job, sweep, folder, &options, &error), NCA_OK);
    assert_int_equal(nca_sweep_count_of(job, NCA_SWEEP_WAITING), 2);
    assert_int_equal(nca_sweep_open(&second, sweep, folder, &options, &error), NCA_EXISTS);
    assert_int_equal(nca_sweep_run_all(job, &error), NCA_OK);
    assert_int_equal(ended, 2);
    nca_sweep_close(job);
    assert_int_equal(nca_sweep_open(&job, sweep, folder, &options, &error), NCA_OK);
    assert_int_equal(nca_sweep_count_of(job, NCA_SWEEP_DONE), 2);
    assert_true(nca_sweep_run_at(job, 1)->result.known);
    assert_null(nca_sweep_run_at(job, 2));
    char *table = nca_sweep_markdown(job);
    assert_non_null(strstr(table, "mean"));
    free(table);
    nca_sweep_close(job);
    nca_sweep_destroy(sweep);
}

#define in_folder(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_stopped_run_resumes_to_the_same_bits),
        in_folder(keep_going_stops_before_the_next_iteration),
        in_folder(a_run_is_saved_before_its_stability_test),
        in_folder(a_folder_takes_one_run_at_a_time),
        in_folder(a_run_is_replaced_only_on_request_and_with_a_checkpoint),
        in_folder(what_breaks_the_bits_is_refused_by_name),
        in_folder(without_a_checkpoint_there_is_nothing_to_resume),
        in_folder(metrics_and_changes_are_read_back),
        in_folder(an_extended_run_is_watched_to_its_new_end),
        in_folder(a_drawn_run_is_finished),
        in_folder(a_growth_is_shown_frame_by_frame),
        in_folder(a_run_from_a_model_is_watched_and_tried_again_from_its_weights),
        in_folder(a_sweep_runs_and_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
