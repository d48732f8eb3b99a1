/* Reports: markup for text, tables and pictures. */
#include "nca/report.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "base/growing_text.h"
#include "page/report_style.h"

enum {
    MOST_PICTURE = 64 << 20 /* bytes of a picture's file */
};

/* The position of a picture's bytes in the report. */
typedef struct taken_picture {
    size_t begin, length; /* of its base64 text in the body */
} taken_picture;

struct nca_report {
    nca__growing_text title, byline, contents, body;
    size_t parts;
    bool sections; /* whether there was a heading of level 3 */
    bool lost;     /* out of memory for anything other than a text */
    size_t folds;  /* number of open folds */
    size_t picture_count;
    taken_picture *pictures;
};

/* The page loads nothing and runs no scripts. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<style>\n";

nca_status nca_report_create(nca_report **out_report, const char *title, nca_error *error)
{
    nca_report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return nca__fail_memory(error, "a report", sizeof *report);
    }
    report->title = nca__growing_text_make(256);
    report->byline = nca__growing_text_make(256);
    report->contents = nca__growing_text_make(1024);
    report->body = nca__growing_text_make(1 << 16);
    nca__grow_escaped(&report->title, title);
    *out_report = report;
    return NCA_OK;
}

void nca_report_destroy(nca_report *report)
{
    if (report != NULL) {
        free(report->title.text);
        free(report->byline.text);
        free(report->contents.text);
        free(report->body.text);
        free(report->pictures);
        free(report);
    }
}

static void element(nca__growing_text *out, const char *open, const char *text, const char *close)
{
    nca__grow_text(out, open);
    nca__grow_escaped(out, text);
    nca__grow_text(out, close);
}

/* `format` contains one number. */
static void grow_number(nca__growing_text *out, const char *format, size_t number)
    __attribute__((format(printf, 2, 0)));

static void grow_number(nca__growing_text *out, const char *format, size_t number)
{
    char text[64];
    snprintf(text, sizeof text, format, number);
    nca__grow_text(out, text);
}

void nca_report_byline(nca_report *report, const char *text)
{
    if (report->byline.text != NULL) {
        report->byline.length = 0;
        element(&report->byline, "<p class=\"by\">", text, "</p>\n");
    }
}

void nca_report_heading(nca_report *report, int level, const char *text)
{
    if (level > 2) {
        report->sections = true;
        element(&report->body, "<h3>", text, "</h3>\n");
        return;
    }
    report->parts++;
    grow_number(&report->body, "<h2 id=\"part-%zu\"", report->parts);
    element(&report->body, report->parts == 1 ? " class=\"first\">" : ">", text, "</h2>\n");
    grow_number(&report->contents, "<li><a href=\"#part-%zu\">", report->parts);
    element(&report->contents, "", text, "</a></li>\n");
}

void nca_report_paragraph(nca_report *report, const char *text)
{
    element(&report->body, "<p>", text, "</p>\n");
}

void nca_report_fold(nca_report *report, const char *summary, bool open)
{
    report->folds++;
    element(&report->body, open ? "<details open><summary>" : "<details><summary>", summary,
            "</summary>\n");
}

void nca_report_unfold(nca_report *report)
{
    if (report->folds > 0) {
        report->folds--;
        nca__grow_text(&report->body, "</details>\n");
    }
}

/* ---- Tables ----------------------------------------------------------------------------------*/

/* Whether a cell is right-aligned like a number: also "3 of 8", but not a word of the same
 * letters. */
static bool is_number(const char *cell)
{
    return strspn(cell, "0123456789+-.,e%±–infoa ") == strlen(cell) &&
           (strchr(cell, 'o') == NULL || strpbrk(cell, "0123456789") != NULL);
}

/* Whether all cells below a column's header are numbers, empty, or "dead" or "diverged" (for a run
 * without a number); at least one must be a number. */
static bool is_number_column(const nca_report_cell *cells, size_t rows, size_t columns,
                             size_t column)
{
    bool any = false;
    for (size_t row = 1; row < rows; row++) {
        const char *cell = cells[row * columns + column].text;
        const bool is_none =
            cell[0] == 0 || strcmp(cell, "dead") == 0 || strcmp(cell, "diverged") == 0;
        if (!is_none && !is_number(cell)) {
            return false;
        }
        any = any || !is_none;
    }
    return any;
}

/* Whether a cell must not be broken: a short word with a hyphen would be broken at the hyphen, and
 * in the first column, which is narrow on a phone, a short word would be broken anywhere. */
