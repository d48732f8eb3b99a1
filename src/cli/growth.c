/* Growing a model and drawing it: one pass over the steps feeds animation and filmstrip. */
#include "cli/growth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/stop.h"

enum {
    STEPS_ONCE = 96,     /* a growing automaton is trained no further than this */
    STEPS_STABLE = 192,  /* one that stays is shown staying */
    STEPS_HEALING = 240, /* with the cut half way */
    DEFAULT_FPS = 20
};

static const double hold_seconds = 1; /* on the last frame, and on a cut */

static nca_status fail_memory(nca_error *error)
{
    error->status = NCA_OUT_OF_MEMORY;
    snprintf(error->message, sizeof error->message, "pictures: memory could not be had");
    return NCA_OUT_OF_MEMORY;
}

void growth_default(growth *g, const nca_model *model)
{
    memset(g, 0, sizeof *g);
    g->options = nca_rollout_options_default(model);
    g->steps = STEPS_STABLE;
    if (strcmp(model->info.experiment, "growing") == 0) {
        g->steps = STEPS_ONCE;
    } else if (strcmp(model->info.experiment, "regenerating") == 0) {
        g->steps = STEPS_HEALING;
        g->cut_at = STEPS_HEALING / 2;
    }
    g->background =
        model->target == NULL
            ? (nca_colour){255, 255, 255}
            : nca_picture_background(model->target, model->info.height, model->info.width);
    g->fps = DEFAULT_FPS;
    growth_spread_strip(g);
}

/* Frames at these shares of a span; growth is fastest at its start. */
static void add_strip(growth *g, size_t from, size_t span, const double *shares, size_t count)
{
    for (size_t i = 0; i < count && g->strip_count < MOST_STRIP_FRAMES; i++) {
        size_t step = from + (size_t)(shares[i] * (double)span + 0.5);
        if (g->strip_count == 0 || step > g->strip_steps[g->strip_count - 1]) {
            g->strip_steps[g->strip_count++] = step;
        }
    }
}

bool growth_is_animation(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcasecmp(dot, ".gif") == 0 || strcasecmp(dot, ".mp4") == 0 ||
                           strcasecmp(dot, ".webm") == 0);
}

void growth_spread_strip(growth *g)
{
    static const double whole[] = {0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1};
    static const double before[] = {0, 0.1, 0.2, 0.3, 0.6}, after[] = {0, 0.1, 0.25, 0.5, 1};
    g->strip_count = 0;
    if (g->cut_at > 0 && g->cut_at < g->steps) {
        add_strip(g, 0, g->cut_at, before, sizeof before / sizeof *before);
        add_strip(g, g->cut_at, g->steps - g->cut_at, after, sizeof after / sizeof *after);
    } else {
        add_strip(g, 0, g->steps, whole, sizeof whole / sizeof *whole);
    }
}

nca_loss growth_loss_of(const nca_model *model)
{
    for (int i = 0; i < NCA_LOSS_COUNT; i++) {
        if (strcmp(model->info.loss_name, nca_loss_name((nca_loss)i)) == 0) {
            return (nca_loss)i;
        }
    }
    return NCA_LOSS_L2;
}

/* What a growth has while it runs. */
typedef struct stage {
    const growth *g;
    nca_rollout *rollout;
    nca_animation *animation;
    float *rgba;
    nca_image *strip[MOST_STRIP_FRAMES];
    char labels[MOST_STRIP_FRAMES][32];
    size_t strip_count;
} stage;

static nca_status add_frame(stage *s, const nca_image *picture, double hold, nca_error *error)
{
    nca_image *frame = NULL;
    nca_status status = nca_image_scale_nearest(&frame, picture, s->g->scale, error);
    if (status == NCA_OK) {
        status = nca_animation_add(s->animation, frame, error);
    }
    if (status == NCA_OK && hold > 0) {
        status = nca_animation_hold(s->animation, hold, error);
    }
    nca_image_destroy(frame);
    return status;
}

/* Draws the grid as it is after `step` steps. */
static nca_status show(stage *s, size_t step, bool cut, nca_error *error)
{
    const growth *g = s->g;
    bool in_strip = false;
    for (size_t i = 0; g->filmstrip != NULL && i < g->strip_count; i++) {
        in_strip |= g->strip_steps[i] == step;
    }
    if (!in_strip && s->animation == NULL) {
        return NCA_OK;
    }
    nca_image *picture = NULL;
    nca_rollout_rgba(s->rgba, s->rollout, 0);
    nca_status status = nca_picture_rgba(&picture, s->rgba, g->options.height, g->options.width,
                                         g->background, error);
    if (status == NCA_OK && s->animation != NULL) {
        status = add_frame(s, picture, step == g->steps || cut ? hold_seconds : 0, error);
    }
    if (status == NCA_OK && in_strip && s->strip_count < MOST_STRIP_FRAMES) {
        snprintf(s->labels[s->strip_count], sizeof *s->labels, "step %zu%s", step,
                 cut ? ", cut" : "");
        s->strip[s->strip_count++] = picture;
        picture = NULL;
    }
    nca_image_destroy(picture);
    return status;
}

