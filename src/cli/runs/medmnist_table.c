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
    row->sum = scores[count - 1];
    row->sum.milliseconds = row->sum.seconds = 0.0;
    for (size_t i = 0; i < count; i++) {
        row->sum.milliseconds += scores[i].milliseconds / (double)count;
        row->sum.seconds += scores[i].seconds / (double)count;
    }
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

static void print_row(FILE *out, const table_row *row)
{
    fprintf(out, "| %s%s", row->set->title, row->made_up ? " (made-up images)" : "");
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
        fputs(" | – | – | – | – |\n", out);
        return;
    }
    char seconds[NCA_NUMBER_TEXT_SIZE], milliseconds[NCA_NUMBER_TEXT_SIZE];
    nca_number_text(seconds, row->sum.seconds);
    nca_number_text(milliseconds, row->sum.milliseconds);
    fprintf(out, " | %zu | %.1f kB | %s s | %s ms |\n", row->sum.parameters,
            (double)row->sum.bytes / 1000.0, seconds, milliseconds);
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
    fputs(" | parameters | file | training | an image |\n|---", out);
    for (size_t i = 0; i < 8 + SHOWN_METHODS; i++) {
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
    fprintf(out, ".\nPublished AUC / ACC: %s.\n3-D sets: three middle slices (2.5-D).\n",
            nca_medmnist_published_source());
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

static void print_csv_row(FILE *out, const table_row *row)
{
    const struct {
        const char *method;
        nca_spread auc, accuracy;
        size_t rollouts;
    } own[] = {{"nca, one rollout", row->auc, row->accuracy, 1},
               {"nca, mean of rollouts", row->mean_auc, row->mean_accuracy, row->sum.rollouts}};
    for (size_t i = 0; i < 2 && row->runs > 0; i++) {
        fprintf(out, "%s,%u,\"%s\",%zu,%zu,%.9g,%.9g,%.9g,%.9g,%zu,%zu,%.6g,%.6g\n", row->set->name,
                row->size, row->made_up ? "nca, made-up images" : own[i].method, row->runs,
                own[i].rollouts, own[i].auc.mean, own[i].auc.deviation, own[i].accuracy.mean,
                own[i].accuracy.deviation, row->sum.parameters, row->sum.bytes, row->sum.seconds,
                row->sum.milliseconds);
    }
    const nca_medmnist_published *published;
    for (size_t i = 0; (published = nca_medmnist_published_at(i)) != NULL; i++) {
        if (strcmp(published->set, row->set->name) == 0) {
            fprintf(out, "%s,,\"%s\",,,%.3f,,%.3f,,,,,\n", published->set, published->method,
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
          "bytes,seconds,milliseconds\n",
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
