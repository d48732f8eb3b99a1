/* See evaluate_robustness.h. */
#include "cli/model/evaluate_robustness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/terminal.h"

enum {
    LABEL = 16, /* columns of the first column */
    NUMBER = 10
};

typedef struct robustness_run {
    const robustness_job *job;
    nca_robustness *result;
    progress progress;
    nca_error error;
} robustness_run;

/* ---- The table -------------------------------------------------------------------------------*/

static void print_label(const char *text)
{
    const size_t wide = terminal_columns(text);
    printf("%s%*s", text, (int)(wide < LABEL ? LABEL - wide : 0), "");
}

/* Three digits after the point; "–" for a number that is not defined. */
static void print_score(double value)
{
    if (isnan(value)) {
        printf("%*s–", NUMBER - 1, "");
    } else {
        printf("%*.3f", NUMBER, value);
    }
}

static double score_of(const nca_robustness_row *row, bool auc)
{
    return auc ? row->auc : row->accuracy;
}

/* A line for each corruption, a column for each strength, and the mean over those strengths of 1 to
 * 5 at which the model has not diverged. */
static void print_corruptions(const nca_robustness *r, bool auc)
{
    printf("\n");
    print_label(auc ? "AUC" : "accuracy");
    printf("%*s", NUMBER, "original");
    for (int strength = 1; strength <= NCA_CORRUPTION_STRENGTHS; strength++) {
        printf("%*d", NUMBER, strength);
    }
    printf("%*s\n", NUMBER, "mean");
    double sum = 0.0;
    size_t summed = 0;
    for (size_t i = 0; i < r->row_count; i++) {
        const nca_robustness_row *row = &r->rows[i];
        if (row->part != NCA_ROBUSTNESS_CORRUPTION) {
            continue;
        }
        if (row->strength == 1) {
            sum = 0.0;
            summed = 0;
            print_label(row->kind);
            print_score(score_of(&r->rows[0], auc));
        }
        sum += isnan(row->accuracy) ? 0.0 : score_of(row, auc);
        summed += !isnan(row->accuracy);
        print_score(score_of(row, auc));
        if (row->strength == NCA_CORRUPTION_STRENGTHS) {
            print_score(summed > 0 ? sum / (double)summed : NAN);
            printf("\n");
        }
    }
    print_label("all");
    print_score(score_of(&r->rows[0], auc));
    printf("%*s", NUMBER * NCA_CORRUPTION_STRENGTHS, "");
    print_score(auc ? r->corrupted_auc : r->corrupted_accuracy);
    printf("\n");
}

static void print_others(const nca_robustness *r)
{
    printf("\n");
    print_label("");
    printf("%*s%*s\n", NUMBER, "accuracy", NUMBER, "AUC");
    for (size_t i = 0; i < r->row_count; i++) {
        const nca_robustness_row *row = &r->rows[i];
        char label[64];
        if (row->part == NCA_ROBUSTNESS_CORRUPTION) {
            continue;
        }
        if (row->part == NCA_ROBUSTNESS_NONE) {
            snprintf(label, sizeof label, "original");
        } else if (row->part == NCA_ROBUSTNESS_SIZE) {
            snprintf(label, sizeof label, "size x %g", row->amount);
        } else {
            snprintf(label, sizeof label, "fire rate %g", row->amount);
        }
        print_label(label);
        print_score(row->accuracy);
        print_score(row->auc);
        printf("\n");
    }
}

static void print_table(const robustness_run *run)
{
    const nca_robustness *r = run->result;
    printf("%s\n", shown(run->job->path));
    printf("%s, split %s: %zu image%s of %zux%zu pixels, %zu rollout%s of %zu step%s, seed %llu\n",
           shown(run->job->data->source), nca_split_name(r->split), r->count,
           r->count == 1 ? "" : "s", r->height, r->width, r->rollouts, r->rollouts == 1 ? "" : "s",
           r->steps, r->steps == 1 ? "" : "s", (unsigned long long)r->seed);
    if (!isnan(r->corrupted_accuracy)) {
        print_corruptions(r, false);
        print_corruptions(r, true);
    }
    print_others(r);
    if (r->diverged > 0) {
        printf("%zu row%s without scores: the values of the model grow without limit; the means "
               "leave %s out\n",
               r->diverged, r->diverged == 1 ? "" : "s", r->diverged == 1 ? "it" : "them");
    }
}

/* ---- Files -----------------------------------------------------------------------------------*/

static nca_status write_montage(robustness_run *run, const char *title)
{
    const robustness_job *job = run->job;
    const nca_labelled *data = job->data;
    return nca_corruption_sheet(job->montage, data->split[job->split].images, data->height,
                                data->width, data->channels, job->options.prediction.seed, 0, title,
                                &run->error);
}

static nca_status write_files(robustness_run *run, const nca_robustness_about *about)
{
    const robustness_job *job = run->job;
    char title[256];
    snprintf(title, sizeof title, "%.200s, %s", job->data->source, nca_split_name(job->split));
    nca_status status = NCA_OK;
    if (job->csv != NULL) {
        status = nca_robustness_save_csv(run->result, job->csv, &run->error);
    }
    if (status == NCA_OK && job->json != NULL) {
        status = nca_robustness_save_json(run->result, about, job->json, &run->error);
    }
    if (status == NCA_OK && job->plot != NULL) {
        status = nca_robustness_plot(run->result, title, job->plot, &run->error);
    }
    return status == NCA_OK && job->montage != NULL ? write_montage(run, title) : status;
}

static nca_status show_results(robustness_run *run)
{
    const nca_robustness_about about = {.model = run->job->path, .data = run->job->data->source};
    const nca_status status = write_files(run, &about);
    if (status == NCA_OK) {
        print_table(run);
    }
    return status;
}

/* ---- The command -----------------------------------------------------------------------------*/

static bool watch(double share, void *user)
{
    robustness_run *run = user;
    progress_share(&run->progress, "evaluating", 0, share);
    return stop_signal() == 0;
}

int evaluate_robustness(const robustness_job *job)
{
    robustness_run run = {.job = job};
    nca_robustness_options options = job->options;
    options.progress = watch;
    options.user = &run;
    stop_watch();
    progress_start(&run.progress, job->quiet, 0);
    nca_status status = nca_evaluate_robustness(&run.result, job->model, job->data, job->split,
                                                &options, &run.error);
    progress_clear(&run.progress);
    const int number = stop_signal();
    stop_unwatch();
    if (status == NCA_INTERRUPTED) {
        note("stopped; no file of the robustness was written");
        return EXIT_SIGNALLED + number;
    }
    if (status == NCA_OK) {
        status = show_results(&run);
    }
    nca_robustness_destroy(run.result);
    return status == NCA_OK ? EXIT_OK : complain(&run.error);
}
