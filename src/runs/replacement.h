/* Internal: how a new run takes the place of an old one (--overwrite), so that a crash at any
 * moment leaves one of them whole.
 *
 *     nca__replacement_begin     makes FOLDER/.replacement.tmp; the new run writes there, the old
 *                                one stays
 *     nca__replacement_commit    once the new run has a checkpoint: renames that to
 *                                FOLDER/.replacement, removes the old run, moves the new one into
 *                                its place
 *
 * From the rename on the new run is the one that counts. While FOLDER/.replacement has a
 * config.yaml, the old run is being removed; that file is moved first, so afterwards the files in
 * FOLDER are those of the new run. What is found there later can therefore be brought to its end.
 * All but nca__replacement_is_there need the folder's lock (nca__run_lock). */
#ifndef NCA_RUNS_REPLACEMENT_H
#define NCA_RUNS_REPLACEMENT_H

#include "runs/folder.h"

/* Whether a program has left something to be settled, or is at it. */
bool nca__replacement_is_there(const char *folder);
/* *out_folder is where the new run writes. */
nca_status nca__replacement_begin(nca_run_path *out_folder, const char *folder, nca_error *error);
nca_status nca__replacement_commit(const char *folder, nca_error *error);
/* Removes a new run that has no checkpoint. */
void nca__replacement_discard(const char *folder);
/* After a crash: finishes what was committed, discards what was not. `error` may be NULL. */
nca_status nca__replacement_settle(const char *folder, nca_error *error);

#endif
