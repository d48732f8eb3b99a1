/* Internal: the metrics as an event file of TensorBoard, which contains what metrics.csv and
 * validation.csv contain. */
#ifndef NCA_RUNS_TENSORBOARD_H
#define NCA_RUNS_TENSORBOARD_H

#include <stdio.h>

#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "runs/metrics.h"
#include "runs/run_validation.h"

typedef struct nca__tensorboard {
    FILE *stream; /* NULL: closed; then the functions below do nothing */
    char path[NCA_RUN_PATH_SIZE];
    nca__norm_names names; /* of the gradient norms in a row */
    double began;          /* seconds since 1970 when the training began, without interruptions */
    double flushed;        /* nca__seconds() */
} nca__tensorboard;

/* Writes the file whole, with all rows of the run so far: those of the metrics file `rows`, and the
 * validations. It is then open for more. Errors: NCA_NOT_FOUND, NCA_IO (a file cannot be read or
 * written), NCA_FORMAT (the first line of the metrics), NCA_OUT_OF_MEMORY. */
nca_status nca__tensorboard_begin(nca__tensorboard *t, const char *path, const char *rows,
                                  const nca__validations *v, nca_error *error);
/* Records the new path of the file. */
void nca__tensorboard_moved(nca__tensorboard *t, const char *path);
/* Appends a row; it is passed to the operating system within a second. */
nca_status nca__tensorboard_row(nca__tensorboard *t, const nca_metrics_row *row, nca_error *error);
nca_status nca__tensorboard_validation(nca__tensorboard *t, const nca_validation_row *row,
                                       double seconds, nca_error *error);
nca_status nca__tensorboard_flush(nca__tensorboard *t, nca_error *error);
void nca__tensorboard_close(nca__tensorboard *t); /* a zeroed struct is allowed */

#endif
