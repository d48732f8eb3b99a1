/* Writing and reading events.csv. */
#include "cli/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_folder.h"

static const char header[] = "iteration,key,value\n";

static nca_status fail(nca_error *error, const char *path, const char *what, int code)
{
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: %s: %s", path, what, strerror(code));
    return NCA_IO;
}

/* Header and rows; NULL when memory could not be had. */
static char *format_rows(size_t *out_count, uint64_t *out_next, const nca_settings *settings,
                         uint64_t done)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    const char *at = settings->changes;
    nca_change change;
    fputs(header, out);
    *out_count = 0;
    *out_next = UINT64_MAX;
    while (*out_next == UINT64_MAX && nca_change_next(&change, &at)) {
        if (change.iteration > done) {
            *out_next = change.iteration;
        } else {
            fprintf(out, "%lu,%s,%s\n", (unsigned long)change.iteration, change.setting->key,
                    change.value);
            ++*out_count;
        }
    }
    const bool written = !ferror(out);
    if (fclose(out) != 0 || !written) {
        free(text);
        return NULL;
    }
    return text;
}

nca_status events_save(uint64_t *out_next, const char *folder, const nca_settings *settings,
                       uint64_t done, nca_error *error)
{
    const run_path path = run_file(folder, RUN_EVENTS);
    size_t count;
    char *text = format_rows(&count, out_next, settings, done);
    if (text == NULL) {
        return fail(error, path.text, "cannot be kept", ENOMEM);
    }
    nca_status status = NCA_OK;
    if (count > 0) {
        status = nca_file_write(path.text, text, strlen(text), error);
    } else if (unlink(path.text) != 0 && errno != ENOENT) {
        status = fail(error, path.text, "cannot be removed", errno);
    }
    free(text);
    return status;
}

/* Whether a row is one of ours. */
static bool read_row(nca_change *out, char *row, uint64_t done)
{
    size_t commas = 0;
    for (char *comma = strchr(row, ','); comma != NULL; comma = strchr(comma, ',')) {
        *comma = ' ';
        commas++;
    }
    const char *at = row;
    return commas == 2 && nca_change_next(out, &at) && out->iteration <= done;
}

void events_read(char out[NCA_CHANGES_SIZE], const char *folder, uint64_t done)
{
    FILE *from = NULL;
    nca_file_open(&from, run_file(folder, RUN_EVENTS).text, NULL);
    char row[128], next[128];
    size_t length = 0;
    out[0] = 0;
    while (from != NULL && fgets(row, sizeof row, from) != NULL) {
        nca_change change;
        if (!read_row(&change, row, done)) {
            continue;
        }
        const int size =
            snprintf(next, sizeof next, "%s%lu %s %s", length > 0 ? ", " : "",
                     (unsigned long)change.iteration, change.setting->key, change.value);
        if (length + (size_t)size < NCA_CHANGES_SIZE) {
            memcpy(out + length, next, (size_t)size + 1);
            length += (size_t)size;
        }
    }
    if (from != NULL) {
        fclose(from);
    }
}
