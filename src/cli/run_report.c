/* What a report says about a run; every picture is drawn anew. */
#include "cli/run_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/evaluation_report.h"
#include "cli/growth.h"
#include "cli/stop.h"
#include "cli/watched_run.h"

enum {
    MOST_CELLS = 64,
    CELL = 96,         /* bytes of a table's cell */
    LONGEST_VALUE = 60 /* bytes of a setting's value in a table */
};

typedef struct part {
    const run_report *r;
    watched_run run;
    nca_model *model;
    double *losses;
    size_t count, capacity;
    nca_error *error;
} part;

static nca_status add_picture(const part *p, const char *name, const char *caption)
{
    return nca_report_picture(p->r->report, run_file(p->r->scratch, name).text, caption, p->error);
}

/* ---- Words and tables ------------------------------------------------------------------------*/

static void add_about(const part *p)
{
    const nca_model_info *info = &p->model->info;
    const nca_automaton *automaton = &p->model->automaton;
    char text[640];
    int length = snprintf(text, sizeof text,
                          "Target %.200s on a grid of %u×%u cells; %u channels, %u hidden units, "
                          "filter %s; %llu iterations",
                          info->target, (unsigned)info->height, (unsigned)info->width,
                          (unsigned)automaton->channels, (unsigned)automaton->hidden,
                          nca_filter_name(automaton->filter), (unsigned long long)info->iterations);
    if (isfinite(info->loss)) {
        length += snprintf(text + length, sizeof text - (size_t)length,
                           ", %.60s loss %.4g (mean of the last %u)", info->loss_name, info->loss,
                           losses_behind(info));
    }
    if (p->run.last.iteration > 0) {
        snprintf(text + length, sizeof text - (size_t)length, ", %.0f s", p->run.last.seconds);
    }
    nca_report_paragraph(p->r->report, text);
}

static void add_long_settings(const part *p)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char whole[NCA_SETTING_SIZE], text[NCA_SETTING_SIZE + 64];
        nca_settings_get(whole, sizeof whole, &p->run.settings, setting);
        if (strlen(whole) >= LONGEST_VALUE) {
            snprintf(text, sizeof text, "%.60s: %s", setting->key, whole);
            nca_report_paragraph(p->r->report, text);
        }
    }
}

/* Every setting, three to a row, and below what is too long for that: a report is to be enough to
 * run it again. */
static void add_settings(const part *p)
{
    enum {
        TRIPLES = 3
    };
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
            nca_settings_get(whole, sizeof whole, &p->run.settings, setting);
            const bool fits = strlen(whole) < LONGEST_VALUE;
            snprintf(values[i], CELL, "%.*s", LONGEST_VALUE, fits ? whole : "see below");
            cells[at] = setting->key;
            cells[at + 1] = values[i];
        }
        nca_report_heading(p->r->report, 3, "Settings");
        nca_report_table(p->r->report, cells, rows + 1, columns);
        add_long_settings(p);
    }
    free(values);
    free(cells);
}

static void put(char cell[CELL], nca_spread spread, const char *format)
{
    char mean[32], deviation[32];
    snprintf(mean, sizeof mean, format, spread.mean);
    if (!isfinite(spread.deviation)) { /* of one value */
        snprintf(cell, CELL, "%s", mean);
        return;
    }
    snprintf(deviation, sizeof deviation, format, spread.deviation);
    snprintf(cell, CELL, "%s ± %s", mean, deviation);
}

static void add_evaluation_table(const part *p, const nca_evaluation *e)
{
    enum {
        COLUMNS = 6
    };
    static const char *const head[COLUMNS] = {"steps", "L2", "L1", "PSNR, dB", "SSIM", "surviving"};
    char text[MOST_CELLS][CELL];
    const char *cells[MOST_CELLS + COLUMNS];
    memcpy(cells, head, sizeof head);
    size_t at = 0;
    for (size_t i = 0; i < e->row_count && at + COLUMNS <= MOST_CELLS; i++) {
        const nca_evaluation_row *row = &e->rows[i];
        snprintf(text[at++], CELL, "%zu", row->steps);
        put(text[at++], row->metric[NCA_METRIC_L2], "%.3g");
        put(text[at++], row->metric[NCA_METRIC_L1], "%.3g");
        put(text[at++], row->metric[NCA_METRIC_PSNR], "%.2f");
        put(text[at++], row->metric[NCA_METRIC_SSIM], "%.3f");
        snprintf(text[at++], CELL, "%.0f %%", 100 * row->surviving);
    }
    for (size_t i = 0; i < at; i++) {
        cells[COLUMNS + i] = text[i];
    }
    nca_report_table(p->r->report, cells, 1 + at / COLUMNS, COLUMNS);
}

