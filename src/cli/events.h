/* events.csv of a run folder: the settings that have changed while the training ran, a row each,
 * "iteration,key,value". It follows from the settings and the iterations done, is written whole,
 * and is not there where nothing has changed. */
#ifndef NCA_CLI_EVENTS_H
#define NCA_CLI_EVENTS_H

#include "cli/cli.h"

/* Writes the changes up to iteration `done` into the folder's file, or removes it when there are
 * none. *out_next is the iteration of the first that is to come, UINT64_MAX when none is. */
nca_status events_save(uint64_t *out_next, const char *folder, const nca_settings *settings,
                       uint64_t done, nca_error *error);

/* Reads a folder's file into a list as in the setting `changes`, up to iteration `done`; "" when
 * there is none, which is no failure. Rows that nca has not written are left out, as are those that
 * do not fit into the list: NCA_FORMAT, with the number of the first such line, and the rest in
 * `out`. Errors of opening and reading the file. */
nca_status events_read(char out[NCA_CHANGES_SIZE], const char *folder, uint64_t done,
                       nca_error *error);
/* The same of any file. */
nca_status events_read_file(char out[NCA_CHANGES_SIZE], const char *path, uint64_t done,
                            nca_error *error);

#endif
