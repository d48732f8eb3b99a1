/* Tables of the results of a sweep. */
#include "runs/sweep_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/evaluate.h"
#include "nca/files.h"
#include "nca/spread.h"
#include "runs/sweep_child.h"
#include "runs/sweep_results.h"

/* ---- summary.csv -----------------------------------------------------------------------------*/

static nca_task task_of(const nca_sweep_job *job)
{
    return nca_sweep_settings(job->sweep, 0)->task;
}

/* Whether the tables have the number. */
static bool is_shown(const nca_sweep_job *job, int number)
{
    return nca__sweep_number_is_of((nca_sweep_number)number, task_of(job));
}

static const char *status_name(nca_sweep_status status)
{
    static const char *const names[] = {"waiting", "running", "done", "failed"};
    return names[status];
}

static void print_run(FILE *out, const nca_sweep_job *job, size_t run)
{
    const nca_sweep_run *about = &job->runs[run];
    const nca_sweep_result *result = &about->result;
    nca_file_write_csv_text(out, nca_sweep_name(job->sweep, run));
    for (size_t axis = 0; axis < nca_sweep_axis_count(job->sweep); axis++) {
        fputc(',', out);
        nca_file_write_csv_text(out, nca_sweep_value(job->sweep, run, axis));
    }
    fprintf(out, ",%llu,%s", (unsigned long long)nca_sweep_settings(job->sweep, run)->seed,
            status_name(about->status));
    for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
        if (!is_shown(job, i)) {
            continue;
        }
        fputc(',', out);
        if (result->known && !isnan(result->number[i])) {
            fprintf(out, "%.9g", result->number[i]);
        }
    }
    fputc(',', out);
    if (result->known && isfinite(result->seconds)) {
        fprintf(out, "%.1f", result->seconds);
    }
    fprintf(out, ",runs/%s,", nca_sweep_name(job->sweep, run));
    nca_file_write_csv_text(out, about->status == NCA_SWEEP_FAILED && about->reason != NULL
                                     ? about->reason
                                 : result->dead     ? "dead"
                                 : result->diverged ? "diverged"
                                                    : "");
    fputc('\n', out);
}

/* summary.csv as text; free() it. NULL if out of memory. */
static char *csv_text(const nca_sweep_job *job)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    fputs("run", out);
    for (size_t axis = 0; axis < nca_sweep_axis_count(job->sweep); axis++) {
        fprintf(out, ",%s", nca_sweep_axis(job->sweep, axis)->key);
    }
    fputs(",seed,status", out);
    for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
        if (is_shown(job, i)) {
            fprintf(out, ",%s", nca__sweep_number_key((nca_sweep_number)i));
        }
    }
    fputs(",seconds,folder,reason\n", out);
    for (size_t run = 0; run < job->count; run++) {
        print_run(out, job, run);
    }
    return fclose(out) == 0 ? text : NULL;
}

/* ---- Groups for summary.md -------------------------------------------------------------------*/

/* A combination: the runs that differ only in the seed. */
typedef struct row {
    size_t run;    /* its first run */
    size_t target; /* index of the target or the data, in the order of runs; combinations of one
                      target are adjacent */
    nca_sweep_number main; /* by which rows are sorted */
    size_t done, failed, waiting;
    size_t dead, diverged; /* number of such ones among those that are done */
    double mean[NCA_SWEEP_NUMBERS], deviation[NCA_SWEEP_NUMBERS]; /* over the seeds; NaN: none */
    bool best[NCA_SWEEP_NUMBERS];
} row;

static void add_moments(row *of, const nca_sweep_job *job)
{
    size_t group = nca_sweep_group(job->sweep, of->run);
    for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
        double sum = 0, squares = 0;
        for (size_t run = of->run; run < job->count; run++) {
            if (nca_sweep_group(job->sweep, run) == group && job->runs[run].result.known) {
                sum += job->runs[run].result.number[i];
            }
        }
        of->mean[i] = of->done > 0 ? sum / (double)of->done : NAN;
        for (size_t run = of->run; run < job->count; run++) {
            if (nca_sweep_group(job->sweep, run) == group && job->runs[run].result.known) {
                double away = job->runs[run].result.number[i] - of->mean[i];
                squares += away * away;
            }
        }
        of->deviation[i] = of->done > 1 ? sqrt(squares / (double)(of->done - 1)) : NAN;
    }
}

/* The target or the data of a run. */
static const char *learned_from(const nca_sweep_job *job, size_t run)
{
    const nca_settings *settings = nca_sweep_settings(job->sweep, run);
    return task_of(job) == NCA_TASK_CLASSIFY ? settings->data : settings->target_path;
}

