/* Targets: an image resized to its size in cells, premultiplied, and surrounded by empty cells.
 * Images are loaded by name.
 *
 * Sizes: the longest side becomes `size`, the other side * size / longest, rounded to nearest
 * (halves up), at least 1. Values: alpha is A / 255 and a colour is (C * A) / 65025, each one
 * correctly rounded fp32 division of integers, so an opaque colour is exactly C / 255. Pictures
 * with more bits are mapped to [0,1] by their window and resized without rounding (samples.h). */
#include "nca/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/codec.h"
#include "data/medmnist_target.h"
#include "nca/automaton.h"

typedef struct extent {
    size_t width, height;
} extent;

static size_t scaled_side(size_t side, size_t longest, size_t size)
{
    size_t scaled = (side * size + longest / 2) / longest;
    return scaled > 0 ? scaled : 1;
}

static extent wanted_extent(extent own, const nca_target_options *options)
{
    if (options->size == 0) {
        return own;
    }
    if (options->stretch) {
        return (extent){options->size, options->size};
    }
    size_t longest = own.width > own.height ? own.width : own.height;
    return (extent){scaled_side(own.width, longest, options->size),
                    scaled_side(own.height, longest, options->size)};
}

/* Checked before anything is drawn, read or allocated. */
void nca_target_options_default(nca_target_options *out)
{
    *out = (nca_target_options){.colormap = NCA_COLORMAP_GREY, .exif = NCA_EXIF_APPLY};
}

static nca_status check_options(const nca_target_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_target_options", error);
    if (room != NCA_OK) {
        return room;
    }
    if (options->size > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "target size (img_size): expected at most %d cells, found %zu",
                         NCA_MAX_SIDE, options->size);
    }
    if (options->padding > NCA_MAX_SIDE / 2 ||
        options->size + 2 * options->padding > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "target padding: expected a grid of at most %d cells per side, found %zu "
                         "cells plus %zu on each side; lower img_size or padding",
                         NCA_MAX_SIDE, options->size, options->padding);
    }
    return NCA_OK;
}

static nca_status check_extent(extent inner, size_t padding, const char *source, nca_error *error)
{
    size_t longest = inner.width > inner.height ? inner.width : inner.height;
    if (longest + 2 * padding > NCA_MAX_SIDE) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: expected a grid of at most %d cells per side, found %zu x %zu pixels "
                         "and a padding of %zu; set img_size to shrink the image",
                         source, NCA_MAX_SIDE, inner.width, inner.height, padding);
    }
    return NCA_OK;
}

static nca_status fail_invisible(extent size, const char *source, nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: expected an image with visible pixels, found %zu x %zu pixels that are "
                     "all fully transparent (alpha 0)",
                     source, size.width, size.height);
}

static nca_status check_visible(const nca_image *image, const char *source, nca_error *error)
{
    for (size_t i = 0; i < image->width * image->height; i++) {
        if (image->pixels[i * 4 + 3] != 0) {
            return NCA_OK;
        }
    }
    return fail_invisible((extent){image->width, image->height}, source, error);
}

/* The same for floats (H,W,4). */
static nca_status check_visible_floats(const float *rgba, extent size, const char *source,
                                       nca_error *error)
{
    for (size_t i = 0; i < size.width * size.height; i++) {
        if (rgba[i * 4 + 3] > 0) {
            return NCA_OK;
        }
    }
    return fail_invisible(size, source, error);
}

/* Writes (H,W,4) floats inside a grid of zeros. */
static void premultiply(nca_target *target, const nca_image *image)
{
    for (size_t y = 0; y < image->height; y++) {
        const uint8_t *in = image->pixels + y * image->width * 4;
        float *out = target->rgba + ((y + target->padding) * target->width + target->padding) * 4;
        for (size_t x = 0; x < image->width; x++, in += 4, out += 4) {
            for (size_t c = 0; c < 3; c++) {
                out[c] = (float)(in[c] * in[3]) / 65025.0f;
            }
            out[3] = (float)in[3] / 255.0f;
        }
    }
}

