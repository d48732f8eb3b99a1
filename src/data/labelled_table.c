/* Tables of images: comma-separated values (RFC 4180) with the columns path, label and split, or
 * those of `nca data export`: TRAIN, VALIDATION or TEST, the name of a file in the folder that has
 * the name of the table, and the label.
 *
 * Fields may be quoted ("a, b", "say ""hello"""), lines may end with CR LF, blanks around a field
 * and a byte order mark are ignored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "data/labelled_list.h"

enum {
    MOST_COLUMNS = 64,
    MOST_BYTES = 1 << 28
};

typedef enum column {
    COLUMN_PATH,
    COLUMN_LABEL,
    COLUMN_SPLIT,
    COLUMNS
} column;

static const char *const column_names[COLUMNS] = {"path", "label", "split"};

typedef struct table {
    nca__image_list *list;
    const char *name, *folder; /* of the file */
    char *at, *end;            /* the rest of the text */
    size_t line;               /* of the row that was read last, counted from 1 */
    size_t next_line;
    char *fields[MOST_COLUMNS]; /* of that row */
    size_t count;
    size_t width;          /* fields of every row */
    size_t place[COLUMNS]; /* which field a column is; SIZE_MAX: it does not exist */
    char *exported;        /* the folder of the images of an exported table; NULL: another table */
    bool quoted;           /* whether a field of the row was quoted */
} table;

/* "table.csv: line 3", for messages. */
typedef struct position {
    char text[320];
} position;

static position where(const table *t)
{
    position shown;
    snprintf(shown.text, sizeof shown.text, "%.280s: line %zu", t->name, t->line);
    return shown;
}

/* ---- Fields ----------------------------------------------------------------------------------*/

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether a field ends here: at a comma, an end of line or the end of the text. */
static bool is_end(const table *t)
{
    return t->at == t->end || *t->at == ',' || *t->at == '\n' ||
           (*t->at == '\r' && (t->at + 1 == t->end || t->at[1] == '\n'));
}

static nca_status read_quoted(table *t, char **out_end, nca_error *error)
{
    char *out = t->at++;
    for (; t->at < t->end && !(t->at[0] == '"' && t->at[1] != '"'); t->at++) {
        t->at += *t->at == '"';
        t->next_line += *t->at == '\n';
        *out++ = *t->at;
    }
    if (t->at == t->end) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected a closing quote (\"), found the end of "
                         "the file",
                         where(t).text);
    }
    t->at++;
    while (t->at < t->end && is_blank(*t->at)) {
        t->at++;
    }
    if (!is_end(t)) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: expected a comma after the closing quote, found \"%c\"; double a quote "
            "inside of a field (\"\")",
            where(t).text, *t->at);
    }
    *out_end = out;
    return NCA_OK;
}

/* Reads a field; *t->at is what ended it. *out_end is where its final 0 belongs. */
static nca_status read_field(table *t, char **out, char **out_end, nca_error *error)
{
    while (t->at < t->end && is_blank(*t->at)) {
        t->at++;
    }
    *out = t->at;
    if (t->at < t->end && *t->at == '"') {
        t->quoted = true;
        return read_quoted(t, out_end, error);
    }
    while (!is_end(t)) {
        t->at++;
    }
    char *end = t->at;
    while (end > *out && is_blank(end[-1])) {
        end--;
    }
    *out_end = end;
    return NCA_OK;
}

/* Reads the fields of a row and goes to the start of the next one. */
static nca_status read_row(table *t, nca_error *error)
{
    t->line = t->next_line;
    t->count = 0;
    t->quoted = false;
    for (bool more = true; more;) {
        char *field = NULL, *field_end = NULL;
        if (t->count == MOST_COLUMNS) {
            return nca__fail(error, NCA_LIMIT, "%s: expected at most %d columns, found more",
                             where(t).text, MOST_COLUMNS);
        }
        const nca_status status = read_field(t, &field, &field_end, error);
        if (status != NCA_OK) {
            return status;
        }
        t->fields[t->count++] = field;
        more = t->at < t->end && *t->at == ',';
        if (t->at < t->end && *t->at == '\r') {
            t->at++;
        }
        if (t->at < t->end) {
            t->next_line += *t->at == '\n';
            t->at++;
        }
        *field_end = 0; /* only now: it may be the comma or the end of the line */
    }
    return NCA_OK;
}

