/* Options that change a loaded model. The settings of the same names define ranges and units. */
#include "cli/model/model_options.h"

#include <string.h>

#include "cli/model/load_model.h"
#include "cli/option_values.h"

/* The settings for reading the target options. */
static void default_target_settings(nca_settings *settings, const nca_model *model)
{
    const nca_model_info *info = &model->info;
    nca_settings_default(settings);
    /* A model without the size of its grid is from PyTorch and follows this recipe. */
    nca_settings_apply_recipe(settings, NCA_RECIPE_MEDMNIST);
    if (info->recipe[0] != 0 && strcmp(info->recipe, "medmnist") != 0) {
        settings->exif = NCA_EXIF_APPLY;
    }
    uint32_t longest = info->height > info->width ? info->height : info->width;
    if (longest > 2 * info->padding) {
        settings->padding = info->padding;
        settings->img_size = longest - 2 * info->padding;
    }
}

int change_target(nca_model *model, const option_values *given)
{
    /* The target comes first, because an image of MedMNIST also sets the size. */
    static const char *const names[][2] = {{"target", "target_path"}, {"img-size", "img_size"},
                                           {"padding", "padding"},    {"root", "root"},
                                           {"colormap", "colormap"},  {"exif", "exif"},
                                           {"window", "window"}};
    nca_settings settings;
    nca_error error;
    default_target_settings(&settings, model);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = options_value(given, names[i][0]);
        if (value == NULL) {
            continue;
        }
        if (!options_has(given, "target")) {
            return complain_usage("--%s applies to the --target image; give --target too",
                                  names[i][0]);
        }
        if (nca_settings_set(&settings, names[i][1], value, &error) != NCA_OK) {
            return complain(&error);
        }
    }
    if (options_has(given, "target") && set_model_target(model, &settings, &error) != NCA_OK) {
        return complain(&error);
    }
    return EXIT_OK;
}

int change_angle(nca_model *model, const option_values *given)
{
    nca_error error;
    double angle = 0;
    if (!options_number(&angle, given, "angle", -360, 360)) {
        return EXIT_USAGE;
    }
    if (angle != 0 && nca_model_turn(model, angle, &error) != NCA_OK) {
        complain(&error);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}
