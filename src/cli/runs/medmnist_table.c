/* Writes the table of test scores beside the published ones. */
#include "cli/runs/medmnist_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Published rows that have a column of their own in the Markdown; table.csv has all. */
static const char *const shown_methods[] = {"ResNet-18 (28)", "ResNet-50 (28)"};
enum {
    SHOWN_METHODS = sizeof shown_methods / sizeof *shown_methods
};

static nca_spread spread_of(const test_scores *scores, size_t count,
                            double (*value)(const test_scores *))
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += value(&scores[i]);
    }
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double apart = value(&scores[i]) - mean;
        squares += apart * apart;
    }
    return (nca_spread){mean, count > 1 ? sqrt(squares / (double)(count - 1)) : NAN};
}

static double auc_of(const test_scores *scores)
{
    return scores->auc;
}

static double accuracy_of(const test_scores *scores)
{
    return scores->accuracy;
}

static double mean_auc_of(const test_scores *scores)
{
    return scores->mean_auc;
}

static double mean_accuracy_of(const test_scores *scores)
{
    return scores->mean_accuracy;
}

void table_row_fill(table_row *row, const test_scores *scores, size_t count)
{
    row->runs = count;
    if (count == 0) {
        return;
    }
    row->auc = spread_of(scores, count, auc_of);
    row->accuracy = spread_of(scores, count, accuracy_of);
    row->mean_auc = spread_of(scores, count, mean_auc_of);
    row->mean_accuracy = spread_of(scores, count, mean_accuracy_of);
    row->typical = scores[count - 1];
    row->typical.milliseconds = row->typical.seconds = row->typical.image_seconds = 0.0;
    for (size_t i = 0; i < count; i++) {
        row->typical.milliseconds += scores[i].milliseconds / (double)count;
        row->typical.seconds += scores[i].seconds / (double)count;
        row->typical.image_seconds += scores[i].image_seconds / (double)count;
        row->typical.memory = fmax(row->typical.memory, scores[i].memory);
    }
}

/* The time for the training images that the catalogue has, also if the run had fewer. */
static double epoch_seconds(const table_row *row)
{
    return row->typical.image_seconds * row->set->count[NCA_SPLIT_TRAIN];
}

/* ".901", as the benchmark prints it; with several seeds ".901 ± .012". */
static void print_score(FILE *out, nca_spread score)
{
    fprintf(out, "%.3f", score.mean);
    if (isfinite(score.deviation)) {
        fprintf(out, " ± %.3f", score.deviation);
    }
}

static void print_pair(FILE *out, nca_spread auc, nca_spread accuracy)
{
    fputs(" | ", out);
    print_score(out, auc);
    fputs(" | ", out);
    print_score(out, accuracy);
}

static void print_published(FILE *out, const char *method, const char *set)
{
    const nca_medmnist_published *row = nca_medmnist_published_of(method, set);
    if (row != NULL) {
        fprintf(out, " | %.3f / %.3f", row->auc, row->accuracy);
    } else {
        fputs(" | –", out);
    }
}

/* After the name of a set: of volumes only the middle slices are used. */
static const char *kind_of(const nca_medmnist_set *set)
{
    return set->dimensions == 3 ? ", 2.5-D" : "";
}

