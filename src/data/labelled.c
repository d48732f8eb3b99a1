/* Labelled images: options, the choice of the reader, the checks of the result. */
#include "nca/labelled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "data/labelled_build.h"
#include "data/medmnist_target.h"
#include "nca/automaton.h"

static const char scheme[] = "medmnist:";

void nca_labelled_options_default(nca_labelled_options *out)
{
    *out = (nca_labelled_options){
        .val_share = 0.15, .test_share = 0.15, .memory_limit = (uint64_t)1 << 30};
}

static nca_status check_options(const nca_labelled_options *options, nca_error *error)
{
    const double val = options->val_share, test = options->test_share;
    nca_status status =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_labelled_options", error);
    if (status != NCA_OK) {
        return status;
    }
    if (options->size > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "image size (img_size): expected at most %d pixels, found %zu",
                         NCA_MAX_SIDE, options->size);
    }
    if (!(val >= 0 && test >= 0 && val + test < 1)) { /* also NaN */
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "val_share and test_share: expected fractions of at least 0 with a sum below "
            "1, found %g and %g; lower one",
            val, test);
    }
    return NCA_OK;
}

/* ---- Classes ---------------------------------------------------------------------------------*/

static size_t total_of(size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES], size_t class)
{
    return counts[NCA_SPLIT_TRAIN][class] + counts[NCA_SPLIT_VAL][class] +
           counts[NCA_SPLIT_TEST][class];
}

static nca_status check_several(const nca_labelled *shown,
                                size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES], nca_error *error)
{
    size_t used = 0, last = 0;
    for (size_t c = 0; c < shown->classes; c++) {
        if (total_of(counts, c) > 0) {
            used++;
            last = c;
        }
    }
    if (used >= 2 || (used == 1 && shown->kind == NCA_LABELS_MULTI_LABEL)) {
        return NCA_OK;
    }
    if (used == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected images of at least 2 classes, found no label of any image",
                         shown->source);
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: expected images of at least 2 classes, found only the class \"%s\" "
                     "(images: %zu); add images of another class",
                     shown->source, shown->class_names[last], total_of(counts, last));
}

/* A notice of the classes that a split has no images of. */
static void note_absent(nca__labelled *data, size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES],
                        unsigned split)
{
    const nca_labelled *shown = &data->shown;
    size_t absent = 0, first = 0, images = 0;
    for (size_t c = shown->classes; c-- > 0;) {
        images += counts[split][c];
        if (counts[split][c] == 0) {
            absent++;
            first = c;
        }
    }
    if (images > 0 && absent > 0) {
        nca__labelled_notice(data, "classes without images in %s: %zu of %zu, such as \"%s\"",
                             nca_split_name((nca_split)split), absent, shown->classes,
                             shown->class_names[first]);
    }
}

nca_status nca__labelled_check_classes(nca__labelled *data,
                                       size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES],
                                       bool with_notices, nca_error *error)
{
    const nca_labelled *shown = &data->shown;
    size_t train = 0;
    nca_status status = check_several(shown, counts, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t c = 0; c < shown->classes; c++) {
        train += counts[NCA_SPLIT_TRAIN][c];
    }
    for (size_t c = 0; c < shown->classes && train > 0 && shown->kind != NCA_LABELS_MULTI_LABEL;
         c++) {
        for (unsigned s = NCA_SPLIT_VAL; s < NCA_SPLIT_COUNT; s++) {
            if (counts[s][c] > 0 && counts[NCA_SPLIT_TRAIN][c] == 0) {
                return nca__fail(
                    error, NCA_INVALID_ARGUMENT,
                    "%s: expected training images of every class, found none of the class \"%s\", "
                    "but %zu in %s; add some to train or remove the class",
                    shown->source, shown->class_names[c], counts[s][c],
                    nca_split_name((nca_split)s));
            }
        }
    }
    for (unsigned s = 0; s < NCA_SPLIT_COUNT && with_notices; s++) {
        note_absent(data, counts, s);
    }
    return NCA_OK;
}

void nca_labelled_class_counts(size_t *out, const nca_labelled *data, nca_split split)
{
    const nca_labelled_split *from = &data->split[split];
    memset(out, 0, data->classes * sizeof *out);
    for (size_t i = 0; i < from->count * data->label_width; i++) {
        if (data->label_width == 1) {
            out[from->labels[i]]++;
        } else {
            out[i % data->label_width] += from->labels[i];
        }
    }
}

/* ---- Opening ---------------------------------------------------------------------------------*/