/* Creates an empty grid for an image of that size. */
static nca_status create_grid(nca_target **out_target, extent inner, const char *source,
                              size_t padding, nca_error *error)
{
    size_t width = inner.width + 2 * padding, height = inner.height + 2 * padding;
    nca_target *target = calloc(1, sizeof *target);
    if (target != NULL) {
        *target = (nca_target){.height = height,
                               .width = width,
                               .padding = padding,
                               .rgba = calloc(height * width, 4 * sizeof *target->rgba),
                               .source = strdup(source)};
    }
    if (target == NULL || target->rgba == NULL || target->source == NULL) {
        nca_target_destroy(target);
        return nca__fail_memory(error, "a target", height * width * 4 * sizeof *target->rgba);
    }
    *out_target = target;
    return NCA_OK;
}

/* Uses the image without resizing. */
static nca_status create_from_cells(nca_target **out_target, const nca_image *image,
                                    const char *source, size_t padding, nca_error *error)
{
    const extent inner = {image->width, image->height};
    nca_status status = create_grid(out_target, inner, source, padding, error);
    if (status == NCA_OK) {
        premultiply(*out_target, image);
    }
    return status;
}

nca_status nca_target_from_image(nca_target **out_target, const nca_image *image,
                                 const char *source, const nca_target_options *options,
                                 nca_error *error)
{
    nca_status status = check_options(options, error);
    if (status != NCA_OK) {
        return status;
    }
    if (image->width == 0 || image->height == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: expected an image of at least 1 x 1 pixels, found %zu x %zu", source,
                         image->width, image->height);
    }
    extent inner = wanted_extent((extent){image->width, image->height}, options);
    status = check_extent(inner, options->padding, source, error);
    if (status == NCA_OK) {
        status = check_visible(image, source, error);
    }
    nca_image *resized = NULL;
    if (status == NCA_OK) {
        status = nca_image_resize_lanczos(&resized, image, inner.width, inner.height, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    /* A few faint pixels of a large image can disappear when it is reduced. */
    status = check_visible(resized, source, error);
    if (status == NCA_OK) {
        status = create_from_cells(out_target, resized, source, options->padding, error);
    }
    nca_image_destroy(resized);
    return status;
}

/* The same for more than 8 bits; the window has been applied. */
static nca_status create_from_samples(nca_target **out_target, const nca__samples *samples,
                                      const char *source, const nca_target_options *options,
                                      nca_error *error)
{
    const extent own = {samples->width, samples->height};
    const extent inner = wanted_extent(own, options);
    nca_target *target = NULL;
    nca_status status = check_extent(inner, options->padding, source, error);
    if (status == NCA_OK) {
        status = check_visible_floats(samples->rgba, own, source, error);
    }
    if (status == NCA_OK) {
        status = create_grid(&target, inner, source, options->padding, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    const size_t padding = options->padding;
    status = nca__samples_resize(target->rgba + (padding * target->width + padding) * 4,
                                 target->width * 4, samples, inner.width, inner.height, error);
    if (status == NCA_OK) {
        status = check_visible_floats(target->rgba, (extent){target->width, target->height}, source,
                                      error);
    }
    if (status != NCA_OK) {
        nca_target_destroy(target);
        return status;
    }
    *out_target = target;
    return NCA_OK;
}

/* ---- By name ---------------------------------------------------------------------------------*/

static nca_status get_phantom(nca_image **out_image, size_t size, nca_error *error)
{
    if (size == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "phantom: expected a size of at least 1 cell, found 0; the phantom has no "
                         "default size, set img_size");
    }
    return nca_phantom(out_image, size, error);
}

/* Appends a text to the notices. */
static void add_notice(char *notices, size_t size, const char *text)
{
    const size_t length = strlen(notices);
    if (*text != 0 && length < size) {
        snprintf(notices + length, size - length, "%s%s", length > 0 ? "; " : "", text);
    }
}

static nca_status read_file(nca__picture *picture, char *notices, size_t size, const char *path,
                            const nca_target_options *options, nca_error *error)
{
    char text[80];
    nca_status status = nca__picture_load(picture, path, error);
    if (status != NCA_OK) {
        return status;
    }
    add_notice(notices, size, picture->notice);
    if (picture->orientation <= 1) {
        return NCA_OK;
    }
    if (options->exif == NCA_EXIF_IGNORE) {
        snprintf(text, sizeof text, "its EXIF orientation %u is ignored", picture->orientation);
    } else {
        snprintf(text, sizeof text, "rotated or mirrored according to its EXIF orientation %u",
                 picture->orientation);
        status = nca__picture_turn(picture, error);
    }
    add_notice(notices, size, text);
    return status;
}

static nca_status read_picture(nca__picture *picture, char *notices, size_t size,
                               const char *source, const nca_target_options *options,
                               const nca__window *window, nca_error *error)
{
    if (strcmp(source, "phantom") == 0) {
        return get_phantom(&picture->image, options->size, error);
    }
    if (!nca__medmnist_is_target(source)) {
        return read_file(picture, notices, size, source, options, error);
    }
    if (window->kind != NCA__WINDOW_FULL && options->colormap != NCA_COLORMAP_GREY) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT,
            "%s: with a window, expected the colormap grey, found %s; remove one of the two",
            source, nca_colormap_name(options->colormap));
    }
    const nca_status status = nca__medmnist_target(picture, source, options, error);
    add_notice(notices, size, picture->notice);
    return status;
}

