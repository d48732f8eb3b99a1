/* See visualize_votes.h. */
#include "cli/model/visualize_votes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/model/class_data.h"
#include "cli/model/predict_images.h"
#include "cli/option_values.h"
#include "cli/stop.h"

enum {
    MOST_STEPS = 100000
};

static const char default_name[] = "votes.gif";

/* One image and what is drawn of it. */
typedef struct votes_job {
    const nca_model *model;
    const char *path;
    const option_values *given;
    image_list images;
    nca_explanation how;
    nca_run_path output;
    bool moving;
    uint8_t *pixels;
    size_t height, width;
    uint8_t labels[NCA_MAX_CLASSES];
} votes_job;

/* ---- Options ---------------------------------------------------------------------------------*/

static int refuse_options(const option_values *given, const char *const *names, size_t count,
                          const char *path, const char *kind)
{
    for (size_t i = 0; i < count; i++) {
        if (options_has(given, names[i])) {
            return complain_usage("--%s: %s is a model that %s; remove the option", names[i], path,
                                  kind);
        }
    }
    return EXIT_OK;
}

int votes_check_growth(const option_values *given, const char *path)
{
    static const char *const names[] = {"image", "data", "rollouts", "root"};
    return refuse_options(given, names, sizeof names / sizeof *names, path,
                          "grows an image, not a classifier");
}

static int check_options(const votes_job *j)
{
    static const char *const names[] = {"config", "view",      "scale",    "angle", "background",
                                        "damage", "filmstrip", "terminal", "grid"};
    const bool image = options_has(j->given, "image"), data = options_has(j->given, "data");
    if (image == data) {
        return complain_usage("%s: %s", j->path,
                              image ? "expected --image or --data, found both"
                                    : "a classifier needs an image; give it with --image FILE or "
                                      "--data medmnist:SET/SPLIT/INDEX");
    }
    return refuse_options(j->given, names, sizeof names / sizeof *names, j->path,
                          "classifies images");
}

static int read_options(votes_job *j)
{
    const option_values *given = j->given;
    const nca_classifier *c = j->model->classifier;
    nca_prediction_options *o = &j->how.prediction;
    size_t threads = 0, last = 0;
    j->images.channels = j->model->automaton.input_channels;
    j->images.height = c->height;
    j->images.width = c->width;
    if (!options_count(&last, given, "steps", 1, MOST_STEPS) ||
        !options_count(&o->rollouts, given, "rollouts", 1, 1024) ||
        !options_number(&j->how.fps, given, "fps", 0.1, 100) ||
        !options_u64(&o->seed, given, "seed") ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_size(&j->images.height, &j->images.width, given) ||
        !options_kernels(&o->kernels, given) || !options_precision(&o->precision, given) ||
        !options_device(&o->device, given, o->precision)) {
        return EXIT_USAGE;
    }
    if (last > 0 && last < c->steps) {
        return complain_usage("--steps: expected at least %lu, the steps after which the model is "
                              "read, found %zu",
                              (unsigned long)c->steps, last);
    }
    o->threads = (unsigned)threads;
    j->how.last_step = last;
    j->how.keep_going = stop_not_asked;
    return EXIT_OK;
}

/* The file of -o, or one in the folder of the model. */
static int choose_output(votes_job *j)
{
    const char *path = options_value(j->given, "output");
    const char *slash = strrchr(j->path, '/');
    char *out = j->output.text;
    if (path != NULL) {
        snprintf(out, sizeof j->output.text, "%s", path);
    } else {
        snprintf(out, sizeof j->output.text, "%.*s%s",
                 slash != NULL ? (int)(slash - j->path + 1) : 0, j->path, default_name);
    }
    const char *dot = strrchr(out, '.');
    const bool picture =
        dot != NULL && (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".svg") == 0);
    j->moving = nca_growth_is_animation(out);
    if (!picture && !j->moving) {
        return complain_usage("-o: expected a file that ends in .gif, .mp4, .webm, .png or .svg, "
                              "found \"%s\"",
                              out);
    }
    return EXIT_OK;
}

/* ---- The image -------------------------------------------------------------------------------*/

static int find_image(votes_job *j)
{
    const char *name = options_value(j->given, "image");
    const char *given_as = name != NULL ? "image" : "data";
    static const char scheme[] = "medmnist:";
    if (name == NULL) {
        name = options_value(j->given, "data");
        if (strncasecmp(name, scheme, strlen(scheme)) != 0) {
            return complain_usage("--data: expected medmnist:SET/SPLIT/INDEX, found \"%s\"; for a "
                                  "file, use --image",
                                  name);
        }
    }
    nca_run_path root;
    class_run_root(&root, j->path, j->given);
    const int code = image_list_add(&j->images, name, root.text);
    if (code == EXIT_OK && j->images.count != 1) {
        return complain_usage("--%s: expected one image, found %zu in \"%s\"", given_as,
                              j->images.count, name);
    }
    return code;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

static int draw(votes_job *j)
{
    nca_error error;
    j->how.name = j->images.items[0].name;
    nca_status status = image_list_read(&j->pixels, &j->height, &j->width, &j->images, 0, &error);
    if (status != NCA_OK) {
        return complain(&error);
    }
    if (image_list_labels(j->labels, &j->images, 0, j->model->classifier)) {
        j->how.labels = j->labels;
    }
    stop_watch();
    status = (j->moving ? nca_explain_moving : nca_explain)(
        j->model, j->pixels, j->height, j->width, &j->how, j->output.text, &error);
    const int signal_number = stop_signal();
    stop_unwatch();
    if (status != NCA_OK && signal_number != 0) {
        note("stopped; no file was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(j->output.text));
    return EXIT_OK;
}

int votes_draw(const nca_model *model, const char *path, const option_values *given)
{
    votes_job j = {.model = model, .path = path, .given = given};
    nca_explanation_default(&j.how);
    int code = check_options(&j);
    if (code == EXIT_OK) {
        code = read_options(&j);
    }
    if (code == EXIT_OK) {
        code = choose_output(&j);
    }
    if (code == EXIT_OK) {
        code = find_image(&j);
    }
    if (code == EXIT_OK) {
        code = draw(&j);
    }
    image_list_clear(&j.images);
    free(j.pixels);
    return code;
}