static void print_row(FILE *out, const table_row *row)
{
    fprintf(out, "| %s%s%s", row->set->title, kind_of(row->set),
            row->made_up ? " (made-up images)" : "");
    if (row->runs == 0) {
        fputs(row->failed > 0 ? " (failed) | – | – | – | –" : " | – | – | – | –", out);
    } else {
        print_pair(out, row->auc, row->accuracy);
        print_pair(out, row->mean_auc, row->mean_accuracy);
    }
    for (size_t i = 0; i < SHOWN_METHODS; i++) {
        print_published(out, shown_methods[i], row->set->name);
    }
    if (row->runs == 0) {
        fputs(" | – | – | – | – | – | – |\n", out);
        return;
    }
    char seconds[NCA_NUMBER_TEXT_SIZE], epoch[NCA_NUMBER_TEXT_SIZE];
    char milliseconds[NCA_NUMBER_TEXT_SIZE];
    nca_number_text(seconds, row->typical.seconds);
    nca_number_text(epoch, epoch_seconds(row));
    nca_number_text(milliseconds, row->typical.milliseconds);
    fprintf(out, " | %zu | %.1f kB | %s s | %s s", row->typical.parameters,
            (double)row->typical.bytes / 1000.0, seconds, epoch);
    if (row->typical.memory > 0.0) {
        fprintf(out, " | %.0f MB", row->typical.memory / 1e6);
    } else {
        fputs(" | –", out);
    }
    fprintf(out, " | %s ms |\n", milliseconds);
}

char *medmnist_table_markdown(const medmnist_table *table)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    fprintf(out, "| set | AUC | ACC | AUC of %zu | ACC of %zu", table->rollouts, table->rollouts);
    for (size_t i = 0; i < SHOWN_METHODS; i++) {
        fprintf(out, " | %s", shown_methods[i]);
    }
    fputs(" | parameters | file | training | an epoch | memory | an image |\n|---", out);
    for (size_t i = 0; i < 10 + SHOWN_METHODS; i++) {
        fputs("|---", out);
    }
    fputs("|\n", out);
    for (size_t i = 0; i < table->count; i++) {
        print_row(out, &table->row[i]);
    }
    fprintf(out,
            "\nTest scores of the model with the best validation AUC: of one rollout, and of the "
            "mean of %zu rollouts",
            table->rollouts);
    if (table->seeds > 1) {
        fprintf(out, "; mean ± standard deviation over %zu seeds", table->seeds);
    }
    fprintf(out,
            ".\nPublished AUC / ACC: %s.\n3-D sets: the middle slices along z, y and x as three "
            "channels.\n"
            "An epoch: the training time of all training images of the published set. Memory: peak "
            "of a training. An image: one rollout of one image.\n",
            nca_medmnist_published_source());
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* "mean,deviation"; the deviation of one seed is empty. */
static void print_csv_spread(FILE *out, nca_spread score)
{
    fprintf(out, "%.9g,", score.mean);
    if (isfinite(score.deviation)) {
        fprintf(out, "%.9g", score.deviation);
    }
    fputc(',', out);
}

static void print_csv_row(FILE *out, const table_row *row)
{
    const struct {
        const char *method, *made_up;
        nca_spread auc, accuracy;
        size_t rollouts;
    } own[] = {{"nca, one rollout", "nca, one rollout, made-up images", row->auc, row->accuracy, 1},
               {"nca, mean of rollouts", "nca, mean of rollouts, made-up images", row->mean_auc,
                row->mean_accuracy, row->typical.rollouts}};
    for (size_t i = 0; i < 2 && row->runs > 0; i++) {
        fprintf(out, "%s,%u,\"%s\",%zu,%zu,", row->set->name, row->size,
                row->made_up ? own[i].made_up : own[i].method, row->runs, own[i].rollouts);
        print_csv_spread(out, own[i].auc);
        print_csv_spread(out, own[i].accuracy);
        fprintf(out, "%zu,%zu,%.6g,%.6g,%.9g,%.6g\n", row->typical.parameters, row->typical.bytes,
                row->typical.seconds, epoch_seconds(row), row->typical.memory,
                row->typical.milliseconds);
    }
    const nca_medmnist_published *published;
    for (size_t i = 0; (published = nca_medmnist_published_at(i)) != NULL; i++) {
        if (strcmp(published->set, row->set->name) == 0) {
            fprintf(out, "%s,,\"%s\",,,%.3f,,%.3f,,,,,,,\n", published->set, published->method,
                    published->auc, published->accuracy);
        }
    }
}

