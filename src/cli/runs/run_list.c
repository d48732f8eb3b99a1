/* Finding runs in folders. */
#include "cli/runs/run_list.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool has(const char *folder, const char *file)
{
    return access(nca_run_file(&(nca_run_path){0}, folder, file), F_OK) == 0;
}

void run_list_append(run_list *list, const char *folder)
{
    nca_run_path *grown = realloc(list->folders, (list->count + 1) * sizeof *grown);
    if (grown == NULL) {
        note("%s: ignored: out of memory for the list of runs", folder);
        return;
    }
    list->folders = grown;
    nca_run_path *added = &list->folders[list->count++];
    snprintf(added->text, sizeof added->text, "%s", folder);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool scan(run_list *list, const char *folder, bool (*is_one)(void *user, const char *path),
                 void *user)
{
    struct dirent **entries = NULL;
    const int found = scandir(folder, &entries, is_visible, versionsort);
    const size_t before = list->count;
    for (int i = 0; i < found; i++) {
        nca_run_path path;
        nca_run_file(&path, folder, entries[i]->d_name);
        if (is_one(user, path.text)) {
            run_list_append(list, path.text);
        }
        free(entries[i]);
    }
    free(entries);
    return list->count > before;
}

bool run_list_scan(run_list *list, const char *folder, bool (*is_one)(void *user, const char *path),
                   void *user)
{
    return scan(list, folder, is_one, user) ||
           scan(list, nca_run_file(&(nca_run_path){0}, folder, NCA_SWEEP_RUNS), is_one, user);
}

/* `user`: the name of the file. */
static bool is_run(void *user, const char *path)
{
    nca_run_settle(path);
    return has(path, user);
}

bool run_list_add(run_list *list, const char *folder, const char *file)
{
    nca_run_settle(folder);
    if (!has(folder, file)) {
        return run_list_scan(list, folder, is_run, (void *)(uintptr_t)file);
    }
    run_list_append(list, folder);
    return true;
}

int run_list_only(nca_run_path *out, const char *argument)
{
    run_list list = {0};
    int code = EXIT_OK;
    nca_error error;
    snprintf(out->text, sizeof out->text, "%s", argument);
    if (!nca_folder_exists(argument)) {
        return EXIT_OK;
    }
    if (!run_list_add(&list, argument, NCA_RUN_MODEL)) {
        code = EXIT_FAILED;
        if (run_lacks_model(argument, &error)) {
            complain(&error);
        } else {
            note("%s: expected a run folder with " NCA_RUN_MODEL
                 ", or a folder with one such run; found neither",
                 argument);
        }
    } else {
        *out = list.folders[0];
        if (list.count > 1) {
            code = complain_usage("%s: expected one run, found %zu; give one of them, such as %s",
                                  argument, list.count, list.folders[0].text);
        }
    }
    run_list_free(&list);
    return code;
}

nca_status run_rows_check(const nca_run_watch *run, nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, nca_run_watch_folder(run), NCA_RUN_METRICS);
    const size_t bad = nca_run_watch_bad_rows(run);
    if (bad > 0) {
        snprintf(error->message, sizeof error->message,
                 bad == 1 ? "%.900s: %zu line is not a valid row of metrics; it is ignored"
                          : "%.900s: %zu lines are not valid rows of metrics; they are ignored",
                 path.text, bad);
        return error->status = NCA_FORMAT;
    }
    if (nca_run_watch_last(run)->iteration == 0) {
        snprintf(error->message, sizeof error->message, "%.900s: the file has no rows", path.text);
        return error->status = NCA_FORMAT;
    }
    return NCA_OK;
}

bool run_lacks_model(const char *folder, nca_error *error)
{
    const char *name;
    if (nca_run_has_model(folder) || !nca_run_exists(folder, &name)) {
        return false;
    }
    error->status = NCA_NOT_FOUND;
    snprintf(error->message, sizeof error->message,
             "%.800s: the run has no model yet; it gets one when it ends or is stopped "
             "(Ctrl-C); `nca watch` shows a run without a model",
             folder);
    return true;
}

void run_list_free(run_list *list)
{
    free(list->folders);
    *list = (run_list){0};
}
