/* Adding images to a data set: one size, one number of channels, hashes, notices, progress. */
#include "data/labelled_build.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fnv1a.h"
#include "base/saturate.h"
#include "data/labelled_pixels.h"

void nca__labelled_notice(nca__labelled *data, const char *format, ...)
{
    char line[NCA_ERROR_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    nca__clean_text(line);
    nca__grow_text(&data->notices, line);
    nca__grow_text(&data->notices, "\n");
}

nca_status nca__labelled_tally_add(nca__labelled_tally *tally, const char *name, nca_error *error)
{
    if (tally->first == NULL) {
        tally->first = strdup(name);
        if (tally->first == NULL) {
            return nca__fail_memory(error, "a notice", strlen(name) + 1);
        }
    }
    tally->count++;
    return NCA_OK;
}

nca_status nca__labelled_name_classes(nca__labelled *data, size_t classes, nca_error *error)
{
    assert(classes > 0 && classes <= NCA_MAX_CLASSES && data->shown.class_names == NULL);
    data->shown.class_names = calloc(classes, sizeof *data->shown.class_names);
    data->shown.classes = classes;
    return data->shown.class_names != NULL
               ? NCA_OK
               : nca__fail_memory(error, "classes", classes * sizeof *data->shown.class_names);
}

nca_status nca__labelled_reserve(nca__labelled *data, size_t total, bool named, nca_error *error)
{
    if (total == 0) {
        return nca__fail(error, NCA_NOT_FOUND, "%s: expected labelled images, found none",
                         data->shown.source);
    }
    if (total > UINT32_MAX) {
        return nca__fail(error, NCA_LIMIT, "%s: expected fewer than 2^32 images, found %zu",
                         data->shown.source, total);
    }
    const size_t width = data->shown.label_width;
    data->total = total;
    data->labels = calloc(total, width);
    data->hashes = calloc(total, sizeof *data->hashes);
    data->names = named ? calloc(total, sizeof *data->names) : NULL;
    if (data->labels == NULL || data->hashes == NULL || (named && data->names == NULL)) {
        return nca__fail_memory(
            error, "labels",
            nca__saturating_multiply(total, width + sizeof *data->hashes + sizeof *data->names));
    }
    return NCA_OK;
}

static nca_status advance(nca__labelled *data, nca_error *error)
{
    const nca_labelled_options *options = data->options;
    data->done++;
    const double share = (double)data->done / (double)data->total;
    if (options->progress != NULL && !options->progress(share, options->user)) {
        return nca__fail(error, NCA_INTERRUPTED, "%s: the reading was stopped", data->shown.source);
    }
    return NCA_OK;
}

nca_status nca__labelled_skip(nca__labelled *data, nca_error *error)
{
    data->shown.skipped++;
    return advance(data, error);
}

/* ---- One size --------------------------------------------------------------------------------*/

static size_t added(const nca__labelled *data)
{
    return data->store.count;
}

void nca__labelled_name(char *out, size_t size, const nca__labelled *data, size_t index)
{
    if (data->names != NULL) {
        snprintf(out, size, "%s", data->names[index]);
        return;
    }
    unsigned split = 0;
    while (split + 1 < NCA_SPLIT_COUNT && index >= data->shown.split[split].count) {
        index -= data->shown.split[split++].count;
    }
    snprintf(out, size, "%s/%zu", nca_split_name((nca_split)split), index);
}

static nca_status check_size(nca__labelled *data, const nca__labelled_image *image,
                             nca_error *error)
{
    const nca_labelled *shown = &data->shown;
    if (image->height == shown->height && image->width == shown->width) {
        return NCA_OK;
    }
    char first[300];
    nca__labelled_name(first, sizeof first, data, 0);
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%.300s: expected %zu x %zu pixels like %s, found %zu x %zu; all images must "
                     "have the same size: choose a size (img_size, --size) to resize them",
                     image->path, shown->height, shown->width, first, image->height, image->width);
}

