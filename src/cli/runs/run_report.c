/* The part of a report about a run; every picture is drawn again. */
#include "cli/runs/run_report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model/evaluation_report.h"
#include "cli/runs/class_part.h"
#include "cli/runs/report_tables.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"

enum {
    HIDDEN_FRAMES = 4
};

enum {
    CELL = 96,         /* bytes of a table's cell */
    LONGEST_VALUE = 60 /* bytes of a setting's value in a table */
};

typedef struct part {
    run_report *r;
    const run_facts *facts;
    int level;    /* level of the headings of its sections */
    bool compact; /* one of many runs */
    bool has_settings;
    nca_run_watch *run;
    nca_status rows_status; /* status of reading its rows */
    nca_error rows_error;
    nca_model *model;
    double *losses;
    size_t count, capacity;
    bool lost; /* out of memory for a loss */
    nca_error *error;
} part;

static void add_heading(const part *p, const char *text)
{
    nca_report_heading(p->r->report, p->level, text);
}

/* Reports what is missing, on standard error and in the report. */
static void leave_out(const part *p, const char *what, const nca_error *error)
{
    char text[2 * NCA_ERROR_SIZE];
    progress_clear(p->r->progress);
    note("%s: %s", what, error->message);
    snprintf(text, sizeof text, "%s: %s.", what, error->message);
    nca_report_paragraph(p->r->report, text);
    p->r->incomplete = true;
}

static nca_status add_picture(const part *p, const char *name, const char *caption)
{
    return nca_report_picture(p->r->report, nca_run_file(&(nca_run_path){0}, p->r->scratch, name),
                              caption, p->error);
}

static nca_status fail(nca_error *error, nca_status status, const char *path, const char *what)
{
    error->status = status;
    snprintf(error->message, sizeof error->message, "%.900s: %s", path, what);
    return status;
}

/* ---- Text and tables ------------------------------------------------------------------------- */

static void add_about(const part *p)
{
    const nca_model_info *info = &p->model->info;
    const nca_automaton *automaton = &p->model->automaton;
    char text[640], loss[NCA_NUMBER_TEXT_SIZE];
    int length =
        snprintf(text, sizeof text,
                 "Target %.200s on a grid of %u×%u cells; %u channels, %u hidden units, "
                 "filter %s; %llu iterations",
                 info->target[0] != 0 ? info->target : "unknown", (unsigned)info->height,
                 (unsigned)info->width, (unsigned)automaton->channels, (unsigned)automaton->hidden,
                 nca_filter_name(automaton->filter), (unsigned long long)info->iterations);
    if (isfinite(info->loss)) {
        nca_number_text(loss, info->loss);
        length += snprintf(text + length, sizeof text - (size_t)length,
                           ", %.60s loss %s (mean of the last %u)", info->loss_name, loss,
                           losses_behind(info));
    }
    if (nca_run_watch_last(p->run)->iteration > 0) {
        length += snprintf(text + length, sizeof text - (size_t)length,
                           ", %.0f s in the iterations", nca_run_watch_last(p->run)->seconds);
    }
    snprintf(text + length, sizeof text - (size_t)length, ".%s",
             p->facts->dead       ? " Dead: no rollout is alive at the end."
             : p->facts->diverged ? " Diverged: L2 is above 1, which no picture has."
                                  : "");
    nca_report_paragraph(p->r->report, text);
}

static void add_long_settings(const part *p)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char whole[NCA_SETTING_SIZE], text[NCA_SETTING_SIZE + 64];
        nca_settings_get(whole, sizeof whole, nca_run_watch_settings(p->run), setting);
        if (strlen(whole) >= LONGEST_VALUE) {
            snprintf(text, sizeof text, "%.60s: %s", setting->key, whole);
            nca_report_paragraph(p->r->report, text);
        }
    }
}

/* Every setting, three per row, followed by those that are too long for that: a report should be
 * sufficient to repeat the run. */