char *medmnist_table_csv(const medmnist_table *table)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    fputs("set,size,method,seeds,rollouts,auc,auc_deviation,accuracy,accuracy_deviation,parameters,"
          "bytes,seconds,epoch_seconds,memory,milliseconds\n",
          out);
    for (size_t i = 0; i < table->count; i++) {
        print_csv_row(out, &table->row[i]);
    }
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---- The picture -----------------------------------------------------------------------------*/

typedef struct picture {
    const char *rows[MOST_TABLE_SETS];
    char names[MOST_TABLE_SETS][64], mean_name[64];
    size_t series_count;
    nca_score_series series[NCA_SCORE_MAX_SERIES];
    nca_spread values[NCA_SCORE_MAX_SERIES][MOST_TABLE_SETS][NCA_SCORE_PANELS];
} picture;

/* A series without values; NULL beyond the last. */
static nca_spread (*add_series(picture *p, const char *name, bool own))[NCA_SCORE_PANELS]
{
    if (p->series_count == NCA_SCORE_MAX_SERIES) {
        return NULL;
    }
    nca_spread(*values)[NCA_SCORE_PANELS] = p->values[p->series_count];
    for (size_t i = 0; i < MOST_TABLE_SETS; i++) {
        values[i][0] = values[i][1] = (nca_spread){NAN, NAN};
    }
    p->series[p->series_count++] = (nca_score_series){name, own, values[0]};
    return values;
}

/* Not of volumes: the published methods see all of their slices. */
static void add_published(picture *p, const medmnist_table *table)
{
    const nca_medmnist_published *row;
    const char *method = "";
    nca_spread(*values)[NCA_SCORE_PANELS] = NULL;
    for (size_t i = 0; (row = nca_medmnist_published_at(i)) != NULL; i++) {
        if (strcmp(method, row->method) != 0) {
            method = row->method;
            values = add_series(p, method, false);
        }
        for (size_t k = 0; k < table->count && values != NULL; k++) {
            const nca_medmnist_set *set = table->row[k].set;
            if (strcmp(set->name, row->set) == 0 && set->dimensions == 2) {
                values[k][0] = (nca_spread){row->auc, NAN};
                values[k][1] = (nca_spread){row->accuracy, NAN};
            }
        }
    }
}

static void fill_picture(picture *p, const medmnist_table *table)
{
    snprintf(p->mean_name, sizeof p->mean_name, "nca, mean of %zu rollouts", table->rollouts);
    nca_spread(*one)[NCA_SCORE_PANELS] = add_series(p, "nca, one rollout", true);
    nca_spread(*mean)[NCA_SCORE_PANELS] = add_series(p, p->mean_name, true);
    for (size_t i = 0; i < table->count; i++) {
        const table_row *row = &table->row[i];
        snprintf(p->names[i], sizeof p->names[i], "%s%s%s", row->set->title, kind_of(row->set),
                 row->made_up ? " (made-up)" : "");
        p->rows[i] = p->names[i];
        if (row->runs > 0) {
            one[i][0] = row->auc;
            one[i][1] = row->accuracy;
            mean[i][0] = row->mean_auc;
            mean[i][1] = row->mean_accuracy;
        }
    }
    add_published(p, table);
}

nca_status medmnist_table_draw(const medmnist_table *table, const char *path, nca_error *error)
{
    picture *p = calloc(1, sizeof *p);
    if (p == NULL) {
        snprintf(error->message, sizeof error->message, "out of memory for the plot");
        return error->status = NCA_OUT_OF_MEMORY;
    }
    nca_score_plot plot;
    nca_score_plot_default(&plot);
    fill_picture(p, table);
    plot.title = "Test scores on MedMNIST";
    plot.rows = p->rows;
    plot.row_count = table->count;
    plot.series = p->series;
    plot.series_count = p->series_count;
    const nca_status status = nca_plot_scores(&plot, path, error);
    free(p);
    return status;
}