/* Converts byte samples to an 8-bit image; a single channel is coloured by the colormap, which has
 * 256 levels. */
static nca_status reduce(nca__picture *picture, char *notices, size_t size,
                         const nca_target_options *options, const nca__window *window,
                         nca_error *error)
{
    nca__samples *samples = picture->samples;
    const bool bytes = samples->low >= 0 && samples->high == 255 && samples->opaque == 255;
    const bool mapped = samples->grey && options->colormap != NCA_COLORMAP_GREY;
    if (!mapped && !(bytes && window->kind == NCA__WINDOW_FULL)) {
        return NCA_OK;
    }
    char text[NCA__NOTICE_SIZE];
    nca__samples_window(samples, window, text, sizeof text);
    add_notice(notices, size, text);
    return nca__samples_to_image(&picture->image, samples, options->colormap, error);
}

/* Images with 8 bits and without a window are used unchanged. */
static nca_status create_from_picture(nca_target **out_target, nca__picture *picture, char *notices,
                                      size_t size, const char *source,
                                      const nca_target_options *options, const nca__window *window,
                                      nca_error *error)
{
    nca_status status = NCA_OK;
    if (picture->samples != NULL) {
        status = reduce(picture, notices, size, options, window, error);
    }
    const bool is_reduced = picture->samples != NULL && picture->image != NULL;
    if (status == NCA_OK && picture->image != NULL &&
        (is_reduced || window->kind == NCA__WINDOW_FULL)) {
        return nca_target_from_image(out_target, picture->image, source, options, error);
    }
    if (status == NCA_OK && picture->samples == NULL) {
        status = nca__samples_from_image(&picture->samples, picture->image, error);
    }
    if (status == NCA_OK) {
        char text[NCA__NOTICE_SIZE];
        nca__samples_window(picture->samples, window, text, sizeof text);
        add_notice(notices, size, text);
        status = create_from_samples(out_target, picture->samples, source, options, error);
    }
    return status;
}

nca_status nca_target_create(nca_target **out_target, const char *source,
                             const nca_target_options *options, nca_error *error)
{
    char notices[2 * NCA__NOTICE_SIZE] = "";
    nca__window window;
    nca__picture picture = {0};
    nca_target *target = NULL;
    nca_status status = check_options(options, error);
    if (status == NCA_OK) {
        status = nca__window_parse(&window, options->window, error);
    }
    if (status == NCA_OK) {
        status = read_picture(&picture, notices, sizeof notices, source, options, &window, error);
    }
    if (status == NCA_OK) {
        status = create_from_picture(&target, &picture, notices, sizeof notices, source, options,
                                     &window, error);
    }
    if (status == NCA_OK && notices[0] != 0) {
        target->notice = strdup(notices);
        status = target->notice != NULL ? NCA_OK : nca__fail_memory(error, "a target", 0);
    }
    nca__picture_clear(&picture);
    if (status != NCA_OK) {
        nca_target_destroy(target);
        return status;
    }
    *out_target = target;
    return NCA_OK;
}

void nca_target_destroy(nca_target *target)
{
    if (target != NULL) {
        free(target->rgba);
        free(target->source);
        free(target->notice);
        free(target);
    }
}
