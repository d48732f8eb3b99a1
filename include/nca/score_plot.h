/* A plot that compares methods by their scores on several data sets: a row for each set, a panel
 * for each score, a mark for each method. With the quality needed for a paper.
 *
 *     nca_score_plot plot;
 *     nca_score_plot_default(&plot);
 *     plot.rows = names_of_sets, plot.row_count = 12;
 *     plot.series = methods, plot.series_count = 3;
 *     nca_plot_scores(&plot, "table.svg", &error);
 */
#ifndef NCA_SCORE_PLOT_H
#define NCA_SCORE_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/spread.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_SCORE_PANELS = 2,
    NCA_SCORE_MAX_ROWS = 64,
    NCA_SCORE_MAX_SERIES = 24
};

/* One method. */
typedef struct nca_score_series {
    const char *name; /* in the legend */
    bool own; /* a coloured dot with a bar for the deviation; the others have grey marks above it */
    const nca_spread *values; /* (rows, NCA_SCORE_PANELS); a mean that is not finite has no mark */
} nca_score_series;

/* All pointers are borrowed. */
typedef struct nca_score_plot {
    const char *title;                    /* NULL: none */
    const char *const *rows;              /* (row_count) names */
    size_t row_count;                     /* at most NCA_SCORE_MAX_ROWS */
    const char *panels[NCA_SCORE_PANELS]; /* names of the scores, left and right */
    const nca_score_series *series;       /* (series_count) */
    size_t series_count;                  /* at most NCA_SCORE_MAX_SERIES */
    uint64_t reserved[NCA_RESERVED];      /* 0: reserved for later options (nca/export.h) */
} nca_score_plot;

/* No rows and series; the panels are "AUC" and "ACC". */
NCA_API void nca_score_plot_default(nca_score_plot *out);

/* Draws the plot; the path's extension selects PNG or SVG. The range of each panel is that of its
 * values. Series without any value are left out of the legend.
 * Errors: NCA_INVALID_ARGUMENT (no rows, too many rows or series, another extension),
 * NCA_UNSUPPORTED (cairo is not installed), NCA_NOT_FOUND and NCA_IO (the file cannot be written),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_plot_scores(const nca_score_plot *plot, const char *path, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
