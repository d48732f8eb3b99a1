/* What `nca visualize --config` takes from a settings file: model, filter, target, loss, animation.
 * Everything about training in it is left alone, the number of iterations too. */
#include "cli/visualize_config.h"

#include <stdio.h>
#include <string.h>

#include "cli/load_model.h"

/* Values that no file can have mark what it does not say. */
static void leave_open(nca_settings *settings)
{
    nca_settings_default(settings);
    settings->filter = NCA_FILTER_COUNT;
    settings->n_channels = 0;
    settings->target_path[0] = 0;
    settings->loss = NCA_LOSS_COUNT;
}

int visualize_config_read(visualize_config *out, const option_values *given)
{
    nca_error error;
    memset(out, 0, sizeof *out);
    leave_open(&out->settings);
    out->file = options_value(given, "config");
    if (out->file == NULL) {
        return EXIT_OK;
    }
    if (nca_settings_load(&out->settings, out->file, &error) != NCA_OK) {
        complain(&error);
        return EXIT_USAGE;
    }
    note_device(out->settings.device);
    out->filter = out->settings.filter != NCA_FILTER_COUNT;
    out->channels = out->settings.n_channels != 0;
    out->target = out->settings.target_path[0] != 0;
    out->loss = out->settings.loss != NCA_LOSS_COUNT;
    return EXIT_OK;
}

/* A model that is not the one that the file was written for grows something else. */
static int compare(const nca_model *model, const visualize_config *config, const char *path)
{
    const nca_settings *s = &config->settings;
    const nca_automaton *a = &model->automaton;
    if (config->channels && s->n_channels != a->channels) {
        return complain_usage("n_channels: %s says %u, %s has %u", config->file,
                              (unsigned)s->n_channels, path, (unsigned)a->channels);
    }
    if (config->filter && !is_torch_file(path) && s->filter != a->filter) {
        return complain_usage("filter: %s says %s, %s has %s", config->file,
                              nca_filter_name(s->filter), path, nca_filter_name(a->filter));
    }
    return EXIT_OK;
}

int visualize_config_apply(nca_model *model, const visualize_config *config, const char *path)
{
    const nca_settings *s = &config->settings;
    int code = compare(model, config, path);
    if (code != EXIT_OK) {
        return code;
    }
    if (config->loss) {
        snprintf(model->info.loss_name, sizeof model->info.loss_name, "%s", nca_loss_name(s->loss));
    }
    nca_error error;
    if (config->target && set_model_target(model, s, &error) != NCA_OK) {
        return complain(&error);
    }
    return EXIT_OK;
}