static bool is_empty_row(const table *t)
{
    return t->count == 1 && *t->fields[0] == 0 && !t->quoted;
}

/* ---- Columns ---------------------------------------------------------------------------------*/

static bool is_column(const char *field, column wanted)
{
    return strcasecmp(field, column_names[wanted]) == 0;
}

static bool is_heading(const table *t)
{
    bool found = false;
    for (size_t i = 0; i < t->count; i++) {
        found =
            found || is_column(t->fields[i], COLUMN_PATH) || is_column(t->fields[i], COLUMN_LABEL);
    }
    return found;
}

static nca_status read_heading(table *t, nca_error *error)
{
    for (unsigned c = 0; c < COLUMNS; c++) {
        t->place[c] = SIZE_MAX;
        for (size_t i = 0; i < t->count; i++) {
            if (!is_column(t->fields[i], (column)c)) {
                continue;
            }
            if (t->place[c] != SIZE_MAX) {
                return nca__fail(error, NCA_FORMAT,
                                 "%s: expected one column \"%s\", found two in the heading",
                                 where(t).text, column_names[c]);
            }
            t->place[c] = i;
        }
        if (t->place[c] == SIZE_MAX && c != COLUMN_SPLIT) {
            return nca__fail(error, NCA_FORMAT,
                             "%s: expected the columns path, label and, if you like, split; the "
                             "heading has no column \"%s\"",
                             where(t).text, column_names[c]);
        }
    }
    return NCA_OK;
}

/* The words of an exported table, which is in the layout of the medmnist package for Python. */
static const char *const exported_words[NCA_SPLIT_COUNT] = {"TRAIN", "VALIDATION", "TEST"};

static bool is_exported(const table *t)
{
    bool found = false;
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        found = found || strcmp(t->fields[0], exported_words[split]) == 0;
    }
    return found && t->count == 3;
}

/* The columns of an exported table; the images of "set.csv" are in the folder "set". */
static nca_status take_exported(table *t, nca_error *error)
{
    const char *slash = strrchr(t->name, '/'), *name = slash != NULL ? slash + 1 : t->name;
    const char *dot = strrchr(name, '.');
    const size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    const size_t size = strlen(t->folder) + length + 2;
    t->exported = malloc(size);
    if (t->exported == NULL) {
        return nca__fail_memory(error, t->name, size);
    }
    snprintf(t->exported, size, "%s%.*s/", t->folder, (int)length, name);
    t->place[COLUMN_SPLIT] = 0;
    t->place[COLUMN_PATH] = 1;
    t->place[COLUMN_LABEL] = 2;
    return NCA_OK;
}

/* Without a heading the columns are path, label and split. */
static nca_status assume_columns(table *t, nca_error *error)
{
    if (is_exported(t)) {
        return take_exported(t, error);
    }
    if (t->count == 2 || t->count == 3) {
        t->place[COLUMN_PATH] = 0;
        t->place[COLUMN_LABEL] = 1;
        t->place[COLUMN_SPLIT] = t->count == 3 ? 2 : SIZE_MAX;
        return NCA_OK;
    }
    const char *first = t->fields[0];
    const bool other = t->count == 1 && (strchr(first, ';') != NULL || strchr(first, '\t') != NULL);
    return nca__fail(error, NCA_FORMAT,
                     "%s: expected \"path,label\" or \"path,label,split\", or a heading with these "
                     "names, found %zu columns%s",
                     where(t).text, t->count, other ? "; separate them with commas" : "");
}

/* ---- Rows ------------------------------------------------------------------------------------*/

