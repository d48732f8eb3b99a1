/* Chooses the reader or the writer of a model file, and says what PyTorch's files leave open. */
#include "cli/load_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/target_names.h"

bool is_torch_path(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcasecmp(dot, ".pt") == 0 || strcasecmp(dot, ".pth") == 0);
}

bool is_torch_file(const char *path)
{
    return nca_torch_is(path) || is_torch_path(path);
}

nca_status read_model(nca_model **out_model, const char *path, nca_filter filter, nca_error *error)
{
    return is_torch_file(path) ? nca_model_load_torch(out_model, path, filter, error)
                               : nca_model_load(out_model, path, error);
}

nca_status write_model(const nca_model *model, const char *path, nca_error *error)
{
    return is_torch_path(path) ? nca_model_save_torch(model, path, error)
                               : nca_model_save(model, path, error);
}

/* ---- Loading for a command -------------------------------------------------------------------*/

/* A tensor that is not used may change what the model does in PyTorch: learned filters, say. */
static void note_unused(const nca_torch *file, const nca_model *model, const char *path)
{
    size_t used = model->automaton.output_bias ? NCA_TENSOR_COUNT : NCA_TENSOR_COUNT - 1;
    if (nca_torch_count(file) > used) {
        note("%s: %zu of its %zu tensors are not part of an update network and are not used", path,
             nca_torch_count(file) - used, nca_torch_count(file));
    }
}

static int load_torch(nca_model **out_model, const char *path, const char *filter)
{
    nca_error error;
    nca_settings settings;
    nca_settings_default(&settings);
    if (filter != NULL && nca_settings_set(&settings, "filter", filter, &error) != NCA_OK) {
        return complain(&error);
    }
    nca_torch *file = NULL;
    nca_status status = nca_torch_open(&file, path, &error);
    if (status == NCA_OK) {
        status = nca_model_from_torch(out_model, file, settings.filter, &error);
    }
    if (status != NCA_OK) {
        nca_torch_close(file);
        complain(&error);
        return EXIT_FAILED;
    }
    if (filter == NULL) {
        note("%s: a PyTorch file does not say its filter; sobel is assumed, --filter says another",
             path);
    }
    note_unused(file, *out_model, path);
    nca_torch_close(file);
    return EXIT_OK;
}

int load_model_with(nca_model **out_model, run_path *out_path, const char *argument,
                    const char *filter)
{
    nca_error error;
    run_path path = run_model(argument);
    if (out_path != NULL) {
        *out_path = path;
    }
    if (is_torch_file(path.text)) {
        return load_torch(out_model, path.text, filter);
    }
    if (nca_model_load(out_model, path.text, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int load_model(nca_model **out_model, run_path *out_path, const char *argument,
               const option_values *given)
{
    const char *filter = given != NULL ? options_value(given, "filter") : NULL;
    run_path path = run_model(argument);
    if (filter != NULL && !is_torch_file(path.text)) {
        return complain_usage("--filter: only a PyTorch model (.pt) needs it; %s says its own",
                              path.text);
    }
    return load_model_with(out_model, out_path, argument, filter);
}

nca_status set_model_target(nca_model *model, const nca_settings *settings, nca_error *error)
{
    nca_target *target = NULL;
    nca_status status = target_of_settings(&target, settings, error);
    if (status == NCA_OK) {
        note_target(target);
        status = nca_model_set_target(model, target->rgba, (uint32_t)target->height,
                                      (uint32_t)target->width, error);
    }
    if (status == NCA_OK) {
        model->info.padding = (uint32_t)target->padding;
        snprintf(model->info.target, sizeof model->info.target, "%s", target->source);
    }
    nca_target_destroy(target);
    return status;
}

/* ---- What is lost ----------------------------------------------------------------------------*/

/* "filter scharr", "angle 30" ...: what the reference would have otherwise. */
static void list_lost(char *out, size_t size, const nca_model *model)
{
    const nca_automaton *a = &model->automaton, usual = nca_automaton_default();
    char item[6][64] = {"", "", "", "", "", ""};
    if (a->filter != usual.filter) {
        snprintf(item[0], sizeof item[0], "filter %s", nca_filter_name(a->filter));
    }
    if (a->angle < 0 || a->angle > 0) {
        snprintf(item[1], sizeof item[1], "angle %g", (double)a->angle * (180.0 / acos(-1.0)));
    }
    if (a->boundary != usual.boundary) {
        snprintf(item[2], sizeof item[2], "boundary %s", nca_boundary_name(a->boundary));
    }
    if (a->fire_rate < usual.fire_rate || a->fire_rate > usual.fire_rate) {
        snprintf(item[3], sizeof item[3], "fire rate %g", (double)a->fire_rate);
    }
    if (a->step_size < usual.step_size || a->step_size > usual.step_size) {
        snprintf(item[4], sizeof item[4], "step size %g", (double)a->step_size);
    }
    if (a->alive_channel != usual.alive_channel || a->alive_threshold < usual.alive_threshold ||
        a->alive_threshold > usual.alive_threshold) {
        snprintf(item[5], sizeof item[5], "alive channel %d above %g", (int)a->alive_channel,
                 (double)a->alive_threshold);
    }
    size_t length = 0;
    *out = 0;
    for (size_t i = 0; i < sizeof item / sizeof *item; i++) {
        if (item[i][0] != 0 && length < size) {
            length += (size_t)snprintf(out + length, size - length, "%s%s", length > 0 ? ", " : "",
                                       item[i]);
        }
    }
}

void note_lost(const nca_model *model, const char *path)
{
    char list[512];
    list_lost(list, sizeof list, model);
    if (list[0] != 0) {
        note("%s: a PyTorch file holds tensors only; set up by hand there: %s", path, list);
    }
    if (model->automaton.output_bias) {
        note("%s: the network has an output bias, update_module.2.bias; where the module was built "
             "without one, build its last layer with bias=True",
             path);
    }
}
