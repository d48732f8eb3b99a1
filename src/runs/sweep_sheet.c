/* Draws all runs of a sweep in one grid, from their models. */
#include "runs/sweep_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/animation.h"
#include "nca/growth.h"
#include "nca/picture.h"
#include "nca/spread.h"
#include "runs/sweep_child.h"

enum {
    STILL_CELL = 140, /* approximate longer side of a cell in pixels */
    MOVING_CELL = 84,
    STILL_WIDTH = 8000, /* approximate maximum width of all cells in pixels */
    MOVING_WIDTH = 1100,
    LAST_STEP = 120, /* last step of the animation */
    STEPS_A_FRAME = 2,
    FRAMES_A_SECOND = 12,
    LABEL = 512
};

static const double hold_seconds = 2;
static const size_t no_axis = SIZE_MAX;

/* A place of the grid. */
typedef struct cell {
    size_t run; /* SIZE_MAX: no finished run */
    nca_model *model;
    nca_rollout *rollout;
    char caption[96];
} cell;

typedef struct grid {
    const nca_sweep_job *job;
    size_t row_axis; /* or no_axis: a single row */
    size_t rows, columns;
    size_t *first_of_row, *first_of_column; /* a run of each row and column */
    cell *cells;                            /* (rows, columns) */
    size_t largest;                         /* longest side of any model's grid */
    nca_colour background;                  /* of all pictures */
    /* The sheet, with an additional column for the target. */
    nca_image **images; /* (rows, columns + 1) owned */
    const char **captions, **row_labels, **column_labels;
    char (*column_text)[LABEL];
    bool *marked;
} grid;

/* ---- The grid --------------------------------------------------------------------------------*/

static size_t choose_row_axis(const nca_sweep *sweep)
{
    for (size_t axis = 0; axis < nca_sweep_axis_count(sweep); axis++) {
        if (strcmp(nca_sweep_axis(sweep, axis)->key, "target_path") == 0) {
            return axis;
        }
    }
    return nca_sweep_axis_count(sweep) > 1 ? 0 : no_axis;
}

/* Whether two runs belong to the same row or, if `row` is false, to the same column. */
static bool agree(const grid *g, size_t a, size_t b, bool row)
{
    for (size_t axis = 0; axis < nca_sweep_axis_count(g->job->sweep); axis++) {
        if ((axis == g->row_axis) == row && strcmp(nca_sweep_value(g->job->sweep, a, axis),
                                                   nca_sweep_value(g->job->sweep, b, axis)) != 0) {
            return false;
        }
    }
    return true;
}

/* The index of a run's row or column; a new one is appended. */
static size_t place(const grid *g, size_t *firsts, size_t *count, size_t run, bool row)
{
    size_t i = 0;
    while (i < *count && !agree(g, firsts[i], run, row)) {
        i++;
    }
    if (i == *count) {
        firsts[(*count)++] = run;
    }
    return i;
}

static nca_status fail_memory(nca_error *error)
{
    return nca__fail(error, NCA_OUT_OF_MEMORY, "sheet: out of memory");
}

static bool allocate(grid *g)
{
    size_t cells = g->rows * g->columns, places = g->rows * (g->columns + 1);
    g->cells = calloc(cells, sizeof *g->cells);
    g->images = calloc(places, sizeof *g->images);
    g->captions = calloc(places, sizeof *g->captions);
    g->marked = calloc(places, sizeof *g->marked);
    g->row_labels = calloc(g->rows, sizeof *g->row_labels);
    g->column_labels = calloc(g->columns + 1, sizeof *g->column_labels);
    g->column_text = calloc(g->columns, sizeof *g->column_text);
    for (size_t i = 0; g->cells != NULL && i < cells; i++) {
        g->cells[i].run = SIZE_MAX;
    }
    return g->cells != NULL && g->images != NULL && g->captions != NULL && g->marked != NULL &&
           g->row_labels != NULL && g->column_labels != NULL && g->column_text != NULL;
}

