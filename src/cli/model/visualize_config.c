/* What `nca visualize --config` takes from a settings file: model, filter, target, loss, animation,
 * and from the reference's file for this also how many steps to grow (iterations) and whether to
 * cut (damage). In a training file, those two are about training and are not read. */
#include "cli/model/visualize_config.h"

#include <stdio.h>
#include <string.h>

#include "cli/model/load_model.h"

enum {
    MOST_STEPS = 1000000 /* of --steps too */
};

int visualize_config_read(visualize_config *out, const option_values *given)
{
    nca_error error;
    memset(out, 0, sizeof *out);
    nca_settings_default(&out->settings);
    out->file = options_value(given, "config");
    if (out->file == NULL) {
        return EXIT_OK;
    }
    nca_settings_file file;
    if (nca_settings_load_file(&out->settings, &file, out->file, &error) != NCA_OK) {
        complain(&error);
        return EXIT_USAGE;
    }
    note_device(out->settings.device);
    out->filter = nca_settings_file_has(&file, "filter");
    out->channels = nca_settings_file_has(&file, "n_channels");
    out->target = nca_settings_file_has(&file, "target_path");
    out->loss = nca_settings_file_has(&file, "loss");
    out->steps = nca_settings_file_has(&file, "iterations") && !file.trains;
    out->damage = nca_settings_file_has(&file, "damage") && !file.trains;
    if (file.trains) {
        note("%s: this is a file for `nca train --config` (it has learning_rate, batch_size or "
             "pool_size); its iterations and damage are ignored; use --steps and --damage",
             out->file);
    }
    if (out->steps && out->settings.iterations > MOST_STEPS) {
        return complain_usage("%s: iterations: expected at most %d steps to grow, found %llu",
                              out->file, MOST_STEPS, (unsigned long long)out->settings.iterations);
    }
    return EXIT_OK;
}

void visualize_config_choose(nca_growth *g, const visualize_config *config)
{
    if (config->steps) {
        g->steps = (size_t)config->settings.iterations;
        g->without_seed = true;
    }
    if (config->steps || config->damage) {
        g->cut_at = 0;
        g->tenths_of = config->damage && config->settings.damage > 0 ? g->steps : 0;
    }
}

/* A model that is not the one that the file was written for grows something else. */
static int compare(const nca_model *model, const visualize_config *config, const char *path)
{
    const nca_settings *s = &config->settings;
    const nca_automaton *a = &model->automaton;
    if (config->channels && s->n_channels != a->channels) {
        return complain_usage("n_channels: %s has %u, but %s has %u", config->file,
                              (unsigned)s->n_channels, path, (unsigned)a->channels);
    }
    if (config->filter && !is_torch_file(path) && s->filter != a->filter) {
        return complain_usage("filter: %s has %s, but %s has %s", config->file,
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
