/* The sample pool in a checkpoint as pictures. No training step is made and no file of the run
 * changes. */
#include "cli/model/pool_grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/option_values.h"

enum {
    MOST_SLOTS = 256,
    THUMBNAIL = 72 /* smaller pictures are enlarged: pixels of the longer side */
};

typedef struct pool_sheet {
    nca_session *session;
    nca_view view;
    nca_view_range range;
    size_t height, width, count; /* size of a state, and number of slots shown */
    float *state;                /* (H,W,C) */
    nca_image *pictures[MOST_SLOTS];
} pool_sheet;

/* ---- Options --------------------------------------------------------------------------------- */

/* Options for growing have no effect here, so they are refused. */
static bool read_options(nca_view *view, size_t *scale, const option_values *given)
{
    static const char *const others[] = {
        "config",    "steps",     "fps",    "seed",     "angle", "fire-rate", "size",    "damage",
        "filmstrip", "precision", "filter", "terminal", "image", "data",      "rollouts"};
    nca_error error;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (options_has(given, others[i])) {
            complain_usage("--grid draws the saved pool and runs no steps; remove --%s", others[i]);
            return false;
        }
    }
    const char *name = options_value(given, "view"), *colour = options_value(given, "background");
    if (name != NULL && nca_view_parse(view, name, &error) != NCA_OK) {
        complain_usage("--%s", error.message);
        return false;
    }
    if (view->kind == NCA_VIEW_UPDATE) {
        complain_usage("--view update: the pool has only one state per sample, so there is no "
                       "previous step; choose another view, or remove --grid");
        return false;
    }
    if (colour != NULL && nca_colour_parse(&view->background, colour, &error) != NCA_OK) {
        complain(&error);
        return false;
    }
    return options_count(scale, given, "scale", 1, 64);
}

static bool choose_output(nca_run_path *out, const char *checkpoint, const option_values *given)
{
    const char *path = options_value(given, "output"), *slash = strrchr(checkpoint, '/');
    if (path != NULL) {
        snprintf(out->text, sizeof out->text, "%s", path);
    } else {
        snprintf(out->text, sizeof out->text, "%.*spool.png",
                 slash != NULL ? (int)(slash - checkpoint + 1) : 0, checkpoint);
    }
    const char *dot = strrchr(out->text, '.');
    if (dot == NULL || strcasecmp(dot, ".png") != 0) {
        complain_usage("--grid: expected a file that ends in .png, found \"%s\"", out->text);
        return false;
    }
    return true;
}

/* ---- Reading ---------------------------------------------------------------------------------*/

