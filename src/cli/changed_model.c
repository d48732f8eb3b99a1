/* Options that change a loaded model. The settings of the same names know ranges and units. */
#include "cli/changed_model.h"

#include "cli/load_model.h"

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

/* What is set does not change the others: here it is the model that says how large a target is, and
 * not the target's kind. */
static bool set_kept(nca_settings *settings, const char *key, const char *value, nca_error *error)
{
    uint32_t size = settings->img_size, padding = settings->padding;
    bool target = nca_setting_pass(nca_setting_named(key)) < NCA_SETTING_PASSES - 1;
    if (nca_settings_set(settings, key, value, error) != NCA_OK) {
        return false;
    }
    if (target) {
        settings->img_size = size;
        settings->padding = padding;
    }
    return true;
}

int change_target(nca_model *model, const option_values *given)
{
    static const char *const names[][2] = {{"target", "target_path"},
                                           {"img-size", "img_size"},
                                           {"padding", "padding"},
                                           {"root", "root"},
                                           {"colormap", "colormap"}};
    nca_settings settings;
    nca_error error;
    default_target_settings(&settings, model);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = options_value(given, names[i][0]);
        if (value == NULL) {
            continue;
        }
        if (!options_has(given, "target")) {
            return complain_usage("--%s: says how a target is read; give --target too",
                                  names[i][0]);
        }
        if (!set_kept(&settings, names[i][1], value, &error)) {
            return complain(&error);
        }
    }
    if (!options_has(given, "target")) {
        return EXIT_OK;
    }
    return set_model_target(model, &settings, &error) == NCA_OK ? EXIT_OK : complain(&error);
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
