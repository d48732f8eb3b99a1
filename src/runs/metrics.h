/* Internal: metrics.csv, a row per iteration, and the losses in memory for the plot. */
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
    size_t norms;   /* number of norms in a row */
    double *losses; /* losses of all rows, oldest first */
    size_t count, capacity;
    uint64_t first_iteration; /* iteration of losses[0] */
    double seconds_before;    /* seconds in the rows that existed when the file was reopened */
    double started, flushed;  /* nca__seconds() */
} nca__metrics;

/* Parses the first line, "iteration,loss,steps,learning_rate,norm_w1, ... ,alive_cells,seconds" and
 * its newline, and returns the number of norms in a row. False if it does not have this form. */
bool nca__metrics_read_header(size_t *out_norms, const char *line);

enum {
    NCA__NORM_NAME = 32 /* bytes of the name of a norm; longer ones are truncated */
};
typedef char nca__norm_names[NCA_MAX_TENSORS][NCA__NORM_NAME];
/* The names of the norms, "w1" ..., in a line that is such a header. */
void nca__metrics_norm_names(nca__norm_names out, const char *line);
/* Parses a row with this number of norms, and its newline. False unless every field is a number
 * that a training can write: for example an iteration from 1 to NCA__ROW_MOST_ITERATIONS, and a
 * finite time. */
bool nca__metrics_read_row(nca_metrics_row *out, const char *line, size_t norms);

/* Creates a new file, with a norm for each tensor. Each function fills `error` on failure. */
nca_status nca__metrics_create(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               nca_error *error);
/* Continues a file after iteration `done`: later rows and an incomplete row are removed (the file
 * is replaced as a whole). A missing file is created. */
nca_status nca__metrics_reopen(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               uint64_t done, nca_error *error);
/* Seconds of training so far. */
double nca__metrics_seconds(const nca__metrics *m);
/* An iteration that has just been done as a row. */
nca_metrics_row nca__metrics_row(const nca__metrics *m, const nca_iteration *report);
/* Appends a row; it is passed to the operating system within a second. */
nca_status nca__metrics_add(nca__metrics *m, const nca_metrics_row *row, nca_error *error);
/* Writes all rows to the disk. */
nca_status nca__metrics_sync(nca__metrics *m, nca_error *error);
/* Records the new path of the file. */
void nca__metrics_moved(nca__metrics *m, const char *path);
/* Releases everything; a zeroed object is allowed. */
void nca__metrics_close(nca__metrics *m);

#endif
