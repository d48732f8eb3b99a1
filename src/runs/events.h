/* Internal: events.csv of a run folder. It follows from the settings and the iterations done, is
 * written whole, and is not there where nothing has changed. Reading it: nca/run_rows.h. */
#ifndef NCA_RUNS_EVENTS_H
#define NCA_RUNS_EVENTS_H

#include "nca/run_rows.h"

/* Writes the changes up to iteration `done` into the folder's file, or removes it when there are
 * none. *out_next is the iteration of the first that is to come, UINT64_MAX when none is. */
nca_status nca__events_save(uint64_t *out_next, const char *folder, const nca_settings *settings,
                            uint64_t done, nca_error *error);
/* nca_events_read of a file. */
nca_status nca__events_read_file(char out[NCA_CHANGES_SIZE], const char *path, uint64_t done,
                                 nca_error *error);

#endif
