/* The table of `nca benchmark-medmnist`: a row for each set, the mean over the seeds, beside
 * published results. */
#ifndef NCA_CLI_RUNS_MEDMNIST_TABLE_H
#define NCA_CLI_RUNS_MEDMNIST_TABLE_H

#include "cli/runs/medmnist_scores.h"

enum {
    MOST_TABLE_SETS = 32
};

/* One set. */
typedef struct table_row {
    const nca_medmnist_set *set;
    uint32_t size;
    bool made_up;                       /* trained on synthetic images: the scores mean nothing */
    size_t runs, failed;                /* seeds that were measured, and that have failed */
    nca_spread auc, accuracy;           /* over the seeds, of one rollout */
    nca_spread mean_auc, mean_accuracy; /* of the mean of the rollouts */
    test_scores typical;                /* parameters and bytes of the last; the largest memory;
                                           times: means over the seeds */
} table_row;

typedef struct medmnist_table {
    size_t count, rollouts, seeds;
    table_row row[MOST_TABLE_SETS];
} medmnist_table;

/* Fills the means of a row from the scores of its seeds. */
void table_row_fill(table_row *row, const test_scores *scores, size_t count);

/* The text of table.md; free() it. NULL when out of memory. */
char *medmnist_table_markdown(const medmnist_table *table);
/* The text of table.csv; the same. */
char *medmnist_table_csv(const medmnist_table *table);
/* Draws the scores beside the published ones; errors are those of nca_plot_scores. */
nca_status medmnist_table_draw(const medmnist_table *table, const char *path, nca_error *error);

#endif
