/* A report: one HTML file with text, tables and pictures in it, for a browser or for paper (A4).
 *
 *     nca_report *report;
 *     nca_report_create(&report, "Retina", &error);
 *     nca_report_heading(report, 2, "Growth");
 *     nca_report_picture(report, "runs/retina/filmstrip.png", "From the seed on", &error);
 *     nca_report_save(report, "retina.html", &error);
 *     nca_report_destroy(report);
 *
 * All text is UTF-8 and is shown as it is: nothing in it is markup. */
#ifndef NCA_REPORT_H
#define NCA_REPORT_H

#include <stddef.h>

#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_report nca_report;

nca_status nca_report_create(nca_report **out_report, const char *title, nca_error *error);
void nca_report_destroy(nca_report *report); /* accepts NULL */

/* Level 2 begins a part on a new page when printed, 3 a section of it. */
void nca_report_heading(nca_report *report, int level, const char *text);
void nca_report_paragraph(nca_report *report, const char *text);
/* cells (rows, columns), row by row; the first row is the head. Columns after the first are set to
 * the right where all that is in them are numbers. */
void nca_report_table(nca_report *report, const char *const *cells, size_t rows, size_t columns);
/* Takes in a picture file: .png, .gif or .svg. Errors of reading it; NCA_UNSUPPORTED for another
 * ending, NCA_LIMIT over 64 MiB. */
nca_status nca_report_picture(nca_report *report, const char *path, const char *caption,
                              nca_error *error);

/* Writes the file whole or not at all. NCA_OUT_OF_MEMORY also when memory was missing before. */
nca_status nca_report_save(const nca_report *report, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
