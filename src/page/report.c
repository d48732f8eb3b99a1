/* Reports: markup around text, tables and pictures. Knows nothing of what they say. */
#include "nca/report.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/file.h"
#include "page/growing_text.h"

enum {
    MOST_PICTURE = 64 << 20 /* bytes of a picture's file */
};

struct nca_report {
    nca__growing_text body;
};

/* Nothing is fetched and nothing runs. Printed, a part begins on a new page and nothing is cut. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<style>\n"
    "body { margin: 0 auto; padding: 1.5em; max-width: 60em; background: #fff; color: #1c1e21;\n"
    "  font: 15px/1.5 system-ui, \"Segoe UI\", \"Noto Sans\", \"DejaVu Sans\", sans-serif; }\n"
    "h1 { font-size: 1.7em; margin: 0 0 .3em; }\n"
    "h2 { font-size: 1.35em; margin: 1.6em 0 .4em; border-bottom: 1px solid #d8d8d4; }\n"
    "h3 { font-size: 1.1em; margin: 1.2em 0 .3em; }\n"
    "p { margin: .4em 0; }\n"
    "figure { margin: .8em 0; break-inside: avoid; }\n"
    "img { max-width: 100%; display: block; image-rendering: auto; }\n"
    "figcaption { color: #585d64; font-size: .9em; }\n"
    "table { border-collapse: collapse; margin: .6em 0; font-variant-numeric: tabular-nums;\n"
    "  break-inside: avoid; font-size: .93em; }\n"
    "th, td { padding: .2em .7em .2em 0; text-align: left; border-bottom: 1px solid #e6e6e2;\n"
    "  vertical-align: top; }\n"
    "td.n, th.n { text-align: right; }\n"
    "@page { size: A4; margin: 16mm; }\n"
    "@media print { body { padding: 0; max-width: none; font-size: 10pt; }\n"
    "  h2 { break-before: page; margin-top: 0; } h1 + h2, h1 + p + h2 { break-before: auto; }\n"
    "  h2, h3 { break-after: avoid; } img { max-height: 220mm; } .moving { display: none; } }\n"
    "</style>\n";

nca_status nca_report_create(nca_report **out_report, const char *title, nca_error *error)
{
    nca_report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return nca__fail_memory(error, "a report", sizeof *report);
    }
    report->body = nca__growing_text_make(1 << 16);
    nca__grow_text(&report->body, "<!doctype html>\n<html lang=\"en\">\n<head>\n");
    nca__grow_text(&report->body, head);
    nca__grow_text(&report->body, "<title>");
    nca__grow_escaped(&report->body, title);
    nca__grow_text(&report->body, "</title>\n</head>\n<body>\n<main>\n<h1>");
    nca__grow_escaped(&report->body, title);
    nca__grow_text(&report->body, "</h1>\n");
    *out_report = report;
    return NCA_OK;
}

void nca_report_destroy(nca_report *report)
{
    if (report != NULL) {
        free(report->body.text);
        free(report);
    }
}

static void element(nca_report *report, const char *open, const char *text, const char *close)
{
    nca__grow_text(&report->body, open);
    nca__grow_escaped(&report->body, text);
    nca__grow_text(&report->body, close);
}

void nca_report_heading(nca_report *report, int level, const char *text)
{
    if (level <= 2) {
        element(report, "<h2>", text, "</h2>\n");
    } else {
        element(report, "<h3>", text, "</h3>\n");
    }
}

void nca_report_paragraph(nca_report *report, const char *text)
{
    element(report, "<p>", text, "</p>\n");
}

/* Whether a cell is to be set like a number. */
static bool is_number(const char *cell)
{
    return strspn(cell, "0123456789+-.,e%±–infa ") == strlen(cell);
}

/* Whether all cells below a column's head are numbers or empty, and not all are empty. */
static bool is_number_column(const char *const *cells, size_t rows, size_t columns, size_t column)
{
    bool any = false;
    for (size_t row = 1; row < rows; row++) {
        const char *cell = cells[row * columns + column];
        if (cell[0] != 0 && !is_number(cell)) {
            return false;
        }
        any = any || cell[0] != 0;
    }
    return any;
}

void nca_report_table(nca_report *report, const char *const *cells, size_t rows, size_t columns)
{
    nca__grow_text(&report->body, "<table>\n");
    for (size_t row = 0; row < rows; row++) {
        nca__grow_text(&report->body, "<tr>");
        for (size_t column = 0; column < columns; column++) {
            const char *cell = cells[row * columns + column];
            const bool right = column > 0 && is_number_column(cells, rows, columns, column);
            const char *tag = row == 0 ? "th" : "td";
            nca__grow_text(&report->body, "<");
            nca__grow_text(&report->body, tag);
            nca__grow_text(&report->body, right ? " class=\"n\">" : ">");
            nca__grow_escaped(&report->body, cell);
            nca__grow_text(&report->body, "</");
            nca__grow_text(&report->body, tag);
            nca__grow_text(&report->body, ">");
        }
        nca__grow_text(&report->body, "</tr>\n");
    }
    nca__grow_text(&report->body, "</table>\n");
}

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

nca_status nca_report_picture(nca_report *report, const char *path, const char *caption,
                              nca_error *error)
{
    const char *type = type_of(path);
    if (type == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: expected a picture that ends in .png, .gif or .svg", path);
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
    /* Paper shows the first frame alone, which is mostly empty. */
    const bool moves = nca__path_ends_with(path, ".gif");
    nca__grow_text(&report->body,
                   moves ? "<figure class=\"moving\"><img alt=\"" : "<figure><img alt=\"");
    nca__grow_escaped(&report->body, caption);
    nca__grow_text(&report->body, "\" src=\"data:");
    nca__grow_text(&report->body, type);
    nca__grow_text(&report->body, ";base64,");
    nca__grow_text(&report->body, base64);
    nca__grow_text(&report->body, "\"><figcaption>");
    nca__grow_escaped(&report->body, caption);
    nca__grow_text(&report->body, "</figcaption></figure>\n");
    free(base64);
    free(bytes);
    return NCA_OK;
}

nca_status nca_report_save(const nca_report *report, const char *path, nca_error *error)
{
    static const char end[] = "</main>\n</body>\n</html>\n";
    if (report->body.text == NULL) {
        return nca__fail_memory(error, "a report", 0);
    }
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    if (status == NCA_OK) {
        status = nca__writer_write(&writer, report->body.text, report->body.length, error);
    }
    if (status == NCA_OK) {
        status = nca__writer_write(&writer, end, sizeof end - 1, error);
    }
    if (status == NCA_OK) {
        return nca__writer_commit(&writer, error);
    }
    nca__writer_abort(&writer);
    return status;
}