static size_t fill_rows(row *rows, const nca_sweep_job *job)
{
    size_t count = nca_sweep_group_count(job->sweep), targets = 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (row){.run = SIZE_MAX};
    }
    for (size_t run = 0; run < job->count; run++) {
        row *of = &rows[nca_sweep_group(job->sweep, run)];
        of->run = of->run == SIZE_MAX ? run : of->run;
        of->done += job->runs[run].result.known;
        of->dead += job->runs[run].result.known && job->runs[run].result.dead;
        of->diverged += job->runs[run].result.known && job->runs[run].result.diverged;
        of->failed += job->runs[run].status == NCA_SWEEP_FAILED;
        of->waiting += job->runs[run].status == NCA_SWEEP_WAITING ||
                       job->runs[run].status == NCA_SWEEP_RUNNING;
    }
    for (size_t i = 0; i < count; i++) {
        const char *target = learned_from(job, rows[i].run);
        size_t k = 0;
        while (k < i && strcmp(learned_from(job, rows[k].run), target) != 0) {
            k++;
        }
        rows[i].main = nca__sweep_main_number(task_of(job));
        rows[i].target = k < i ? rows[k].target : targets++;
        add_moments(&rows[i], job);
    }
    return count;
}

/* Whether all of its runs are dead or have diverged: it is never the best. */
static bool is_useless(const row *of)
{
    return of->done > 0 && of->dead + of->diverged == of->done;
}

/* A number for which smaller is better. */
static double badness(const row *of, int number)
{
    return nca__sweep_number_grows((nca_sweep_number)number) ? -of->mean[number] : of->mean[number];
}

/* Sorts by target, then by the main number from the best on, then dead and diverged combinations,
 * then those without a number. */
static int compare_rows(const void *first, const void *second)
{
    const row *a = first, *b = second;
    if (a->target != b->target) {
        return a->target < b->target ? -1 : 1;
    }
    double left = badness(a, a->main), right = badness(b, b->main);
    if (isnan(left) != isnan(right)) {
        return isnan(left) ? 1 : -1;
    }
    if (is_useless(a) != is_useless(b)) {
        return is_useless(a) ? 1 : -1;
    }
    if (left < right || left > right) {
        return left < right ? -1 : 1;
    }
    return a->run < b->run ? -1 : a->run > b->run;
}

/* A number for comparisons: what can never be the best is infinite. */
static double compared(const row *of, int number)
{
    const bool diverged = number < NCA_SWEEP_AUC && nca_loss_diverged(of->mean[number]);
    return is_useless(of) || diverged ? INFINITY : badness(of, number);
}

/* Marks the best number of a target's rows, unless all rows are equally good. */
static void mark_best(row *rows, size_t count, int number)
{
    double best = INFINITY, worst = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(rows[i].mean[number])) {
            best = fmin(best, compared(&rows[i], number));
            worst = fmax(worst, compared(&rows[i], number));
        }
    }
    for (size_t i = 0; i < count && best < worst; i++) {
        rows[i].best[number] = compared(&rows[i], number) == best;
    }
}

static void mark_all(row *rows, size_t count)
{
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && rows[end].target == rows[first].target;) {
            end++;
        }
        for (int i = 0; i < NCA_SWEEP_NUMBERS; i++) {
            /* Training losses may be of different kinds, and most combinations survive. */
            if (i != NCA_SWEEP_LOSS && i != NCA_SWEEP_SURVIVING) {
                mark_best(rows + first, end - first, i);
            }
        }
    }
}

/* ---- summary.md ------------------------------------------------------------------------------*/

static void print_number(FILE *out, double mean, double deviation, bool best)
{
    char number[NCA_NUMBER_TEXT_SIZE], both[NCA_NUMBER_TEXT_SIZE];
    if (isnan(mean)) {
        fputs(" |", out);
        return;
    }
    nca_number_text(number, mean);
    nca_spread_text(both, (nca_spread){mean, deviation});
    const char *mark = best ? "**" : "";
    fprintf(out, " %s%s%s%s |", mark, number, mark, both + strlen(number));
}

static void print_cell(FILE *out, const char *text)
{
    fputc(' ', out);
    for (; *text != 0; text++) {
        fputs(*text == '|' ? "\\|" : *text == '\n' ? " " : (char[]){*text, 0}, out);
    }
    fputs(" |", out);
}

static bool is_target(const nca_sweep_job *job, size_t axis)
{
    return strcmp(nca_sweep_axis(job->sweep, axis)->key, "target_path") == 0;
}

static void print_head(FILE *out, const nca_sweep_job *job)
{
    size_t axes = nca_sweep_axis_count(job->sweep);
    fputs("|", out);
    for (size_t axis = 0; axis < axes; axis++) {
        print_cell(out, is_target(job, axis) ? "target" : nca_sweep_axis(job->sweep, axis)->key);
    }
    size_t numbers = 0;
    for (int i = NCA_SWEEP_L1; i < NCA_SWEEP_NUMBERS; i++) {
        if (is_shown(job, i)) {
            print_cell(out, nca__sweep_number_title((nca_sweep_number)i));
            numbers++;
        }
    }
    fputs(" training loss | runs |\n|", out);
    for (size_t axis = 0; axis < axes; axis++) {
        fputs("---|", out);
    }
    for (size_t i = 0; i < numbers + 2; i++) {
        fputs("---:|", out);
    }
    fputc('\n', out);
}

