/* Internal: the files of a run in its folder, and the lock of the folder. nca/run_folder.h is the
 * public part. */
#ifndef NCA_RUNS_FOLDER_H
#define NCA_RUNS_FOLDER_H

#include "nca/run_folder.h"

/* "PATH: WHAT: message of the errno `code`"; returns NCA_IO. */
nca_status nca__run_fail(nca_error *error, const char *path, const char *what, int code);

/* Locks the folder until nca__run_unlock, or until this process ends, for whatever reason:
 * NCA_EXISTS if it is already locked. On a file system that cannot lock folders nothing is refused,
 * and *out_lock is -1. Afterwards calls nca__run_tidy and nca_run_settle. */
nca_status nca__run_lock(int *out_lock, const char *folder, nca_error *error);
void nca__run_unlock(int lock); /* -1 is allowed */
/* Whether another program has locked the folder, and the error for it; returns NCA_EXISTS. */
bool nca__run_is_busy(const char *folder);
nca_status nca__run_fail_busy(nca_error *error, const char *folder);

/* Removes the half-written files of killed programs from the folder of a run or a sweep. */
void nca__run_tidy(const char *folder);
/* NCA_IO if one of the files of a run or a sweep is a symbolic link: writing to it would change a
 * file elsewhere, and an archive that contains a run may contain such links. */
nca_status nca__run_refuse_links(const char *folder, nca_error *error);
/* Removes the files of a run, the checkpoint first; other files stay. */
nca_status nca__run_clear(const char *folder, nca_error *error);
/* Moves the files of a run to another folder on the same file system, config.yaml first. */
nca_status nca__run_move(const char *from, const char *to, nca_error *error);
/* Makes the names in a folder durable, if the system supports it. */
void nca__run_sync(const char *folder);

#endif
