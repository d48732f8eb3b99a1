/* The default options for showing the growth of a model, and the comparison with its target.
 * growth_run.c runs the model. */
#include "nca/growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "nca/spread.h"

enum {
    STEPS_ONCE = 96,     /* for a growing automaton, which is not trained for more steps */
    STEPS_STABLE = 192,  /* for a persistent automaton: enough to show that it is stable */
    STEPS_HEALING = 240, /* for a regenerating automaton, with the cut after half of the steps */
    DEFAULT_FPS = 20
};

nca_colour nca_growth_background(const nca_model *const *models, size_t count)
{
    nca_colour background = {255, 255, 255};
    nca_picture_target *targets = calloc(count + 1, sizeof *targets);
    size_t known = 0;
    for (size_t i = 0; i < count && targets != NULL; i++) {
        if (models[i] != NULL && models[i]->target != NULL) {
            const nca_model_info *info = &models[i]->info;
            targets[known++] = (nca_picture_target){models[i]->target, info->height, info->width};
        }
    }
    if (targets != NULL) {
        background = nca_picture_background_of(targets, known);
    }
    free(targets);
    return background;
}

void nca_growth_default(nca_growth *g, const nca_model *model)
{
    memset(g, 0, sizeof *g);
    nca_rollout_options_default(&g->options, model);
    g->steps = STEPS_STABLE;
    if (strcmp(model->info.experiment, "growing") == 0) {
        g->steps = STEPS_ONCE;
    } else if (strcmp(model->info.experiment, "regenerating") == 0) {
        g->steps = STEPS_HEALING;
        g->cut_at = STEPS_HEALING / 2;
    }
    g->background = nca_growth_background(&model, 1);
    g->fps = DEFAULT_FPS;
    nca_view_default(&g->view);
    nca_growth_choose_strip_steps(g);
}

/* Adds frames at these fractions of a span; growth is fastest at its start. */
static void add_strip(nca_growth *g, size_t from, size_t span, const double *shares, size_t count)
{
    for (size_t i = 0; i < count && g->strip_count < NCA_GROWTH_MAX_FRAMES; i++) {
        size_t step = from + (size_t)(shares[i] * (double)span + 0.5);
        if (g->strip_count == 0 || step > g->strip_steps[g->strip_count - 1]) {
            g->strip_steps[g->strip_count++] = step;
        }
    }
}

bool nca_growth_is_animation(const char *path)
{
    return nca__path_ends_with(path, ".gif") || nca__path_ends_with(path, ".mp4") ||
           nca__path_ends_with(path, ".webm");
}

void nca_growth_choose_strip_steps(nca_growth *g)
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

nca_loss nca_growth_loss(const nca_model *model)
{
    for (int i = 0; i < NCA_LOSS_COUNT; i++) {
        if (strcmp(model->info.loss_name, nca_loss_name((nca_loss)i)) == 0) {
            return (nca_loss)i;
        }
    }
    return NCA_LOSS_L2;
}

nca_status nca_growth_compare(const nca_model *model, const nca_rollout_options *options,
                              size_t steps, nca_colour background, const char *path,
                              nca_error *error)
{
    nca_rollout *rollout = NULL;
    nca_status status = nca_rollout_create(&rollout, model, options, error);
    if (status != NCA_OK) {
        return status;
    }
    float *rgba = calloc(options->height * options->width, 4 * sizeof *rgba);
    if (rgba == NULL) {
        nca_rollout_destroy(rollout);
        return nca__fail_memory(error, "pictures", 0);
    }
    status = nca_rollout_run(rollout, steps, error);
    if (status == NCA_OK) {
        nca_rollout_rgba(rgba, rollout, 0);
        nca_loss loss = nca_growth_loss(model);
        char caption[96 + NCA_NUMBER_TEXT_SIZE], number[NCA_NUMBER_TEXT_SIZE];
        nca_number_text(number, nca_rollout_loss(rollout, 0, loss, model->target));
        snprintf(caption, sizeof caption, "after %zu steps, %s loss %s", steps, nca_loss_name(loss),
                 number);
        status = nca_picture_comparison(path, model->target, rgba, options->height, options->width,
                                        background, caption, error);
    }
    free(rgba);
    nca_rollout_destroy(rollout);
    return status;
}
