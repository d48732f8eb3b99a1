/* From arguments to models. */
#include "cli/model/model_list.h"

#include <stdio.h>
#include <string.h>

#include "cli/model/load_model.h"
#include "cli/runs/run_list.h"

/* "photo" for runs/photo and runs/photo/model.safetensors; "chest" for chest.pt. */
static void name_of(char *out, size_t size, const char *path)
{
    static const char *const endings[] = {".safetensors", ".pt", ".pth"};
    nca_run_path run;
    snprintf(run.text, sizeof run.text, "%s", path);
    char *slash = strrchr(run.text, '/');
    if (slash != NULL && strcmp(slash + 1, NCA_RUN_MODEL) == 0) {
        *slash = 0;
    }
    nca_run_name(out, size, run.text);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *dot = strrchr(out, '.');
        if (dot != NULL && dot != out && strcmp(dot, endings[i]) == 0) {
            *dot = 0;
        }
    }
}

static int add(model_list *list, const char *path, const option_values *given)
{
    if (list->count == NCA_PAGE_MAX_MODELS) {
        return complain_usage("%s: too many models; expected at most %d", path,
                              NCA_PAGE_MAX_MODELS);
    }
    const int code =
        load_model_in_turn(&list->models[list->count], path, given, &list->torch_count);
    if (code == EXIT_OK) {
        name_of(list->names[list->count], sizeof list->names[0], path);
        list->count++;
    }
    return code;
}

static bool is_model_file(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    return dot != NULL && strcmp(dot, ".safetensors") == 0 &&
           strcmp(slash != NULL ? slash + 1 : path, NCA_RUN_CHECKPOINT) != 0;
}

static bool holds_model(void *user, const char *path)
{
    (void)user;
    return nca_folder_exists(path) ? nca_run_has_model(path) : is_model_file(path);
}

/* Adds every subfolder that contains a model, and every model file. */
static int add_runs(model_list *list, const char *folder, const option_values *given)
{
    run_list runs = {0};
    int code = EXIT_OK;
    nca_error error;
    const bool found = run_list_scan(&runs, folder, holds_model, NULL);
    if (!found && run_lacks_model(folder, &error)) {
        code = complain(&error);
    } else if (!found) {
        note("%s: expected a run folder with " NCA_RUN_MODEL
             ", or a folder of such runs or of models; found neither",
             folder);
        code = EXIT_FAILED;
    }
    for (size_t i = 0; i < runs.count && code == EXIT_OK; i++) {
        code = add(list, runs.folders[i].text, given);
    }
    run_list_free(&runs);
    return code;
}

int model_list_load(model_list *out, const option_values *given)
{
    out->count = out->torch_count = 0;
    int code = EXIT_OK;
    for (size_t i = 0; i < given->positional_count && code == EXIT_OK; i++) {
        const char *path = given->positionals[i];
        const bool runs = nca_folder_exists(path) && !nca_run_has_model(path);
        code = runs ? add_runs(out, path, given) : add(out, path, given);
    }
    return code == EXIT_OK ? check_turns(given, out->torch_count) : code;
}

void model_list_free(model_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        nca_model_destroy(list->models[i]);
    }
    list->count = 0;
}
