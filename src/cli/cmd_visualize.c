/* nca visualize: a trained automaton grows into an animation or a filmstrip. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/changed_model.h"
#include "cli/growth.h"
#include "cli/help.h"
#include "cli/load_model.h"
#include "cli/stop.h"
#include "cli/visualize_config.h"

static const option table[] = {
    {"config", 'c', "FILE",
     "Take model, filter, target and animation from a YAML file of the PyTorch reimplementation."},
    {"output", 'o', "FILE",
     "What to write: .gif, .mp4, .webm (the last two need the ffmpeg program), or .png for a "
     "filmstrip. [growth.gif beside the model]"},
    {"steps", 0, "N",
     "Steps to grow. [192; 96 after experiment growing; 240 with a cut half way after "
     "regenerating]"},
    {"fps", 0, "X", "Frames a second, one a step. [20]"},
    {"scale", 0, "N", "Pixels along a cell. [so that the longer side has about 250]"},
    {"background", 0, "COLOUR", "white, black, grey or #RRGGBB. [what suits the target]"},
    {"seed", 0, "N", "Of the fire masks and of damage. [0]"},
    {"angle", 0, "X",
     "Turn the perception filters, and the target with them, by X degrees counterclockwise; sobel "
     "and scharr only. [0]"},
    {"fire-rate", 0, "X", "Chance that a cell updates in a step. [the model's]"},
    {"size", 0, "HxW", "Cells of the canvas, or one number for a square. [as trained]"},
    {"damage", 0, "every=N,shape=NAME",
     "Random damage every N steps: circle, half-plane or square. [none; circle]"},
    {"filmstrip", 0, "LIST",
     "Write a filmstrip of these steps, e.g. 0,20,40,80. [about ten, when the file is a .png]"},
    {"threads", 0, "N", "Threads to compute on; 0: one per core. [0]"},
    {"kernels", 0, "NAME", "auto, scalar, avx2, avx512 or neon. [auto]"},
    PRECISION_OPTION,
    LOAD_MODEL_OPTION,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca visualize MODEL|RUN [-o FILE] [OPTIONS]\n"
             "       nca visualize --config FILE [OPTIONS]",
    .purpose =
        "Grows a trained automaton from one cell and draws it. Prints the final loss against the\n"
        "target when the model file has one.",
    .table = table,
    .examples = "  nca visualize runs/photo -o photo.gif\n"
                "  nca visualize runs/photo -o strip.png --filmstrip 0,20,40,80\n"
                "  nca visualize runs/photo -o wide.mp4 --size 80x160 --steps 400\n"
                "  nca visualize model.safetensors -o healing.gif --damage every=50,shape=circle\n"
                "  nca visualize --config visualize_config.yaml\n",
};

/* ---- Values of options -----------------------------------------------------------------------*/

static bool read_damage_shape(growth *g, const char *text, size_t length)
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

/* "every=50,shape=circle", in any order; a bare number is `every`. */
static bool read_damage(growth *g, const option_values *given)
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
        complain_usage("--damage: expected every=N,shape=NAME with NAME one of circle, half-plane, "
                       "square, found \"%s\"",
                       text);
        return false;
    }
    g->damage_every = (size_t)every;
    g->cut_at = 0; /* the user's damage instead of the fixed cut */
    return true;
}

static bool read_filmstrip(growth *g, const option_values *given)
{
    if (!options_has(given, "filmstrip")) {
        growth_spread_strip(g);
        return true;
    }
    if (!options_steps(g->strip_steps, &g->strip_count, MOST_STRIP_FRAMES, given, "filmstrip")) {
        return false;
    }
    size_t last = g->strip_steps[g->strip_count - 1];
    if (!options_has(given, "steps")) {
        g->steps = last;
    } else if (last > g->steps) {
        complain_usage("--filmstrip: step %zu lies beyond --steps %zu", last, g->steps);
        return false;
    }
    return true;
}

static bool read_colour(growth *g, const option_values *given)
{
    nca_error error;
    const char *text = options_value(given, "background");
    if (text != NULL && nca_colour_parse(&g->background, text, &error) != NCA_OK) {
        complain(&error);
        return false;
    }
    return true;
}

static bool read_growth(growth *g, const option_values *given)
{
    size_t threads = 0;
    if (!options_count(&g->steps, given, "steps", 1, 1000000) ||
        !options_number(&g->fps, given, "fps", 0.1, 100) ||
        !options_count(&g->scale, given, "scale", 1, 64) ||
        !options_u64(&g->options.seed, given, "seed") ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_size(&g->options.height, &g->options.width, given) || !read_damage(g, given) ||
        !read_colour(g, given) || !options_kernels(&g->options.kernels, given) ||
        !options_precision(&g->options.precision, given)) {
        return false;
    }
    g->options.threads = (unsigned)threads;
    if (g->cut_at > 0 && options_has(given, "steps")) {
        g->cut_at = g->steps / 2;
    }
    return read_filmstrip(g, given);
}

