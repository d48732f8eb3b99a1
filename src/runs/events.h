/* Internal: events.csv of a run folder. Its contents follow from the settings and the iterations
 * done; it is always written as a whole, and does not exist if no setting has changed.
 * nca/run_rows.h reads it. */
#ifndef NCA_RUNS_EVENTS_H
#define NCA_RUNS_EVENTS_H

#include "nca/run_rows.h"

/* Writes the changes up to iteration `done` to the folder's file, or removes the file if there are
 * none. *out_next is the iteration of the next change, UINT64_MAX if there is none. */
nca_status nca__events_save(uint64_t *out_next, const char *folder, const nca_settings *settings,
                            uint64_t done, nca_error *error);
/* Like nca_events_read, for a given file. */
nca_status nca__events_read_file(char out[NCA_CHANGES_SIZE], const char *path, uint64_t done,
                                 nca_error *error);

#endif
