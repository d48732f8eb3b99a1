/* Lines of a table in memory. Knows nothing of images. */
#include "cli/data/data_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

nca_status data_table_add(data_table *table, const char *row, nca_error *error)
{
    size_t length = strlen(row);
    if (table->length + length + 1 > table->capacity) {
        size_t capacity = (table->capacity + length) * 2 + 4096;
        char *rows = realloc(table->rows, capacity);
        if (rows == NULL) {
            snprintf(error->message, sizeof error->message, "export: out of memory");
            return error->status = NCA_OUT_OF_MEMORY;
        }
        table->rows = rows;
        table->capacity = capacity;
    }
    memcpy(table->rows + table->length, row, length + 1);
    table->length += length;
    return NCA_OK;
}

/* Whether the line begins with one of the words and a comma. */
static bool begins_with_one(const char *line, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(line, words[i], length) == 0 && line[length] == ',') {
            return true;
        }
    }
    return false;
}

nca_status data_table_keep(data_table *table, const char *path, const char *const *words,
                           size_t count, nca_error *error)
{
    FILE *stream = NULL;
    nca_status status = nca_file_open(&stream, path, error);
    if (status != NCA_OK && status != NCA_NOT_FOUND) {
        return status;
    }
    status = NCA_OK;
    char *line = NULL;
    size_t size = 0;
    while (stream != NULL && status == NCA_OK && getline(&line, &size, stream) > 0) {
        if (!begins_with_one(line, words, count)) {
            status = data_table_add(table, line, error);
        }
    }
    free(line);
    if (stream != NULL) {
        fclose(stream);
    }
    return status;
}

nca_status data_table_save(const data_table *table, const char *path, nca_error *error)
{
    if (table->length > 0) {
        return nca_file_write(path, table->rows, table->length, error);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        snprintf(error->message, sizeof error->message, "%.900s: cannot be removed: %s", path,
                 strerror(errno));
        return error->status = NCA_IO;
    }
    return NCA_OK;
}

void data_table_free(data_table *table)
{
    free(table->rows);
    *table = (data_table){0};
}
