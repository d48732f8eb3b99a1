/* Opens labelled images for a classifier. */
#include "cli/model/class_data.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/data_root.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

int expect_classifier(const nca_model *model, const char *path, const char *use)
{
    return model->classifier != NULL
               ? EXIT_OK
               : complain_usage("%s: expected a model that classifies images, found one that grows "
                                "an image; %s",
                                path, use);
}

int expect_growth(const nca_model *model, const char *path, const char *use)
{
    return model->classifier == NULL
               ? EXIT_OK
               : complain_usage("%s: expected a model that grows an image, found one that "
                                "classifies images; %s",
                                path, use);
}

bool class_size(size_t *out, const option_values *given)
{
    const char *text = options_value(given, "size");
    if (text == NULL) {
        return true;
    }
    if (strcasecmp(text, "keep") == 0) {
        *out = 0;
        return true;
    }
    uint64_t value;
    const char *end = parse_digits(&value, text);
    if (end == NULL || *end != 0 || value < 1 || value > NCA_MAX_SIDE) {
        complain_usage("--size: expected a number of pixels from 1 to %d, or keep, found \"%s\"",
                       NCA_MAX_SIDE, text);
        return false;
    }
    *out = (size_t)value;
    return true;
}

/* The folder of a model file. */
static void folder_of(nca_run_path *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(out->text, sizeof out->text, "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
}

void class_run_name(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    nca_run_path folder;
    folder_of(&folder, path);
    if (strcmp(name, NCA_RUN_MODEL) == 0 && slash != NULL) {
        nca_run_name(out, size, folder.text);
        return;
    }
    const char *dot = strrchr(name, '.');
    snprintf(out, size, "%.*s", dot != NULL && dot > name ? (int)(dot - name) : (int)strlen(name),
             name);
}

/* The config.yaml of the run in whose folder the model is. Returns whether it is there. */
static bool find_config(nca_run_path *out, const char *path)
{
    nca_run_path folder;
    folder_of(&folder, path);
    nca_run_file(out, folder.text, NCA_RUN_CONFIG);
    return access(out->text, F_OK) == 0;
}

/* The settings of the run in whose folder the model is; defaults if there are none. */
static nca_status run_settings(nca_settings *out, const char *path, nca_error *error)
{
    nca_run_path config;
    nca_settings_default(out);
    nca_settings_apply_recipe(out, NCA_RECIPE_CLASSIFY);
    return find_config(&config, path) ? nca_settings_load(out, config.text, error) : NCA_OK;
}

void class_run_root(nca_run_path *out, const char *path, const option_values *given)
{
    const char *root = options_value(given, "root");
    nca_settings settings;
    *out = (nca_run_path){""};
    if (root == NULL && run_settings(&settings, path, NULL) == NCA_OK) {
        root = settings.root;
    }
    if (root != NULL) {
        snprintf(out->text, sizeof out->text, "%s", root);
    }
}

static void print_notices(const nca_labelled *data)
{
    const char *at = data->notices;
    for (const char *end; at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1) {
        note("%s: %.*s", data->source, (int)(end - at), at);
    }
}

/* Whether the three channels of all images of the splits are equal. */
static bool is_grey(const nca_labelled *data)
{
    for (size_t s = 0; s < NCA_SPLIT_COUNT; s++) {
        const nca_labelled_split *split = &data->split[s];
        for (size_t i = 0; i < split->count * data->height * data->width; i++) {
            const uint8_t *pixel = split->images + 3 * i;
            if (pixel[0] != pixel[1] || pixel[0] != pixel[2]) {
                return false;
            }
        }
    }
    return true;
}

static bool watch(double share, void *user)
{
    progress_share(user, "reading the images", 0, share);
    return stop_signal() == 0;
}

static int open_data(nca_labelled **out_data, const char *source, nca_labelled_options *options,
                     bool quiet)
{
    progress p;
    nca_error error;
    options->progress = watch;
    options->user = &p;
    stop_watch();
    progress_start(&p, quiet, 0);
    const nca_status status = nca_labelled_open(out_data, source, options, &error);
    progress_clear(&p);
    const int number = stop_signal();
    stop_unwatch();
    if (status == NCA_INTERRUPTED) {
        note("stopped; no file was written");
        return EXIT_SIGNALLED + number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    print_notices(*out_data);
    return EXIT_OK;
}

/* The options for images as the run read them, in the form that the model takes. */
static void read_as_model(nca_labelled_options *out, nca_settings *settings, const nca_model *model,
                          const char *root, const nca_run_path *folder)
{
    const nca_classifier *c = model->classifier;
    if (root != NULL) {
        settings->root[0] = 0;
    }
    nca_run_data_options(out, settings, folder->text);
    out->size = c->height == c->width ? c->height : 0;
    out->colour = model->automaton.input_channels == 3;
}

nca_status class_data_load(nca_labelled **out_data, const nca_model *model, const char *path,
                           const char *root, bool (*go_on)(double share, void *user), void *user,
                           nca_error *error)
{
    nca_settings settings;
    const nca_status status = run_settings(&settings, path, error);
    if (status != NCA_OK) {
        return status;
    }
    if (settings.data[0] == 0) {
        snprintf(error->message, sizeof error->message,
                 "%.900s: the model is not in a folder of a run with a %s that names its images",
                 path, NCA_RUN_CONFIG);
        return error->status = NCA_NOT_FOUND;
    }
    const nca_run_path folder = data_root(root != NULL ? root : settings.root);
    nca_labelled_options options;
    read_as_model(&options, &settings, model, root, &folder);
    options.progress = go_on;
    options.user = user;
    return nca_labelled_open(out_data, settings.data, &options, error);
}

/* A model outside its run folder knows the random seed of its training, but not the shares. */
static void note_splits(const nca_labelled_options *options, const nca_labelled *data,
                        const char *path)
{
    note("%s: %s is not in its run folder; the splits were drawn with the random seed in the "
         "model, %llu, val_share %g and test_share %g; if those of the training were others, it "
         "was trained on images of this val and test; use the model in its run folder, or a "
         "folder with train, val and test",
         data->source, path, (unsigned long long)options->seed, options->val_share,
         options->test_share);
}

int class_data_open(nca_labelled **out_data, const nca_model *model, const char *path,
                    const option_values *given)
{
    const nca_classifier *c = model->classifier;
    const char *source = options_value(given, "data"), *root = options_value(given, "root");
    nca_settings settings;
    nca_error error;
    size_t size = c->height == c->width ? c->height : 0;
    if (!class_size(&size, given)) {
        return EXIT_USAGE;
    }
    const nca_status found = run_settings(&settings, path, &error);
    if (found != NCA_OK && source == NULL) {
        return complain(&error);
    }
    const bool in_run = found == NCA_OK && find_config(&(nca_run_path){0}, path);
    if (!in_run) {
        settings.seed = model->info.seed;
    }
    source = source != NULL ? source : settings.data;
    if (*source == 0) {
        return complain_usage("%s: the model is not in a folder of a run with a %s that names its "
                              "images; give labelled images with --data",
                              path, NCA_RUN_CONFIG);
    }
    const nca_run_path folder = data_root(root != NULL ? root : settings.root);
    nca_labelled_options options;
    read_as_model(&options, &settings, model, root, &folder);
    options.size = size;
    options.skip_broken = options.skip_broken || options_has(given, "skip-broken");
    const int code = open_data(out_data, source, &options, options_has(given, "quiet"));
    if (code == EXIT_OK && !in_run && (*out_data)->drawn) {
        note_splits(&options, *out_data, path);
    }
    if (code == EXIT_OK && (*out_data)->channels == 3 && is_grey(*out_data)) {
        note("%s: the images are grey and are given to the model as RGB", source);
    }
    return code;
}
