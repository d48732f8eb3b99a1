/* The results of the runs of a report, and a table that compares them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/model/evaluation_report.h"
#include "cli/runs/run_report.h"
#include "cli/stop.h"

enum {
    GROWN, /* rows of an evaluation; a long one has more */
    LATER,
    ROWS,
    LAST = EVALUATION_LONG_ROWS - 1
};

static const size_t steps_of_rows[ROWS] = {80, 500}; /* the first values of evaluation_long_steps */
static const double measuring = 0.8; /* fraction of the total time; the rest is for drawing */

void run_report_show(const run_report *r, const char *name, double measured, double drawn)
{
    const double done =
        measuring * ((double)r->done + measured) + (1 - measuring) * ((double)r->drawn + drawn);
    progress_share(r->progress, name, 0, done / (double)r->total);
}

/* ---- Measuring -------------------------------------------------------------------------------*/

typedef struct watching {
    const run_report *r;
    const char *name;
} watching;

static bool go_on(double share, void *user)
{
    const watching *w = user;
    run_report_show(w->r, w->name, share, 0);
    return stop_signal() == 0;
}

static double metric(const run_facts *facts, size_t row, nca_metric which)
{
    const nca_evaluation *e = facts->evaluation;
    return e != NULL && row < e->row_count ? e->rows[row].metric[which].mean : NAN;
}

static bool loss_diverged(const run_facts *facts, size_t row)
{
    return nca_loss_diverged(metric(facts, row, NCA_METRIC_L2));
}

static nca_status evaluate(run_facts *out, const run_report *r, const nca_model *model,
                           nca_error *error)
{
    watching w = {r, out->name};
    nca_evaluation_options options;
    nca_evaluation_options_default(&options);
    options.rollouts = r->rollouts;
    options.steps = steps_of_rows;
    options.step_count = ROWS;
    options.healing = true;
    if (r->is_long) {
        options.steps = evaluation_long_steps;
        options.step_count = EVALUATION_LONG_ROWS;
        options.cuts = EVALUATION_LONG_CUTS;
        options.curve_per_doubling = EVALUATION_PER_DOUBLING;
    } else {
        options.curve_every = 1;
    }
    options.threads = r->threads;
    options.progress = go_on;
    options.user = &w;
    nca_status status = nca_evaluate(&out->evaluation, model, &options, error);
    if (status == NCA_OK) {
        const bool only_grows = strcmp(model->info.experiment, "growing") == 0;
        const size_t last = out->evaluation->row_count - 1;
        out->dead = out->evaluation->rows[only_grows ? GROWN : last].surviving == 0;
        for (size_t row = 0; row <= (only_grows ? GROWN : last); row++) {
            out->diverged = out->diverged || (!out->dead && loss_diverged(out, row));
        }
    }
    return status;
}

/* "photo" for a/photo.png, "scan?slice=2" for scan.npy?slice=2: the name that the tables and sheets
 * of sweeps have. */
static void write_target(char out[NCA_PATH_SIZE], const char *target)
{
    nca_run_path title;
    nca_run_title(&title, target);
    const size_t length = strcspn(title.text, "?");
    size_t end = length;
    while (end > 0 && title.text[end] != '.') {
        end--;
    }
    const bool is_file = strncmp(target, "medmnist:", strlen("medmnist:")) != 0;
    snprintf(out, NCA_PATH_SIZE, "%.*s%.1000s", (int)(is_file && end > 0 ? end : length),
             title.text, title.text + length);
}

/* Evaluates a classifier on the test images of its run. */
static nca_status evaluate_classes(run_facts *out, const run_report *r, const nca_model *model,
                                   nca_error *error)
{
    watching w = {r, out->name};
    nca_run_path path;
    nca_class_report_options options;
    nca_class_report_options_default(&options);
    options.prediction.rollouts = r->rollouts;
    options.prediction.threads = r->threads;
    options.progress = go_on;
    options.user = &w;
    return class_results_measure(&out->classes, model,
                                 nca_run_file(&path, out->folder.text, NCA_RUN_MODEL), r->root,
                                 &options, error);
}

/* The name of the data; "" if the settings cannot be read, which is reported later. */
static void find_data(run_facts *out)
{
    nca_run_path path;
    nca_settings settings;
    nca_error error;
    nca_settings_default(&settings);
    nca_run_file(&path, out->folder.text, NCA_RUN_CONFIG);
    if (nca_settings_load(&settings, path.text, &error) == NCA_OK) {
        write_target(out->target, settings.data);
    }
}