static bool is_short(const nca_report_cell *cell, size_t column)
{
    const size_t most = 16, length = strlen(cell->text);
    const bool is_word = column == 0 && length > 0 && strchr(cell->text, ' ') == NULL;
    return length <= most && (is_word || strchr(cell->text, '-') != NULL);
}

/* Whether a cell is the name of a part that must not be broken where there is room. */
static bool is_name(const nca_report_cell *cell)
{
    return cell->part > 0 && strlen(cell->text) <= 24;
}

static void add_cell(nca_report *report, const nca_report_cell *cell, const char *tag,
                     size_t column, bool right)
{
    nca__growing_text *out = &report->body;
    nca__grow_text(out, "<");
    nca__grow_text(out, tag);
    nca__grow_text(out, right                    ? " class=\"n\">"
                        : is_short(cell, column) ? " class=\"short\">"
                        : is_name(cell)          ? " class=\"name\">"
                                                 : ">");
    if (cell->part > 0) {
        grow_number(out, "<a href=\"#part-%zu\">", cell->part);
    }
    element(out, cell->strong ? "<strong>" : "", cell->text, cell->strong ? "</strong>" : "");
    nca__grow_text(out, cell->part > 0 ? "</a></" : "</");
    nca__grow_text(out, tag);
    nca__grow_text(out, ">");
}

void nca_report_cells(nca_report *report, const nca_report_cell *cells, size_t rows, size_t columns)
{
    bool *right = calloc(columns, sizeof *right);
    report->lost = report->lost || (right == NULL && columns > 0);
    /* Scrollable elements must be reachable with the keyboard. */
    nca__grow_text(
        &report->body,
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"table\"><table>\n");
    for (size_t row = 0; row < rows && right != NULL; row++) {
        nca__grow_text(&report->body, row == 0 ? "<thead><tr>" : row == 1 ? "<tbody><tr>" : "<tr>");
        for (size_t column = 0; column < columns; column++) {
            if (row == 0) {
                right[column] = column > 0 && is_number_column(cells, rows, columns, column);
            }
            add_cell(report, &cells[row * columns + column], row == 0 ? "th" : "td", column,
                     right[column]);
        }
        nca__grow_text(&report->body, row == 0 ? "</tr></thead>\n" : "</tr>\n");
    }
    nca__grow_text(&report->body, rows > 1 ? "</tbody></table></div>\n" : "</table></div>\n");
    free(right);
}

void nca_report_table(nca_report *report, const char *const *cells, size_t rows, size_t columns)
{
    nca_report_cell *plain = calloc(rows * columns, sizeof *plain);
    report->lost = report->lost || (plain == NULL && rows * columns > 0);
    for (size_t i = 0; plain != NULL && i < rows * columns; i++) {
        plain[i].text = cells[i];
    }
    if (plain != NULL) {
        nca_report_cells(report, plain, rows, columns);
    }
    free(plain);
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".png", "image/png"}, {".gif", "image/gif"}, {".svg", "image/svg+xml"}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (nca__path_ends_with(path, types[i][0])) {
            return types[i][1];
        }
    }
    return NULL;
}

/* The index of the picture with these bytes; picture_count if it is new. */
static size_t find_picture(const nca_report *report, const char *base64, size_t length)
{
    size_t i = 0;
    while (i < report->picture_count &&
           (report->body.text == NULL || report->pictures[i].length != length ||
            memcmp(report->body.text + report->pictures[i].begin, base64, length) != 0)) {
        i++;
    }
    return i;
}

static nca_status add_picture(nca_report *report, const char *base64, const char *type,
                              const char *caption, nca_error *error)
{
    const size_t length = strlen(base64), index = find_picture(report, base64, length);
    nca__growing_text *out = &report->body;
    if (index < report->picture_count) {
        grow_number(out, "<p class=\"same\"><a href=\"#picture-%zu\">", index + 1);
        element(out, "Same picture as above</a>: ", caption, "</p>\n");
        return NCA_OK;
    }
    taken_picture *more = realloc(report->pictures, (index + 1) * sizeof *more);
    if (more == NULL) {
        return nca__fail_memory(error, "a picture of a report", (index + 1) * sizeof *more);
    }
    report->pictures = more;
    report->picture_count++;
    /* In print only the first frame is shown, which is mostly empty. */
    grow_number(out, "<figure id=\"picture-%zu\"", index + 1);
    nca__grow_text(out, strcmp(type, "image/gif") == 0 ? " class=\"moving\">" : ">");
    element(out, "<img alt=\"", caption, "\" src=\"data:");
    nca__grow_text(out, type);
    nca__grow_text(out, ";base64,");
    more[index] = (taken_picture){out->length, length};
    nca__grow(out, base64, length);
    element(out, "\"><figcaption>", caption, "</figcaption></figure>\n");
    return NCA_OK;
}

