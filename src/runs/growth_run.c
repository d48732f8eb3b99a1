/* Runs models step by step: the first pass takes the measurements that the view needs, the
 * second draws. */
#include "runs/growth_stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* ---- Damage ----------------------------------------------------------------------------------*/

static void damage_all(nca__growth_stage *stage, const nca_damage *damage)
{
    for (size_t i = 0; i < stage->count; i++) {
        nca__growth_grid *grid = &stage->grids[i];
        const nca_automaton *automaton = &grid->model->automaton;
        nca_damage cut = *damage;
        cut.input_channels = automaton->input_channels;
        nca_rollout_damage(grid->rollout, 0, &cut);
        if (grid->has_before) {
            nca_damage_apply(grid->before, grid->height, grid->width, automaton->channels, &cut);
        }
    }
}

/* Applies the damage of this step; returns whether there was any. */
static bool damage_now(nca__growth_stage *stage, size_t step)
{
    const nca_growth *g = stage->g;
    if (g->cut_at > 0 && step == g->cut_at) {
        /* Off-centre, with the size of an average circle in training. */
        const nca_damage fixed = {
            .shape = NCA_DAMAGE_CIRCLE, .x = 0.2f, .y = -0.15f, .size = 0.28f};
        damage_all(stage, &fixed);
        return true;
    }
    if (g->damage_every > 0 && step > 0 && step % g->damage_every == 0 && step < g->steps) {
        nca_damage random = nca_damage_draw(g->damage_shape, g->options.seed, 0,
                                            (uint32_t)(step / g->damage_every));
        damage_all(stage, &random);
        return true;
    }
    return false;
}

/* Damage as in the reference: the next frame is the first to show it. A tenth of the number of
 * steps may be a fraction; only its whole multiples count, as in Python's i % (n / 10). */
static void damage_after(nca__growth_stage *stage, size_t step)
{
    const nca_growth *g = stage->g;
    if (g->tenths_of > 0 && step > 1 && fmod((double)(step - 1), (double)g->tenths_of / 10) == 0) {
        const nca_damage random =
            nca_damage_draw(NCA_DAMAGE_CIRCLE, g->options.seed, 0, ++stage->wounds);
        damage_all(stage, &random);
    }
}

/* ---- Steps -----------------------------------------------------------------------------------*/

/* Called with the states of each step. */
typedef nca_status visit(nca__growth_stage *stage, size_t step, bool cut, nca_error *error);

static nca_status measure(nca__growth_stage *stage, size_t step, bool cut, nca_error *error)
{
    (void)cut;
    (void)error;
    for (size_t i = 0; i < stage->count && nca__growth_shows(stage, step); i++) {
        const nca__growth_grid *grid = &stage->grids[i];
        stage->view.parameters = grid->model->parameters;
        nca_view_measure(&stage->range, &stage->view, &grid->model->automaton, grid->state,
                         grid->has_before ? grid->before : NULL, grid->height, grid->width);
    }
    return NCA_OK;
}

static nca_status advance(nca__growth_stage *stage, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < stage->count && status == NCA_OK; i++) {
        nca__growth_grid *grid = &stage->grids[i];
        if (stage->view.kind == NCA_VIEW_UPDATE) {
            nca_rollout_get(grid->before, grid->rollout, 0);
            grid->has_before = true;
        }
        status = nca_rollout_run(grid->rollout, 1, error);
    }
    return status;
}

static nca_status run_steps(nca__growth_stage *stage, visit *each, nca_error *error)
{
    for (size_t i = 0; i < stage->count; i++) {
        nca_rollout_reset(stage->grids[i].rollout);
        stage->grids[i].has_before = false;
    }
    stage->wounds = 0;
    for (size_t step = 0;; step++) {
        bool damaged = damage_now(stage, step);
        for (size_t i = 0; i < stage->count && nca__growth_shows(stage, step); i++) {
            nca_rollout_get(stage->grids[i].state, stage->grids[i].rollout, 0);
        }
        nca_status status = each(stage, step, damaged, error);
        damage_after(stage, step);
        if (status != NCA_OK || step == stage->g->steps) {
            return status;
        }
        if (stage->g->keep_going != NULL && !stage->g->keep_going(stage->g->user)) {
            return nca__fail(error, NCA_INTERRUPTED, "stopped; no picture was written");
        }
        status = advance(stage, error);
        if (status != NCA_OK) {
            return status;
        }
    }
}

