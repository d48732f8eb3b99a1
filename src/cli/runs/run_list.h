/* The runs that a command's arguments name: run folders, folders of runs, and sweeps, whose runs
 * are in a folder of their own. */
#ifndef NCA_CLI_RUNS_RUN_LIST_H
#define NCA_CLI_RUNS_RUN_LIST_H

#include "cli/cli.h"

typedef struct run_list {
    nca_run_path *folders;
    size_t count;
} run_list;

/* Adds the folder, if this file of a run is in it; or else every folder in it that has the file,
 * by name; or else, as of a sweep, every such folder in its NCA_SWEEP_RUNS. False when there is
 * none. If out of memory, entries are left out after a message. */
bool run_list_add(run_list *list, const char *folder, const char *file);
/* Adds every entry of a folder for which `is_one` returns true, by name; hidden ones are left
 * out. Where there is none, those in its NCA_SWEEP_RUNS. */
bool run_list_scan(run_list *list, const char *folder, bool (*is_one)(void *user, const char *path),
                   void *user);
/* What a command that is about one model was given: a file, a run, or a folder that has one run in
 * it, whose folder *out then is. EXIT_OK, or the exit code after a message that names runs to
 * choose from. */
int run_list_only(nca_run_path *out, const char *argument);
void run_list_free(run_list *list); /* a zeroed one is fine */

/* After nca_run_watch_rows: NCA_FORMAT where metrics.csv has lines that are not rows, or no rows.
 */
nca_status run_rows_check(const nca_run_watch *run, nca_error *error);
/* Whether the folder has a run but no model; *error is then filled (NCA_NOT_FOUND). */
bool run_lacks_model(const char *folder, nca_error *error);

#endif
