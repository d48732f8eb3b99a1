/* The runs that a command's arguments name: run folders, folders of runs, and sweeps, whose runs
 * are in a subfolder. */
#ifndef NCA_CLI_RUNS_RUN_LIST_H
#define NCA_CLI_RUNS_RUN_LIST_H

#include "cli/cli.h"

typedef struct run_list {
    nca_run_path *folders;
    size_t count;
} run_list;

/* Adds a path. */
void run_list_append(run_list *list, const char *folder);
/* Adds the folder if it contains this file of a run; otherwise every subfolder that contains the
 * file, sorted by name; otherwise, for a sweep, every such folder in its NCA_SWEEP_RUNS. False if
 * there is none. If out of memory, entries are skipped after a message. */
bool run_list_add(run_list *list, const char *folder, const char *file);
/* Adds every entry of a folder for which `is_one` returns true, sorted by name, except hidden ones.
 * If there is none, adds those in its NCA_SWEEP_RUNS. */
bool run_list_scan(run_list *list, const char *folder, bool (*is_one)(void *user, const char *path),
                   void *user);
/* The argument of a command for a single model: a file, a run, or a folder that contains one run,
 * whose folder *out then is. Returns EXIT_OK, or the exit code after a message with the runs to
 * choose from. */
int run_list_only(nca_run_path *out, const char *argument);
void run_list_free(run_list *list); /* a zeroed struct is allowed */

/* Call this after nca_run_watch_rows: NCA_FORMAT if metrics.csv has invalid rows, or no rows. */
nca_status run_rows_check(const nca_run_watch *run, nca_error *error);
/* Whether the folder contains a run without a model; then *error is filled (NCA_NOT_FOUND). */
bool run_lacks_model(const char *folder, nca_error *error);

#endif