/* The loss against the target, aligned so that its seed cell is that of the grid. */
static void final_loss(nca_growth_subject *out, const nca__growth_grid *grid)
{
    out->has_loss = out->loss_is_missing = false;
    const nca_model *model = grid->model;
    size_t height = grid->height, width = grid->width;
    size_t rows = model->info.height, columns = model->info.width;
    if (model->target == NULL || height < rows || width < columns) {
        return;
    }
    size_t top = height / 2 - rows / 2, left = width / 2 - columns / 2;
    float *target = calloc(height * width, 4 * sizeof *target);
    if (target == NULL) {
        out->loss_is_missing = true;
        return;
    }
    for (size_t y = 0; y < rows; y++) {
        memcpy(target + ((top + y) * width + left) * 4, model->target + y * columns * 4,
               columns * 4 * sizeof *target);
    }
    out->has_loss = true;
    out->loss = nca_rollout_loss(grid->rollout, 0, nca_growth_loss(model), target);
    free(target);
}

/* ---- All passes ------------------------------------------------------------------------------*/

static nca_status create_grid(nca__growth_grid *grid, const nca_growth *g, const nca_model *model,
                              nca_error *error)
{
    nca_rollout_options options = g->options;
    if (g->own_size) {
        nca_rollout_options own;
        nca_rollout_options_default(&own, model);
        options.height = own.height;
        options.width = own.width;
    }
    *grid = (nca__growth_grid){.model = model, .height = options.height, .width = options.width};
    nca_view view = g->view;
    view.parameters = model->parameters;
    nca_status status = nca_view_check(&view, &model->automaton, error);
    if (status == NCA_OK) {
        status = nca_rollout_create(&grid->rollout, model, &options, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    size_t floats = options.height * options.width * model->automaton.channels;
    grid->state = calloc(floats, sizeof *grid->state);
    grid->before =
        g->view.kind == NCA_VIEW_UPDATE ? calloc(floats, sizeof *grid->before) : grid->state;
    return grid->state != NULL && grid->before != NULL ? NCA_OK
                                                       : nca__fail_memory(error, "pictures", 0);
}

static void destroy_grid(nca__growth_grid *grid)
{
    nca_rollout_destroy(grid->rollout);
    if (grid->before != grid->state) {
        free(grid->before);
    }
    free(grid->state);
}

static nca_status run_stage(nca__growth_stage *stage, double *out_end, nca_error *error)
{
    nca_status status = NCA_OK;
    const bool measured = nca_view_is_measured(&stage->view);
    stage->scale = stage->g->scale > 0 ? stage->g->scale : nca__growth_scale(stage);
    if (stage->count > 1) {
        nca__growth_name(stage);
    }
    if (measured) {
        status = run_steps(stage, measure, error);
        stage->view.end = nca_view_range_end(&stage->range);
    }
    if (status == NCA_OK) {
        status = run_steps(stage, nca__growth_show, error);
    }
    if (status == NCA_OK) {
        status = nca__growth_show_end(stage, error);
    }
    if (status == NCA_OK && out_end != NULL) {
        *out_end = measured ? stage->view.end : 0.0;
    }
    return status;
}

nca_status nca_growth_run(const nca_growth *g, nca_growth_subject *subjects, size_t count,
                          double *out_end, nca_error *error)
{
    nca_status room = nca__check_reserved(g->reserved, NCA_RESERVED, "nca_growth", error);
    if (room != NCA_OK) {
        return room;
    }
    if (count < 1 || count > NCA_GROWTH_MAX_MODELS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "growth: expected 1 to %d models, found %zu",
                         NCA_GROWTH_MAX_MODELS, count);
    }
    nca__growth_stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        return nca__fail_memory(error, "pictures", 0);
    }
    stage->g = g;
    stage->subjects = subjects;
    stage->view = g->view;
    stage->view.background = g->background;
    nca_status status = NCA_OK;
    for (; status == NCA_OK && stage->count < count; stage->count++) {
        status = create_grid(&stage->grids[stage->count], g, subjects[stage->count].model, error);
    }
    if (status == NCA_OK) {
        status = run_stage(stage, out_end, error);
    }
    for (size_t i = 0; i < stage->count; i++) {
        if (status == NCA_OK) {
            final_loss(&subjects[i], &stage->grids[i]);
        }
        destroy_grid(&stage->grids[i]);
    }
    nca__growth_show_free(stage);
    free(stage);
    return status;
}