/* There is no folder of that name. */
static nca_status fail_missing(const char *source, nca_error *error)
{
    char set[64];
    const size_t length = strlen(source);
    if (length < sizeof set && strchr(source, '/') == NULL) {
        memcpy(set, source, length + 1);
        nca_medmnist_take_size(set);
        if (nca_medmnist_set_named(set) != NULL) {
            return nca__fail(error, NCA_NOT_FOUND,
                             "%s: there is no such folder; for the set of MedMNIST write %s%s",
                             source, scheme, source);
        }
    }
    return nca__fail(error, NCA_NOT_FOUND,
                     "%s: expected a folder, a .csv or .npz file, or medmnist:SET; there is no "
                     "such folder",
                     source);
}

static nca_status read_other(nca__labelled *data, const char *source, nca_error *error)
{
    struct stat about;
    if (stat(source, &about) != 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? fail_missing(source, error)
                   : nca__fail(error, NCA_IO, "%s: the folder cannot be read: %s", source,
                               strerror(errno));
    }
    if (!S_ISDIR(about.st_mode)) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: expected a folder, a .csv or .npz file, or medmnist:SET, found %s", source,
            S_ISREG(about.st_mode) ? "another file" : nca__kind_of_file(about.st_mode));
    }
    return nca__labelled_read_folder(data, source, error);
}

static nca_status read_source(nca__labelled *data, const char *source, nca_error *error)
{
    if (nca__medmnist_is_target(source)) {
        return nca__labelled_read_set(data, source + strlen(scheme), error);
    }
    if (nca__path_ends_with(source, ".npz")) {
        return nca__labelled_read_archive(data, source, error);
    }
    if (nca__path_ends_with(source, ".csv")) {
        return nca__labelled_read_table(data, source, error);
    }
    return read_other(data, source, error);
}

static void note_tallies(nca__labelled *data)
{
    if (data->transparent.count > 0) {
        nca__labelled_notice(data,
                             "images with transparent pixels, drawn on black: %zu, such as %s",
                             data->transparent.count, data->transparent.first);
    }
    if (data->stretched.count > 0) {
        nca__labelled_notice(data,
                             "images that were not square and were stretched: %zu, such as %s",
                             data->stretched.count, data->stretched.first);
    }
}

/* Points the splits at their images and checks what was read. */
static nca_status finish(nca__labelled *data, nca_error *error)
{
    nca_labelled *shown = &data->shown;
    size_t counts[NCA_SPLIT_COUNT][NCA_MAX_CLASSES] = {{0}};
    nca_status status = nca__image_store_finish(&data->store, error);
    if (status != NCA_OK) {
        return status;
    }
    shown->channels = data->store.channels;
    const size_t bytes = data->store.pixels * data->store.channels;
    for (size_t s = 0, first = 0; s < NCA_SPLIT_COUNT; first += shown->split[s++].count) {
        nca_labelled_split *split = &shown->split[s];
        split->images = data->store.bytes + first * bytes;
        split->labels = data->labels + first * shown->label_width;
        split->names = data->names != NULL ? (const char *const *)data->names + first : NULL;
        nca_labelled_class_counts(counts[s], shown, (nca_split)s);
    }
    status = nca__labelled_check_classes(data, counts, true, error);
    if (status == NCA_OK) {
        note_tallies(data);
        status = nca__labelled_find_repeats(data, error);
    }
    if (status == NCA_OK && data->notices.text == NULL) {
        status = nca__fail_memory(error, "notices", data->notices.capacity);
    }
    shown->notices = data->notices.text;
    free(data->hashes);
    data->hashes = NULL;
    return status;
}

nca_status nca_labelled_open(nca_labelled **out_data, const char *source,
                             const nca_labelled_options *options, nca_error *error)
{
    nca_status status = check_options(options, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__labelled *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return nca__fail_memory(error, source, sizeof *data);
    }
    data->options = options;
    data->path = source;
    data->notices = nca__growing_text_make(256);
    data->shown.source = strdup(source);
    if (data->notices.text == NULL || data->shown.source == NULL) {
        status = nca__fail_memory(error, source, strlen(source) + 256);
    }
    if (status == NCA_OK) {
        status = read_source(data, source, error);
    }
    if (status == NCA_OK) {
        status = finish(data, error);
    }
    data->options = NULL;
    data->path = NULL;
    if (status != NCA_OK) {
        nca_labelled_close(&data->shown);
        return status;
    }
    *out_data = &data->shown;
    return NCA_OK;
}

void nca_labelled_close(nca_labelled *shown)
{
    if (shown == NULL) {
        return;
    }
    nca__labelled *data = (nca__labelled *)(void *)shown;
    nca__image_store_clear(&data->store);
    for (size_t i = 0; data->names != NULL && i < data->total; i++) {
        free(data->names[i]);
    }
    free(data->names);
    free(data->labels);
    free(data->hashes);
    free(data->notices.text);
    free(data->stretched.first);
    free(data->transparent.first);
    free(shown->class_names);
    free(shown->source);
    free(data);
}
