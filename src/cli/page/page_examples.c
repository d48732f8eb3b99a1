/* Example images of a page: a few of each class of a labelled set, or image files. */
#include "cli/page/page_examples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/data_root.h"
#include "cli/option_values.h"

enum {
    USUAL_EXAMPLES = 3, /* of a class */
    MOST_EXAMPLES = 100,
    MOST_FILES = 200
};

void page_examples_free(page_examples *examples)
{
    for (size_t i = 0; examples->names != NULL && i < examples->of.count; i++) {
        free(examples->names[i]);
    }
    free(examples->names);
    free(examples->images);
    free(examples->labels);
    *examples = (page_examples){0};
}

int page_examples_refuse(const option_values *given)
{
    static const char *const names[] = {"examples", "data", "split", "image", "root"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (options_has(given, names[i])) {
            return complain_usage("--%s: only classifiers have example images, and these models "
                                  "grow an image; remove the option",
                                  names[i]);
        }
    }
    return EXIT_OK;
}

/* Makes room for the images of a model. */
static nca_status make_room(page_examples *out, size_t count, const nca_model *model,
                            size_t label_width, nca_error *error)
{
    nca_page_examples *of = &out->of;
    of->height = model->classifier->height;
    of->width = model->classifier->width;
    of->channels = model->automaton.input_channels;
    of->label_width = label_width;
    out->images = calloc(count + 1, of->height * of->width * of->channels);
    out->labels = calloc(count + 1, label_width);
    out->names = calloc(count + 1, sizeof *out->names);
    if (out->images == NULL || out->labels == NULL || out->names == NULL) {
        error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "out of memory for %zu example images",
                 count);
        return NCA_OUT_OF_MEMORY;
    }
    of->images = out->images;
    of->labels = label_width > 0 ? out->labels : NULL;
    of->names = (const char *const *)out->names;
    return NCA_OK;
}

/* ---- Of a labelled set -----------------------------------------------------------------------*/

static bool has_class(const nca_labelled *data, const nca_labelled_split *split, size_t image,
                      size_t k)
{
    const uint8_t *labels = split->labels + image * data->label_width;
    return data->kind == NCA_LABELS_MULTI_LABEL ? labels[k] != 0 : labels[0] == k;
}

static void add(page_examples *out, const nca_labelled *data, nca_split which, size_t image)
{
    const nca_labelled_split *split = &data->split[which];
    const size_t bytes = data->height * data->width * data->channels, place = out->of.count;
    char name[64];
    snprintf(name, sizeof name, "%s/%zu", nca_split_name(which), image);
    const char *text = split->names != NULL ? split->names[image] : name;
    out->names[place] = strdup(text);
    if (out->names[place] != NULL) {
        memcpy(out->images + place * bytes, split->images + image * bytes, bytes);
        memcpy(out->labels + place * data->label_width, split->labels + image * data->label_width,
               data->label_width);
        out->of.count++;
    }
}

/* The first images of each class that are not there yet. The classes take turns, so that any part
 * of the list has all of them. */
static nca_status take_some(page_examples *out, const nca_labelled *data, nca_split which,
                            const nca_model *model, size_t each, nca_error *error)
{
    const nca_labelled_split *split = &data->split[which];
    const nca_status status = make_room(out, each * data->classes, model, data->label_width, error);
    size_t next[NCA_MAX_CLASSES] = {0};
    bool *taken = status == NCA_OK ? calloc(split->count + 1, sizeof *taken) : NULL;
    for (size_t i = 0; taken != NULL && i < each * data->classes; i++) {
        const size_t k = i % data->classes;
        while (next[k] < split->count && (taken[next[k]] || !has_class(data, split, next[k], k))) {
            next[k]++;
        }
        if (next[k] < split->count) {
            taken[next[k]] = true;
            add(out, data, which, next[k]);
        }
    }
    free(taken);
    return status;
}

nca_status page_examples_of(page_examples *out, const nca_labelled *data, const nca_model *model,
                            nca_error *error)
{
    const nca_split which = data->split[NCA_SPLIT_VAL].count > 0    ? NCA_SPLIT_VAL
                            : data->split[NCA_SPLIT_TEST].count > 0 ? NCA_SPLIT_TEST
                                                                    : NCA_SPLIT_TRAIN;
    return take_some(out, data, which, model, USUAL_EXAMPLES, error);
}

/* The split of the option, or the first of test, val, train that has images. */
static int choose_split(nca_split *out, const nca_labelled *data, const option_values *given)
{
    static const nca_split order[] = {NCA_SPLIT_TEST, NCA_SPLIT_VAL, NCA_SPLIT_TRAIN};
    const char *name = options_value(given, "split");
    bool known = name == NULL;
    for (size_t i = 0; i < NCA_SPLIT_COUNT; i++) {
        const bool named = name != NULL && strcmp(name, nca_split_name(order[i])) == 0;
        known = known || named;
        if ((named || name == NULL) && data->split[order[i]].count > 0) {
            *out = order[i];
            return EXIT_OK;
        }
    }
    return known ? complain_usage("%s: the split %s has no images", data->source,
                                  name != NULL ? name : "train")
                 : complain_usage("--split: expected train, val or test, found \"%s\"", name);
}

