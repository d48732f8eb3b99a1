/* A table that compares the classifiers of a report. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/runs/run_report.h"

enum {
    DATA,
    RUN,
    FIRST_SCORE,
    AUC = FIRST_SCORE,
    ACCURACY,
    BALANCED,
    LOG_LOSS,
    ECE,
    LOSS,
    COLUMNS
};

typedef struct table {
    const run_facts **order; /* (count) by data, best first */
    size_t count;
    nca_report_cell *cells;             /* (count + 1, COLUMNS) */
    char (*text)[NCA_NUMBER_TEXT_SIZE]; /* (count, COLUMNS) */
} table;

/* NaN if the run was not measured. */
static double score(const run_facts *facts, int column)
{
    if (column == LOSS) {
        return facts->loss;
    }
    if (facts->classes.report == NULL) {
        return NAN;
    }
    const nca_scores *s = &facts->classes.report->evaluation->scores;
    return column == AUC        ? s->auc
           : column == ACCURACY ? s->accuracy
           : column == BALANCED ? s->balanced_accuracy
           : column == LOG_LOSS ? s->log_loss
                                : s->ece;
}

/* Runs without a score come last. */
static int compare(const void *first, const void *second)
{
    const run_facts *a = *(const run_facts *const *)first, *b = *(const run_facts *const *)second;
    const int data = strcmp(a->target, b->target);
    if (data != 0) {
        return data;
    }
    const double left = score(a, AUC), right = score(b, AUC);
    if (isnan(left) != isnan(right)) {
        return isnan(left) ? 1 : -1;
    }
    if (left > right || left < right) {
        return left > right ? -1 : 1;
    }
    return a->part < b->part ? -1 : a->part > b->part;
}

static void fill_row(const table *t, size_t row)
{
    const run_facts *facts = t->order[row];
    nca_report_cell *cells = t->cells + (row + 1) * COLUMNS;
    const bool first = row == 0 || strcmp(t->order[row - 1]->target, facts->target) != 0;
    cells[DATA].text = first ? facts->target : "";
    cells[RUN] = (nca_report_cell){.text = facts->name, .part = facts->part};
    for (int column = FIRST_SCORE; column < COLUMNS; column++) {
        char *text = t->text[row * COLUMNS + (size_t)column];
        const double value = score(facts, column);
        if (isnan(value)) {
            snprintf(text, NCA_NUMBER_TEXT_SIZE, "–");
        } else if (column == LOSS) {
            nca_number_text(text, value);
        } else {
            snprintf(text, NCA_NUMBER_TEXT_SIZE, "%.3f", value);
        }
        cells[column].text = text;
    }
}

/* Marks the best value of a score among the runs of each data set. */
static void mark(const table *t, int column)
{
    const bool lower = column == LOG_LOSS || column == ECE;
    for (size_t first = 0, end; first < t->count; first = end) {
        size_t best = t->count;
        for (end = first;
             end < t->count && strcmp(t->order[end]->target, t->order[first]->target) == 0; end++) {
            const double value = score(t->order[end], column);
            const double least = best < t->count ? score(t->order[best], column) : NAN;
            if (!isnan(value) && (isnan(least) || (lower ? value < least : value > least))) {
                best = end;
            }
        }
        if (best < t->count && end > first + 1) {
            t->cells[(best + 1) * COLUMNS + (size_t)column].strong = true;
        }
    }
}

static void fill(const table *t)
{
    static const char *const heads[COLUMNS] = {"data",     "run",      "AUC", "accuracy",
                                               "balanced", "log loss", "ECE", "training loss"};
    for (size_t i = 0; i < COLUMNS; i++) {
        t->cells[i].text = heads[i];
    }
    for (size_t i = 0; i < t->count; i++) {
        fill_row(t, i);
    }
    for (int column = FIRST_SCORE; column < LOSS; column++) {
        mark(t, column);
    }
}

nca_status run_report_compare_classes(const run_report *r, const run_facts *facts, size_t count,
                                      nca_error *error)
{
    table t = {.count = count,
               .order = calloc(count, sizeof(const run_facts *)),
               .cells = calloc((count + 1) * COLUMNS, sizeof *t.cells),
               .text = calloc(count * COLUMNS, sizeof *t.text)};
    const bool memory = t.order != NULL && t.cells != NULL && t.text != NULL;
    if (memory) {
        for (size_t i = 0; i < count; i++) {
            t.order[i] = &facts[i];
        }
        qsort(t.order, count, sizeof(const run_facts *), compare);
        fill(&t);
        nca_report_cells(r->report, t.cells, count + 1, COLUMNS);
        nca_report_paragraph(r->report,
                             "Scores on the test images of each run, the best of each data set in "
                             "bold; balanced is the balanced accuracy.");
    } else {
        error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "report: out of memory");
    }
    free(t.order);
    free(t.cells);
    free(t.text);
    return memory ? NCA_OK : NCA_OUT_OF_MEMORY;
}