static nca_status parse_split(nca_split *out, const table *t, const char *text, nca_error *error)
{
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        const char *word =
            t->exported != NULL ? exported_words[split] : nca_split_name((nca_split)split);
        if (strcmp(text, word) == 0) {
            *out = (nca_split)split;
            return NCA_OK;
        }
    }
    return nca__fail(error, NCA_FORMAT, "%s: expected the split %s, found \"%.60s\"", where(t).text,
                     t->exported != NULL ? "TRAIN, VALIDATION or TEST" : "train, val or test",
                     text);
}

static nca_status add_row(table *t, nca_error *error)
{
    if (t->count != t->width) {
        return nca__fail(
            error, NCA_FORMAT,
            "%s: expected %zu columns like the first line, found %zu; put a field that "
            "contains a comma in quotes",
            where(t).text, t->width, t->count);
    }
    const char *path = t->fields[t->place[COLUMN_PATH]];
    const char *label = t->fields[t->place[COLUMN_LABEL]];
    nca_split split = NCA_SPLIT_TRAIN;
    uint32_t class;
    if (*path == 0 || *label == 0) {
        return nca__fail(error, NCA_FORMAT, "%s: expected a path and a label, found no %s",
                         where(t).text, *path == 0 ? "path" : "label");
    }
    nca_status status = NCA_OK;
    if (t->place[COLUMN_SPLIT] != SIZE_MAX) {
        status = parse_split(&split, t, t->fields[t->place[COLUMN_SPLIT]], error);
    }
    if (status == NCA_OK) {
        status = nca__image_list_class(&class, t->list, label, where(t).text, error);
    }
    if (status == NCA_OK) {
        status = nca__image_list_add(t->list, t->exported != NULL ? t->exported : t->folder, path,
                                     class, split, error);
    }
    if (status == NCA_OK) {
        t->list->images[t->list->count - 1].line = t->line;
    }
    return status;
}

static nca_status check_text(const char *text, size_t size, const char *name, nca_error *error)
{
    if (memchr(text, 0, size) != NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: expected a text, found a byte 0; save the table as CSV in UTF-8",
                         name);
    }
    return NCA_OK;
}

nca_status nca__table_parse(nca__image_list *list, char *text, size_t size, const char *name,
                            const char *folder, nca_error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    table t = {.list = list,
               .name = name,
               .folder = folder,
               .at = text,
               .end = text + size,
               .next_line = 1};
    nca_status status = check_text(text, size, name, error);
    if (size >= 3 && memcmp(text, mark, 3) == 0) {
        t.at += 3;
    }
    while (status == NCA_OK && t.at < t.end) {
        status = read_row(&t, error);
        if (status != NCA_OK || is_empty_row(&t)) {
            continue;
        }
        if (t.width > 0) {
            status = add_row(&t, error);
            continue;
        }
        t.width = t.count;
        if (is_heading(&t)) {
            status = read_heading(&t, error);
        } else {
            status = assume_columns(&t, error);
            status = status == NCA_OK ? add_row(&t, error) : status;
        }
    }
    free(t.exported);
    list->has_splits = t.width > 0 && t.place[COLUMN_SPLIT] != SIZE_MAX;
    return status;
}

nca_status nca__labelled_read_table(nca__labelled *data, const char *path, nca_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca__image_list list = {0};
    nca_status status = nca__file_read(&bytes, &size, path, MOST_BYTES, error);
    if (status != NCA_OK) {
        return status;
    }
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
    if (folder == NULL) {
        status = nca__fail_memory(error, path, strlen(path) + 1);
    }
    if (status == NCA_OK) {
        status = nca__image_list_create(&list, error);
    }
    if (status == NCA_OK) {
        status = nca__table_parse(&list, (char *)bytes, size, path, folder, error);
    }
    free(bytes);
    if (status == NCA_OK) {
        status = nca__labelled_read_list(data, &list, error);
    }
    free(folder);
    nca__image_list_clear(&list);
    return status;
}