/* Damage that falls on this step; returns whether there was any. */
static bool damage_now(stage *s, size_t step)
{
    const growth *g = s->g;
    if (g->cut_at > 0 && step == g->cut_at) {
        /* Off the centre, of the size of an average circle of training. */
        const nca_damage fixed = {
            .shape = NCA_DAMAGE_CIRCLE, .x = 0.2f, .y = -0.15f, .size = 0.28f};
        nca_rollout_damage(s->rollout, 0, &fixed);
        return true;
    }
    if (g->damage_every > 0 && step > 0 && step % g->damage_every == 0 && step < g->steps) {
        nca_damage random = nca_damage_draw(g->damage_shape, g->options.seed, 0,
                                            (uint32_t)(step / g->damage_every));
        nca_rollout_damage(s->rollout, 0, &random);
        return true;
    }
    return false;
}

static nca_status write_strip(const stage *s, nca_error *error)
{
    const nca_image *frames[MOST_STRIP_FRAMES];
    const char *labels[MOST_STRIP_FRAMES];
    for (size_t i = 0; i < s->strip_count; i++) {
        frames[i] = s->strip[i];
        labels[i] = s->labels[i];
    }
    return nca_picture_filmstrip(s->g->filmstrip, frames, labels, s->strip_count, s->g->scale,
                                 s->g->title, error);
}

/* The loss against the target laid where its seed cell meets the grid's. */
static double final_loss(const stage *s, const nca_model *model)
{
    size_t height = s->g->options.height, width = s->g->options.width;
    size_t rows = model->info.height, columns = model->info.width;
    if (model->target == NULL || height < rows || width < columns) {
        return NAN;
    }
    size_t top = height / 2 - rows / 2, left = width / 2 - columns / 2;
    float *target = calloc(height * width, 4 * sizeof *target);
    if (target == NULL) {
        return NAN;
    }
    for (size_t y = 0; y < rows; y++) {
        memcpy(target + ((top + y) * width + left) * 4, model->target + y * columns * 4,
               columns * 4 * sizeof *target);
    }
    double loss = nca_rollout_loss(s->rollout, 0, growth_loss_of(model), target);
    free(target);
    return loss;
}

static nca_status run_steps(stage *s, nca_error *error)
{
    for (size_t step = 0;; step++) {
        bool damaged = damage_now(s, step);
        nca_status status = show(s, step, damaged, error);
        if (status != NCA_OK || step == s->g->steps) {
            return status;
        }
        if (stop_signal() != 0) {
            error->status = NCA_INTERRUPTED;
            snprintf(error->message, sizeof error->message, "stopped; no picture was written");
            return NCA_INTERRUPTED;
        }
        nca_rollout_run(s->rollout, 1);
    }
}

nca_status growth_run(const growth *given, const nca_model *model, double *out_loss,
                      nca_error *error)
{
    growth g = *given;
    if (g.scale == 0) {
        g.scale = nca_picture_scale(g.options.height, g.options.width);
    }
    stage s = {.g = &g};
    nca_status status = nca_rollout_create(&s.rollout, model, &g.options, error);
    s.rgba =
        status == NCA_OK ? calloc(g.options.height * g.options.width, 4 * sizeof *s.rgba) : NULL;
    if (status == NCA_OK && s.rgba == NULL) {
        status = fail_memory(error);
    }
    if (status == NCA_OK && g.animation != NULL) {
        status = nca_animation_open(&s.animation, g.animation, g.options.width * g.scale,
                                    g.options.height * g.scale, g.fps, error);
    }
    if (status == NCA_OK) {
        status = run_steps(&s, error);
    }
    if (status == NCA_OK && s.animation != NULL) {
        status = nca_animation_commit(s.animation, error);
    }
    if (status == NCA_OK && g.filmstrip != NULL) {
        status = write_strip(&s, error);
    }
    if (status == NCA_OK && out_loss != NULL) {
        *out_loss = final_loss(&s, model);
    }
    for (size_t i = 0; i < s.strip_count; i++) {
        nca_image_destroy(s.strip[i]);
    }
    nca_animation_destroy(s.animation);
    nca_rollout_destroy(s.rollout);
    free(s.rgba);
    return status;
}

nca_status growth_compare(const nca_model *model, const nca_rollout_options *options, size_t steps,
                          nca_colour background, const char *path, nca_error *error)
{
    nca_rollout *rollout = NULL;
    nca_status status = nca_rollout_create(&rollout, model, options, error);
    if (status != NCA_OK) {
        return status;
    }
    float *rgba = calloc(options->height * options->width, 4 * sizeof *rgba);
    if (rgba == NULL) {
        nca_rollout_destroy(rollout);
        return fail_memory(error);
    }
    nca_rollout_run(rollout, steps);
    nca_rollout_rgba(rgba, rollout, 0);
    nca_loss loss = growth_loss_of(model);
    char caption[96];
    snprintf(caption, sizeof caption, "after %zu steps, %s loss %.3g", steps, nca_loss_name(loss),
             nca_rollout_loss(rollout, 0, loss, model->target));
    status = nca_picture_comparison(path, model->target, rgba, options->height, options->width,
                                    background, caption, error);
    free(rgba);
    nca_rollout_destroy(rollout);
    return status;
}
