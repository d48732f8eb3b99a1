/* The table of an export: a line SPLIT,FILE,LABEL[,LABEL...] for each image. */
#ifndef NCA_CLI_DATA_DATA_TABLE_H
#define NCA_CLI_DATA_DATA_TABLE_H

#include "cli/cli.h"

typedef struct data_table {
    char *rows; /* all lines, or NULL before the first */
    size_t length, capacity;
} data_table;

/* Adds a line; `row` ends with a newline. */
nca_status data_table_add(data_table *table, const char *row, nca_error *error);
/* Adds the lines of a table on the disk whose split is not among the `count` of `words`, which are
 * about to be written again. A table that is not there has none. */
nca_status data_table_keep(data_table *table, const char *path, const char *const *words,
                           size_t count, nca_error *error);
/* Writes the file, whole or not at all; without a line it is removed instead. */
nca_status data_table_save(const data_table *table, const char *path, nca_error *error);
void data_table_free(data_table *table);

#endif