nca_status run_report_measure(run_report *r, run_facts *out, nca_error *error)
{
    nca_model *model = NULL;
    nca_status status = nca_model_load(
        &model, nca_run_file(&(nca_run_path){0}, out->folder.text, NCA_RUN_MODEL), error);
    if (status != NCA_OK) {
        return status;
    }
    nca_run_name(out->name, sizeof out->name, out->folder.text);
    write_target(out->target, model->info.target);
    snprintf(out->loss_name, sizeof out->loss_name, "%.31s", model->info.loss_name);
    out->loss = model->info.loss;
    out->iterations = model->info.iterations;
    out->classifies = model->classifier != NULL;
    if (out->classifies) {
        find_data(out);
    }
    if (r->rollouts > 0 && out->classifies) {
        status = evaluate_classes(out, r, model, error);
    } else if (r->rollouts > 0 && model->target != NULL) {
        status = evaluate(out, r, model, error);
    }
    nca_model_destroy(model);
    return status;
}

void run_facts_free(run_facts *facts)
{
    nca_evaluation_destroy(facts->evaluation);
    facts->evaluation = NULL;
    class_results_free(&facts->classes);
}

/* ---- The table -------------------------------------------------------------------------------*/

enum {
    TARGET,
    RUN,
    L2_GROWN,
    L2_LATER,
    L2_LAST, /* only in long evaluations */
    SSIM_GROWN,
    ALIVE,
    RESTORED,
    LOSS,
    COLUMNS
};

typedef struct table {
    const run_facts **order; /* (count) by target, best first */
    size_t count;
    nca_report_cell *cells;            /* (count + 1, COLUMNS) */
    char (*text)[NCA_SHORT_NAME_SIZE]; /* (count, COLUMNS), also large enough for numbers */
} table;

static bool is_useless(const run_facts *facts)
{
    return facts->dead || facts->diverged;
}

/* Dead and diverged runs come after the others, and runs that were not measured come last. */
static int compare(const void *first, const void *second)
{
    const run_facts *a = *(const run_facts *const *)first, *b = *(const run_facts *const *)second;
    const int target = strcmp(a->target, b->target);
    if (target != 0) {
        return target;
    }
    const double left = metric(a, GROWN, NCA_METRIC_L2), right = metric(b, GROWN, NCA_METRIC_L2);
    if (isnan(left) != isnan(right)) {
        return isnan(left) ? 1 : -1;
    }
    if (is_useless(a) != is_useless(b)) {
        return is_useless(a) ? 1 : -1;
    }
    if (left < right || left > right) {
        return left < right ? -1 : 1;
    }
    return a->part < b->part ? -1 : a->part > b->part;
}

/* Mean over all shapes of damage and cuts; NaN without any. Not the healed ones: the model is
 * compared with itself there, so one that explodes without damage too would count as healed. */