/* ---- Adding ----------------------------------------------------------------------------------*/

static nca_status begin_store(nca__labelled *data, const nca__labelled_image *image,
                              nca_error *error)
{
    nca_labelled *shown = &data->shown;
    shown->height = image->height;
    shown->width = image->width;
    return nca__image_store_create(&data->store, image->height * image->width,
                                   data->options->colour ? 3 : image->channels, data->total,
                                   data->options->memory_limit, data->path, error);
}

/* Adds an image with its final size and 1 or 3 channels. */
static nca_status put(nca__labelled *data, const nca__labelled_image *image, nca_error *error)
{
    const size_t index = added(data), label_width = data->shown.label_width;
    nca_status status =
        index == 0 ? begin_store(data, image, error) : check_size(data, image, error);
    if (status != NCA_OK) {
        return status;
    }
    data->hashes[index] =
        nca__fnv1a(NCA__FNV1A_START, image->pixels, image->height * image->width * image->channels);
    /* Those of an archive are already there. */
    memmove(data->labels + index * label_width, image->labels, label_width);
    if (image->path != NULL) {
        data->names[index] = strdup(image->path);
        if (data->names[index] == NULL) {
            return nca__fail_memory(error, image->path, strlen(image->path) + 1);
        }
    }
    status = nca__image_store_append(&data->store, image->pixels, image->channels, error);
    if (status == NCA_OK) {
        data->shown.split[image->split].count++;
        status = advance(data, error);
    }
    return status;
}

/* Notices a peculiarity of the image that is being added. */
static nca_status tally(nca__labelled *data, nca__labelled_tally *what,
                        const nca__labelled_image *image, nca_error *error)
{
    char name[64];
    snprintf(name, sizeof name, "%s/%zu", nca_split_name(image->split),
             data->shown.split[image->split].count);
    return nca__labelled_tally_add(what, image->path != NULL ? image->path : name, error);
}

/* Resizes and adds an image of 1 or 3 channels. */
static nca_status fit(nca__labelled *data, const nca__labelled_image *image, nca_error *error)
{
    const size_t size = data->options->size;
    if (size == 0 || (size == image->height && size == image->width)) {
        return put(data, image, error);
    }
    uint8_t *pixels = malloc(size * size * image->channels);
    if (pixels == NULL) {
        return nca__fail_memory(error, "an image", size * size * image->channels);
    }
    nca_status status = nca__pixels_resize(pixels, size, size, image->pixels, image->height,
                                           image->width, image->channels, error);
    if (status == NCA_OK && image->height != image->width) {
        status = tally(data, &data->stretched, image, error);
    }
    if (status == NCA_OK) {
        nca__labelled_image resized = *image;
        resized.pixels = pixels;
        resized.height = resized.width = size;
        status = put(data, &resized, error);
    }
    free(pixels);
    return status;
}

nca_status nca__labelled_add(nca__labelled *data, const nca__labelled_image *image,
                             nca_error *error)
{
    if (image->channels != 4) {
        return fit(data, image, error);
    }
    const size_t pixels = image->height * image->width;
    nca_status status = NCA_OK;
    uint8_t *opaque = malloc(pixels * 3);
    if (opaque == NULL) {
        return nca__fail_memory(error, "an image", pixels * 3);
    }
    if (nca__pixels_composite(opaque, image->pixels, pixels)) {
        status = tally(data, &data->transparent, image, error);
    }
    if (status == NCA_OK) {
        nca__labelled_image shown = *image;
        shown.pixels = opaque;
        shown.channels = 3;
        if (image->may_be_grey && nca__pixels_are_grey(opaque, pixels)) {
            nca__pixels_take(opaque, 1, opaque, 3, pixels);
            shown.channels = 1;
        }
        status = fit(data, &shown, error);
    }
    free(opaque);
    return status;
}