/* ---- The command -----------------------------------------------------------------------------*/

/* What -o says, or the settings file, or beside the model; the ending decides what is drawn. */
static bool choose_output(growth *g, run_path *out, const option_values *given,
                          const visualize_config *config, const char *model)
{
    const char *path = options_value(given, "output");
    bool strip = options_has(given, "filmstrip");
    if (path == NULL && !strip && config->settings.ani_path[0] != 0) {
        path = config->settings.ani_path;
    }
    if (path != NULL) {
        snprintf(out->text, sizeof out->text, "%s", path);
    } else {
        const char *slash = strrchr(model, '/');
        snprintf(out->text, sizeof out->text, "%.*s%s",
                 slash != NULL ? (int)(slash - model + 1) : 0, model,
                 strip ? "filmstrip.png" : RUN_GROWTH);
    }
    const char *dot = strrchr(out->text, '.');
    bool picture = dot != NULL && strcasecmp(dot, ".png") == 0;
    if (strip && !picture) {
        complain_usage("--filmstrip: expected a file that ends in .png, found \"%s\"", out->text);
        return false;
    }
    if (!picture && !growth_is_animation(out->text)) {
        complain_usage("%s: expected a file that ends in .gif, .mp4, .webm or .png, found \"%s\"",
                       options_has(given, "output") ? "-o" : "ani_path", out->text);
        return false;
    }
    *(picture ? &g->filmstrip : &g->animation) = out->text;
    return true;
}

/* The reference prints its "Final loss"; scripts around it look for that. */
static void print_loss(const visualize_config *config, const nca_model *model, size_t steps,
                       double loss)
{
    const char *name = nca_loss_name(growth_loss_of(model));
    if (!isfinite(loss)) {
        return;
    }
    if (config->file != NULL) {
        printf("Final loss: %.6g (%s, after %zu steps)\n", loss, name, steps);
    } else {
        printf("%s loss after %zu steps: %.6g\n", name, steps, loss);
    }
}

static int draw(nca_model *model, const option_values *given, const visualize_config *config,
                const char *path)
{
    nca_error error;
    growth g;
    run_path out;
    double loss = NAN;
    growth_default(&g, model);
    int code = change_automaton(model, given);
    if (code != EXIT_OK) {
        return code;
    }
    if (!read_growth(&g, given) || !choose_output(&g, &out, given, config, path)) {
        return EXIT_USAGE;
    }
    stop_watch();
    nca_status status = growth_run(&g, model, &loss, &error);
    int signal_number = stop_signal(); /* which also ends an ffmpeg that is at work */
    stop_unwatch();
    if (status != NCA_OK && signal_number != 0) {
        note("stopped; nothing was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", out.text);
    print_loss(config, model, g.steps, loss);
    return EXIT_OK;
}

/* The model that is named, or the settings file's; its filter likewise. */
static int load(nca_model **out_model, run_path *out_path, const option_values *given,
                const visualize_config *config)
{
    const char *argument =
        given->positional_count > 0 ? given->positionals[0] : config->settings.model_path;
    if (*argument == 0 && config->file != NULL) {
        return complain_usage("%s: names no model (model_path); name one after `nca visualize`",
                              config->file);
    }
    if (*argument == 0) {
        return complain_usage("expected a model file or a run folder; see `nca visualize --help`");
    }
    bool use_config = config->filter && !options_has(given, "filter");
    return use_config ? load_model_with(out_model, out_path, argument,
                                        nca_filter_name(config->settings.filter))
                      : load_model(out_model, out_path, argument, given);
}

static int visualize(const option_values *given)
{
    nca_model *model = NULL;
    run_path path;
    visualize_config *config = malloc(sizeof *config);
    if (config == NULL) {
        note("memory could not be had");
        return EXIT_FAILED;
    }
    int code = visualize_config_read(config, given);
    if (code == EXIT_OK) {
        code = load(&model, &path, given, config);
    }
    if (code == EXIT_OK) {
        code = visualize_config_apply(model, config, path.text);
    }
    if (code == EXIT_OK) {
        code = draw(model, given, config, path.text);
    }
    nca_model_destroy(model);
    free(config);
    return code;
}

int command_visualize(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "visualize", &page, 1, NULL, count, arguments)) {
        return code;
    }
    return visualize(&given);
}
