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
static int find_runs(run_list *paths, const char *folder)
{
    nca_error error;
    if (run_list_scan(paths, folder, holds_model, NULL)) {
        return EXIT_OK;
    }
    if (run_lacks_model(folder, &error)) {
        return complain(&error);
    }
    note("%s: expected a run folder with " NCA_RUN_MODEL
         ", or a folder of such runs or of models; found neither",
         folder);
    return EXIT_FAILED;
}

static int find_models(run_list *paths, const option_values *given)
{
    int code = EXIT_OK;
    for (size_t i = 0; i < given->positional_count && code == EXIT_OK; i++) {
        const char *path = given->positionals[i];
        if (nca_folder_exists(path) && !nca_run_has_model(path)) {
            code = find_runs(paths, path);
        } else {
            run_list_append(paths, path);
        }
    }
    if (code == EXIT_OK && paths->count > NCA_PAGE_MAX_MODELS) {
        code = complain_usage("%s: too many models; expected at most %d",
                              paths->folders[NCA_PAGE_MAX_MODELS].text, NCA_PAGE_MAX_MODELS);
    }
    return code;
}

/* The options are checked before the first model is read. */
static int check_options(const run_list *paths, const option_values *given)
{
    size_t torch_count = 0;
    for (size_t i = 0; i < paths->count; i++) {
        nca_run_path file;
        nca_run_model_path(&file, paths->folders[i].text);
        torch_count += is_torch_file(file.text);
    }
    return check_turns(given, torch_count);
}

int model_list_load(model_list *out, const option_values *given)
{
    size_t torch_count = 0;
    out->count = 0;
    run_list paths = {0};
    int code = find_models(&paths, given);
    if (code == EXIT_OK) {
        code = check_options(&paths, given);
    }
    for (size_t i = 0; i < paths.count && code == EXIT_OK; i++) {
        const char *path = paths.folders[i].text;
        code = load_model_in_turn(&out->models[out->count], path, given, &torch_count);
        if (code == EXIT_OK) {
            name_of(out->names[out->count], sizeof out->names[0], path);
            out->first = paths.folders[0];
            out->count++;
        }
    }
    run_list_free(&paths);
    return code;
}

void model_list_free(model_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        nca_model_destroy(list->models[i]);
    }
    list->count = 0;
}
