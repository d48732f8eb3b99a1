/* Internal: the validations of a classification: validation.csv, a row for each, and which of them
 * was the best. */
#ifndef NCA_RUNS_RUN_VALIDATION_H
#define NCA_RUNS_RUN_VALIDATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/labelled.h"
#include "nca/run_rows.h"
#include "nca/settings.h"
#include "nca/status.h"
#include "nca/train.h"

typedef struct nca__validations {
    nca_select select;        /* what the best has */
    nca_validation_row *rows; /* oldest first */
    size_t count, capacity;
    size_t best;            /* index of the best that was kept; `count` or above: none */
    size_t *confusion;      /* of the last validation of this process; NULL: none */
    size_t confusion_count; /* numbers in it */
} nca__validations;

/* The score by which the best model is chosen: settings->select, or the log loss where the AUC is
 * not defined because the validation images have none or all of their labels in a class; *out_class
 * is then such a class, otherwise `classes`. */
nca_select nca__validation_select(size_t *out_class, const nca_settings *settings,
                                  const nca_labelled *data);

/* Reads the rows up to iteration `done` from the file, into v with its `select`; no file: none.
 * NCA_FORMAT for a row that cannot be one, NCA_IO, NCA_OUT_OF_MEMORY. Release with
 * nca__validations_free. */
nca_status nca__validations_read(nca__validations *v, const char *path, uint64_t done,
                                 nca_error *error);
/* Of rows that were read: there is no best row if the saved model `path` is not its model, because
 * the run was stopped before it was saved, or it was removed. NCA_OUT_OF_MEMORY. */
nca_status nca__validations_check_model(nca__validations *v, const char *path, nca_error *error);
void nca__validations_free(nca__validations *v); /* accepts a zeroed struct */

/* Iterations between validations of this training. */
uint64_t nca__validation_interval(const nca_settings *settings, const nca_labelled *data);
/* Scores the session's result on the validation images, adds a row, and writes the file, whole or
 * not at all. *out_better: whether it is the best so far. */
nca_status nca__validate(nca__validations *v, bool *out_better, const nca_session *session,
                         const nca_labelled *data, const char *path, nca_keep_going *keep_going,
                         void *user, nca_error *error);
/* Whether the last `patience` validations were not better than one before them. */
bool nca__validations_exhausted(const nca__validations *v, uint32_t patience);

#endif
