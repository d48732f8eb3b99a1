/* A report: one HTML file with text, tables and pictures in it, for a browser or for paper (A4).
 *
 *     nca_report *report;
 *     nca_report_create(&report, "Retina", &error);
 *     nca_report_heading(report, 2, "Growth");
 *     nca_report_picture(report, "runs/retina/filmstrip.png", "From the seed on", &error);
 *     nca_report_save(report, "retina.html", &error);
 *     nca_report_destroy(report);
 *
 * All text is UTF-8 and is shown literally: it is never interpreted as markup. */
#ifndef NCA_REPORT_H
#define NCA_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_report nca_report;

/* Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_report_create(nca_report **out_report, const char *title, nca_error *error);
NCA_API void nca_report_destroy(nca_report *report); /* accepts NULL */

/* A line below the title, for example the date and the author; the last call takes effect. */
NCA_API void nca_report_byline(nca_report *report, const char *text);

/* Level 2 begins a part, level 3 a section of it. Parts are counted from 1; if there are three or
 * more, a table of contents comes first. In print, each part begins a new page if the report has
 * sections. */
NCA_API void nca_report_heading(nca_report *report, int level, const char *text);
NCA_API void nca_report_paragraph(nca_report *report, const char *text);

typedef struct nca_report_cell {
    const char *text;
    size_t part; /* the part that the cell links to; 0: none */
    bool strong;
} nca_report_cell;

/* cells (rows, columns), row by row; the first row is the header. Columns after the first are
 * right-aligned if they contain only numbers. */
NCA_API void nca_report_table(nca_report *report, const char *const *cells, size_t rows,
                              size_t columns);
NCA_API void nca_report_cells(nca_report *report, const nca_report_cell *cells, size_t rows,
                              size_t columns);

/* Content between the two calls is hidden behind `summary` until a reader opens it, unless `open`
 * is true; it is always printed. Calls can be nested. */
NCA_API void nca_report_fold(nca_report *report, const char *summary, bool open);
NCA_API void nca_report_unfold(nca_report *report);

/* Embeds a picture file: .png, .gif or .svg. Equal files are embedded once: later pictures link to
 * the first one. Errors: NCA_NOT_FOUND, NCA_IO, NCA_UNSUPPORTED (another extension), NCA_LIMIT
 * (over 64 MiB), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_report_picture(nca_report *report, const char *path, const char *caption,
                                      nca_error *error);
/* Embeds an <svg> element from nca_plot_loss_svg or nca_plot_curves_svg (nca/plot.h). It is the
 * only text that is used as markup, so it must come from these functions. */
NCA_API void nca_report_drawing(nca_report *report, const char *svg, const char *caption);

typedef struct nca_report_thumbnail {
    const nca_image *image; /* borrowed until nca_report_gallery returns */
    const char *caption;    /* lines separated by '\n'; the first one is strong */
} nca_report_thumbnail;

/* Embeds small images side by side, in as many columns as fit, each with its caption below it. They
 * are enlarged without smoothing. Errors: those of nca_image_encode_png. */
NCA_API nca_status nca_report_gallery(nca_report *report, const nca_report_thumbnail *thumbnails,
                                      size_t count, nca_error *error);

/* Writes the file whole or not at all. NCA_OUT_OF_MEMORY also if an earlier call ran out of memory.
 * Other errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written). */
NCA_API nca_status nca_report_save(const nca_report *report, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