static nca_status add_settings(const part *p)
{
    enum {
        TRIPLES = 3
    };
    if (!p->has_settings) {
        return NCA_OK; /* which was reported */
    }
    const size_t count = nca_setting_count(), rows = (count + TRIPLES - 1) / TRIPLES;
    const size_t columns = 2 * TRIPLES;
    const char **cells = calloc((rows + 1) * columns, sizeof *cells);
    char(*values)[CELL] = calloc(count, sizeof *values);
    if (cells != NULL && values != NULL) {
        for (size_t i = 0; i < (rows + 1) * columns; i++) {
            cells[i] = i < columns ? (i % 2 == 0 ? "setting" : "value") : "";
        }
        for (size_t i = 0; i < count; i++) {
            const nca_setting *setting = nca_setting_at(i);
            const size_t at = (1 + i % rows) * columns + 2 * (i / rows);
            char whole[NCA_SETTING_SIZE];
            nca_settings_get(whole, sizeof whole, nca_run_watch_settings(p->run), setting);
            const bool fits = strlen(whole) < LONGEST_VALUE;
            snprintf(values[i], CELL, "%.*s", LONGEST_VALUE, fits ? whole : "see below");
            cells[at] = setting->key;
            cells[at + 1] = values[i];
        }
        nca_report_fold(p->r->report, "Settings", false);
        nca_report_table(p->r->report, cells, rows + 1, columns);
        add_long_settings(p);
        nca_report_unfold(p->r->report);
    }
    const bool done = cells != NULL && values != NULL;
    free(values);
    free(cells);
    return done ? NCA_OK : fail(p->error, NCA_OUT_OF_MEMORY, "pictures", "out of memory");
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static void keep_loss(const nca_metrics_row *row, void *user)
{
    part *p = user;
    if (p->count == p->capacity) {
        const size_t capacity = p->capacity > 0 ? 2 * p->capacity : 4096;
        double *grown = realloc(p->losses, capacity * sizeof *grown);
        if (grown == NULL) {
            p->lost = true;
            return;
        }
        p->losses = grown;
        p->capacity = capacity;
    }
    p->losses[p->count++] = row->loss;
}

/* Adds a plot and frees it. */
static void add_drawing(const part *p, char *svg, const char *caption)
{
    nca_report_drawing(p->r->report, svg, caption);
    free(svg);
}

/* The reason why the curve is not complete; NCA_OK if it is. */
static nca_status check_rows(const part *p)
{
    if (p->lost) {
        return fail(p->error, NCA_OUT_OF_MEMORY, "pictures", "out of memory");
    }
    if (p->rows_status != NCA_OK) {
        *p->error = p->rows_error;
        return p->error->status;
    }
    return run_rows_check(p->run, p->error);
}

static const char *loss_name(const part *p)
{
    const nca_settings *settings = nca_run_watch_settings(p->run);
    return !p->has_settings       ? p->model->info.loss_name
           : p->facts->classifies ? nca_class_loss_name(settings->class_loss)
                                  : nca_loss_name(settings->loss);
}

static nca_status add_losses(const part *p)
{
    add_heading(p, "Training");
    if (p->count > 0) {
        char *svg = NULL, caption[96];
        nca_loss_plot plot;
        nca_loss_plot_default(&plot);
        plot.loss_name = loss_name(p);
        plot.losses = p->losses;
        plot.count = p->count;
        plot.first_iteration = (size_t)(nca_run_watch_last(p->run)->iteration - p->count + 1);
        const nca_status status = nca_plot_loss_svg(&svg, &plot, p->error);
        if (status != NCA_OK) {
            return status;
        }
        snprintf(caption, sizeof caption, "Loss of each iteration (mean over the batch).");
        add_drawing(p, svg, caption);
    }
    return check_rows(p);
}

static nca_status add_growth(const part *p)
{
    nca_growth g;
    nca_growth_default(&g, p->model);
    g.keep_going = stop_not_asked;
    g.options.threads = p->r->threads;
    nca_run_path strip;
    nca_run_file(&strip, p->r->scratch, "strip.png");
    nca_run_path animation;
    nca_run_file(&animation, p->r->scratch, "growth.gif");
    g.filmstrip = strip.text;
    g.animation = p->compact ? NULL : animation.text;
    nca_growth_subject subject = {.model = p->model};
    nca_status status = nca_growth_run(&g, &subject, 1, NULL, p->error);
    if (status == NCA_OK) {
        add_heading(p, "Growth");
        status = add_picture(p, "strip.png",
                             g.cut_at > 0 ? "Growth from the seed, with damage halfway."
                                          : "Growth from the seed.");
    }
    if (status == NCA_OK && !p->compact) {
        status = add_picture(p, "growth.gif", "Growth as an animation.");
    }
    return status;
}

static nca_status add_comparison(const part *p)
{
    if (p->model->target == NULL) {
        return NCA_OK;
    }
    nca_growth g;
    nca_growth_default(&g, p->model);
    g.keep_going = stop_not_asked;
    g.options.threads = p->r->threads;
    nca_status status = nca_growth_compare(
        p->model, &g.options, nca_run_watch_settings(p->run)->steps_max, g.background,
        nca_run_file(&(nca_run_path){0}, p->r->scratch, "compare.png"), p->error);
    return status == NCA_OK
               ? add_picture(p, "compare.png", "Target, grown image and their difference.")
               : status;
}

/* The scale at which a row of HIDDEN_FRAMES is about as wide as the page: the page would shrink a
 * wider row including its labels. */
static size_t hidden_scale(const nca_model *model)
{
    const size_t page = 960;
    const nca_view view = {.kind = NCA_VIEW_HIDDEN};
    size_t height, width;
    nca_view_size(&height, &width, &view, &model->automaton, model->info.height, model->info.width);
    const size_t scale = page / (HIDDEN_FRAMES * width + 1);
    return scale > 0 ? scale : 1;
}

static nca_status add_hidden(const part *p)
{
    if (p->model->automaton.channels <= 4) {
        return NCA_OK;
    }
    nca_growth g;
    nca_growth_default(&g, p->model);
    g.keep_going = stop_not_asked;
    g.options.threads = p->r->threads;
    g.view.kind = NCA_VIEW_HIDDEN;
    g.scale = p->compact ? 2 : hidden_scale(p->model);
    nca_run_path strip;
    nca_run_file(&strip, p->r->scratch, "hidden.png");
    g.filmstrip = strip.text;
    g.strip_count = 0;
    const size_t last = g.cut_at > 0 ? g.cut_at - 1 : g.steps;
    const size_t steps[HIDDEN_FRAMES] = {last / 8, last / 4, last / 2, last};
    for (size_t i = p->compact ? 3 : 0; i < sizeof steps / sizeof *steps; i++) {
        g.strip_steps[g.strip_count++] = steps[i];
    }
    nca_growth_subject subject = {.model = p->model};
    nca_status status = nca_growth_run(&g, &subject, 1, NULL, p->error);
    if (status == NCA_OK) {
        add_heading(p, "Hidden channels");
        status = add_picture(p, "hidden.png",
                             p->compact ? "Each hidden channel of the grown automaton."
                                        : "Each hidden channel during growth.");
    }
    return status;
}

static nca_status add_evaluation(const part *p)
{
    const nca_evaluation *e = p->facts->evaluation;
    if (e == NULL) {
        return NCA_OK;
    }
    char *svg = NULL, caption[128];
    add_heading(p, "Evaluation");
    report_steps_table(p->r->report, e);
    nca_status status = evaluation_plot(
        e, "L2 loss against steps", p->has_settings ? nca_run_watch_settings(p->run)->steps_max : 0,
        (evaluation_plot_place){.out_svg = &svg}, p->error);
    if (status != NCA_OK) {
        return status;
    }
    snprintf(caption, sizeof caption, "Loss against steps, over %zu rollouts from the seed.",
             e->rollouts);
    add_drawing(p, svg, caption);
    add_heading(p, "Damage");
    report_healing_tables(p->r->report, e);
    status = evaluation_plot_healing(e, "L2 loss after damage",
                                     (evaluation_plot_place){.out_svg = &svg}, p->error);
    if (status == NCA_OK) {
        add_drawing(p, svg,
                    e->cut_count > 1 ? "Loss after each shape of damage, cut once every 200 steps."
                                     : "Loss after each shape of damage.");
    }
    return status;
}

/* ---- A classifier ----------------------------------------------------------------------------*/

static class_part class_part_of(const part *p)
{
    return (class_part){.report = p->r->report,
                        .level = p->level,
                        .model = p->model,
                        .folder = p->facts->folder.text,
                        .settings = p->has_settings ? nca_run_watch_settings(p->run) : NULL,
                        .results = &p->facts->classes};
}

static nca_status add_validations(const part *p)
{
    const class_part own = class_part_of(p);
    return class_part_validations(&own, p->error);
}

static nca_status add_class_results(const part *p)
{
    const class_part own = class_part_of(p);
    const class_results *results = &p->facts->classes;
    if (results->missing[0] != 0) {
        snprintf(p->error->message, sizeof p->error->message, "%s", results->missing);
        return p->error->status = NCA_NOT_FOUND;
    }
    return class_part_results(&own, p->error);
}

/* ---- A run -----------------------------------------------------------------------------------*/

typedef struct section {
    nca_status (*add)(const part *p);
    const char *name;
} section;

/* Sections that cannot be read or drawn are skipped, and the report continues. */
static nca_status add_sections(part *p)
{
    static const section sections[] = {{add_losses, "loss"},
                                       {add_growth, "growth"},
                                       {add_hidden, "hidden channels"},
                                       {add_evaluation, "evaluation"},
                                       {add_settings, "settings"}};
    static const section of_classifiers[] = {{add_losses, "loss"},
                                             {add_validations, "validations"},
                                             {add_class_results, "test images"},
                                             {add_settings, "settings"}};
    const bool classifies = p->facts->classifies;
    const section *list = classifies ? of_classifiers : sections;
    const size_t count = classifies ? sizeof of_classifiers / sizeof *of_classifiers
                                    : sizeof sections / sizeof *sections;
    for (size_t i = 0; i < count; i++) {
        char what[192];
        run_report_show(p->r, p->facts->name, 0, (double)i / (double)count);
        const nca_status status = stop_signal() == 0 ? list[i].add(p) : NCA_INTERRUPTED;
        if (status == NCA_INTERRUPTED) {
            return status;
        }
        if (status != NCA_OK) {
            snprintf(what, sizeof what, "%s: %s", p->facts->name, list[i].name);
            leave_out(p, what, p->error);
        }
    }
    return NCA_OK;
}

nca_status run_report_add(run_report *r, const run_facts *facts, nca_error *error)
{
    const bool single = r->total == 1;
    part p = {.r = r,
              .facts = facts,
              .level = single ? 2 : 3,
              .compact = r->total > REPORT_MOST_OPEN,
              .error = error};
    nca_status status = nca_model_load(
        &p.model, nca_run_file(&(nca_run_path){0}, facts->folder.text, NCA_RUN_MODEL), error);
    if (status == NCA_OK) {
        nca_run_watch_options options;
        nca_run_watch_options_default(&options);
        options.keep_going = stop_not_asked;
        status = nca_run_watch_open(&p.run, facts->folder.text, &options, error);
    }
    if (status != NCA_OK) {
        nca_model_destroy(p.model);
        return status;
    }
    if (!single) {
        nca_report_heading(r->report, 2, facts->name);
    }
    p.has_settings = nca_run_watch_settings_read(p.run, error) == NCA_OK;
    if (!p.has_settings) {
        char what[192];
        snprintf(what, sizeof what, "%s: settings", facts->name);
        leave_out(&p, what, error);
    }
    p.rows_status = nca_run_watch_rows(p.run, keep_loss, &p, &p.rows_error);
    if (facts->classifies) {
        const class_part own = class_part_of(&p);
        class_part_about(&own, nca_run_watch_last(p.run));
    } else {
        add_about(&p);
    }
    status = add_comparison(&p);
    if (status != NCA_OK && status != NCA_INTERRUPTED) {
        leave_out(&p, facts->name, error);
        status = NCA_OK;
    }
    if (p.compact) {
        nca_report_fold(r->report,
                        facts->classifies ? "Training, scores, images and settings"
                                          : "Training, growth, evaluation and settings",
                        false);
    }
    if (status == NCA_OK) {
        status = add_sections(&p);
    }
    if (p.compact) {
        nca_report_unfold(r->report);
    }
    nca_run_watch_close(p.run);
    nca_model_destroy(p.model);
    free(p.losses);
    return status;
}
