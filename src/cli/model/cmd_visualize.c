/* nca visualize: grows trained models and writes an animation or a filmstrip; of a classifier, the
 * votes of its cells. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/model/model_list.h"
#include "cli/model/model_options.h"
#include "cli/model/pool_grid.h"
#include "cli/model/visualize_options.h"
#include "cli/model/visualize_votes.h"
#include "cli/option_values.h"
#include "cli/stop.h"
#include "cli/terminal_picture.h"
#include "cli/terminal_screen.h"

static const option table[] = {
    {"config", 'c', "FILE",
     "Take model, filter, target, loss, animation, steps (iterations) and damage from a YAML file "
     "of "
     "the PyTorch reimplementation."},
    {"output", 'o', "FILE",
     "File to write: .gif, .mp4 or .webm for an animation (.mp4 and .webm need the ffmpeg "
     "program), .png for a filmstrip. [growth.gif in the folder of the model (classifier: "
     "votes.gif); in the current folder for several models]"},
    {"view", 0, "NAME",
     "Part of the state to draw: rgba, alpha, alive (the mask of living cells), hidden (channels 4 "
     "and up), update (the change in the last step), channel=N, mosaic (all channels), filter=K "
     "(the output of "
     "filter K: the norm over the channels) or filter=K:N (of channel N). [rgba]"},
    {"steps", 0, "N",
     "Number of steps. [192; experiment growing: 96; experiment regenerating: 240, with damage at "
     "step 120; classifier: twice those of the model]"},
    {"fps", 0, "X", "Frames per second; each step is one frame. [20; classifier: 10]"},
    {"scale", 0, "N",
     "Pixels per side of a cell. [chosen for about 250 pixels along the longer side]"},
    {"background", 0, "COLOUR",
     "Background: white, black, grey, #RRGGBB or #RGB. [chosen to contrast with the target]"},
    {"seed", 0, "N", "Random seed for the fire masks and the damage. [0]"},
    ANGLE_OPTION,
    FIRE_RATE_OPTION,
    GRID_SIZE_OPTION,
    {"damage", 0, "every=N,shape=NAME",
     "Damage the automaton at a random place every N steps; NAME is circle, half-plane, square, "
     "cells or mixed. [no damage; shape=circle]"},
    {"filmstrip", 0, "LIST",
     "Write a filmstrip of these steps, such as 0,20,40,80. [about ten steps if the file is a "
     ".png]"},
    TERMINAL_OPTION,
    {"grid", 0, NULL,
     "Draw the first 256 slots of the sample pool in the checkpoint of a run instead. [pool.png in "
     "the folder of the checkpoint]"},
    VOTES_OPTIONS,
    THREADS_OPTION,
    KERNELS_OPTION,
    DEVICE_OPTION,
    PRECISION_OPTION,
    LOAD_MODEL_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const help_page visualize_help = {
    .usage =
        "nca visualize MODEL|RUN... [-o FILE] [OPTIONS]\n"
        "       nca visualize RUN --grid [-o FILE] [--view NAME]\n"
        "       nca visualize --config FILE [OPTIONS]\n"
        "       nca visualize CLASSIFIER --image FILE|--data medmnist:SET/SPLIT/INDEX [-o FILE]",
    .purpose =
        "Grows a trained automaton from one cell and draws it. Prints the final loss if the model\n"
        "file has a target. Several models are grown side by side with the same seed and the same\n"
        "damage; a folder of runs expands to the models in it.\n"
        "\n"
        "For a classifier, draws the votes of its cells about one image and the probabilities\n"
        "of the classes: an animation, or one figure (.png, .svg) that also shows the evidence\n"
        "for the answer.",
    .table = table,
    .examples = "  nca visualize runs/photo -o photo.gif\n"
                "  nca visualize runs/photo -o strip.png --filmstrip 0,20,40,80\n"
                "  nca visualize runs/photo -o wide.mp4 --size 80x160 --steps 400\n"
                "  nca visualize model.safetensors -o healing.gif --damage every=50,shape=circle\n"
                "  nca visualize runs/photo -o hidden.png --view hidden\n"
                "  nca visualize runs/photo runs/chest -o both.gif\n"
                "  nca visualize runs/photo --terminal --view alive\n"
                "  nca visualize runs/photo --grid -o pool.png\n"
                "  nca visualize --config visualize_config.yaml\n"
                "  nca visualize runs/breast --image scan.png -o votes.gif\n"
                "  nca visualize runs/breast --data medmnist:breastmnist/test/12 -o votes.png\n",
};

/* ---- The command -----------------------------------------------------------------------------*/

