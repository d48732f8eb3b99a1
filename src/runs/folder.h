/* Internal: what belongs to a run in its folder, and the lock of the folder. What programs may use
 * is in nca/run_folder.h. */
#ifndef NCA_RUNS_FOLDER_H
#define NCA_RUNS_FOLDER_H

#include "nca/run_folder.h"

/* "PATH: WHAT: what the errno `code` says"; returns NCA_IO. */
nca_status nca__run_fail(nca_error *error, const char *path, const char *what, int code);

/* Locks the folder until nca__run_unlock, or until this process ends, however it ends: NCA_EXISTS
 * when it is locked already. A file system that cannot lock folders refuses nothing; *out_lock is
 * -1 then. Then does what nca__run_tidy and nca_run_settle do. */
nca_status nca__run_lock(int *out_lock, const char *folder, nca_error *error);
void nca__run_unlock(int lock); /* -1 is allowed */

/* Removes what programs that were killed have left half-written in the folder of a run or a sweep.
 */
void nca__run_tidy(const char *folder);
/* NCA_IO where one of the files of a run or a sweep is a symbolic link: what is written to it would
 * go elsewhere, and an archive with a run in it may contain such links. */
nca_status nca__run_refuse_links(const char *folder, nca_error *error);
/* Removes a run's own files, the checkpoint first; others stay. */
nca_status nca__run_clear(const char *folder, nca_error *error);
/* Moves a run's own files into another folder of the same file system, config.yaml first. */
nca_status nca__run_move(const char *from, const char *to, nca_error *error);
/* Makes a folder's names durable, where that is possible. */
void nca__run_sync(const char *folder);

#endif
