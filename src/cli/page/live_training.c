/* Connects a training with its live page: sends rows, pictures and weights to the page, and
 * receives its requests. */
#include "cli/page/live_training.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/page/live_tiles.h"
#include "cli/page/page_examples.h"
#include "cli/stop.h"

static const double status_pause = 0.25; /* seconds between two status messages */
static const double large_pause =
    0.5; /* for pictures and weights at least; they take a hundredth... */
static const double large_share = 100; /* ...of the time, each by itself */
static const double wait_pause = 0.05; /* while paused */

static void rest(double seconds)
{
    const struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

/* ---- Sending --------------------------------------------------------------------------------- */

static void tell_status(live_training *live, const nca_run *run, const char *state)
{
    const nca_settings *settings = nca_session_in_effect(nca_run_session(run));
    const uint64_t done = nca_session_iteration(nca_run_session(run));
    const uint64_t total = nca_session_total(nca_run_session(run));
    const uint64_t left = total > done ? total - done : 0;
    const bool running = strcmp(state, "running") == 0;
    const nca_automaton *automaton = &nca_session_model(nca_run_session(run))->automaton;
    live_run told = {
        .name = live->name,
        .state = state,
        .unit = live_unit(settings),
        .iteration = done,
        .total = total,
        .loss = nca_run_last(run)->iteration > 0 ? nca_run_last(run)->smooth_loss : NAN,
        .rate = running ? live->rate : 0,
        .left = running && live->rate > 0 ? (double)left / live->rate : 0,
    };
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        told.norms[i] = nca_metrics_norm_name(automaton, i);
    }
    const live_status status = {
        .runs = &told,
        .count = 1,
        .settings = settings,
        .said = live->said,
    };
    live_feed_status(&live->feed, &status);
    live->told = nca_seconds();
}

static void tell_row(live_training *live, const nca_run *run)
{
    live_feed_row(&live->feed, 0, nca_run_last_row(run));
}

/* Sends the validations since the last call, and the confusion of the last one. */
static void tell_validations(live_training *live, const nca_run *run)
{
    size_t count, best;
    const nca_validation_row *rows = nca_run_validations(run, &count, &best);
    const size_t *confusion = nca_run_confusion(run);
    if (live->validated >= count) {
        return;
    }
    while (live->validated < count) {
        live_feed_validation(&live->feed, 0, &rows[live->validated++]);
    }
    if (confusion != NULL) {
        const nca_labelled *data = nca_run_images(run);
        live_feed_confusion(&live->feed, rows[count - 1].iteration, confusion, data->classes,
                            data->kind == NCA_LABELS_MULTI_LABEL ? 4 : data->classes);
    }
}

static void tell_model(live_training *live, const nca_run *run)
{
    const nca_page_model model = {nca_session_result(nca_run_session(run)), live->name, false};
    live_feed_model(&live->feed, 0, &model);
    live->modelled = nca_session_iteration(nca_run_session(run));
}

/* The earliest time for sending data again whose last sending began at `began`. */
static double next_time(double began)
{
    const double now = nca_seconds(), fair = large_share * (now - began);
    return now + (fair > large_pause ? fair : large_pause);
}

/* Sends pictures and weights if there are viewers; only then is the batch before its rollout
 * kept. */