typedef struct job {
    option_values given;
    visualize_config config;
    model_list models;
    nca_run_path path; /* path of the first model */
    nca_run_path output;
    terminal_screen screen;
    size_t steps; /* number of steps drawn in the terminal */
} job;

/* Draws a step of all models in the terminal. */
static nca_status show_frame(const nca_growth_frame *frame, void *user, nca_error *error)
{
    job *j = user;
    char line[512];
    size_t used = (size_t)snprintf(line, sizeof line, "step %zu of %zu", frame->step, j->steps);
    for (size_t i = 0; i < frame->count && frame->count > 1 && used < sizeof line; i++) {
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i == 0 ? ": " : " | ",
                                 j->models.names[i]);
    }
    nca_image *tiles = NULL;
    nca_status status =
        terminal_tiles(&tiles, frame->pictures, frame->count, frame->columns, error);
    if (status == NCA_OK) {
        status = terminal_screen_draw(&j->screen, tiles, line, error);
    }
    nca_image_destroy(tiles);
    return status;
}

/* Selects the terminal instead of a file. */
static bool choose_terminal(nca_growth *g, job *j)
{
    static const char *const files[] = {"output", "filmstrip", "scale"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (options_has(&j->given, files[i])) {
            complain_usage("--terminal does not write a file; remove --%s or --terminal", files[i]);
            return false;
        }
    }
    if (!terminal_screen_choose(&j->screen, &j->given)) {
        return false;
    }
    j->screen.frame_seconds = 1 / g->fps;
    j->steps = g->steps;
    g->show = show_frame;
    return true;
}

/* The path given by -o or by the settings file, or a file next to the model; the extension selects
 * the kind of output. */
static bool choose_output(nca_growth *g, job *j)
{
    if (options_has(&j->given, "terminal")) {
        return choose_terminal(g, j);
    }
    const char *path = options_value(&j->given, "output");
    bool strip = options_has(&j->given, "filmstrip");
    if (path == NULL && !strip && j->config.settings.ani_path[0] != 0) {
        path = j->config.settings.ani_path;
    }
    char *out = j->output.text;
    if (path != NULL) {
        snprintf(out, sizeof j->output.text, "%s", path);
    } else {
        const char *slash = j->models.count == 1 ? strrchr(j->path.text, '/') : NULL;
        snprintf(out, sizeof j->output.text, "%.*s%s",
                 slash != NULL ? (int)(slash - j->path.text + 1) : 0, j->path.text,
                 strip ? "filmstrip.png" : NCA_RUN_GROWTH);
    }
    const char *dot = strrchr(out, '.');
    bool picture = dot != NULL && strcasecmp(dot, ".png") == 0;
    if (strip && !picture) {
        complain_usage("--filmstrip: expected a file that ends in .png, found \"%s\"", out);
        return false;
    }
    if (!picture && !nca_growth_is_animation(out)) {
        complain_usage("%s: expected a file that ends in .gif, .mp4, .webm or .png, found \"%s\"",
                       options_has(&j->given, "output") ? "-o" : "ani_path", out);
        return false;
    }
    *(picture ? &g->filmstrip : &g->animation) = out;
    return true;
}

/* The reference prints a line "Final loss", which scripts look for. */
static void print_loss(const job *j, const nca_growth_subject *subject, size_t steps)
{
    const char *name = nca_loss_name(nca_growth_loss(subject->model));
    if (!subject->has_loss) {
        return;
    }
    if (j->config.file != NULL) {
        printf("Final loss: %.6g (%s, after %zu steps)\n", subject->loss, name, steps);
        return;
    }
    if (j->models.count > 1) {
        printf("%s: ", shown(subject->name));
    }
    printf("%s loss after %zu steps: %.6g\n", name, steps, subject->loss);
}

