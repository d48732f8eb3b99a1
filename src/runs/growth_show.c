/* Drawing the growth of models: frames of an animation, and the filmstrip. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "runs/growth_stage.h"

enum {
    MOST_IN_A_ROW = 8, /* frames in a row of a filmstrip with several rows */
    MOSAICS_IN_A_ROW = 5,
    FRAME_WIDTH = 1600,  /* approximate maximum width in pixels of a frame with all models next to
                            each other, */
    STRIP_HEIGHT = 4000, /* and height of a filmstrip with all models below each other */
    LEAST_TILE = 64,     /* minimum pixels of a model's longer side, also with many models */
    CHARACTER = 8        /* approximate width in pixels of a character in a tile's name */
};

static const double hold_seconds = 1; /* for the last frame, and for a cut */

static bool is_mosaic(const nca_view *view)
{
    return view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_MOSAIC;
}

/* Number of models in a row of a frame: leaves few places empty and makes the frame wider than
 * high. */
static size_t tile_columns(size_t count)
{
    size_t best = 1;
    double least = INFINITY;
    for (size_t columns = 1; columns <= count; columns++) {
        const size_t empty = (columns - count % columns) % columns;
        const double wide = 1.6 * sqrt((double)count);
        const double cost = (double)empty + 0.5 * fabs((double)columns - wide);
        best = cost < least ? columns : best;
        least = fmin(cost, least);
    }
    return best;
}

/* The side in pixels available to one of several models. */
static size_t tile_side(const nca__growth_stage *stage)
{
    const size_t side = stage->g->animation != NULL ? FRAME_WIDTH / tile_columns(stage->count)
                                                    : STRIP_HEIGHT / stage->count;
    return side > LEAST_TILE ? side : LEAST_TILE;
}

size_t nca__growth_scale(const nca__growth_stage *stage)
{
    size_t height = 1, width = 1;
    for (size_t i = 0; i < stage->count; i++) {
        size_t rows, columns;
        const nca__growth_grid *grid = &stage->grids[i];
        nca_view_size(&rows, &columns, &stage->view, &grid->model->automaton, grid->height,
                      grid->width);
        height = rows > height ? rows : height;
        width = columns > width ? columns : width;
    }
    const bool alone = is_mosaic(&stage->view) && stage->count == 1;
    const size_t scale = nca_picture_scale(height, width) * (alone ? 2 : 1);
    const size_t fitting = tile_side(stage) / (height > width ? height : width);
    return stage->count == 1 || fitting > scale ? scale : fitting > 0 ? fitting : 1;
}

void nca__growth_name(nca__growth_stage *stage)
{
    const char *names[NCA_GROWTH_MAX_MODELS];
    size_t side = 1;
    for (size_t i = 0; i < stage->count; i++) {
        const nca__growth_grid *grid = &stage->grids[i];
        size_t rows, columns;
        names[i] = stage->subjects[i].name;
        nca_view_size(&rows, &columns, &stage->view, &grid->model->automaton, grid->height,
                      grid->width);
        side = columns > side ? columns : side;
    }
    const size_t width = side * stage->scale / CHARACTER;
    nca_picture_short_names(stage->names, names, stage->count, width > 16 ? width : 16);
}

/* ---- Frames ----------------------------------------------------------------------------------*/

static bool in_strip(const nca__growth_stage *stage, size_t step)
{
    const nca_growth *g = stage->g;
    bool found = false;
    for (size_t i = 0; g->filmstrip != NULL && i < g->strip_count; i++) {
        found |= g->strip_steps[i] == step;
    }
    return found && stage->strip_count < NCA_GROWTH_MAX_FRAMES;
}

/* Whether the animation has a frame for the step. */
static bool in_motion(const nca_growth *g, size_t step)
{
    return step > 0 || !g->without_seed;
}

bool nca__growth_shows(const nca__growth_stage *stage, size_t step)
{
    const nca_growth *g = stage->g;
    return (in_motion(g, step) && (g->animation != NULL || g->show != NULL)) ||
           in_strip(stage, step);
}

/* Several models in one frame, each with its name and, if the colours represent numbers, the
 * scale. */
static nca_status lay_out(nca_image **out_frame, const nca__growth_stage *stage,
                          nca_image *const *pictures, nca_error *error)
{
    const nca_image *cells[2 * NCA_GROWTH_MAX_MODELS] = {
        NULL}; /* fewer than half of the tiles are empty */
    const char *names[2 * NCA_GROWTH_MAX_MODELS] = {NULL};
    for (size_t i = 0; i < stage->count; i++) {
        cells[i] = pictures[i];
        names[i] = stage->names[i];
    }
    nca_legend legend;
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.cells = cells;
    sheet.is_blank = true;
    sheet.captions = names;
    sheet.scale = stage->scale;
    sheet.columns = tile_columns(stage->count);
    sheet.rows = (stage->count + sheet.columns - 1) / sheet.columns;
    sheet.legend =
        nca_view_legend(&legend, &stage->view, &stage->grids[0].model->automaton) ? &legend : NULL;
    return nca_picture_sheet_image(out_frame, &sheet, error);
}