static double restored_share(const run_facts *facts)
{
    double sum = 0;
    size_t count = 0;
    const nca_evaluation *e = facts->evaluation;
    for (size_t i = 0; e != NULL && i < e->healing_count; i++) {
        for (size_t cut = 0; cut < e->cut_count; cut++) {
            sum += e->healing[i].cuts[cut].restored_share;
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}

static void put_share(char out[NCA_NUMBER_TEXT_SIZE], double share)
{
    if (isnan(share)) {
        snprintf(out, NCA_NUMBER_TEXT_SIZE, "–");
    } else {
        snprintf(out, NCA_NUMBER_TEXT_SIZE, "%.0f %%", 100 * share);
    }
}

/* Shortens the names of the runs of each target by removing their common parts; if a target has
 * only one run, its name is unchanged. False if out of memory. */
static bool fill_names(const table *t)
{
    const char **names = calloc(t->count, sizeof *names);
    char(*shorter)[NCA_SHORT_NAME_SIZE] = calloc(t->count, sizeof *shorter);
    const bool memory = names != NULL && shorter != NULL;
    for (size_t first = 0, end; memory && first < t->count; first = end) {
        for (end = first;
             end < t->count && strcmp(t->order[end]->target, t->order[first]->target) == 0; end++) {
            names[end] = t->order[end]->name;
        }
        if (end > first + 1) {
            nca_picture_short_names(shorter + first, names + first, end - first,
                                    NCA_SHORT_NAME_SIZE);
        }
        for (size_t i = first; i < end; i++) {
            snprintf(t->text[i * COLUMNS + RUN], NCA_SHORT_NAME_SIZE, "%s",
                     end > first + 1 ? shorter[i] : names[i]);
        }
    }
    free(names);
    free(shorter);
    return memory;
}

static void fill_row(const table *t, size_t row)
{
    const run_facts *facts = t->order[row];
    nca_report_cell *cells = t->cells + (row + 1) * COLUMNS;
    char(*text)[NCA_SHORT_NAME_SIZE] = t->text + row * COLUMNS;
    for (int i = 0; i < COLUMNS; i++) {
        cells[i].text = text[i];
    }
    const bool first = row == 0 || strcmp(t->order[row - 1]->target, facts->target) != 0;
    cells[RUN].part = facts->part;
    cells[TARGET].text = first ? facts->target : "";
    nca_number_text(text[L2_GROWN], metric(facts, GROWN, NCA_METRIC_L2));
    nca_number_text(text[L2_LATER], metric(facts, LATER, NCA_METRIC_L2));
    nca_number_text(text[SSIM_GROWN], metric(facts, GROWN, NCA_METRIC_SSIM));
    nca_number_text(text[L2_LAST], metric(facts, LAST, NCA_METRIC_L2));
    const nca_evaluation *e = facts->evaluation;
    put_share(text[ALIVE], e != NULL ? e->rows[e->row_count - 1].surviving : NAN);
    put_share(text[RESTORED], restored_share(facts));
    nca_number_text(text[LOSS], facts->loss);
    if (is_useless(facts)) {
        snprintf(text[ALIVE], NCA_NUMBER_TEXT_SIZE, facts->dead ? "dead" : "diverged");
    }
}

/* Marks the best value of a column among the runs of each target that are neither dead nor
 * diverged.
 */
static void mark(const table *t, int column, size_t row_of_metric, nca_metric which)
{
    for (size_t first = 0, end; first < t->count; first = end) {
        const run_facts *best = NULL;
        for (end = first;
             end < t->count && strcmp(t->order[end]->target, t->order[first]->target) == 0; end++) {
            const double value = metric(t->order[end], row_of_metric, which);
            const double least = best != NULL ? metric(best, row_of_metric, which) : NAN;
            const bool better = nca_metric_higher_is_better(which) ? value > least : value < least;
            const bool counts = !is_useless(t->order[end]) && !isnan(value) &&
                                !loss_diverged(t->order[end], row_of_metric);
            if (counts && (best == NULL || better)) {
                best = t->order[end];
            }
        }
        for (size_t i = first; i < end && end > first + 1; i++) {
            t->cells[(i + 1) * COLUMNS + (size_t)column].strong = t->order[i] == best;
        }
    }
}

/* Removes the columns in which no run has a value, or all have the same. */
static size_t keep_columns(const table *t, bool measured, bool is_long, bool several_targets)
{
    size_t kept = 0;
    for (size_t row = 0; row <= t->count; row++) {
        for (size_t column = 0; column < COLUMNS; column++) {
            const bool from_evaluation = column >= L2_GROWN && column <= RESTORED;
            const bool is_kept = column != L2_LAST || is_long;
            if (is_kept && (from_evaluation ? measured : column != TARGET || several_targets)) {
                t->cells[kept++] = t->cells[row * COLUMNS + column];
            }
        }
    }
    return kept / (t->count + 1);
}

static void fill(const table *t, bool is_long)
{
    const char *const heads[COLUMNS] = {"target",
                                        "run",
                                        "L2, 80 steps",
                                        "L2, 500 steps",
                                        "L2, 50,000 steps",
                                        "SSIM, 80 steps",
                                        is_long ? "alive, 50,000 steps" : "alive, 500 steps",
                                        "restored",
                                        "training loss"};
    for (size_t i = 0; i < COLUMNS; i++) {
        t->cells[i].text = heads[i];
    }
    for (size_t i = 0; i < t->count; i++) {
        fill_row(t, i);
    }
    mark(t, L2_GROWN, GROWN, NCA_METRIC_L2);
    mark(t, L2_LATER, LATER, NCA_METRIC_L2);
    mark(t, L2_LAST, LAST, NCA_METRIC_L2);
    mark(t, SSIM_GROWN, GROWN, NCA_METRIC_SSIM);
}

static void explain(const run_report *r)
{
    char text[640];
    snprintf(text, sizeof text,
             "Means over %zu rollouts from the seed, the best of each target in bold. Restored is "
             "the percentage of rollouts, over all shapes of damage and all cuts, whose L2 is at "
             "most 0.001 within %d steps after the cut. In a dead run no rollout is alive at the "
             "end. In a diverged run L2 is above 1, which no picture has. Neither is the best.",
             r->rollouts, NCA_HEALING_STEPS);
    nca_report_paragraph(r->report, text);
}

nca_status run_report_compare(const run_report *r, const run_facts *facts, size_t count,
                              nca_error *error)
{
    table t = {.count = count,
               .order = calloc(count, sizeof(const run_facts *)),
               .cells = calloc((count + 1) * COLUMNS, sizeof *t.cells),
               .text = calloc(count * COLUMNS, sizeof *t.text)};
    bool memory = t.order != NULL && t.cells != NULL && t.text != NULL;
    bool measured = false, several_targets = false;
    if (memory) {
        for (size_t i = 0; i < count; i++) {
            t.order[i] = &facts[i];
            measured = measured || facts[i].evaluation != NULL;
            several_targets = several_targets || strcmp(facts[i].target, facts[0].target) != 0;
        }
        qsort(t.order, count, sizeof(const run_facts *), compare);
        memory = fill_names(&t);
    }
    if (memory) {
        fill(&t, r->is_long);
        const size_t columns = keep_columns(&t, measured, r->is_long, several_targets);
        nca_report_cells(r->report, t.cells, count + 1, columns);
        if (measured) {
            explain(r);
        }
    }
    free(t.order);
    free(t.cells);
    free(t.text);
    if (!memory) {
        error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "report: out of memory");
    }
    return memory ? NCA_OK : NCA_OUT_OF_MEMORY;
}
