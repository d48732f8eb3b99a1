/* The runs that a command's arguments name: run folders, and folders of runs such as a sweep's. */
#ifndef NCA_CLI_RUN_LIST_H
#define NCA_CLI_RUN_LIST_H

#include "cli/run_folder.h"

typedef struct run_list {
    run_path *folders;
    size_t count;
} run_list;

/* Adds the folder, if this file of a run is in it, or else every folder in it that has the file, by
 * name. False when there is none, or no memory. */
bool run_list_add(run_list *list, const char *folder, const char *file);
void run_list_free(run_list *list); /* a zeroed one is fine */

#endif