static int take_labelled(page_examples *out, const nca_labelled *data, const nca_model *model,
                         size_t each, const option_values *given)
{
    const nca_classifier *c = model->classifier;
    const bool labels = c->kind == NCA_LABELS_MULTI_LABEL;
    if (data->classes != c->classes || (data->kind == NCA_LABELS_MULTI_LABEL) != labels ||
        data->channels != model->automaton.input_channels || data->height != c->height ||
        data->width != c->width) {
        note("%s: expected images of %lux%lu pixels with %lu channels and %lu %s, as the model was "
             "trained on, found %zux%zu with %zu and %zu",
             data->source, (unsigned long)c->width, (unsigned long)c->height,
             (unsigned long)model->automaton.input_channels, (unsigned long)c->classes,
             labels ? "labels" : "classes", data->width, data->height, data->channels,
             data->classes);
        return EXIT_FAILED;
    }
    nca_split which = NCA_SPLIT_TEST;
    nca_error error;
    const int code = choose_split(&which, data, given);
    if (code == EXIT_OK && take_some(out, data, which, model, each, &error) != NCA_OK) {
        return complain(&error);
    }
    return code;
}

static nca_status open_source(nca_labelled **out_data, const nca_model *model,
                              const option_values *given, nca_error *error)
{
    const nca_classifier *c = model->classifier;
    const nca_run_path root = data_root(options_value(given, "root"));
    nca_labelled_options options;
    nca_labelled_options_default(&options);
    options.root = root.text;
    options.size = c->height == c->width ? c->height : 0;
    options.colour = model->automaton.input_channels == 3;
    return nca_labelled_open(out_data, options_value(given, "data"), &options, error);
}

/* The images that the run with this model was trained on; NULL if it is not in the folder of a
 * run. */
static nca_status open_run(nca_labelled **out_data, const char *path, const option_values *given,
                           nca_error *error)
{
    nca_run_path folder, config;
    snprintf(folder.text, sizeof folder.text, "%s", path);
    char *slash = strrchr(folder.text, '/');
    if (!nca_folder_exists(path)) { /* a file in the folder */
        snprintf(slash != NULL ? slash : folder.text, 2, "%s", slash != NULL ? "" : ".");
    }
    nca_run_file(&config, folder.text, NCA_RUN_CONFIG);
    if (access(config.text, F_OK) != 0) {
        return NCA_OK;
    }
    nca_settings settings;
    nca_settings_default(&settings);
    nca_status status = nca_settings_load(&settings, config.text, error);
    if (status == NCA_OK) {
        const char *root = options_value(given, "root");
        if (root != NULL) {
            settings.root[0] = 0;
        }
        status = nca_run_data(out_data, &settings, data_root(root).text, error);
    }
    return status;
}

/* ---- Image files -----------------------------------------------------------------------------*/

static bool is_grey(const nca_image *image)
{
    for (size_t i = 0; i < image->width * image->height; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        if (pixel[0] != pixel[1] || pixel[0] != pixel[2]) {
            return false;
        }
    }
    return true;
}

/* On black, as nca_labelled_open. */
static void put_pixels(uint8_t *out, const nca_image *image, size_t channels)
{
    for (size_t i = 0; i < image->width * image->height; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        for (size_t k = 0; k < channels; k++) {
            out[i * channels + k] = (uint8_t)((pixel[k] * pixel[3] + 127) / 255);
        }
    }
}

static int take_file(page_examples *out, const char *path)
{
    nca_image *whole = NULL, *small = NULL;
    nca_error error;
    nca_page_examples *of = &out->of;
    if (nca_image_load(&whole, path, &error) != NCA_OK) {
        return complain(&error);
    }
    int code = EXIT_OK;
    if (of->channels == 1 && !is_grey(whole)) {
        code = complain_usage("%s: expected a grey image, as the model was trained on, found a "
                              "colour image",
                              path);
    } else if (whole->width != of->width || whole->height != of->height) {
        const nca_status status =
            nca_image_resize_lanczos(&small, whole, of->width, of->height, &error);
        code = status == NCA_OK ? EXIT_OK : complain(&error);
    }
    if (code == EXIT_OK) {
        const char *slash = strrchr(path, '/');
        put_pixels(out->images + of->count * of->height * of->width * of->channels,
                   small != NULL ? small : whole, of->channels);
        out->names[of->count++] = strdup(slash != NULL ? slash + 1 : path);
    }
    nca_image_destroy(small);
    nca_image_destroy(whole);
    return code;
}

static int take_files(page_examples *out, const nca_model *model, const option_values *given)
{
    const size_t count = options_times(given, "image");
    if (count > MOST_FILES) {
        return complain_usage("--image: expected at most %d images, found %zu", MOST_FILES, count);
    }
    nca_error error;
    int code = make_room(out, count, model, 0, &error) == NCA_OK ? EXIT_OK : complain(&error);
    for (size_t i = 0; i < count && code == EXIT_OK; i++) {
        code = take_file(out, options_value_at(given, "image", i));
    }
    for (size_t i = 0; i < out->of.count && code == EXIT_OK; i++) {
        if (out->names[i] == NULL) {
            note("out of memory for the names of example images");
            code = EXIT_FAILED;
        }
    }
    return code;
}

/* ---- Either ----------------------------------------------------------------------------------*/

int page_examples_load(page_examples *out, const nca_model *model, const char *path,
                       const option_values *given)
{
    size_t each = USUAL_EXAMPLES;
    nca_labelled *data = NULL;
    nca_error error;
    if (!options_count(&each, given, "examples", 0, MOST_EXAMPLES)) {
        return EXIT_USAGE;
    }
    if (options_has(given, "image")) {
        return take_files(out, model, given);
    }
    if (each == 0) {
        return EXIT_OK;
    }
    if (options_has(given, "data")) {
        if (open_source(&data, model, given, &error) != NCA_OK) {
            return complain(&error);
        }
    } else if (open_run(&data, path, given, &error) != NCA_OK) {
        note("no example images in the page: %s", error.message);
    } else if (data == NULL) {
        note("no example images in the page: %s is not in the folder of a run; give them with "
             "--data or --image",
             path);
    }
    const int code = data != NULL ? take_labelled(out, data, model, each, given) : EXIT_OK;
    nca_labelled_close(data);
    return code;
}
