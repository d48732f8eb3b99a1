/* Internal: metrics.csv: a row an iteration, and the losses in memory for the plot. */
#ifndef NCA_RUNS_METRICS_H
#define NCA_RUNS_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "nca/train.h"

typedef struct nca__metrics {
    char path[NCA_RUN_PATH_SIZE];
    FILE *stream;
    size_t norms;   /* in a row */
    double *losses; /* of every row, oldest first */
    size_t count, capacity;
    uint64_t first_iteration; /* of losses[0] */
    double seconds_before;    /* of the rows that were there when the file was reopened */
    double started, flushed;  /* nca__seconds() */
} nca__metrics;

/* Reads the first line, "iteration,loss,steps,learning_rate,norm_w1, ... ,alive_cells,seconds" and
 * its newline: how many norms its rows have. False when it is not of this form. */
bool nca__metrics_read_header(size_t *out_norms, const char *line);
/* Reads a row with so many norms, and its newline. False unless every field is a number that a
 * training can write: among them an iteration from 1 to NCA__ROW_MOST_ITERATIONS, and a time that
 * is finite. */
bool nca__metrics_read_row(nca_metrics_row *out, const char *line, size_t norms);

/* Starts a new file, with a norm for each tensor. Each function fills `error` on failure. */
nca_status nca__metrics_create(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               nca_error *error);
/* Continues a file behind iteration `done`: later rows, and a row cut short, are removed (the file
 * is replaced whole). A missing file is started anew. */
nca_status nca__metrics_reopen(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               uint64_t done, nca_error *error);
/* Seconds of training so far. */
double nca__metrics_seconds(const nca__metrics *m);
/* Appends a row; it reaches the disk's cache within a second. */
nca_status nca__metrics_add(nca__metrics *m, const nca_iteration *report, nca_error *error);
/* Puts every row on the disk. */
nca_status nca__metrics_sync(nca__metrics *m, nca_error *error);
/* The file has another name now. */
void nca__metrics_moved(nca__metrics *m, const char *path);
/* Releases everything; a zeroed object is fine. */
void nca__metrics_close(nca__metrics *m);

#endif