/* The number of runs, if they are not all of those that are done. */
static void print_count(FILE *out, size_t count, size_t done, const char *what)
{
    if (count == done && count > 0) {
        fprintf(out, ", %s", what);
    } else if (count > 0) {
        fprintf(out, ", %zu %s", count, what);
    }
}

static void print_row(FILE *out, const nca_sweep_job *job, const row *of)
{
    fputs("|", out);
    for (size_t axis = 0; axis < nca_sweep_axis_count(job->sweep); axis++) {
        print_cell(out, is_target(job, axis) ? nca_sweep_label(job->sweep, of->run, axis)
                                             : nca_sweep_value(job->sweep, of->run, axis));
    }
    for (int i = NCA_SWEEP_L1; i < NCA_SWEEP_NUMBERS; i++) {
        if (is_shown(job, i)) {
            print_number(out, of->mean[i], of->deviation[i], of->best[i]);
        }
    }
    print_number(out, of->mean[NCA_SWEEP_LOSS], of->deviation[NCA_SWEEP_LOSS], false);
    fprintf(out, " %zu", of->done);
    print_count(out, of->dead, of->done, "dead");
    print_count(out, of->diverged, of->done, "diverged");
    fprintf(out, "%s%s |\n", of->failed > 0 ? ", failed" : "", of->waiting > 0 ? ", waiting" : "");
}

static void explain_useless(FILE *out, const row *rows, size_t count)
{
    size_t dead = 0, diverged = 0;
    for (size_t i = 0; i < count; i++) {
        dead += rows[i].dead;
        diverged += rows[i].diverged;
    }
    if (dead > 0) {
        fputs("\nDead runs have no rollout that lives at the end. They are never the best.\n", out);
    }
    if (diverged > 0) {
        fputs(
            "\nDiverged runs have an L2 above 1, which no picture has. They are never the best.\n",
            out);
    }
}

static void explain_numbers(FILE *out, const nca_sweep_job *job)
{
    if (task_of(job) == NCA_TASK_CLASSIFY) {
        fprintf(
            out,
            "\nScores of the model of each run on the validation images%s.\nSorted by AUC within "
            "each data set; the best number of each column is in bold. The training loss\nis the "
            "mean of the last 50 iterations, in the loss that was used for training.\n",
            nca_sweep_has_seeds(job->sweep) ? "; mean ± standard deviation over the random seeds"
                                            : "");
        return;
    }
    fprintf(out,
            "\nMeans over %d rollouts from the seed, after %d and %d steps%s.\nSorted by L2 at %d "
            "within each target; the best loss of each column is in bold. The training loss\nis "
            "the mean of the last 50 iterations, in the loss that was used for training.\n",
            NCA__SWEEP_ROLLOUTS, NCA__SWEEP_STEPS_GROWN, NCA__SWEEP_STEPS_LATER,
            nca_sweep_has_seeds(job->sweep)
                ? "; then mean ± standard deviation over the random seeds"
                : "",
            NCA__SWEEP_STEPS_GROWN);
}

char *nca_sweep_markdown(const nca_sweep_job *job)
{
    char *text = NULL;
    size_t size = 0;
    row *rows = calloc(nca_sweep_group_count(job->sweep), sizeof *rows);
    FILE *out = rows != NULL ? open_memstream(&text, &size) : NULL;
    if (out == NULL) {
        free(rows);
        return NULL;
    }
    size_t count = fill_rows(rows, job);
    qsort(rows, count, sizeof *rows, compare_rows);
    mark_all(rows, count);
    print_head(out, job);
    for (size_t i = 0; i < count; i++) {
        print_row(out, job, &rows[i]);
    }
    explain_useless(out, rows, count);
    explain_numbers(out, job);
    free(rows);
    return fclose(out) == 0 ? text : NULL;
}

nca_status nca_sweep_save_tables(const nca_sweep_job *job, nca_error *error)
{
    static const char *const names[] = {NCA_SWEEP_CSV, NCA_SWEEP_MARKDOWN};
    char *(*const writers[])(const nca_sweep_job *) = {csv_text, nca_sweep_markdown};
    nca_status status = NCA_OK;
    for (size_t i = 0; i < 2 && status == NCA_OK; i++) {
        char *text = writers[i](job);
        if (text == NULL) {
            status = nca__fail(error, NCA_OUT_OF_MEMORY, "%s: out of memory", names[i]);
        } else {
            status = nca_file_write(nca_run_file(&(nca_run_path){0}, job->folder.text, names[i]),
                                    text, strlen(text), error);
        }
        free(text);
    }
    return status;
}
