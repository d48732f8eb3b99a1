/* metrics.csv: a row an iteration, and the losses in memory for the plot. */
#ifndef NCA_CLI_METRICS_H
#define NCA_CLI_METRICS_H

#include <stdio.h>

#include "cli/live_feed.h"

typedef struct metrics {
    char path[PATH_SIZE];
    FILE *stream;
    double *losses; /* of every row, oldest first */
    size_t count, capacity;
    uint64_t first_iteration; /* of losses[0] */
    double seconds_before;    /* of the rows that were there when the file was reopened */
    double started, flushed;  /* seconds_now() */
} metrics;

/* Reads a row, "iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,alive_cells,
 * seconds" and its newline. False unless every field is a number that a training can write: among
 * them an iteration from 1 to ROW_MOST_ITERATIONS, and a time that is finite. */
bool metrics_read_row(live_row *out, const char *line);

/* Starts a new file. Each function fills `error` on failure. */
nca_status metrics_create(metrics *m, const char *path, nca_error *error);
/* Continues a file behind iteration `done`: later rows, and a row cut short, are removed (the file
 * is replaced whole). A missing file is started anew. */
nca_status metrics_reopen(metrics *m, const char *path, uint64_t done, nca_error *error);
/* Appends a row; it reaches the disk's cache within a second. */
nca_status metrics_add(metrics *m, const nca_iteration *report, nca_error *error);
/* Puts every row on the disk. */
nca_status metrics_sync(metrics *m, nca_error *error);
/* The median of the last 50 finite losses, or of as many as there are; NaN without any. Single
 * batches in which a sample died move it less than the mean. */
double losses_median(const double *losses, size_t count);
/* The file has another name now. */
void metrics_moved(metrics *m, const char *path);
/* Releases everything; a zeroed object is fine. */
void metrics_close(metrics *m);

#endif