static void tell_what_is_large(live_training *live, nca_run *run)
{
    const bool watched = nca_server_watchers(live->feed.server) > 0;
    const nca_session *session = nca_run_session(run);
    const bool grows = nca_run_images(run) == NULL; /* a classifier has no pool, and no target */
    const bool keeps =
        grows && nca_session_keep_before(nca_run_session(run), watched, NULL) == NCA_OK;
    /* For a new viewer, pictures are sent when they can include the batch before a rollout. */
    const bool wait = keeps && !live->paused && nca_session_sample_before(session, 0) == NULL;
    const double began = nca_seconds();
    if (grows && watched && !wait && began >= live->next_pictures) {
        live_tiles_batch(&live->feed, nca_run_session(run));
        live_tiles_pool(&live->feed, nca_run_session(run));
        live->next_pictures = next_time(began);
    } else if (watched && began >= live->next_model &&
               live->modelled < nca_session_iteration(nca_run_session(run))) {
        tell_model(live, run);
        live->next_model = next_time(began);
    }
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static void say(live_training *live, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(live_training *live, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(live->said, sizeof live->said, format, arguments);
    va_end(arguments);
}

static void change(live_training *live, nca_run *run, const nca_knob *knob)
{
    const uint64_t next = nca_session_iteration(nca_run_session(run)) + 1;
    nca_error error;
    if (nca_run_change(run, knob->key, knob->value, &error) != NCA_OK) {
        say(live, "Not changed: %.150s", error.message);
        return;
    }
    say(live, "%s is %s from iteration %llu on.", knob->key, knob->value, (unsigned long long)next);
    live_feed_event(&live->feed, next, knob->key, knob->value);
}

/* Executes a request; false if the training should stop. */
static bool obey(live_training *live, nca_run *run, const nca_knob *knob)
{
    const char *what = knob->what;
    if (strcmp(what, "stop") == 0) {
        say(live, "Stopping; the model will be saved.");
        return false;
    }
    if (strcmp(what, "pause") == 0 || strcmp(what, "go") == 0) {
        live->paused = strcmp(what, "pause") == 0;
        say(live, "%s", live->paused ? "Paused after this iteration." : "Continuing.");
    } else if (strcmp(what, "checkpoint") == 0) {
        const bool saved = nca_run_checkpoint(run, NULL) == NCA_OK;
        say(live,
            saved ? "Checkpoint of iteration %llu written."
                  : "Could not write the checkpoint of iteration %llu.",
            (unsigned long long)nca_session_iteration(nca_run_session(run)));
    } else if (strcmp(what, "change") == 0) {
        change(live, run, knob);
    } else {
        say(live, "Unknown request: %.32s", what);
    }
    return true;
}

static bool obey_all(live_training *live, nca_run *run)
{
    nca_knob knob;
    bool go_on = true;
    while (go_on && nca_server_next(&knob, live->feed.server)) {
        go_on = obey(live, run, &knob);
        tell_status(live, run, live->paused ? "paused" : "running");
    }
    return go_on;
}

/* ---- The page -------------------------------------------------------------------------------- */

nca_status live_training_open(live_training *live, nca_run *run, const nca_server_options *serve,
                              nca_error *error)
{
    memset(live, 0, sizeof *live);
    nca_run_name(live->name, sizeof live->name, nca_run_settings(run)->output);
    const nca_page_model model = {nca_session_result(nca_run_session(run)), live->name, false};
    page_examples examples = {0};
    nca_status status = NCA_OK;
    if (nca_run_images(run) != NULL) {
        status = page_examples_of(&examples, nca_run_images(run), model.model, error);
    }
    if (status == NCA_OK) {
        status = live_feed_open(&live->feed, &model, 1, examples.of.count > 0 ? &examples.of : NULL,
                                serve, true, error);
    }
    page_examples_free(&examples);
    return status;
}

static void tell_earlier_row(const nca_metrics_row *row, void *user)
{
    live_training *live = user;
    live_feed_row(&live->feed, 0, row);
}

void live_training_begin(live_training *live, const nca_run *run, bool resumes)
{
    nca_run_watch_options options;
    nca_run_watch_options_default(&options);
    options.keep_going = stop_not_asked;
    nca_run_watch *earlier = NULL;
    if (resumes &&
        nca_run_watch_open(&earlier, nca_run_settings(run)->output, &options, NULL) == NCA_OK) {
        nca_run_watch_rows(earlier, tell_earlier_row, live, NULL);
    }
    nca_run_watch_close(earlier);
    tell_validations(live, run);
    live->last = nca_seconds();
    live_feed_changes(&live->feed, nca_session_settings(nca_run_session(run)));
    tell_status(live, run, "running");
}

const char *live_training_address(const live_training *live)
{
    return nca_server_address(live->feed.server);
}

bool live_training_watch(live_training *live, nca_run *run)
{
    const double now = nca_seconds(), took = now - live->last;
    live->last = now;
    live->rate = live->rate > 0 ? 0.95 * live->rate + 0.05 / took : 1 / took;
    tell_row(live, run);
    tell_validations(live, run);
    if (now - live->told >= status_pause) {
        tell_status(live, run, "running");
    }
    tell_what_is_large(live, run);
    bool go_on = obey_all(live, run);
    while (go_on && live->paused && stop_signal() == 0) {
        rest(wait_pause);
        tell_what_is_large(live, run);
        go_on = obey_all(live, run);
        live->last = nca_seconds();
    }
    return go_on;
}

void live_training_close(live_training *live, const nca_run *run, const char *state)
{
    if (live->feed.server != NULL) {
        tell_validations(live, run);
        tell_model(live, run);
        tell_status(live, run, state);
        rest(0.3);
    }
    live_feed_close(&live->feed);
}

void live_training_fail(live_training *live, const nca_run *run, const nca_error *error)
{
    say(live, "%.180s", error->message);
    live_training_close(live, run, "failed");
}