static int print_results(const job *j, const nca_growth *g, const nca_growth_subject *subjects,
                         double end)
{
    int code = EXIT_OK;
    if (g->show == NULL) {
        printf("%s\n", shown(j->output.text));
    }
    if (end > 0) {
        printf("colours from %g to %g\n", nca_view_is_signed(&g->view) ? -end : 0.0, end);
    }
    for (size_t i = 0; i < j->models.count; i++) {
        print_loss(j, &subjects[i], g->steps);
        if (subjects[i].loss_is_missing) {
            note("%s: out of memory; its loss is not shown", subjects[i].name);
            code = EXIT_FAILED;
        }
    }
    return code;
}

static int draw(job *j)
{
    nca_error error;
    nca_growth g;
    double end = 0;
    nca_growth_subject subjects[NCA_GROWTH_MAX_MODELS];
    nca_growth_default(&g, j->models.models[0]);
    g.keep_going = stop_not_asked;
    g.user = j;
    g.background =
        nca_growth_background((const nca_model *const *)j->models.models, j->models.count);
    for (size_t i = 0; i < j->models.count; i++) {
        int code = change_angle(j->models.models[i], &j->given);
        if (code != EXIT_OK) {
            return code;
        }
        subjects[i] =
            (nca_growth_subject){.model = j->models.models[i], .name = j->models.names[i]};
    }
    visualize_config_choose(&g, &j->config);
    if (!visualize_options(&g, &j->given) || !choose_output(&g, j)) {
        return EXIT_USAGE;
    }
    stop_watch();
    nca_status status = nca_growth_run(&g, subjects, j->models.count, &end, &error);
    terminal_screen_close(&j->screen);
    int signal_number = stop_signal(); /* the signal also ends a running ffmpeg */
    stop_unwatch();
    if (status != NCA_OK && signal_number != 0) {
        note(g.show != NULL ? "stopped" : "stopped; no file was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    return print_results(j, &g, subjects, end);
}

/* ---- Models ----------------------------------------------------------------------------------*/

/* Loads the model that the settings file names, or the one on the command line instead; the same
 * for the filter. */
static int load_configured(job *j)
{
    const visualize_config *config = &j->config;
    if (j->given.positional_count > 1) {
        return complain_usage("--config: expected at most one model, found %zu",
                              j->given.positional_count);
    }
    const char *argument =
        j->given.positional_count > 0 ? j->given.positionals[0] : config->settings.model_path;
    if (*argument == 0) {
        return complain_usage("%s: does not have model_path; give a model after `nca visualize`",
                              config->file);
    }
    bool use_config = config->filter && !options_has(&j->given, "filter");
    nca_model **model = &j->models.models[0];
    int code = use_config ? load_model_with(model, &j->path, argument, &j->given,
                                            nca_filter_name(config->settings.filter))
                          : load_model(model, &j->path, argument, &j->given);
    if (code == EXIT_OK) {
        j->models.count = 1;
        code = visualize_config_apply(*model, config, j->path.text);
    }
    return code;
}

static int load(job *j)
{
    if (j->config.file != NULL) {
        return load_configured(j);
    }
    if (j->given.positional_count == 0) {
        return complain_usage("expected a model file or a run folder; see `nca visualize --help`");
    }
    int code = model_list_load(&j->models, &j->given);
    nca_run_model_path(&j->path, j->given.positionals[0]);
    return code;
}

static int grow(job *j)
{
    int code = visualize_config_read(&j->config, &j->given);
    if (code == EXIT_OK) {
        code = load(j);
    }
    if (code != EXIT_OK) {
        return code;
    }
    for (size_t i = 0; i < j->models.count; i++) {
        if (j->models.models[i]->classifier != NULL && j->models.count > 1) {
            return complain_usage("%s: expected one classifier alone, found %zu models",
                                  j->models.names[i], j->models.count);
        }
    }
    if (j->models.models[0]->classifier != NULL) {
        return votes_draw(j->models.models[0], j->path.text, &j->given);
    }
    code = votes_check_growth(&j->given, j->path.text);
    return code == EXIT_OK ? draw(j) : code;
}

int command_visualize(int count, char **arguments)
{
    job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code;
    if (command_begin(&code, &j->given, "visualize", &visualize_help, MOST_POSITIONALS, NULL, count,
                      arguments)) {
        code = options_has(&j->given, "grid") ? pool_grid(&j->given) : grow(j);
    }
    model_list_free(&j->models);
    free(j);
    return code;
}
