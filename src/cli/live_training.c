/* Between a training and the page that looks on: rows, pictures, weights one way, knobs the other.
 */
#include "cli/live_training.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/stop.h"

static const double status_pause = 0.25; /* seconds between two of a kind */
static const double picture_pause = 0.5;
static const double wait_pause = 0.05; /* while paused */

enum {
    MOST_POOL_TILES = 64,
    MOST_BATCH_TILES = 16
};

static void rest(double seconds)
{
    const struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

/* ---- What is told ----------------------------------------------------------------------------*/

static void tell_status(live_training *live, const training *t, const char *state)
{
    const nca_settings *settings = nca_session_settings(t->session);
    const uint64_t done = nca_session_iteration(t->session);
    const uint64_t left = t->settings.iterations > done ? t->settings.iterations - done : 0;
    const bool running = strcmp(state, "running") == 0;
    const live_status status = {
        .state = state,
        .names = &live->name,
        .count = 1,
        .iteration = done,
        .total = t->settings.iterations,
        .loss = t->last.iteration > 0 ? t->last.smooth_loss : NAN,
        .rate = running ? live->rate : 0,
        .left = running && live->rate > 0 ? (double)left / live->rate : 0,
        .learning_rate = settings->learning_rate,
        .fire_rate = settings->fire_rate,
        .damage = settings->damage,
        .said = live->said,
    };
    live_feed_status(&live->feed, &status);
    live->told = seconds_now();
}

static void tell_row(live_training *live, const training *t)
{
    const nca_iteration *last = &t->last;
    live_row row = {
        .iteration = last->iteration,
        .loss = last->loss,
        .steps = last->steps,
        .learning_rate = (double)last->learning_rate,
        .alive_cells = last->alive_cells,
        .seconds = seconds_now() - t->started,
    };
    memcpy(row.norm, last->gradient_norm, sizeof row.norm);
    live_feed_row(&live->feed, 0, &row);
}

static void tell_model(live_training *live, const training *t)
{
    const nca_page_model model = {nca_session_model(t->session), live->name, false};
    live_feed_model(&live->feed, &model);
    live->modelled = nca_session_iteration(t->session);
}

/* Samples side by side as one picture; `state_of` gives (H,W,stride) floats, RGBA first. */
static void tell_tiles(live_training *live, const training *t, unsigned topic, size_t count,
                       const float *(*state_of)(const training *t, size_t i, float *scratch),
                       size_t stride, float *scratch)
{
    const nca_target *target = nca_session_target(t->session);
    const nca_colour background =
        nca_picture_background(target->rgba, target->height, target->width);
    const size_t columns = (size_t)ceil(sqrt((double)count));
    const size_t rows = (count + columns - 1) / columns;
    const size_t width = columns * (target->width + 1) - 1;
    const size_t height = rows * (target->height + 1) - 1;
    uint8_t *pixels = calloc(width * height, 4);
    float *rgba = malloc(target->height * target->width * 4 * sizeof *rgba);
    for (size_t i = 0; pixels != NULL && rgba != NULL && i < count; i++) {
        const float *state = state_of(t, i, scratch);
        for (size_t cell = 0; cell < target->height * target->width; cell++) {
            memcpy(rgba + 4 * cell, state + stride * cell, 4 * sizeof *rgba);
        }
        nca_image *tile = NULL;
        if (nca_picture_rgba(&tile, rgba, target->height, target->width, background, NULL) !=
            NCA_OK) {
            break;
        }
        const size_t top = i / columns * (target->height + 1);
        const size_t left = i % columns * (target->width + 1);
        for (size_t row = 0; row < target->height; row++) {
            memcpy(pixels + ((top + row) * width + left) * 4,
                   tile->pixels + row * target->width * 4, target->width * 4);
        }
        nca_image_destroy(tile);
    }
    if (pixels != NULL && rgba != NULL) {
        live_feed_picture(&live->feed, topic, pixels, width, height);
    }
    free(rgba);
    free(pixels);
}

static const float *sample_before(const training *t, size_t i, float *scratch)
{
    (void)scratch;
    return nca_session_sample_before(t->session, i);
}

static const float *sample_after(const training *t, size_t i, float *scratch)
{
    (void)scratch;
    return nca_session_sample(t->session, i);
}

/* Slots spread evenly over the pool. */
static const float *sample_of_pool(const training *t, size_t i, float *scratch)
{
    const size_t slots = nca_session_pool_size(t->session);
    const size_t shown = slots < MOST_POOL_TILES ? slots : MOST_POOL_TILES;
    nca_session_pool_sample(scratch, t->session, i * slots / shown);
    return scratch;
}

static void tell_pictures(live_training *live, const training *t)
{
    const nca_settings *settings = nca_session_settings(t->session);
    const nca_target *target = nca_session_target(t->session);
    const size_t channels = settings->n_channels;
    const size_t batch =
        settings->batch_size < MOST_BATCH_TILES ? settings->batch_size : MOST_BATCH_TILES;
    const size_t slots = nca_session_pool_size(t->session);
    const size_t shown = slots < MOST_POOL_TILES ? slots : MOST_POOL_TILES;
    float *scratch = malloc(target->height * target->width * channels * sizeof *scratch);
    if (scratch != NULL && nca_session_sample_before(t->session, 0) != NULL) {
        tell_tiles(live, t, LIVE_BEFORE, batch, sample_before, 4, scratch);
        tell_tiles(live, t, LIVE_AFTER, batch, sample_after, channels, scratch);
        if (shown > 0) {
            tell_tiles(live, t, LIVE_POOL, shown, sample_of_pool, channels, scratch);
        }
    }
    free(scratch);
    live->pictured = seconds_now();
}

/* Pictures and weights, where somebody looks on; the batch before its rollout is only kept then. */
static void tell_what_is_large(live_training *live, training *t)
{
    const bool watched = nca_server_watchers(live->feed.server) > 0;
    nca_session_keep_before(t->session, watched, NULL);
    if (watched && seconds_now() - live->pictured >= picture_pause) {
        tell_pictures(live, t);
        if (live->modelled < nca_session_iteration(t->session)) {
            tell_model(live, t);
        }
    }
}

/* ---- What is asked ---------------------------------------------------------------------------*/

static void say(live_training *live, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(live_training *live, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(live->said, sizeof live->said, format, arguments);
    va_end(arguments);
}

/* Does what a knob asks; false when the training is to stop. */
static bool obey(live_training *live, training *t, const nca_knob *knob)
{
    const char *what = knob->what;
    if (strcmp(what, "stop") == 0) {
        say(live, "Stopping: the model is saved.");
        return false;
    }
    if (strcmp(what, "pause") == 0 || strcmp(what, "go") == 0) {
        live->paused = strcmp(what, "pause") == 0;
        say(live, "%s", live->paused ? "Paused after this iteration." : "Going on.");
    } else if (strcmp(what, "checkpoint") == 0) {
        const bool saved = training_checkpoint(t) == NCA_OK;
        say(live,
            saved ? "Checkpoint of iteration %llu written." : "No checkpoint at %llu: it failed.",
            (unsigned long long)nca_session_iteration(t->session));
    } else {
        say(live, "Not understood: %.32s", what);
    }
    return true;
}

static bool obey_all(live_training *live, training *t)
{
    nca_knob knob;
    bool go_on = true;
    while (go_on && nca_server_next(&knob, live->feed.server)) {
        go_on = obey(live, t, &knob);
        tell_status(live, t, live->paused ? "paused" : "running");
    }
    return go_on;
}

/* ---- The life of a page ----------------------------------------------------------------------*/

nca_status live_training_open(live_training *live, training *t, unsigned port, nca_error *error)
{
    memset(live, 0, sizeof *live);
    const char *slash = strrchr(t->settings.output, '/');
    live->name = slash != NULL && slash[1] != 0 ? slash + 1 : t->settings.output;
    const nca_page_model model = {nca_session_model(t->session), live->name, false};
    nca_status status = live_feed_open(&live->feed, &model, 1, port, true, error);
    if (status == NCA_OK) {
        live->last = seconds_now();
        tell_status(live, t, "running");
    }
    return status;
}

const char *live_training_address(const live_training *live)
{
    return nca_server_address(live->feed.server);
}

bool live_training_watch(live_training *live, training *t)
{
    const double now = seconds_now(), took = now - live->last;
    live->last = now;
    live->rate = live->rate > 0 ? 0.95 * live->rate + 0.05 / took : 1 / took;
    tell_row(live, t);
    if (now - live->told >= status_pause) {
        tell_status(live, t, "running");
    }
    tell_what_is_large(live, t);
    bool go_on = obey_all(live, t);
    while (go_on && live->paused && stop_signal() == 0) {
        rest(wait_pause);
        tell_what_is_large(live, t);
        go_on = obey_all(live, t);
        live->last = seconds_now();
    }
    return go_on;
}

void live_training_close(live_training *live, const training *t, const char *state)
{
    if (live->feed.server != NULL) {
        tell_model(live, t);
        tell_status(live, t, state);
        rest(0.3);
    }
    live_feed_close(&live->feed);
}
