/* The options of nca visualize, and the parts of a settings file (--config) that it uses: model,
 * filter, target, loss, animation. The PyTorch reimplementation's file for this also contains the
 * number of steps (iterations) and whether there is a cut (damage); in a training file these two
 * keys are for training and are ignored. */
#include "cli/model/visualize_options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/model/load_model.h"
#include "cli/option_values.h"

enum {
    MOST_STEPS = 1000000
};

/* ---- The options -----------------------------------------------------------------------------*/

static bool read_damage_shape(nca_growth *g, const char *text, size_t length)
{
    for (int i = 0; i < NCA_DAMAGE_COUNT; i++) {
        const char *name = nca_damage_name((nca_damage_shape)i);
        if (strlen(name) == length && strncasecmp(name, text, length) == 0) {
            g->damage_shape = (nca_damage_shape)i;
            return true;
        }
    }
    return false;
}

/* "every=50,shape=circle", in any order; a single number is `every`. */
static bool read_damage(nca_growth *g, const option_values *given)
{
    const char *text = options_value(given, "damage");
    if (text == NULL) {
        return true;
    }
    uint64_t every = 0;
    bool good = true;
    for (const char *at = text; good && *at != 0;) {
        size_t length = strcspn(at, ",");
        const char *end = at + length;
        if (strncmp(at, "shape=", 6) == 0) {
            good = read_damage_shape(g, at + 6, length - 6);
        } else {
            good = parse_digits(&every, strncmp(at, "every=", 6) == 0 ? at + 6 : at) == end;
        }
        at = end + (*end == ',');
    }
    if (!good || every == 0 || every > UINT32_MAX) {
        complain_usage("--damage: expected every=N,shape=NAME, where NAME is one of circle, "
                       "half-plane, square, cells or mixed, found \"%s\"",
                       text);
        return false;
    }
    g->damage_every = (size_t)every;
    g->cut_at = 0; /* replaces the fixed cut and that of a file */
    g->tenths_of = 0;
    return true;
}

static bool read_filmstrip(nca_growth *g, const option_values *given)
{
    if (!options_has(given, "filmstrip")) {
        nca_growth_choose_strip_steps(g);
        return true;
    }
    if (!options_steps(g->strip_steps, &g->strip_count, NCA_GROWTH_MAX_FRAMES, given,
                       "filmstrip")) {
        return false;
    }
    size_t last = g->strip_steps[g->strip_count - 1];
    if (!options_has(given, "steps")) {
        g->steps = last;
    } else if (last > g->steps) {
        complain_usage("--filmstrip: step %zu is greater than --steps %zu", last, g->steps);
        return false;
    }
    return true;
}

static bool read_colour(nca_growth *g, const option_values *given)
{
    nca_error error;
    const char *text = options_value(given, "background");
    if (text != NULL && nca_colour_parse(&g->background, text, &error) != NCA_OK) {
        complain(&error);
        return false;
    }
    return true;
}

static bool read_view(nca_growth *g, const option_values *given)
{
    nca_error error;
    const char *text = options_value(given, "view");
    if (text != NULL && nca_view_parse(&g->view, text, &error) != NCA_OK) {
        complain_usage("--%s", error.message);
        return false;
    }
    return true;
}

bool visualize_options(nca_growth *g, const option_values *given)
{
    size_t threads = 0;
    if (!options_count(&g->steps, given, "steps", 1, MOST_STEPS) ||
        !options_number(&g->fps, given, "fps", 0.1, 100) ||
        !options_count(&g->scale, given, "scale", 1, 64) ||
        !options_u64(&g->options.seed, given, "seed") ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_size(&g->options.height, &g->options.width, given) || !read_damage(g, given) ||
        !read_colour(g, given) || !read_view(g, given) ||
        !options_kernels(&g->options.kernels, given) ||
        !options_precision(&g->options.precision, given) ||
        !options_device(&g->options.device, given, g->options.precision)) {
        return false;
    }
    g->options.threads = (unsigned)threads;
    g->own_size = !options_has(given, "size");
    if (options_has(given, "steps")) {
        g->cut_at = g->cut_at > 0 ? g->steps / 2 : 0;
        g->tenths_of = g->tenths_of > 0 ? g->steps : 0;
    }
    return read_filmstrip(g, given);
}

/* ---- The file --------------------------------------------------------------------------------*/

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
    g->options.device = config->settings.device;
    if (config->steps) {
        g->steps = (size_t)config->settings.iterations;
        g->without_seed = true;
    }
    if (config->steps || config->damage) {
        g->cut_at = 0;
        g->tenths_of = config->damage && config->settings.damage > 0 ? g->steps : 0;
    }
}

/* Checks that the file was written for this model, because another model would grow something
 * else. */
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
