/* Options that change a loaded model. The settings of the same names know ranges and units. */
#include "cli/changed_model.h"

#include <stdio.h>
#include <string.h>

/* The settings that target options are read into. */
static void default_target_settings(nca_settings *settings, const nca_model *model)
{
    const nca_model_info *info = &model->info;
    nca_settings_default(settings);
    uint32_t longest = info->height > info->width ? info->height : info->width;
    if (longest > 2 * info->padding) {
        settings->padding = info->padding;
        settings->img_size = longest - 2 * info->padding;
    }
}

int change_target(nca_model *model, const option_values *given)
{
    static const char *const names[][2] = {
        {"target", "target_path"}, {"img-size", "img_size"}, {"padding", "padding"}};
    nca_settings settings;
    nca_error error;
    default_target_settings(&settings, model);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = options_value(given, names[i][0]);
        if (value == NULL) {
            continue;
        }
        if (!options_has(given, "target")) {
            return complain_usage("--%s: the size of a target needs one; give --target too",
                                  names[i][0]);
        }
        if (nca_settings_set(&settings, names[i][1], value, &error) != NCA_OK) {
            return complain(&error);
        }
    }
    if (!options_has(given, "target")) {
        return EXIT_OK;
    }
    const nca_target_options options = {settings.img_size, settings.padding, settings.stretch};
    nca_target *target = NULL;
    nca_status status = nca_target_create(&target, settings.target_path, &options, &error);
    if (status == NCA_OK) {
        status = nca_model_set_target(model, target->rgba, (uint32_t)target->height,
                                      (uint32_t)target->width, &error);
    }
    if (status == NCA_OK) {
        model->info.padding = (uint32_t)target->padding;
        snprintf(model->info.target, sizeof model->info.target, "%s", target->source);
    }
    nca_target_destroy(target);
    return status == NCA_OK ? EXIT_OK : complain(&error);
}

int change_automaton(nca_model *model, const option_values *given)
{
    nca_settings settings;
    nca_error error;
    double angle = 0;
    const char *rate = options_value(given, "fire-rate");
    if (!options_number(&angle, given, "angle", -360, 360)) {
        return EXIT_USAGE;
    }
    if (angle != 0 && nca_model_turn(model, angle, &error) != NCA_OK) {
        complain(&error);
        return EXIT_USAGE;
    }
    nca_settings_default(&settings);
    if (rate != NULL) {
        if (nca_settings_set(&settings, "fire_rate", rate, &error) != NCA_OK) {
            return complain(&error);
        }
        model->automaton.fire_rate = nca_settings_automaton(&settings).fire_rate;
    }
    return EXIT_OK;
}
