/* The records a run writes during training: metrics.csv, a row per iteration, and events.csv, a row
 * per setting that was changed during training (docs/file-formats.md). The library writes and reads
 * both; nca/run_watch.h reads the rows of metrics.csv, even while another program writes them. All
 * functions may be called from any thread. */
#ifndef NCA_RUN_ROWS_H
#define NCA_RUN_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "nca/automaton.h"
#include "nca/export.h"
#include "nca/settings.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row of metrics.csv. It contains the gradient norm of each tensor of the automaton's list
 * (nca_tensor_at), before normalisation. */
typedef struct nca_metrics_row {
    uint64_t iteration;
    double loss;
    unsigned steps;
    double learning_rate;
    size_t norm_count;
    double norm[NCA_MAX_TENSORS]; /* (norm_count) */
    size_t alive_cells;
    double seconds; /* of training so far, since the first start */
} nca_metrics_row;

/* The name of a norm: "w1" for "update.w1"; its column is norm_w1. NULL beyond the last. */
NCA_API const char *nca_metrics_norm_name(const nca_automaton *automaton, size_t index);

/* The median of the last 50 finite losses, or of fewer if there are fewer; NaN without any. It is
 * less sensitive than the mean to single batches in which a sample died. */
NCA_API double nca_losses_median(const double *losses, size_t count);

/* A row of validation.csv, which the training of a classifier writes: the scores of the model on
 * the validation images (nca/scores.h). The answer is read after the steps of the training, or,
 * with setting carry above 0, after NCA_VALIDATION_LATE times as many: the best model is then one
 * that keeps its answer. */
enum {
    NCA_VALIDATION_LATE = 4
};
typedef struct nca_validation_row {
    uint64_t iteration;
    double auc, accuracy, balanced_accuracy, log_loss;
} nca_validation_row;

/* Reads the validation.csv of a run folder, oldest row first; free() the rows. A missing file gives
 * no rows and is no error. Errors: NCA_FORMAT (a row that is not valid, with its line), NCA_IO,
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_validations_read(nca_validation_row **out_rows, size_t *out_count,
                                        const char *folder, nca_error *error);

/* Plots AUC, accuracy and balanced accuracy over the iterations (nca/plot.h); the path's extension
 * selects PNG or SVG. `title` may be NULL. Errors: those of nca_plot_curves. */
NCA_API nca_status nca_validations_plot(const nca_validation_row *rows, size_t count,
                                        const char *title, const char *path, nca_error *error);
/* The same as an <svg> element, as by nca_plot_curves_svg. free() the result. Errors: those of
 * nca_plot_curves_svg. */
NCA_API nca_status nca_validations_plot_svg(char **out_svg, const nca_validation_row *rows,
                                            size_t count, const char *title, nca_error *error);

/* Reads the events.csv of a run folder into a list for the setting `changes`, up to iteration
 * `done`. A missing file gives "" and is no error. Invalid rows, and rows that do not fit into the
 * list, are skipped: then the result is NCA_FORMAT with the number of the first such line, and
 * `out` has the other rows. Other errors: NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_events_read(char out[NCA_CHANGES_SIZE], const char *folder, uint64_t done,
                                   nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