static nca_status add_frame(nca__growth_stage *stage, nca_image *const *pictures, double hold,
                            nca_error *error)
{
    nca_image *frame = NULL;
    nca_status status = stage->count == 1
                            ? nca_image_scale_nearest(&frame, pictures[0], stage->scale, error)
                            : lay_out(&frame, stage, pictures, error);
    if (status == NCA_OK && stage->animation == NULL) {
        status = nca_animation_open(&stage->animation, stage->g->animation, frame->width,
                                    frame->height, stage->g->fps, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_add(stage->animation, frame, error);
    }
    if (status == NCA_OK && hold > 0) {
        status = nca_animation_hold(stage->animation, hold, error);
    }
    nca_image_destroy(frame);
    return status;
}

/* ---- A callback ------------------------------------------------------------------------------*/

static nca_status call_back(const nca__growth_stage *stage, nca_image *const *pictures, size_t step,
                            nca_error *error)
{
    const nca_growth_frame frame = {pictures, stage->count, tile_columns(stage->count), step};
    return stage->g->show(&frame, stage->g->user, error);
}

nca_status nca__growth_show(nca__growth_stage *stage, size_t step, bool cut, nca_error *error)
{
    const nca_growth *g = stage->g;
    if (!nca__growth_shows(stage, step)) {
        return NCA_OK;
    }
    nca_image *pictures[NCA_GROWTH_MAX_MODELS] = {NULL};
    nca_status status = NCA_OK;
    for (size_t i = 0; i < stage->count && status == NCA_OK; i++) {
        const nca__growth_grid *grid = &stage->grids[i];
        stage->view.parameters = grid->model->parameters;
        status = nca_view_picture(&pictures[i], &stage->view, &grid->model->automaton, grid->state,
                                  grid->has_before ? grid->before : NULL, grid->height, grid->width,
                                  error);
    }
    if (status == NCA_OK && g->animation != NULL && in_motion(g, step)) {
        status = add_frame(stage, pictures, step == g->steps || cut ? hold_seconds : 0, error);
    }
    if (status == NCA_OK && g->show != NULL && in_motion(g, step)) {
        status = call_back(stage, pictures, step, error);
    }
    bool keep = status == NCA_OK && in_strip(stage, step);
    if (keep) {
        snprintf(stage->labels[stage->strip_count], sizeof *stage->labels, "step %zu%s", step,
                 cut ? ", cut" : "");
    }
    for (size_t i = 0; i < stage->count; i++) {
        if (keep) {
            stage->strip[i][stage->strip_count] = pictures[i];
        } else {
            nca_image_destroy(pictures[i]);
        }
    }
    stage->strip_count += keep;
    return status;
}

/* ---- The filmstrip ---------------------------------------------------------------------------*/

/* One model: rows of lengths as equal as possible, a label under each frame. */
static nca_status write_frames(const nca__growth_stage *stage, const nca_legend *legend,
                               nca_error *error)
{
    const nca_image *frames[NCA_GROWTH_MAX_FRAMES + MOST_IN_A_ROW] = {NULL};
    const char *labels[NCA_GROWTH_MAX_FRAMES + MOST_IN_A_ROW] = {NULL};
    for (size_t i = 0; i < stage->strip_count; i++) {
        frames[i] = stage->strip[0][i];
        labels[i] = stage->labels[i];
    }
    const nca_growth *g = stage->g;
    if (legend == NULL) {
        return nca_picture_filmstrip(g->filmstrip, frames, labels, stage->strip_count, stage->scale,
                                     g->title, error);
    }
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.cells = frames;
    sheet.is_blank = true;
    sheet.captions = labels;
    sheet.scale = stage->scale;
    sheet.title = g->title;
    sheet.legend = legend;
    const size_t most = is_mosaic(&stage->view) ? MOSAICS_IN_A_ROW : MOST_IN_A_ROW;
    sheet.rows = (stage->strip_count + most - 1) / most;
    sheet.columns = (stage->strip_count + sheet.rows - 1) / sheet.rows;
    return nca_picture_sheet(g->filmstrip, &sheet, error);
}

/* Several models: a row for each model, a column for each step. */
static nca_status write_rows(const nca__growth_stage *stage, const nca_legend *legend,
                             nca_error *error)
{
    const nca_image **cells = calloc(stage->count * stage->strip_count, sizeof *cells);
    if (cells == NULL) {
        return nca__fail_memory(error, "the filmstrip", 0);
    }
    const char *names[NCA_GROWTH_MAX_MODELS], *labels[NCA_GROWTH_MAX_FRAMES];
    for (size_t row = 0; row < stage->count; row++) {
        names[row] = stage->names[row];
        for (size_t column = 0; column < stage->strip_count; column++) {
            cells[row * stage->strip_count + column] = stage->strip[row][column];
            labels[column] = stage->labels[column];
        }
    }
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.rows = stage->count;
    sheet.columns = stage->strip_count;
    sheet.cells = cells;
    sheet.row_labels = names;
    sheet.column_labels = labels;
    sheet.scale = stage->scale;
    sheet.title = stage->g->title;
    sheet.legend = legend;
    const nca_status status = nca_picture_sheet(stage->g->filmstrip, &sheet, error);
    free(cells);
    return status;
}

nca_status nca__growth_show_end(nca__growth_stage *stage, nca_error *error)
{
    nca_status status = NCA_OK;
    if (stage->animation != NULL) {
        status = nca_animation_commit(stage->animation, error);
    }
    if (status == NCA_OK && stage->g->filmstrip != NULL) {
        nca_legend legend;
        bool numbers = nca_view_legend(&legend, &stage->view, &stage->grids[0].model->automaton);
        const nca_legend *shown = numbers ? &legend : NULL;
        status =
            stage->count == 1 ? write_frames(stage, shown, error) : write_rows(stage, shown, error);
    }
    return status;
}

void nca__growth_show_free(nca__growth_stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        for (size_t k = 0; k < stage->strip_count; k++) {
            nca_image_destroy(stage->strip[i][k]);
        }
    }
    nca_animation_destroy(stage->animation);
}