nca_status nca_report_picture(nca_report *report, const char *path, const char *caption,
                              nca_error *error)
{
    const char *type = type_of(path);
    if (type == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected an image file that ends in .png, .gif or .svg", path);
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status = nca__file_read(&bytes, &size, path, MOST_PICTURE, error);
    if (status != NCA_OK) {
        return status;
    }
    char *base64 = malloc(nca__base64_length(size) + 1);
    if (base64 == NULL) {
        free(bytes);
        return nca__fail_memory(error, "a picture of a report", size);
    }
    nca__base64(base64, bytes, size);
    free(bytes);
    status = add_picture(report, base64, type, caption, error);
    free(base64);
    return status;
}

void nca_report_drawing(nca_report *report, const char *svg, const char *caption)
{
    nca__grow_text(&report->body, "<figure><div class=\"wide\" tabindex=\"0\" role=\"group\" "
                                  "aria-label=\"plot\">\n");
    nca__grow_text(&report->body, svg);
    element(&report->body, "</div><figcaption>", caption, "</figcaption></figure>\n");
}

/* ---- Galleries -------------------------------------------------------------------------------*/

static void add_caption(nca__growing_text *out, const char *caption)
{
    nca__grow_text(out, "<figcaption>");
    for (const char *at = caption; *at != 0;) {
        const size_t length = strcspn(at, "\n");
        char line[512];
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        element(out, at == caption ? "<strong>" : "<br>", line, at == caption ? "</strong>" : "");
        at += length + (at[length] != 0);
    }
    nca__grow_text(out, "</figcaption>");
}

static nca_status add_thumbnail(nca_report *report, const nca_report_thumbnail *thumbnail,
                                nca_error *error)
{
    nca__growing_text *out = &report->body;
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_status status = nca_image_encode_png(&bytes, &size, thumbnail->image, error);
    if (status != NCA_OK) {
        return status;
    }
    char *base64 = malloc(nca__base64_length(size) + 1);
    if (base64 != NULL) {
        nca__base64(base64, bytes, size);
        nca__grow_text(out, "<figure><img alt=\"\" src=\"data:image/png;base64,");
        nca__grow_text(out, base64);
        nca__grow_text(out, "\">");
        add_caption(out, thumbnail->caption);
        nca__grow_text(out, "</figure>\n");
    } else {
        status = nca__fail_memory(error, "a picture of a report", size);
    }
    free(bytes);
    free(base64);
    return status;
}

nca_status nca_report_gallery(nca_report *report, const nca_report_thumbnail *thumbnails,
                              size_t count, nca_error *error)
{
    nca_status status = NCA_OK;
    nca__grow_text(&report->body, "<div class=\"gallery\">\n");
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = add_thumbnail(report, &thumbnails[i], error);
    }
    nca__grow_text(&report->body, "</div>\n");
    return status;
}

/* ---- The file --------------------------------------------------------------------------------*/

static bool is_whole(const nca_report *report)
{
    return report->title.text != NULL && report->byline.text != NULL &&
           report->contents.text != NULL && report->body.text != NULL && !report->lost;
}

nca_status nca_report_save(const nca_report *report, const char *path, nca_error *error)
{
    if (!is_whole(report)) {
        return nca__fail_memory(error, "a report", 0);
    }
    const bool listed = report->parts > 2;
    const char *texts[] = {
        "<!doctype html>\n<html lang=\"en\">\n<head>\n",
        head,
        nca__report_style,
        "</style>\n<title>",
        report->title.text,
        report->sections ? "</title>\n</head>\n<body class=\"sections\">\n<main>\n<h1>"
                         : "</title>\n</head>\n<body>\n<main>\n<h1>",
        report->title.text,
        "</h1>\n",
        report->byline.length > 0 ? report->byline.text : "",
        listed ? "<nav aria-label=\"Contents\"><ol>\n" : "",
        listed ? report->contents.text : "",
        listed ? "</ol></nav>\n" : "",
        report->body.text,
        "</main>\n</body>\n</html>\n",
    };
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == NCA_OK; i++) {
        status = nca__writer_write(&writer, texts[i], strlen(texts[i]), error);
    }
    if (status == NCA_OK) {
        return nca__writer_commit(&writer, error);
    }
    nca__writer_abort(&writer);
    return status;
}
