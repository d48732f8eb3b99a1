/* Writing and reading events.csv. */
#include "runs/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "nca/changes.h"
#include "nca/files.h"
#include "runs/folder.h"
#include "runs/row_file.h"

static const char header[] = "iteration,key,value\n";

/* Header and rows; NULL if out of memory. */
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

nca_status nca__events_save(uint64_t *out_next, const char *folder, const nca_settings *settings,
                            uint64_t done, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, folder, NCA_RUN_EVENTS);
    size_t count;
    char *text = format_rows(&count, out_next, settings, done);
    if (text == NULL) {
        return nca__run_fail(error, path.text, "cannot be stored", ENOMEM);
    }
    nca_status status = NCA_OK;
    if (count > 0) {
        status = nca_file_write(path.text, text, strlen(text), error);
    } else if (unlink(path.text) != 0 && errno != ENOENT) {
        status = nca__run_fail(error, path.text, "cannot be removed", errno);
    }
    free(text);
    return status;
}

/* Reads a row and its newline. */
static bool read_row(nca_change *out, char *row)
{
    size_t commas = 0;
    if (strpbrk(row, " \t\r") != NULL) {
        return false;
    }
    for (char *comma = strchr(row, ','); comma != NULL; comma = strchr(comma, ',')) {
        *comma = ' ';
        commas++;
    }
    row[strcspn(row, "\n")] = 0;
    const char *at = row;
    return commas == 2 && nca_change_next(out, &at);
}

/* Adds an entry to a list. Returns false, with the list unchanged, if the setting `changes` would
 * not accept the result: the list is full, or the entry is out of order. `trial` is used for the
 * test. */
static bool append(char out[NCA_CHANGES_SIZE], nca_settings *trial, const nca_change *change)
{
    char next[128];
    const size_t length = strlen(out);
    const int size =
        snprintf(next, sizeof next, "%s%lu %s %s", length > 0 ? ", " : "",
                 (unsigned long)change->iteration, change->setting->key, change->value);
    if (size < 0 || (size_t)size >= sizeof next || length + (size_t)size >= NCA_CHANGES_SIZE) {
        return false;
    }
    memcpy(out + length, next, (size_t)size + 1);
    if (nca_settings_set(trial, "changes", out, NULL) != NCA_OK) {
        out[length] = 0;
        return false;
    }
    return true;
}

nca_status nca_events_read(char out[NCA_CHANGES_SIZE], const char *folder, uint64_t done,
                           nca_error *error)
{
    return nca__events_read_file(out, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_EVENTS),
                                 done, error);
}

nca_status nca__events_read_file(char out[NCA_CHANGES_SIZE], const char *path, uint64_t done,
                                 nca_error *error)
{
    nca__row_file from;
    out[0] = 0;
    nca_status status = nca__row_file_open(&from, path, error);
    if (status != NCA_OK) {
        return status == NCA_NOT_FOUND ? NCA_OK : status;
    }
    nca_settings *trial = calloc(1, sizeof *trial);
    if (trial == NULL) {
        nca__row_file_close(&from);
        return nca__run_fail(error, path, "cannot be read", ENOMEM);
    }
    nca_settings_default(trial);
    nca__row_kind kind;
    for (size_t line = 1;
         (kind = nca__row_file_next(&from)) != NCA__ROW_END && kind != NCA__ROW_ERROR; line++) {
        nca_change change;
        const bool is_header =
            line == 1 && kind == NCA__ROW_WHOLE && strcmp(from.text, header) == 0;
        bool good = is_header || ((kind == NCA__ROW_WHOLE || kind == NCA__ROW_CUT) &&
                                  read_row(&change, from.text));
        if (good && !is_header && change.iteration <= done) {
            good = append(out, trial, &change);
        }
        if (!good && status == NCA_OK) {
            status =
                nca__fail(error, NCA_FORMAT,
                          "%.900s:%zu: expected a row \"iteration,key,value\"; the line is ignored",
                          path, line);
        }
    }
    if (kind == NCA__ROW_ERROR) {
        status = nca__row_file_fail(error, path);
    }
    free(trial);
    nca__row_file_close(&from);
    return status;
}
