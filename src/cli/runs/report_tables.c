/* The tables of an evaluation in a report. */
#include "cli/runs/report_tables.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST_CELLS = 96,
    CELL = 96 /* bytes */
};

/* A table being built; cells that do not fit are skipped. */
typedef struct report_table {
    char text[MOST_CELLS][CELL];
    size_t count, columns;
} report_table;

static char *next_cell(report_table *t)
{
    return t->text[t->count++];
}

static bool has_room(const report_table *t)
{
    return t->count + t->columns <= MOST_CELLS;
}

static void put_text(report_table *t, const char *text)
{
    snprintf(next_cell(t), CELL, "%s", text);
}

static void put_number(report_table *t, size_t number)
{
    snprintf(next_cell(t), CELL, "%zu", number);
}

static void put_spread(report_table *t, nca_spread spread)
{
    char text[NCA_NUMBER_TEXT_SIZE];
    nca_spread_text(text, spread);
    put_text(t, text);
}

static void put_share(report_table *t, double share)
{
    snprintf(next_cell(t), CELL, "%.0f %%", 100 * share);
}

static void begin(report_table *t, const char *const *head, size_t columns)
{
    t->count = 0;
    t->columns = columns;
    for (size_t i = 0; i < columns; i++) {
        put_text(t, head[i]);
    }
}

static void add(nca_report *report, const report_table *t)
{
    const char *cells[MOST_CELLS];
    for (size_t i = 0; i < t->count; i++) {
        cells[i] = t->text[i];
    }
    nca_report_table(report, cells, t->count / t->columns, t->columns);
}

void report_steps_table(nca_report *report, const nca_evaluation *e)
{
    static const char *const head[] = {"steps", "L2", "L1", "PSNR, dB", "SSIM", "alive"};
    report_table t;
    begin(&t, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < e->row_count && has_room(&t); i++) {
        const nca_evaluation_row *row = &e->rows[i];
        put_number(&t, row->steps);
        put_spread(&t, row->metric[NCA_METRIC_L2]);
        put_spread(&t, row->metric[NCA_METRIC_L1]);
        put_spread(&t, row->metric[NCA_METRIC_PSNR]);
        put_spread(&t, row->metric[NCA_METRIC_SSIM]);
        put_share(&t, row->surviving);
    }
    add(report, &t);
}

/* A cut that removed no cell does not count as a trial. */
static void add_first_cut(nca_report *report, const nca_evaluation *e)
{
    static const char *const head[] = {"damage",        "cells cut",        "% of living",
                                       "missed",        "L2 after the cut", "L2 200 steps later",
                                       "steps to heal", "healed",           "restored"};
    report_table t;
    begin(&t, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < e->healing_count && has_room(&t); i++) {
        const nca_healing_cut *cut = &e->healing[i].cuts[0];
        const size_t trials = e->rollouts - cut->missed;
        put_text(&t, nca_damage_name(e->healing[i].shape));
        put_spread(&t, cut->cells);
        put_spread(&t,
                   (nca_spread){100 * cut->living_share.mean, 100 * cut->living_share.deviation});
        snprintf(next_cell(&t), CELL, "%zu of %zu", cut->missed, e->rollouts);
        put_spread(&t, cut->cut);
        put_spread(&t, cut->after[NCA_HEALING_AFTER - 1]);
        put_spread(&t, cut->trial_step);
        if (trials > 0) {
            put_share(&t, (double)cut->trials_healed / (double)trials);
        } else {
            put_text(&t, "–");
        }
        put_share(&t, cut->restored_share);
    }
    add(report, &t);
    nca_report_paragraph(
        report,
        "Healed: L2 within 200 steps at most 1.1 times that of the same rollout without damage, or "
        "at most 0.0001. Restored: L2 within 200 steps at most 0.001. Missed: cuts that removed no "
        "living cell; they do not count in the two columns about healing.");
}

static void add_all_cuts(nca_report *report, const nca_evaluation *e)
{
    const char *head[2 + NCA_DAMAGE_SHAPES] = {"cut", "step"};
    report_table t;
    for (size_t i = 0; i < e->healing_count; i++) {
        head[2 + i] = nca_damage_name(e->healing[i].shape);
    }
    begin(&t, head, 2 + e->healing_count);
    for (size_t cut = 0; cut < e->cut_count && has_room(&t); cut++) {
        put_number(&t, cut + 1);
        put_number(&t, e->healing[0].cuts[cut].step);
        for (size_t i = 0; i < e->healing_count; i++) {
            snprintf(next_cell(&t), CELL, "%.0f / %.0f %%",
                     100 * e->healing[i].cuts[cut].healed_share,
                     100 * e->healing[i].cuts[cut].restored_share);
        }
    }
    add(report, &t);
    nca_report_paragraph(report, "Share of rollouts that heal / that are restored within 200 steps "
                                 "after each of the cuts in a row.");
}

void report_healing_tables(nca_report *report, const nca_evaluation *e)
{
    add_first_cut(report, e);
    if (e->cut_count > 1) {
        add_all_cuts(report, e);
    }
}