static nca_status arrange(grid *g, nca_error *error)
{
    size_t runs = g->job->count;
    g->row_axis = choose_row_axis(g->job->sweep);
    g->first_of_row = calloc(runs, sizeof *g->first_of_row);
    g->first_of_column = calloc(runs, sizeof *g->first_of_column);
    if (g->first_of_row == NULL || g->first_of_column == NULL) {
        return fail_memory(error);
    }
    for (size_t run = 0; run < runs; run++) {
        place(g, g->first_of_row, &g->rows, run, true);
        place(g, g->first_of_column, &g->columns, run, false);
    }
    if (!allocate(g)) {
        return fail_memory(error);
    }
    for (size_t run = runs; run > 0; run--) {
        size_t row = place(g, g->first_of_row, &g->rows, run - 1, true);
        size_t column = place(g, g->first_of_column, &g->columns, run - 1, false);
        cell *at = &g->cells[row * g->columns + column];
        at->run = g->job->runs[run - 1].result.known ? run - 1 : at->run;
    }
    return NCA_OK;
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void write_column_labels(grid *g)
{
    const nca_sweep *sweep = g->job->sweep;
    g->column_labels[0] = "target";
    for (size_t column = 0; column < g->columns; column++) {
        char *text = g->column_text[column];
        for (size_t axis = 0; axis < nca_sweep_axis_count(sweep); axis++) {
            size_t used = strlen(text);
            if (axis != g->row_axis) {
                snprintf(text + used, LABEL - used, "%s%s", used > 0 ? "\n" : "",
                         nca_sweep_label(sweep, g->first_of_column[column], axis));
            }
        }
        if (text[0] == 0) {
            snprintf(text, LABEL, "grown");
        }
        g->column_labels[1 + column] = text;
    }
    for (size_t row = 0; row < g->rows && g->row_axis != no_axis; row++) {
        g->row_labels[row] = nca_sweep_label(sweep, g->first_of_row[row], g->row_axis);
    }
}

static bool can_be_best(const nca_sweep_result *result)
{
    return !result->dead && !result->diverged;
}

/* Writes the loss below each cell; the best of each row is marked. */
static void write_captions(grid *g)
{
    for (size_t row = 0; row < g->rows; row++) {
        double best = INFINITY;
        for (size_t column = 0; column < g->columns; column++) {
            cell *at = &g->cells[row * g->columns + column];
            size_t spot = row * (g->columns + 1) + 1 + column;
            if (at->run == SIZE_MAX) {
                g->captions[spot] = "no result";
                continue;
            }
            const nca_sweep_result *result = &g->job->runs[at->run].result;
            char loss[NCA_NUMBER_TEXT_SIZE];
            nca_number_text(loss, result->number[NCA_SWEEP_L2]);
            snprintf(at->caption, sizeof at->caption, "L2 %s%s", loss,
                     result->dead       ? ", dead"
                     : result->diverged ? ", diverged"
                                        : "");
            g->captions[spot] = at->caption;
            best = can_be_best(result) ? fmin(best, result->number[NCA_SWEEP_L2]) : best;
        }
        for (size_t column = 0; column < g->columns && g->columns > 1; column++) {
            const cell *at = &g->cells[row * g->columns + column];
            g->marked[row * (g->columns + 1) + 1 + column] =
                at->run != SIZE_MAX && can_be_best(&g->job->runs[at->run].result) &&
                g->job->runs[at->run].result.number[NCA_SWEEP_L2] == best;
        }
    }
}

/* ---- Models ----------------------------------------------------------------------------------*/

static nca_status load_cells(grid *g, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < g->rows * g->columns && status == NCA_OK; i++) {
        cell *at = &g->cells[i];
        if (at->run == SIZE_MAX) {
            continue;
        }
        nca_run_path path;
        nca_run_file(&path, g->job->runs[at->run].folder.text, NCA_RUN_MODEL);
        status = nca_model_load(&at->model, path.text, error);
        if (status != NCA_OK) {
            break;
        }
        nca_rollout_options options;
        nca_rollout_options_default(&options, at->model);
        options.threads = 1; /* there are many small grids */
        size_t side = options.height > options.width ? options.height : options.width;
        g->largest = side > g->largest ? side : g->largest;
        status = nca_rollout_create(&at->rollout, at->model, &options, error);
    }
    return status;
}

/* One background for the sheet, so that a dead grid looks the same in every row. */
static nca_status choose_background(grid *g, nca_error *error)
{
    const size_t count = g->rows * g->columns;
    const nca_model **models = calloc(count, sizeof *models);
    if (models == NULL) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        models[i] = g->cells[i].model;
    }
    g->background = nca_growth_background(models, count);
    free(models);
    return NCA_OK;
}

static nca_status draw_targets(grid *g, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t row = 0; row < g->rows && status == NCA_OK; row++) {
        for (size_t column = 0; column < g->columns; column++) {
            const nca_model *model = g->cells[row * g->columns + column].model;
            if (model != NULL && model->target != NULL) {
                status =
                    nca_picture_rgba(&g->images[row * (g->columns + 1)], model->target,
                                     model->info.height, model->info.width, g->background, error);
                break;
            }
        }
    }
    return status;
}

/* Replaces the pictures by the current state of the cells. */
static nca_status draw_cells(grid *g, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < g->rows * g->columns && status == NCA_OK; i++) {
        const cell *at = &g->cells[i];
        nca_image **image = &g->images[i / g->columns * (g->columns + 1) + 1 + i % g->columns];
        nca_image_destroy(*image);
        *image = NULL;
        if (at->rollout == NULL) {
            continue;
        }
        const nca_model_info *info = &at->model->info;
        const nca_view view = {.kind = NCA_VIEW_RGBA, .background = g->background};
        float *state = calloc((size_t)info->height * info->width,
                              at->model->automaton.channels * sizeof *state);
        if (state == NULL) {
            return fail_memory(error);
        }
        nca_rollout_get(state, at->rollout, 0);
        status = nca_view_picture(image, &view, &at->model->automaton, state, NULL, info->height,
                                  info->width, error);
        free(state);
    }
    return status;
}