static void add_healing_table(const part *p, const nca_evaluation *e)
{
    enum {
        COLUMNS = 5
    };
    static const char *const head[COLUMNS] = {"damage", "L2 after the cut", "L2 200 steps later",
                                              "healed", "steps to heal"};
    char text[MOST_CELLS][CELL];
    const char *cells[MOST_CELLS + COLUMNS];
    memcpy(cells, head, sizeof head);
    size_t at = 0;
    for (size_t i = 0; i < e->healing_count && at + COLUMNS <= MOST_CELLS; i++) {
        const nca_healing *healing = &e->healing[i];
        snprintf(text[at++], CELL, "%s", nca_damage_name(healing->shape));
        put(text[at++], healing->cut, "%.3g");
        put(text[at++], healing->after[NCA_HEALING_AFTER - 1], "%.3g");
        snprintf(text[at++], CELL, "%.0f %%", 100 * healing->healed_share);
        if (healing->healed_share > 0) {
            put(text[at++], healing->healed_step, "%.0f");
        } else {
            snprintf(text[at++], CELL, "–");
        }
    }
    for (size_t i = 0; i < at; i++) {
        cells[COLUMNS + i] = text[i];
    }
    nca_report_table(p->r->report, cells, 1 + at / COLUMNS, COLUMNS);
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static void keep_loss(void *user, const live_row *row)
{
    part *p = user;
    if (p->count == p->capacity) {
        const size_t capacity = p->capacity > 0 ? 2 * p->capacity : 4096;
        double *grown = realloc(p->losses, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        p->losses = grown;
        p->capacity = capacity;
    }
    p->losses[p->count++] = row->loss;
}

static nca_status add_losses(const part *p)
{
    if (p->count == 0) {
        return NCA_OK;
    }
    const nca_loss_plot plot = {
        .loss_name = nca_loss_name(p->run.settings.loss),
        .losses = p->losses,
        .count = p->count,
        .first_iteration = (size_t)(p->run.last.iteration - p->count + 1),
    };
    nca_status status = nca_plot_loss(&plot, run_file(p->r->scratch, "loss.svg").text, p->error);
    if (status == NCA_OK) {
        nca_report_heading(p->r->report, 3, "Training");
        status = add_picture(p, "loss.svg", "The loss over the iterations, and its mean over 50.");
    }
    return status;
}

static nca_status add_growth(const part *p)
{
    growth g;
    growth_default(&g, p->model);
    g.options.threads = p->r->threads;
    const run_path strip = run_file(p->r->scratch, "strip.png");
    const run_path animation = run_file(p->r->scratch, "growth.gif");
    g.filmstrip = strip.text;
    g.animation = animation.text;
    growth_subject subject = {.model = p->model};
    nca_status status = growth_run(&g, &subject, 1, NULL, p->error);
    if (status == NCA_OK) {
        nca_report_heading(p->r->report, 3, "Growth");
        status = add_picture(p, "strip.png",
                             g.cut_at > 0 ? "From the seed on, with a cut half way."
                                          : "From the seed on.");
    }
    if (status == NCA_OK) {
        status = add_picture(p, "growth.gif", "The same as an animation.");
    }
    if (status == NCA_OK && p->model->target != NULL) {
        status = growth_compare(p->model, &g.options, p->run.settings.steps_max, g.background,
                                run_file(p->r->scratch, "compare.png").text, p->error);
        if (status == NCA_OK) {
            status = add_picture(p, "compare.png", "Target, grown, and their difference.");
        }
    }
    return status;
}

static nca_status add_hidden(const part *p)
{
    if (p->model->automaton.channels <= 4) {
        return NCA_OK;
    }
    growth g;
    growth_default(&g, p->model);
    g.options.threads = p->r->threads;
    g.view.kind = NCA_VIEW_HIDDEN;
    const run_path strip = run_file(p->r->scratch, "hidden.png");
    g.filmstrip = strip.text;
    g.strip_count = 0;
    const size_t last = g.cut_at > 0 ? g.cut_at - 1 : g.steps;
    const size_t steps[] = {last / 8, last / 4, last / 2, last};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        g.strip_steps[g.strip_count++] = steps[i];
    }
    growth_subject subject = {.model = p->model};
    nca_status status = growth_run(&g, &subject, 1, NULL, p->error);
    if (status == NCA_OK) {
        nca_report_heading(p->r->report, 3, "Hidden channels");
        status = add_picture(p, "hidden.png", "Each hidden channel while it grows.");
    }
    return status;
}

static const double drawing = 0.2; /* of a run's time; the rest is its evaluation */

/* How much of this run is done. */
static void show_progress(const part *p, double share)
{
    const double done = (double)p->r->done + share;
    progress_share(p->r->progress, p->run.name, 0, done / (double)p->r->total);
}

static bool go_on(double share, void *user)
{
    show_progress(user, drawing + (1 - drawing) * share);
    return stop_signal() == 0;
}

static nca_status add_evaluation(const part *p)
{
    if (p->r->rollouts == 0 || p->model->target == NULL) {
        return NCA_OK;
    }
    static const size_t steps[] = {80, 500};
    nca_evaluation_options options = nca_evaluation_options_default();
    options.rollouts = p->r->rollouts;
    options.steps = steps;
    options.step_count = sizeof steps / sizeof *steps;
    options.healing = true;
    options.curve_every = 1;
    options.threads = p->r->threads;
    options.progress = go_on;
    options.user = (void *)(uintptr_t)p; /* which only reads it */
    nca_evaluation *e = NULL;
    nca_status status = nca_evaluate(&e, p->model, &options, p->error);
    if (status != NCA_OK) {
        return status;
    }
    char title[64];
    snprintf(title, sizeof title, "%zu rollouts", e->rollouts);
    nca_report_heading(p->r->report, 3, "Evaluation");
    add_evaluation_table(p, e);
    status = evaluation_plot(e, title, p->run.settings.steps_max,
                             run_file(p->r->scratch, "curve.svg").text, p->error);
    if (status == NCA_OK) {
        status = add_picture(p, "curve.svg", "The loss against the steps.");
    }
    if (status == NCA_OK) {
        nca_report_heading(p->r->report, 3, "Damage");
        add_healing_table(p, e);
        status = evaluation_plot_healing(e, title, run_file(p->r->scratch, "healing.svg").text,
                                         p->error);
    }
    if (status == NCA_OK) {
        status = add_picture(p, "healing.svg", "The loss after each shape of damage.");
    }
    nca_evaluation_destroy(e);
    return status;
}

nca_status run_report_add(const run_report *r, const char *folder, nca_error *error)
{
    part p = {.r = r, .error = error};
    nca_status status = watched_run_read(&p.run, folder, error);
    if (status == NCA_OK) {
        status = nca_model_load(&p.model, run_file(folder, RUN_MODEL).text, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    watched_run_rows(&p.run, keep_loss, &p);
    nca_report_heading(r->report, 2, p.run.name);
    add_about(&p);
    nca_status (*const sections[])(const part *) = {add_losses, add_growth, add_hidden,
                                                    add_evaluation};
    const size_t count = sizeof sections / sizeof *sections;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        show_progress(&p, drawing * (double)i / (double)(count - 1));
        status = stop_signal() == 0 ? sections[i](&p) : NCA_INTERRUPTED;
    }
    if (status == NCA_OK) {
        add_settings(&p);
    }
    watched_run_close(&p.run);
    nca_model_destroy(p.model);
    free(p.losses);
    return status;
}
