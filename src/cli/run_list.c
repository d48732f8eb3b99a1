/* Finding runs in folders. */
#include "cli/run_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool has(const char *folder, const char *file)
{
    return access(run_file(folder, file).text, F_OK) == 0;
}

static bool append(run_list *list, const run_path *folder)
{
    run_path *grown = realloc(list->folders, (list->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    list->folders = grown;
    list->folders[list->count++] = *folder;
    return true;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

bool run_list_add(run_list *list, const char *folder, const char *file)
{
    if (has(folder, file)) {
        run_path itself;
        snprintf(itself.text, sizeof itself.text, "%s", folder);
        return append(list, &itself);
    }
    struct dirent **entries = NULL;
    const int found = scandir(folder, &entries, is_visible, versionsort);
    bool any = false, whole = true;
    for (int i = 0; i < found; i++) {
        const run_path run = run_file(folder, entries[i]->d_name);
        if (whole && has(run.text, file)) {
            whole = append(list, &run);
            any = true;
        }
        free(entries[i]);
    }
    free(entries);
    return any && whole;
}

void run_list_free(run_list *list)
{
    free(list->folders);
    *list = (run_list){0};
}