/* The smallest possible session, because nothing is computed with it. */
static nca_status open_pool(pool_sheet *sheet, const char *checkpoint, nca_error *error)
{
    nca_settings settings;
    uint64_t done;
    nca_status status = nca_checkpoint_settings(&settings, &done, checkpoint, error);
    if (status == NCA_OK && settings.task == NCA_TASK_CLASSIFY) {
        error->status = NCA_INVALID_ARGUMENT;
        snprintf(error->message, sizeof error->message,
                 "%.900s: there is no sample pool, because a classifier does not use one",
                 checkpoint);
        return error->status;
    }
    if (status == NCA_OK) {
        status = nca_settings_set(&settings, "threads", "1", error);
    }
    if (status == NCA_OK) {
        status = nca_settings_set(&settings, "kernels", "auto", error);
    }
    if (status == NCA_OK) {
        status = nca_session_resume(&sheet->session, checkpoint, &settings, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const size_t slots = nca_session_pool_size(sheet->session);
    const nca_target *target = nca_session_target(sheet->session);
    sheet->height = target->height;
    sheet->width = target->width;
    sheet->count = slots < MOST_SLOTS ? slots : MOST_SLOTS;
    sheet->state =
        calloc(target->height * target->width * settings.n_channels, sizeof *sheet->state);
    if (sheet->state == NULL || sheet->count == 0) {
        error->status = slots == 0 ? NCA_INVALID_ARGUMENT : NCA_OUT_OF_MEMORY;
        snprintf(
            error->message, sizeof error->message,
            slots == 0
                ? "%.900s: there is no sample pool, because experiment growing does not use one"
                : "%.900s: out of memory for a state",
            checkpoint);
        return error->status;
    }
    return NCA_OK;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

static nca_status draw_slots(pool_sheet *sheet, nca_error *error)
{
    const nca_automaton *automaton = &nca_session_model(sheet->session)->automaton;
    sheet->view.parameters = nca_session_model(sheet->session)->parameters;
    nca_status status = nca_view_check(&sheet->view, automaton, error);
    for (size_t i = 0; i < sheet->count && status == NCA_OK; i++) {
        nca_session_pool_sample(sheet->state, sheet->session, i);
        nca_view_measure(&sheet->range, &sheet->view, automaton, sheet->state, NULL, sheet->height,
                         sheet->width);
    }
    sheet->view.end = nca_view_range_end(&sheet->range);
    for (size_t i = 0; i < sheet->count && status == NCA_OK; i++) {
        nca_session_pool_sample(sheet->state, sheet->session, i);
        status = nca_view_picture(&sheet->pictures[i], &sheet->view, automaton, sheet->state, NULL,
                                  sheet->height, sheet->width, error);
    }
    return status;
}

static nca_status write_sheet(const pool_sheet *pool, const char *path, size_t scale,
                              nca_error *error)
{
    const nca_image *cells[2 * MOST_SLOTS] = {NULL};
    memcpy(cells, pool->pictures, sizeof pool->pictures);
    size_t columns = 1;
    while (columns * columns < pool->count) {
        columns++;
    }
    char title[128];
    snprintf(title, sizeof title, "sample pool after %llu iterations, slots 0 to %zu of %zu",
             (unsigned long long)nca_session_iteration(pool->session), pool->count - 1,
             nca_session_pool_size(pool->session));
    nca_legend legend;
    const nca_automaton *automaton = &nca_session_model(pool->session)->automaton;
    const bool numbers = nca_view_legend(&legend, &pool->view, automaton);
    const size_t width = cells[0]->width, height = cells[0]->height;
    const size_t longer = width > height ? width : height;
    const size_t fitting = longer < THUMBNAIL ? (THUMBNAIL + longer / 2) / longer : 1;
    nca_sheet sheet;
    nca_sheet_default(&sheet);
    sheet.rows = (pool->count + columns - 1) / columns;
    sheet.columns = columns;
    sheet.cells = cells;
    sheet.is_blank = true;
    sheet.scale = scale > 0 ? scale : fitting;
    sheet.title = title;
    sheet.legend = numbers ? &legend : NULL;
    return nca_picture_sheet(path, &sheet, error);
}

static int draw_pool(pool_sheet *pool, const char *checkpoint, const char *output, size_t scale,
                     bool own_background)
{
    nca_error error;
    nca_status status = open_pool(pool, checkpoint, &error);
    if (status == NCA_OK && !own_background) {
        const nca_target *target = nca_session_target(pool->session);
        pool->view.background = nca_picture_background(target->rgba, target->height, target->width);
    }
    if (status == NCA_OK) {
        status = draw_slots(pool, &error);
    }
    if (status == NCA_OK) {
        status = write_sheet(pool, output, scale, &error);
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(output));
    if (nca_view_is_measured(&pool->view)) {
        printf("colours from %g to %g\n", nca_view_is_signed(&pool->view) ? -pool->view.end : 0.0,
               pool->view.end);
    }
    return EXIT_OK;
}

int pool_grid(const option_values *given)
{
    if (given->positional_count != 1) {
        return complain_usage("--grid: expected one run folder, found %zu arguments",
                              given->positional_count);
    }
    size_t scale = 0;
    nca_view view;
    nca_view_default(&view);
    const char *run = given->positionals[0];
    nca_run_path output, checkpoint;
    snprintf(checkpoint.text, sizeof checkpoint.text, "%s", run);
    if (nca_folder_exists(run)) {
        nca_run_settle(run);
        nca_run_file(&checkpoint, run, NCA_RUN_CHECKPOINT);
    }
    if (!read_options(&view, &scale, given) || !choose_output(&output, checkpoint.text, given)) {
        return EXIT_USAGE;
    }
    pool_sheet *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    pool->view = view;
    int code =
        draw_pool(pool, checkpoint.text, output.text, scale, options_has(given, "background"));
    for (size_t i = 0; i < pool->count; i++) {
        nca_image_destroy(pool->pictures[i]);
    }
    nca_session_destroy(pool->session);
    free(pool->state);
    free(pool);
    return code;
}