static nca_status advance(grid *g, size_t steps, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < g->rows * g->columns && status == NCA_OK; i++) {
        if (g->cells[i].rollout != NULL) {
            status = nca_rollout_run(g->cells[i].rollout, steps, error);
        }
    }
    return status;
}

/* ---- Sheets ----------------------------------------------------------------------------------*/

static void sheet_of(nca_sheet *out, const grid *g, const char *title, size_t cell_pixels,
                     size_t width)
{
    size_t fitting = width / (g->columns + 1);
    size_t side = cell_pixels < fitting ? cell_pixels : fitting;
    size_t scale = (side + g->largest / 2) / g->largest;
    nca_sheet_default(out);
    out->rows = g->rows;
    out->columns = g->columns + 1;
    out->cells = (const nca_image *const *)g->images;
    out->row_labels = g->row_axis != no_axis ? g->row_labels : NULL;
    out->column_labels = g->column_labels;
    out->captions = g->captions;
    out->marked = g->marked;
    out->scale = scale > 0 ? scale : 1;
    out->title = title;
}

static void write_title(char *out, size_t size, const grid *g, size_t step)
{
    snprintf(out, size, "%.200s, step %zu", g->job->title, step);
}

static nca_status save_still(grid *g, nca_error *error)
{
    char title[256];
    write_title(title, sizeof title, g, NCA__SWEEP_STEPS_GROWN);
    nca_status status = advance(g, NCA__SWEEP_STEPS_GROWN, error);
    if (status == NCA_OK) {
        status = draw_cells(g, error);
    }
    if (status == NCA_OK) {
        nca_sheet sheet;
        sheet_of(&sheet, g, title, STILL_CELL, STILL_WIDTH);
        status = nca_picture_sheet(
            nca_run_file(&(nca_run_path){0}, g->job->folder.text, NCA_SWEEP_SHEET), &sheet, error);
    }
    return status;
}

/* Appends the grid at this step; the first frame opens the file. */
static nca_status add_frame(nca_animation **animation, grid *g, size_t step, nca_error *error)
{
    char title[256];
    write_title(title, sizeof title, g, step);
    nca_image *frame = NULL;
    nca_status status = draw_cells(g, error);
    if (status == NCA_OK) {
        nca_sheet sheet;
        sheet_of(&sheet, g, title, MOVING_CELL, MOVING_WIDTH);
        status = nca_picture_sheet_image(&frame, &sheet, error);
    }
    if (status == NCA_OK && *animation == NULL) {
        status = nca_animation_open(
            animation, nca_run_file(&(nca_run_path){0}, g->job->folder.text, NCA_SWEEP_ANIMATION),
            frame->width, frame->height, FRAMES_A_SECOND, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_add(*animation, frame, error);
    }
    nca_image_destroy(frame);
    return status;
}

static nca_status save_moving(grid *g, nca_error *error)
{
    nca_animation *animation = NULL;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < g->rows * g->columns; i++) {
        if (g->cells[i].rollout != NULL) {
            nca_rollout_reset(g->cells[i].rollout);
        }
    }
    for (size_t step = 0; step <= LAST_STEP && status == NCA_OK; step += STEPS_A_FRAME) {
        if (!nca__sweep_keeps_going(g->job)) {
            status = nca__fail(error, NCA_INTERRUPTED, "sheet: stopped");
            break;
        }
        status = add_frame(&animation, g, step, error);
        if (status == NCA_OK) {
            status = advance(g, STEPS_A_FRAME, error);
        }
    }
    if (status == NCA_OK) {
        status = nca_animation_hold(animation, hold_seconds, error);
    }
    if (status == NCA_OK) {
        status = nca_animation_commit(animation, error);
    }
    nca_animation_destroy(animation);
    return status;
}

static void release(grid *g)
{
    for (size_t i = 0; g->cells != NULL && i < g->rows * g->columns; i++) {
        nca_rollout_destroy(g->cells[i].rollout);
        nca_model_destroy(g->cells[i].model);
    }
    for (size_t i = 0; g->images != NULL && i < g->rows * (g->columns + 1); i++) {
        nca_image_destroy(g->images[i]);
    }
    free(g->cells);
    free(g->images);
    free(g->captions);
    free(g->marked);
    free(g->row_labels);
    free(g->column_labels);
    free(g->column_text);
    free(g->first_of_row);
    free(g->first_of_column);
}

nca_status nca_sweep_draw(const nca_sweep_job *job, nca_error *error)
{
    grid g = {.job = job, .largest = 1};
    if (nca_sweep_settings(job->sweep, 0)->task != NCA_TASK_GROW) {
        return NCA_OK;
    }
    nca_status status = arrange(&g, error);
    if (status == NCA_OK) {
        write_column_labels(&g);
        write_captions(&g);
        status = load_cells(&g, error);
    }
    if (status == NCA_OK) {
        status = choose_background(&g, error);
    }
    if (status == NCA_OK) {
        status = draw_targets(&g, error);
    }
    if (status == NCA_OK) {
        status = save_still(&g, error);
    }
    if (status == NCA_OK) {
        status = save_moving(&g, error);
    }
    release(&g);
    return status;
}
