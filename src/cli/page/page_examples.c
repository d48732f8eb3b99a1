/* Example images of a page: a few of each class of a labelled set, or image files. */
#include "cli/page/page_examples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data_root.h"
#include "cli/model/class_data.h"
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

static nca_status fail_memory(size_t count, nca_error *error)
{
    snprintf(error->message, sizeof error->message, "out of memory for %zu example images", count);
    return error->status = NCA_OUT_OF_MEMORY;
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
        return fail_memory(count, error);
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

/* False: out of memory. */
static bool add(page_examples *out, const nca_labelled *data, nca_split which, size_t image)
{
    const nca_labelled_split *split = &data->split[which];
    const size_t bytes = data->height * data->width * data->channels, place = out->of.count;
    char name[64];
    snprintf(name, sizeof name, "%s/%zu", nca_split_name(which), image);
    const char *text = split->names != NULL ? split->names[image] : name;
    out->names[place] = strdup(text);
    if (out->names[place] == NULL) {
        return false;
    }
    memcpy(out->images + place * bytes, split->images + image * bytes, bytes);
    memcpy(out->labels + place * data->label_width, split->labels + image * data->label_width,
           data->label_width);
    out->of.count++;
    return true;
}

/* The first images of each class that are not there yet. The classes take turns, so that any part
 * of the list has all of them. */
static nca_status take_some(page_examples *out, const nca_labelled *data, nca_split which,
                            const nca_model *model, size_t each, nca_error *error)
{
    const nca_labelled_split *split = &data->split[which];
    const size_t most = each * data->classes;
    nca_status status = make_room(out, most, model, data->label_width, error);
    size_t next[NCA_MAX_CLASSES] = {0};
    bool *taken = status == NCA_OK ? calloc(split->count + 1, sizeof *taken) : NULL;
    if (status == NCA_OK && taken == NULL) {
        status = fail_memory(most, error);
    }
    for (size_t i = 0; status == NCA_OK && i < most; i++) {
        const size_t k = i % data->classes;
        while (next[k] < split->count && (taken[next[k]] || !has_class(data, split, next[k], k))) {
            next[k]++;
        }
        if (next[k] < split->count) {
            taken[next[k]] = true;
            status = add(out, data, which, next[k]) ? NCA_OK : fail_memory(most, error);
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
             data->source, (unsigned long)c->height, (unsigned long)c->width,
             (unsigned long)model->automaton.input_channels, (unsigned long)c->classes,
             labels ? "labels" : "classes", data->height, data->width, data->channels,
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

/* ---- Image files -----------------------------------------------------------------------------*/

static int take_file(page_examples *out, const char *path)
{
    nca_image *image = NULL;
    nca_error error;
    nca_page_examples *of = &out->of;
    if (nca_image_load(&image, path, &error) != NCA_OK) {
        return complain(&error);
    }
    int code = EXIT_OK;
    uint8_t *pixels = out->images + of->count * of->height * of->width * of->channels;
    if (nca_labelled_pixels(pixels, image, of->channels, of->height, of->width, &error) != NCA_OK) {
        note("%s: %s", path, error.message);
        code = EXIT_USAGE;
    } else {
        const char *slash = strrchr(path, '/');
        out->names[of->count] = strdup(slash != NULL ? slash + 1 : path);
        if (out->names[of->count] == NULL) {
            fail_memory(1, &error);
            code = complain(&error);
        } else {
            of->count++;
        }
    }
    nca_image_destroy(image);
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
    return code;
}

/* ---- Either ----------------------------------------------------------------------------------*/

int page_examples_load(page_examples *out, const nca_model *model, const char *path,
                       const option_values *given)
{
    size_t each = USUAL_EXAMPLES;
    nca_labelled *data = NULL;
    nca_run_path file;
    nca_error error;
    path = nca_run_model_path(&file, path);
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
        const int code = class_data_open(&data, model, path, given);
        if (code != EXIT_OK) {
            return code;
        }
    } else if (class_data_load(&data, model, path, options_value(given, "root"), NULL, NULL,
                               &error) != NCA_OK) {
        note("no example images in the page: %s; give them with --data or --image", error.message);
    }
    const int code = data != NULL ? take_labelled(out, data, model, each, given) : EXIT_OK;
    nca_labelled_close(data);
    return code;
}
