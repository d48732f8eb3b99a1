/* Internal: how a new run replaces an old one (--overwrite), so that a crash at any moment leaves
 * one of them complete.
 *
 *     nca__replacement_begin     creates FOLDER/.replacement.tmp; the new run writes there, the old
 *                                one is unchanged
 *     nca__replacement_commit    when the new run has a checkpoint: renames that folder to
 *                                FOLDER/.replacement, removes the old run, moves the new one into
 *                                its place
 *
 * From the rename on, the new run is the valid one. While FOLDER/.replacement contains a
 * config.yaml, the old run is being removed; that file is moved first, so afterwards the files in
 * FOLDER are those of the new run. An interrupted replacement can therefore be completed later. All
 * functions except nca__replacement_is_there require the folder's lock (nca__run_lock). */
#ifndef NCA_RUNS_REPLACEMENT_H
#define NCA_RUNS_REPLACEMENT_H

#include "runs/folder.h"

/* Whether a replacement was interrupted or is in progress. */
bool nca__replacement_is_there(const char *folder);
/* *out_folder is the folder that the new run writes to. */
nca_status nca__replacement_begin(nca_run_path *out_folder, const char *folder, nca_error *error);
nca_status nca__replacement_commit(const char *folder, nca_error *error);
/* Removes a new run that has no checkpoint. */
void nca__replacement_discard(const char *folder);
/* After a crash: completes a committed replacement, discards an uncommitted one. `error` may be
 * NULL. */
nca_status nca__replacement_settle(const char *folder, nca_error *error);

#endif
