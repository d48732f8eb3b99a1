/* What a run writes while it trains: metrics.csv, a row for each iteration, and events.csv, a row
 * for each setting that was changed on the way (docs/file-formats.md). The library writes and reads
 * both; nca/run_watch.h reads the rows of metrics.csv, also while another program writes them.
 *
 * All functions may be called from any thread. */
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

/* A row of metrics.csv. It has a norm for each tensor of the automaton's list (nca_tensor_at): of
 * its gradient, before normalisation. */
typedef struct nca_metrics_row {
    uint64_t iteration;
    double loss;
    unsigned steps;
    double learning_rate;
    size_t norm_count;
    double norm[NCA_MAX_TENSORS]; /* (norm_count) */
    size_t alive_cells;
    double seconds; /* of training so far, from the first start on */
} nca_metrics_row;

/* What a norm is called: "w1" of "update.w1"; its column is norm_w1. NULL beyond the last. */
NCA_API const char *nca_metrics_norm_name(const nca_automaton *automaton, size_t index);

/* The median of the last 50 finite losses, or of as many as there are; NaN without any. Single
 * batches in which a sample died move it less than the mean. */
NCA_API double nca_losses_median(const double *losses, size_t count);

/* Reads the events.csv of a run's folder into a list as in the setting `changes`, up to iteration
 * `done`; "" when there is no such file, which is no error. Rows that are not valid, and rows that
 * do not fit into the list, are left out: NCA_FORMAT, with the number of the first such line, and
 * the other rows are in `out`. NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_events_read(char out[NCA_CHANGES_SIZE], const char *folder, uint64_t done,
                                   nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
